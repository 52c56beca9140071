"""What a mail server's words speak of, and what they say of it, apart from each other: no server's own sentence.

`sense_rows` puts two of these together where no sentence of `answer_words` is known. Each is linear in its input.
"""

from __future__ import annotations

import re
from typing import Final


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(patterns)})", re.IGNORECASE)


_PERIOD = (
    r"\b(?:per|an?|one|each|this|every|the last|\d{1,3})[ -]?(?:hours?|days?|weeks?|months?)\b",
    r"\b(?:hourly|daily|weekly|monthly|today|tomorrow)\b|\bfor the (?:hour|day|month)\b",
)
_SENDING = (r"\b(?:send|sends|sending|sent|sender'?s?|outgoing|outbound|submission)\b",)
_YOURS = (r"\byour (?:account|plan|subscription|package|quota|limit|allowance|mailbox)\b",)

# Whose sending, and that there is an end to it.
OUR_SENDING: Final = _any(*_SENDING, *_YOURS, *_PERIOD)
ALLOWANCE: Final = _any(
    r"\b(?:quota|limits?|limited|allowance|allotment|maximum|max|cap|capped|credits?|the most|volume)\b",
)
MAILS: Final = _any(r"\b(?:messages|letters|mails?|e-?mails?|sends|recipients)\b")
PERIOD: Final = _any(*_PERIOD)
NOT_OUR_ALLOWANCE: Final = _any(
    r"\b(?:recipient|addressee|inbox|receiv\w{1,4}|inbound|size|length|large|big|rate|connections?|sessions?)\b",
    r"\bmailbox (?:is |has )?(?:full|over|quota|limit)",
)
# That sending was stopped as a whole.
STOPPED: Final = _any(
    r"\b(?:suspended|suspension|disabled|locked|blocked|deactivated|reactivate|restricted|on hold|paused|frozen"
    r"|stopped|closed|barred)\b",
    r"\bnot (?:enabled|activated|active|possible)\b|\bunder review\b",
)
OUR_SENDING_ITSELF: Final = _any(r"\b(?:sending|to send|outgoing|outbound|go(?:es)? out)\b")
NOT_OUR_ACCOUNT: Final = _any(
    r"\b(?:recipient|addressee|spam|junk|black ?list|block ?list|listed|reputation|ip|host|server)\b",
)
# The address that we send from, and that it is not ours to use.
SENDER: Final = _any(
    r"\b(?:sender('s)?|senders|envelope[- ]from|return[- ]path|mail from(?: address| domain|:| is| was| does"
    r"| not)|from[- ](?:address|header|domain|field))\b",
    r"\byour (?:e-?mail )?address\b|\baddress(?:es)? (?:is )?(?:not yours|of your own)\b",
)
NOT_OURS: Final = _any(
    r"(?:\bnot|n't|\bno|\bonly|\bcannot|\bnever|\bwithout)\b.{0,40}\b(?:belong\w{0,3}|own(?:ed|er)?|yours?"
    r"|match\w{0,3}|allowed"
    r"|permitted|authori[sz]ed|configured|verified|valid|exists?|registered|resolve\w?|accepted|mx|dns)\b",
    r"\bof your own\b|\bbelongs? to (?:another|somebody|someone)\b|\bmismatch|\binvalid\b|\bunknown\b"
    r"|\bunverified\b|\bunregistered\b|\bno mx\b",
)
NOT_OUR_SENDER: Final = _any(
    r"\b(?:recipient|addressee|group|list|listed|spam|junk|reputation|blocked|this address|mailbox|inbox"
    r"|(?:this|the) user)\b"
)
# To others than the server's own people, and that it does not go there.
ELSEWHERE: Final = _any(
    r"\brelay(?:s|ed|ing)?\b(?!=)",
    r"\b(?:its|our) own (?:domains?|hosts?|users|people)\b",
    r"\b(?:other|remote|outside|external|foreign|non-local|third-party) (?:domains?|hosts?|addresses|recipients"
    r"|servers?)\b",
)
REFUSES: Final = _any(
    r"(?:\bnot|n't|\bno|\bnever|\bcannot|\bonly|\bbefore|\bunless|\boff|\bdisabled|disallowed|prohibited"
    r"|forbidden|denied|denies"
    r"|refused|refuses|rejected|unable)\b",
    r"\bonly\b",
)
NOT_ELSEWHERE: Final = _any(
    r"\bremote server returned\b|\bat the remote server\b",
    r"\b(?:spam|junk|black ?list|block ?list|listed|reputation|blocked|limit|quota"
    r"|too many)\b",
)
# Signing in, and that it is wanted.
SIGN_IN: Final = _any(
    r"\b(?:authenticat\w{1,4}|smtp[- ]auth|sign(?:ed)? in|log(?:ged)? ?in|login|credentials|passwords?)\b"
)
WANTED: Final = _any(
    r"\b(?:required|requires|must|needs?|needed|first|before|please|missing|not|no|invalid|wrong|unless|without"
    r"|to send)\b"
)
NOT_SIGN_IN: Final = _any(
    r"\b(?:spf|dkim|dmarc|arc|unauthenticated|organi[sz]ation|group|level|checks?|too many|attempts)\b"
)
# How fast.
TOO_FAST: Final = _any(
    r"\btoo (?:many|often|much|fast|quick(?:ly)?|frequent(?:ly)?|busy for)\b",
    r"\brates?\b.{0,60}\b(?:above|exceed\w{0,3}|limit\w{0,3}|reached|over|high)\b|\bexceeds? the limit\b",
    r"\b(?:limit|exceed\w{0,3}|maximum|max)\b.{0,40}\brates?\b|\bfaster\b|\bslow(?:er| down)\b|\bthrottl",
    r"\bin (?:a|too) short (?:a )?time\b|\bbusy:|\bquicker\b|\bmore (?:mail|messages|connections"
    r"|sessions) than\b|\bflooded\b",
    r"\bfrequency\b.{0,40}\b(?:limit\w{0,3}|exceed\w{0,3}|high)\b",
)
NOT_TOO_FAST: Final = _any(
    r"\btoo (?:many (?:recipients|hops|received|invalid|unknown|bad)|much data)\b",
    r"\b(?:storage|space|quota|full|stored|on the server|size)\b",
)
FROM_US: Final = _any(
    r"\byour?\b|\b(?:client|connections?|sessions?|hosts?|ips?|sender|log ?ins?|frequency|a minute)\b",
    r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|\b(?:[0-9a-f]{1,4}:){2,7}",
)
ONE_MAILBOX: Final = _any(
    r"\b(?:recipient|mailbox|inbox|user|addressee)(?:'s)?\b",
)
NOT_ONE_MAILBOX: Final = _any(
    r"\b(?:your|client|connections?|sessions?|sender|domain|relay|unknown|invalid|hosts?|ips?|log ?ins?)\b",
    NOT_TOO_FAST.pattern,
)
# Where mail lies, and that there is no room.
STORE: Final = _any(r"\b(?:mail ?box|inbox|storage|disk|disc|space|maildir|folder|quota)\b")
NO_ROOM: Final = _any(
    r"\b(?:full|filled|at (?:its|the) (?:limit|maximum)|used up|exhausted|exceed\w{0,3}|reached|over"
    r"|no (?:more |free )?(?:room|space)|insufficient)\b"
)
NOT_THE_STORE: Final = _any(
    r"\bsystem\b|\bmessage (?:size|length|is)\b|\btoo (?:large|big|long)\b|\b(?:rate|queue|connections?"
    r"|sessions?|sending|hops?)\b",
    r"\bsize of (?:the|your) (?:message|mail|letter)\b|\byour (?:account|quota|limit)\b",
    *_PERIOD,
)
# A mailbox or a list, and that it is not for everybody.
THE_RECIPIENT: Final = _any(
    r"\b(?:this|that|the|its|a)(?: distribution| discussion| mailing)? (?:mailbox|recipient|group|list|address"
    r"|person|user)\b",
    r"\bmailbox's\b|\brecipient's\b",
)
FOR_SOME: Final = _any(
    r"\bnot (?:allowed|permitted|wanted|welcome)\b(?! to (?:send|use))|\bnot let you\b",
    r"\bonly\b|\b(?:internal|external|outside|outsiders?|strangers|members?|moderat\w{2,4}|subscribers?|owners?)\b",
    r"(?:\bnot|n't|\bnever) (?:allow|want|wish|accept|take)\b.{0,20}\b(?:mail|messages?|e-?mails?|posts?|you)\b",
    r"\b(?:may|can)(?:not| not) (?:write|post|send|mail)\b|\bby a (?:rule|filter) of\b|\bprivate (?:block|deny"
    r"|black) ?list\b|\bhas blocked\b",
)
NOT_FOR_SOME: Final = _any(
    r"\b(?:unknown|exists?|relay\w{0,3}|your account|quota|full|spf|dkim|dmarc|spam|junk|listed|reputation"
    r"|hours?|day)\b",
    r"\b(?:accept(?:s|ing)?|take(?:s|n)?|taking) (?:any |no )?(?:mail|messages|e-?mails?)\b(?! (?:from|of)\b)",
)
# A person or an address, and that there is none.
SOMEBODY: Final = _any(
    r"\b(?:user|mail ?box|recipient|address|addressee|account|alias|person|people|nobody|no ?one|e-?mail|inbox"
    r"|employee)\b"
)
NOT_THERE: Final = _any(
    r"\b(?:unknown|non-? ?existent|inexistent|no such|no longer|nobody|removed|deleted|closed|gone|cancell?ed"
    r"|terminated"
    r"|inactive|retired|expired|invalid|left)\b",
    r"\bno (?:user|mail ?box|account|address|person)\b.{0,20}\b(?:by|of|under|with|called|named)\b",
    r"\bnot an? (?:user|address|recipient|mail ?box)\b",
    r"(?:\bnot|\bcannot|n't)\b.{0,20}\b(?:exist\w{0,3}|found|find|known?|here|active|(?:in )?use|valid"
    r"|recogni[sz]ed|present|registered|any more)\b",
)
NOT_SOMEBODY: Final = _any(
    r"\b(?:senders?|domain|hosts?|helo|ehlo|relay\w{0,3}|client|header|certificate|connections?)\b"
)
# A filter.
FILTERED: Final = _any(
    r"\bblocked\b|\bjunk\b|\bfilters?\b|\bfiltered\b|\bnot trust\b|\buntrusted\b|\brules?\b|\bphish\w{0,3}\b"
    r"|\bmalicious\b|\bscanners?\b"
)
NOT_FILTERED: Final = _any(r"\b(?:mailbox|account|user|recipient) (?:is |has been )?blocked\b")

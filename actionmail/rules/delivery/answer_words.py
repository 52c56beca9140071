"""The words by which mail servers say whom an answer is about: one pattern a topic, each linear in its input.

The words are those of servers and services as they are documented or were heard; which topic is asked before which,
and what follows from it, stands in `answer_table`.
"""

from __future__ import annotations

import re
from typing import Final

# What the account that we send with has used up.
OUR_QUOTA: Final = re.compile(
    r"\b(sending|send|outbound|outgoing|sender'?s?|submission|smtp) (message |mail |e-?mail )?(quota"
    r"|limit|allowance)"
    r"|\b(daily|hourly|weekly|monthly) (user |account |message |mail |e-?mail |smtp )?(sending "
    r"|sends? )?(quota|limit|allowance)"
    r"|\b(exceeded|reached|used up)\b.{0,40}\b(sending|outgoing|outbound) "
    r"|\b(exceeded|reached|used up)\b.{0,40}\b(messages?|mails?|e-?mails?|recipients) (per|an?) (hour|day"
    r"|month)\b"
    r"|used up what it may send"
    r"|\b(messages?|mails?|e-?mails?|recipients?|failures) per (hour|day|month) (exceeded|reached|\(\d)"
    r"|allowed messages per (hour|day)",
    re.IGNORECASE,
)
# That account may send nothing at all.
ACCOUNT_STOPPED: Final = re.compile(
    r"\baccount\b.{0,60}\b(may not|cannot|can't|not (allowed|permitted|authori[sz]ed) to|(blocked"
    r"|disabled) from) send"
    r"|\bsending (account|mailbox) (is |has been )?(suspended|blocked|disabled|locked)"
    r"|\bsuspended (for|due to) (sending|outbound) "
    r"|\boutbound spam\b"
    r"|\bbad outbound sender\b"
    r"|\btenant has exceeded\b"
    r"|\bclient blocked from sending\b"
    r"|\baccount (is |has been )?(blocked|suspended|disabled) (from|for) sending",
    re.IGNORECASE,
)
AUTHENTICATION: Final = re.compile(
    r"\bauthentication (is )?required"
    r"|\bmust (first )?(authenticate|log ?in|sign in)\b"
    r"|\bclient (was|is) not authenticated"
    r"|\bstarttls command first"
    r"|\blog ?in (is )?required",
    re.IGNORECASE,
)
# The envelope's sender is not ours to use, or cannot be checked.
OUR_SENDER: Final = re.compile(
    r"\bsender address rejected"
    r"|\bis no sender address\b"
    r"|\bnot owned by\b"
    r"|\bsend as this (sender|user)\b"
    r"|\bsendasdenied\b"
    r"|\bsender verif\w{0,10} failed"
    r"|\b(envelope[- ]sender|return[- ]path|mail from|sender) (address )?(is )?(refused|denied"
    r"|not allowed\b(?! to)|invalid)"
    r"|\binvalid (sender|return[- ]path|mail from)\b"
    r"|\bdomain of (the )?sender\b.{0,40}\bnot (resolve|exist)",
    re.IGNORECASE,
)
RELAYING: Final = re.compile(
    r"\brelay(ing)? (is )?(not |access )?(permitted|denied|allowed|prohibited|refused)"
    r"|\b(unable|not (permitted|allowed|authori[sz]ed)|will not|do not|don't) (to )?relay\b"
    r"|\bi cannot deliver mail for\b"
    r"|\bin my list of allowed rcpthosts\b"
    r"|\brelaying mail\b.{0,40}\bnot\b",
    re.IGNORECASE,
)
# One mailbox that takes mail from some only.
CLOSED_MAILBOX: Final = re.compile(
    r"\bresolver\.rst\."
    r"|\bonly (members|subscribers|registered senders)\b"
    r"|\brestricted to (its )?(members|subscribers|senders)\b"
    r"|\bnot (in|on) (the|its) list of allowed senders\b"
    r"|\b(allowed|permitted|authori[sz]ed) to (send|post|write|mail)( mail| messages)? to (this|the"
    r"|that) (recipient|group|list|mailbox|address|user|person)\b"
    r"|\b(mailbox|recipient|user|group|list|address) (does not|doesn't|will not|won't) (accept|take"
    r"|want) (mail|messages|e-?mail)? ?from (your|you|this|that|the)\b",
    re.IGNORECASE,
)
MAILBOX_PACE: Final = re.compile(
    r"\b(receiv(es|ing)|gett?(s|ing)) (mail|messages|e-?mails?|too many)\b.{0,60}\b(rate|fast|faster"
    r"|quick|quickly|per|an? (hour|minute))\b"
    r"|\breceiv(es|ing) too many\b"
    r"|\brecipient thread limit\b",
    re.IGNORECASE,
)
FULL: Final = re.compile(
    r"\b(mailbox|inbox|user|recipient|account|maildir|folder)\b.{0,40}\b(is |are )?(full|over ?quota"
    r"|over (its|the|his) quota)\b"
    r"|\bover ?quota\b"
    r"|\bquota (has been )?exceeded\b"
    r"|\bquota of the (user|mailbox|recipient) exceeded\b"
    r"|\bexceed(s|ed)? (its |the |his |her )?(mailbox |storage |disk |allowed )?(quota|storage)\b"
    r"|\bmailbox (has )?exceed(s|ed)\b"
    r"|\bout of (storage|disk|mailbox)( space)?\b"
    r"|\bmailbox size limit\b"
    r"|\b(over|exceed(s|ed|ing)?|reached) (?:(?!your |sending |message |daily |hourly )\w+ ){1,3}quota\b"
    r"|\b(does not have|not) enough (disk |storage |mailbox )?space\b|\bno space left\b|\bfull mailbox\b"
    r"|\bquota violation\b|\b(disk|disc|mailbox) ?quota (usage )?exceeded\b|\bspace has been used up\b"
    r"|\bexceed(s|ed)? (the )?maximum allowed storage\b|\btoo much mail data\b|\bmail file size exceeds\b"
    r"|\bexhausted (its |the |his |their )?(allowed |allotted )?(storage|quota|space)\b"
    r"|\btoo many (messages|mails|e-?mails) (on the server|stored|in (the|this|his|its) (mailbox|inbox))\b",
    re.IGNORECASE,
)
# Somebody tried for days.
EXPIRED: Final = re.compile(
    r"\bretry time(out)? (exceeded|not reached)"
    r"|\b(message|envelope|mail|delivery( time)?) (has |was )?(expired|timed out)\b"
    r"|\bdelivery expired\b|\bqueue\.expired\b"
    r"|\bin the queue too long\b|\btoo long in (the )?queue\b"
    r"|\bfailing for a long time\b"
    r"|\b(retried|tried|trying|undeliverable) for (more than |over |the last )?\d{1,3} (days|hours)\b"
    r"|\bgave up after\b"
    r"|\bdelivered (within|for|in) (the last )?\d{1,3} (days|hours|minutes)\b",
    re.IGNORECASE,
)
# How fast, and whose pace: words about us, or about a domain.
PACE: Final = re.compile(
    r"\btoo many (?!recipients|hops|received)"
    r"|\btoo (fast|quick|quickly|frequent|frequently)\b"
    r"|\brate[- ]?limit"
    r"|\bsending rate\b"
    r"|\brate of mail\b"
    r"|\brate exceeded\b"
    r"|\bthrottl"
    r"|\bslow down\b"
    r"|\bfrequency (is )?(limited|exceeded)"
    r"|\bconcurren\w{0,10} (connections?|sessions?)\b"
    r"|\bfaster than\b",
    re.IGNORECASE,
)
ABOUT_US: Final = re.compile(
    r"\byou(r)?\b"
    r"|\b(client|connections?|connect|sessions?|hosts?|ips?)\b"
    r"|\bthrottling failure\b"
    r"|\berrors\b",
    re.IGNORECASE,
)
GREYLISTED: Final = re.compile(
    r"\bgr[ae]y-?list"
    r"|\b(try|come back|retry) (again )?later\b"
    r"|\btry again in\b",
    re.IGNORECASE,
)
NO_DOMAIN: Final = re.compile(
    r"\bnull ?mx\b"
    r"|\bnull mx\b"
    r"|\bunroute?able mail domain\b"
    r"|\b(no such|unknown) (mail )?(domain|host)\b"
    r"|\b(mail )?domain (name )?(is |was )?(not found|unknown|does not exist|doesn't exist)"
    r"|\bhost or domain name not found\b"
    r"|\bdomain\b.{0,30}\b(does not|doesn't) (accept|take) (any )?(mail|e-?mail)\b",
    re.IGNORECASE,
)
BLOCK_LISTED: Final = re.compile(
    r"\bspamhaus\b|\bspamcop\b|\bbarracudacentral\b|\bsorbs\b"
    r"|\b(black|block|deny) ?list"
    r"|\b(dns)?[dr]?bl\b"
    r"|\breputation\b"
    r"|(?<!not )\blisted (at|in|on|by)\b"
    r"|\bblocked (by|using|because|due|for)\b"
    r"|\bspam\b"
    r"|\bunsolicited\b",
    re.IGNORECASE,
)
UNKNOWN_USER: Final = re.compile(
    r"\b(user|mailbox|recipient|address|account|alias)\b.{0,80}\b(unknown|not found|not exist|invalid"
    r"|disabled|inactive|unavailable|is not here|not here)\b"
    r"|\b(unknown|no such|invalid|nonexistent|non-existent) (local |virtual )?(user|mailbox|recipient"
    r"|address|account|alias|person)\b"
    r"|\bdoes ?n[o']t exist\b|\bdoes not exist\b|\bnot a valid (mailbox|user|recipient)\b"
    r"|\bno (mailbox|user) (here|by that name)\b"
    r"|\bunroute?able address\b"
    r"|\b(does not|doesn't) have an? .{0,40}account\b"
    r"|\bunknown local[- ]?part\b|\baddressee unknown\b"
    r"|\bnobody (of|by|with|under) (that|this) name\b"
    r"|\b(person|user|recipient|addressee|address|mailbox|account) (is )?not known\b|\bis not known (at|here|to us)\b"
    r"|\bnot an? (known|valid|active) (user|address|recipient|mailbox|account)\b|\bname (is |was )?not recogni[sz]ed\b"
    r"|\bno (account|mail ?box|user|such address) (by|here|found|available|with)\b|\bthere is no ?one at\b"
    r"|\bbad (recipient|destination) address\b(?! syntax)|\b(bad|not in my valid) ?rcptto\b"
    r"|\b(user|address|recipient|mailbox|account) (is )?(not (active|present)|missing home directory)\b"
    r"|\bno longer accept(s|ing)? (any )?(mail|messages|e-?mail)\b|\baddress no longer\b"
    r"|\binvalid (final delivery |recipient |local )?user ?(id|name)\b"
    r"|\bno longer (valid|on (this |the )?server|with us|here|active|in use)\b"
    r"|\baccount (is |has been )?(closed|deleted|deactivated|terminated)\b"
    r"|\b(mailbox|account) (is )?frozen\b"
    r"|\bnot listed in (the )?.{0,30}\bdirectory\b",
    re.IGNORECASE,
)
# The same without what a policy may also say ("unavailable", "disabled").
NOBODY_THERE: Final = re.compile(
    r"\b(user|mailbox|recipient|account|alias)\b.{0,80}\b(unknown|not found|not exist|does not exist)\b(?! to)"
    r"|\b(unknown|no such|nonexistent) (local |virtual )?(user|mailbox|recipient|account|alias|person)\b",
    re.IGNORECASE,
)
ADDRESS_REJECTED: Final = re.compile(
    r"\b(address rejected|unknown address)\b",
    re.IGNORECASE,
)
ACCESS_DENIED: Final = re.compile(
    r"\baccess denied\b",
    re.IGNORECASE,
)
TOO_BIG: Final = re.compile(
    r"\b(message|mail|size|letter|content)\b.{0,30}\btoo (large|big|long)\b"
    r"|\btoo (large|big|long)\b"
    r"|\b(size limit|size exceed)"
    r"|\bexceeds? .{0,30}size\b"
    r"|\bbare (line feed|lf)",
    re.IGNORECASE,
)
UNAUTHENTICATED: Final = re.compile(
    r"\bunauthenticated\b"
    r"|\bdmarc\b"
    r"|\b(spf|dkim)\b.{0,30}\b(fail|did not pass|invalid|required)"
    r"|\brequired authentication level\b",
    re.IGNORECASE,
)
POLICY: Final = re.compile(
    r"spam|block(ed|list)|black ?list|deny ?list|reputation|policy|prohibit|denied|not allowed|unsolicited"
    r"|\bspf\b|\bdkim\b|\bdmarc\b|\brbl\b|(?<!not )listed (at|in|on)|banned|suspicious|content reject|abuse"
    r"|policies|reverse (dns|hostname|lookup)|\bptr record",
    re.IGNORECASE,
)

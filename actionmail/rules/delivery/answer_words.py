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
    r"|allowed messages per (hour|day)|\b(hour|day|hourly|daily) limit\b|\bmessages? ?/ ?(hour|day)\b"
    r"|\bon probation\b"
    r"|\b(exceeded|reached) (your|the|its) messaging limits?\b|\bsubmission ?quota ?exceeded"
    r"|\b(limit|quota|number|max(imum|\.)?|rate)\b.{0,30}\b(messages?|mails?|e-?mails?|recipients?)\b.{0,30}"
    r"\b((an?|per|this|every) (hour|day|month)|today|daily|hourly|in \d{1,5} (seconds|minutes|hours))\b"
    r"|\b(hourly|daily|monthly|24-hour|per-hour) (sending )?(message |mail |e-?mail |recipient )?(limit|quota)\b"
    r"|\b(may|can) only send \d+|\bsender rate\b|\bexceeds the number of messages it may send\b"
    r"|\b(sent|sending)( to)? too many (messages?|mails?|e-?mails?|recipients?)\b.{0,20}\b(hour|day)\b"
    r"|\b(limit|quota) (of recipients |of messages )?for (the )?(sender|this account)\b|\blimit for sender exceeded"
    r"|\b(plan|credits?)('s)? (limits? )?(is |are |has been |have been )?(exceeded|used up)|\bexceeded its plan\b",
    re.IGNORECASE,
)
# An allowance, of which other words tell whose it is and of what.
QUOTA: Final = re.compile(r"\b(quota|limit|allowance|allotment)\b", re.IGNORECASE)
OF_ROOM: Final = re.compile(
    r"\b(storage|disk|disc|space)\b|\b(may|can) (store|hold|keep)\b|\bmailbox (stores|holds|keeps)\b", re.IGNORECASE
)
OF_SENDING: Final = re.compile(
    r"\b(send|sends|sending|sent|senders?|submission|outgoing|outbound|relay|smtp|plan|system|server|size|queue)\b"
    r"|\b(you|your|you've|client|domain)\b",
    re.IGNORECASE,
)
RECIPIENTS_QUOTA: Final = re.compile(
    r"\b(recipient|addressee|mailbox)('s|’s| has| is)\b.{0,40}\b(daily|hourly|weekly|monthly|today's)\b.{0,20}"
    r"\b(quota|limit|allowance)\b"
    r"|\b(daily|hourly|weekly|monthly)( \w{1,12})? (quota|limit|allowance) of (the|this|that)"
    r" (recipient|addressee|mailbox)\b",
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
    r"|\baccount (is |has been )?(blocked|suspended|disabled) (from|for) sending"
    r"|\bsending (is |has been )?(suspended|paused|disabled) for (this|your) account"
    r"|\bblocked for sending\b|\bunusual sending activity|\boutgoing mail suspension|\bnot authori[sz]ed to perform\b"
    r"|\baccount (is )?not (yet )?(activated|active|approved|verified|confirmed)( for sending)?\b"
    r"|\bdomain \S{1,255} is not (allowed|permitted|verified|authori[sz]ed)( to send)?\b",
    re.IGNORECASE,
)
AUTHENTICATION: Final = re.compile(
    r"\bauthentication (is )?required"
    r"|\bmust (first )?(authenticate|log ?in|sign in)\b"
    r"|\bclient (was|is) not authenticated"
    r"|\bstarttls command first"
    r"|\brequires (smtp )?authentication\b|\bauthenticat\w{1,4} turned on in your\b"
    r"|\blog ?in (is )?required",
    re.IGNORECASE,
)
# The envelope's sender is not ours to use, or cannot be checked.
OUR_SENDER: Final = re.compile(
    r"\bsender (address )?rejected\b"
    r"|\bis no sender address\b"
    r"|\bnot owned by\b"
    r"|\bsend as this (sender|user)\b"
    r"|\b(no|any|have|lacks?|without|missing) (permissions?|rights?) to send (mail )?(as|on behalf of)\b"
    r"|\b(not (allowed|permitted)|may not|cannot|must not) (to )?send (mail )?(as|on behalf of)\b"
    r"|\bsendasdenied\b"
    r"|\bsender verif\w{0,10} failed"
    r"|\b(envelope[- ]sender|return[- ]path|mail from|sender) (address )?(is )?(refused|denied"
    r"|not allowed\b(?! to)(?! at)|invalid)"
    r"|\binvalid (sender|return[- ]path|mail from)\b"
    r"|\bdomain of (the )?sender\b.{0,40}\bnot (resolve|exist)"
    r"|\bunroute?able sender|\bsender domain (must exist|is (empty|invalid|unknown))"
    r"|\bunresolvable\b.{0,30}\bfrom domain"
    r"|\bsender \S{0,255} ?(has )?(not|never) (been )?(validated|verified|confirmed|authori[sz]ed"
    r"|permitted)\b(?! (to (send|post"
    r"|write)( mail| messages)? to|by organi[sz]ation))"
    r"|\bsender is not (permitted|allowed|authori[sz]ed)\b(?!.{0,20}\b(mailbox|recipient|group|list"
    r"|here)\b)(?! to (send|post|write)( mail| messages)? to)"
    r"|\b(from|e-?mail) (address|header|domain)( \S{1,255})? (is not (one of your|verified|yours)|does(n't"
    r"| not) match)"
    r"|\bfrom: (address|domain) is (invalid|not)|\bauthori[sz]ed to send (mail )?(from|as)\b"
    r"|\bsender and header do not\b"
    r"|\b(verified|confirmed) sender identity\b|\bmail from not owned\b|\b(does not|doesn't|not) own\b"
    r"|\bsignature not confirmed\b",
    re.IGNORECASE,
)
RELAYING: Final = re.compile(
    r"(?<![.\w-])relay(ing)? (is |access |here )?(not |dis)?(permitted|denied|allowed|prohibited|refused|rejected)"
    r"|(?<![.\w-])relaying (mail )?(is )?(not|dis)\w{0,8}"
    r"|\b(credentials for|as an?|configured to|allowed to|authori[sz]ed to|permitted to|open"
    r"|no) relay(ing)?\b(?![=.])"
    r"|\bauthentication when attempting to send to a non-local\b|\buse the smtp server of your isp\b"
    r"|\bclient host rejected: access denied\b"
    r"|\b(unable|not (permitted|allowed|authori[sz]ed)|will not|do not|don't) (to )?relay\b"
    r"|\bi cannot deliver mail for\b|\b(can't|cannot|won't|will not) deliver\b.{0,100}\bfor you\b"
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
    r"|want) (mail|messages|e-?mail)? ?from (your|you|this|that|the)\b"
    r"|\b(allowed|permitted|authori[sz]ed) to (write|post) (here|to)\b"
    r"|\b(blocked|filtered|rejected|refused) (by|due to|because of) (the |an? )?(recipient|user"
    r"|addressee)('?s)?\b(?! unknown)"
    r"|\bapproval\.notgranted\b|\brecipient is not allowed\b|\bdelivery to this (address|group|recipient"
    r"|mailbox) is restricted\b|\buser (domain )?entry\b"
    r"|\b(sender )?not pre-?approved\b|\bpolicy rejection on the target address"
    r"|\b(post|write|send) to this (mailing |discussion )?(list|group)\b"
    r"|\b(closed|moderated|members-only|private) (mailing |discussion )?(list|group)\b|\bnon-?members?\b"
    r"|\bonly (accepting|accepts|takes) (mail|messages|e-?mail) from\b|\bfrom some only\b"
    r"|\bnot authenticated by organi[sz]ation|\bpermission to (send|write|post)( mail| messages)? to (this|that"
    r"|the)\b"
    r"|\bmessages to this address are blocked\b|\bsuppression list\b|\bdelivery result banned\b"
    r"|\b(user|recipient) refuses\b|\brefuses? to receive (this )?mail\b",
    re.IGNORECASE,
)
MAILBOX_PACE: Final = re.compile(
    r"\b(receiv(es|ing)|gett?(s|ing)) (mail|messages|e-?mails?|too many)\b.{0,60}\b(rate|fast|faster"
    r"|quick|quickly|per|an? (hour|minute))\b"
    r"|\breceiv(es|ing) too many\b|\bthey can receive per (hour|day)\b|\bexceeding receiving limits?\b"
    r"|\b(recipient|mailbox|user) (has )?(exceeded|reached) (its |their |the )?(message|mail"
    r"|receiving) (rate )?limit\b"
    r"|\bmessages to \S{1,320} (are )?deferred due to excessive volume\b"
    r"|\brecipient thread limit\b",
    re.IGNORECASE,
)
FULL: Final = re.compile(
    r"\b(mailbox|inbox|user|recipient|account|maildir|folder)\b.{0,40}\b(is |are )?(full|over ?quota"
    r"|over (its|the|his) quota)\b"
    r"|\bover ?quota\b"
    r"|(?<!queue )\bquota (has been )?exceeded\b"
    r"|\bquota of the (user|mailbox|recipient) exceeded\b"
    r"|\bexceed(s|ed)? (its |the |his |her )?(mailbox |storage |disk |allowed )?(quota|storage)\b"
    r"|\bmailbox (has )?exceed(s|ed)\b"
    r"|\bout of (storage|disk|mailbox)( space)?\b|\binsufficient (disk )?(storage|space) in (the )?(mailbox|inbox)\b"
    r"|\b(account|mailbox|user|recipient)('?s)? storage limit\b|\bmailbox (has |is )?(reached|exceeded"
    r"|over) (its |the )?(size )?limit"
    r"|\bmail ?folder (is )?full\b"
    r"|\bpostfach\b.{0,40}\bvoll\b|\bspeicherplatz\b.{0,40}(erreicht|(ü|ue)berschritten)"
    r"|\b(buz[oó]n|casilla|bandeja)\b.{0,40}\blleno?a?\b|\bexcedido su cuota\b|\bbo[iî]te\b.{0,40}\bpleine\b"
    r"|\bcasella\b.{0,40}\bpiena\b|\bcaixa\b.{0,40}\bcheia\b|\breached (its |the |his )?disk quota\b|邮箱已满|空间不足"
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
    r"|\bgave up after\b|\bnot been collected after \d{1,3} (days|hours)|\b(aborted"
    r"|abandoned) after \d{1,3}(\.\d)? (day|hour)"
    r"|\bfailed \d{1,3} attempts|\bmaximum delivery attempts|\bunsuccessful delivery attempts"
    r"|\bhost not found, try again\b"
    r"|\bmessage timed out\b"
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
    r"|\bfaster than\b|\bunusual rate\b|\bper session\b|\bthread limit\b|\bqueue quota\b|\bmessage per connection\b"
    r"|\bunexpected volume\b|\btrop de connexions\b",
    re.IGNORECASE,
)
ABOUT_US: Final = re.compile(
    r"\byou(r)?\b|\bto send more\b|\bsending\b|\bfrequency\b|\b(from )?one sender\b|\boutbound\b|\blog ?in\b"
    r"|\bconnexions\b"
    r"|\b(client|connections?|connect|sessions?|hosts?|ips?)\b"
    r"|\bthrottling failure\b"
    r"|\berrors\b|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
    re.IGNORECASE,
)
GREYLISTED: Final = re.compile(
    r"\bgr[ae]y-?list"
    r"|\b(try|come back|retry) (again )?later\b"
    r"|\b(try|retry|come back)( again)? in\b|\bfirst seen\b|\bin a few minutes\b",
    re.IGNORECASE,
)
NO_DOMAIN: Final = re.compile(
    r"\bnull ?mx\b"
    r"|\bnull mx\b"
    r"|\bunroute?able mail domain\b"
    r"|\b(no such|unknown) (mail )?(domain|host)\b|\bhost unknown\b|\brecipient domain must exist\b"
    r"|\bmail domain\b.{0,40}\b(is )?(unknown|not found)|\bno mail hosts? for\b"
    r"|\bdomain\b.{0,260}\bhas no (mail (server|host|exchanger)|mx)\b"
    r"|\b(mail )?domain (name )?(is |was )?(not found|unknown|does not exist|doesn't exist)"
    r"|\bhost or domain name not found\b"
    r"|\bdomain\b.{0,30}\b(does not|doesn't) (accept|take) (any )?(mail|e-?mail)\b",
    re.IGNORECASE,
)
BLOCK_LISTED: Final = re.compile(
    r"\bspamhaus\b|\bspamcop\b|\bbarracudacentral\b|\bsorbs\b"
    r"|(?<!private )\b(black|block|deny)[ -]?list"
    r"|\b(dns)?[dr]?bl\b"
    r"|\breputation\b"
    r"|(?<!not )\blisted (at|in|on|by)\b"
    r"|\bblocked (by(?! (an? |the |this )?(rule|recipient|user|owner))|using|because|due|for(?! sending))\b"
    r"|\bDT:SPM\b|\bofr_50\d\b"
    r"|\bspam\b"
    r"|\bunsolicited\b|\bspoof\w{0,3}\b|^\W*blocked\W*$|:blocked\)"
    r"|\bpolicy (error|violation|reasons?|rejection|restrictions?)\b|\brejected by (the )?(destination"
    r"|receiving) (domain|server)\b",
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
    r"|\bnot an? (known|valid|active) (user|address|recipient|mailbox|account)\b|\bname (is "
    r"|was )?not recogni[sz]ed\b"
    r"|\bno (account|mail ?box|user|such address) (by|here|found|available|with)\b|\bthere is no ?one at\b"
    r"|\bbad (recipient|destination) address\b(?! syntax)|\b(bad|not in my valid) ?rcptto\b"
    r"|\b(user|address|recipient|mailbox|account) (is )?(not (active|present)|missing home directory)\b"
    r"|\bno longer accept(s|ing)? (any )?(mail|messages|e-?mail)\b|\baddress no longer\b"
    r"|\binvalid (final delivery |recipient |local )?user ?(id|name)\b"
    r"|\bno longer (valid|on (this |the )?server|with us|here|active|in use)\b"
    r"|\baccount (is |has been )?(closed|deleted|deactivated|terminated)\b"
    r"|\b(mailbox|account) (is )?frozen\b"
    r"|\bnot listed in (the )?.{0,30}\b(directory|address book)\b",
    re.IGNORECASE,
)
# The same without what a policy may also say ("unavailable", "disabled").
NOBODY_THERE: Final = re.compile(
    r"\b(user|mailbox|recipient|account|alias)\b.{0,80}\b(unknown|not found|not exist|does not exist)\b(?! to)"
    r"|\b(unknown|no such|nonexistent) (local |virtual )?(user|mailbox|recipient|account|alias|person)\b"
    r"|\b(invalid|illegal)[-/ ](recipient|inactive)\b|\bnot in (the )?recipient list\b|\bmarked as invalid\b"
    r"|\bno local mailbox\b|\b(mailbox|address) (no longer monitored|retired)\b|\bno valid recipients\b"
    r"|\bnot (a )?local (address|user|mailbox)|\brecipient is not local\b"
    r"|\b(user|mailbox|recipient|account) (is )?(currently )?(suspended|deactivated|discontinued)\b"
    r"|\b(benutzer|empf(ä|ae)nger|adressat)\b.{0,60}\bunbekannt|\bunbekannte[rs]? (benutzer|empf(ä|ae)nger)"
    r"|\b(usuario|destinatario)\b.{0,60}\b(desconocido|inexistente|no existe)|\bno existe (ese|el|dicho|este"
    r"|tal) (usuario|buz)"
    r"|\b(utilisateur|destinataire)\b.{0,60}\b(inconnu|invalide|inexistant)|\butente\b.{0,60}\b(sconosciuto"
    r"|inesistente)"
    r"|\busu[aá]rio\b.{0,60}\b(desconhecido|inexistente)|\bn'existe pas\b|\bnie istnieje\b|\bexistiert nicht\b"
    r"|\bnon esiste\b|用户不存在|收件人不存在|无此用户|не существует",
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
# The letter itself is too big, not in order, or said to be infected.
THE_LETTER: Final = re.compile(
    r"\b(message|mail|size|letter|content)\b.{0,30}\btoo (large|big|long)\b"
    r"|\btoo (large|big|long)\b"
    r"|\b(size limit|size exceed)"
    r"|\bexceeds? .{0,30}size\b|\bexceeds? \d{1,12} ?([km]i?b|bytes|octets)\b"
    r"|\bbare (line feed|lf)|\bmaximum (e-?mail|message) size\b|\bmessage size limits?\b"
    r"|\b(not|non-?) ?rfc.{0,8} compliant|\b(duplicate|multiple|missing) \w{0,20} ?headers?\b|\bheader (size|error)\b"
    r"|\b(illegal|invalid|bad) characters?\b.{0,30}\b(header|message|body|line)|\b(virus|malware)\b|\binfected\b",
    re.IGNORECASE,
)
UNAUTHENTICATED: Final = re.compile(
    r"\bunauthenticated\b"
    r"|\bdmarc\b"
    r"|\b(spf|dkim)\b.{0,30}\b(fail|did not pass|does not pass|invalid|required)"
    r"|\bspf record\b.{0,80}\bsuspicious\b"
    r"|\b(no|without|missing)\b.{0,30}\b(spf|dkim)\b|\b(spf|dkim)( \w{1,20})? (is )?missing\b"
    r"|\bsender policy framework\b|\b(fail|pass)\w{0,3}\b.{0,30}\b(spf|dkim)\b"
    r"|\brequired authentication level\b",
    re.IGNORECASE,
)
POLICY: Final = re.compile(
    r"spam|block(ed|list)|black ?list|deny ?list|reputation|policy|prohibit|denied|not allowed|unsolicited"
    r"|\bspf\b|\bdkim\b|\bdmarc\b|\brbl\b|(?<!not )listed (at|in|on)|banned|suspicious|content reject|abuse"
    r"|policies|reverse (dns|hostname|lookup)|\bptr record",
    re.IGNORECASE,
)
# The name that we give in EHLO.
OUR_NAME: Final = re.compile(
    r"\b(helo|ehlo)\b.{0,40}\b(rejected|invalid|refused|denied|not (allowed|found|valid)|bad)\b"
    r"|\b(bad|invalid|rejected) (helo|ehlo)\b",
    re.IGNORECASE,
)
# It comes round again: the address leads to itself.
LOOP: Final = re.compile(
    r"\bmail loop|\bloop(s|ing)? (detected|back)|\bmessage (is )?looping|\btoo many hops|\bhop count"
    r"|\bexceeded \d+ hops"
    r"|\balready has my delivered-to\b|\bexpansion problem\b",
    re.IGNORECASE,
)
# A filter that its owner wrote.
REJECTED_BY_RULE: Final = re.compile(r"\bautomatically rejected\b", re.IGNORECASE)
# What the words put off, whatever the number says.
PUT_OFF: Final = re.compile(r"\b(try|retry|resend|come back) (it )?(again )?(later|in a while)\b", re.IGNORECASE)

"""Returned mails of more servers and gateways, of aliases, in other languages, and what only sounds like one."""

from __future__ import annotations

from tests.returned_corpus.builders import (
    BEHIND,
    LETTER,
    RETURN_PATH,
    TO,
    answer,
    bare_report,
    exchange,
    exim,
    feedback,
    google,
    haraka,
    opensmtpd,
    plain,
    postfix,
    postfix_notice,
    prose,
    qmail,
    read_receipt,
    receipt,
    sendmail,
    service,
)
from tests.returned_corpus.verdicts import (
    CLOSED,
    DEAD,
    DELAYED,
    FULL,
    HELD,
    LATER,
    MACHINE,
    OURS,
    PACE,
    PERSON,
    POLICY,
    TOLD,
    UNCLEAR,
)

BEHIND_IT = ("behind", "mailbox", "")

MORE = [
    ("Dovecot Sieve reject as a receipt", receipt("The mailbox takes no campaign mail."), CLOSED),
    ("Dovecot over quota as a receipt", receipt("Quota exceeded (mailbox for user is full)"), FULL),
    ("a read receipt", read_receipt(), MACHINE),
    (
        "Postfix text: expanded from",
        postfix_notice(f"<{BEHIND}> (expanded from <{TO}>): host x said: 550 5.1.1 User unknown"),
        BEHIND_IT,
    ),
    (
        "Sendmail text: expanded from",
        plain(
            "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
            "Returned mail: see transcript for details",
            f"   ----- The following addresses had permanent fatal errors -----\n{BEHIND}\n    (reason: "
            f"552 5.2.2 Over quota)\n    (expanded from: <{TO}>)\n\n   ----- Transcript of session "
            "follows -----\n",
        ),
        BEHIND_IT,
    ),
    (
        "Sendmail report, expanded from",
        sendmail("5.1.1", "550 5.1.1 User unknown", final=BEHIND)
        .replace("rfc822; " + BEHIND, "rfc822; " + TO)
        .replace(
            f"<{BEHIND}>\n    (reason: 550 5.1.1 User unknown)",
            f"{BEHIND}\n    (reason: 550 5.1.1 User unknown)\n    (expanded from: <{TO}>)",
        ),
        BEHIND_IT,
    ),
    (
        "Sendmail, program of a forward",
        sendmail("5.3.0", "unknown mailer error 255", actual="").replace(
            "Action: failed", "X-Actual-Recipient: X-Unix; |/usr/local/bin/filter\nAction: failed"
        ),
        UNCLEAR,
    ),
    (
        "X.400 gateway",
        service("postmaster@gw.example", "4.4.7", "").replace(
            f"Final-Recipient: rfc822; {TO}",
            f"Original-Recipient: rfc822; {TO}\nFinal-Recipient: x400; /S=sample/C=US/",
        ),
        LATER,
    ),
    (
        "a filter with a sender of its own",
        plain(
            "ndr@filter.example",
            "Mail delivery failed: returning message to sender",
            f"A message that you sent could not be delivered to\n  {TO}\nThe recipient is not a valid "
            "user of the system.\n",
            path="<prvs=12=ndr@filter.example>",
        ),
        DEAD,
    ),
    (
        "an antivirus gateway",
        plain(
            "AntiVirus_Gateway@legis.example",
            "Delivery failure notification",
            f"Your message could not be delivered to the following recipients:\n{TO}\nDelivery attempts "
            "will continue to be made for 5 days.\n",
            path="<AntiVirus_Gateway@legis.example>",
        ),
        DELAYED,
    ),
    (
        "not collected",
        plain(
            "Mail Delivery Subsystem <postmaster@demon.example>",
            "Mail failure",
            f"The message, addressed to '{TO}', failed because it has not been collected after 30 "
            f"days.\n\nHere is a copy of the first part of the message\n\n{LETTER}",
        ),
        LATER,
    ),
    (
        "SMTP32",
        plain(
            "postmaster@mx.example",
            "Undeliverable Mail",
            f"Delivery failed 20 attempts: {TO}\n\nOriginal message follows.\n\n{LETTER}",
        ),
        LATER,
    ),
    (
        "Postfix of old, DNS",
        postfix_notice(f"<{TO}>: Name service error for domain legis.example: Host not found, try again"),
        LATER,
    ),
    (
        "in French",
        prose(
            "postmaster@fr.example",
            "Message non remis",
            "L'adresse de messagerie ci-dessus n'existe pas.",
            before="Le message n'a pas pu être remis à",
        ),
        DEAD,
    ),
    (
        "in German",
        prose(
            "postmaster@de.example",
            "Unzustellbar: Oppose AB 969",
            "Die Mailbox des Empfängers ist voll. Postfach voll.",
            before="Ihre Nachricht konnte nicht zugestellt werden an",
        ),
        FULL,
    ),
    (
        "in German, dead",
        prose(
            "postmaster@de.example",
            "Unzustellbar: Oppose AB 969",
            "Empfänger unbekannt",
            before="Ihre Nachricht wurde nicht zugestellt an",
        ),
        DEAD,
    ),
    (
        "in Spanish",
        prose(
            "postmaster@es.example",
            "No se pudo entregar el mensaje",
            "El usuario no existe en este servidor",
            before="No se pudo entregar a",
        ),
        DEAD,
    ),
    (
        "no marker, a street at the edge",
        plain(
            "MAILER-DAEMON@mx.example",
            "Undeliverable",
            f"Your message to {TO} was rejected.\n\nDear Representative Sample,\n\nplease vote no.\n\nMai "
            "Example\n550 Oak Street\n",
        ),
        UNCLEAR,
    ),
    (
        "no marker, quoted",
        plain(
            "MAILER-DAEMON@mx.example",
            "Undeliverable",
            f"Your message to {TO} could not be delivered: no such user here.\n\n> Dear Representative "
            "Sample,\n> my mailbox is full\n> 452 Elm Street\n",
        ),
        DEAD,
    ),
    (
        "LISTSERV",
        plain(
            "LISTSERV@list.example",
            "Undeliverable mail",
            f"An error was detected while processing the enclosed message.\n\nError-for:  {TO}\nError-Code: 3\n"
            'Error-Text: Mailer mx.example said: "550 5.1.1 unknown user"\n\nError-End: One error reported.\n\n'
            f"----- Original message -----\n{LETTER}",
        ),
        DEAD,
    ),
    (
        "Lotus Domino",
        plain(
            "Postmaster@legis.example",
            "DELIVERY FAILURE: User rep.sample not listed in Domino Directory",
            f"Your message\n\n  Subject: Oppose AB 969\n\nwas not delivered to:\n\n  {TO}\n\nbecause:\n\n "
            " User rep.sample (rep.sample@legis.example) not listed in Domino Directory\n",
        ),
        DEAD,
    ),
    (
        "GroupWise",
        plain(
            "Mailer-Daemon@gw.example",
            "Message status - undeliverable",
            f"The message that you sent was undeliverable to the following:\n\n\t{TO} (user not found)\n\n"
            f"Possibly truncated original message follows:\n\n{LETTER}",
        ),
        DEAD,
    ),
    (
        "GroupWise full",
        plain(
            "Mailer-Daemon@gw.example",
            "Message status - undeliverable",
            f"The message that you sent was undeliverable to the following:\n\n\t{TO} (mailbox full)\n\n"
            f"Possibly truncated original message follows:\n\n{LETTER}",
        ),
        FULL,
    ),
    (
        "MailEnable",
        plain(
            "Postmaster@me.example",
            "Message Delivery Failure",
            "MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) "
            f"could not be reached:\n\n\tRecipient: [SMTP:{TO}]\n\tReason: The account does not exist.\n\n"
            f"Message headers follow:\n\n{LETTER}",
        ),
        DEAD,
    ),
    (
        "Kerio",
        plain(
            "postmaster@kc.example",
            "Delivery Status Notification (Failure)",
            f"Your message could not be delivered to the following recipient:\n{TO}\n  Reason: quota exceeded\n",
        ),
        FULL,
    ),
    (
        "hMailServer",
        plain(
            "mailer-daemon@hm.example",
            "Message undeliverable: Oppose AB 969",
            "Your message did not reach some or all of the intended recipients.\n\n   Sent: Wed\n   "
            f"Subject: Oppose AB 969\n\nThe following recipient(s) could not be reached:\n\n{TO}\n   "
            "Error Type: SMTP\n   Remote server (192.0.2.9) issued an error.\n   hMailServer sent: RCPT "
            f"TO:<{TO}>\n   Remote server replied: 550 5.1.1 User unknown\n",
        ),
        DEAD,
    ),
    (
        "IMail",
        plain(
            "postmaster@imail.example",
            "Undeliverable Mail",
            f"User mailbox exceeds allowed size: {TO}\n\nOriginal message follows.\n\n{LETTER}",
        ),
        FULL,
    ),
    (
        "IMail unknown",
        plain(
            "postmaster@imail.example",
            "Undeliverable Mail",
            f"Unknown user: {TO}\n\nRCPT TO generated following response:\n550 not local host\n\nOriginal "
            f"message follows.\n\n{LETTER}",
        ),
        DEAD,
    ),
    (
        "an office's thanks, with numbers",
        answer(
            "Thank you for contacting Rep. Sample",
            "Your message was received. Due to volume a reply may be delayed. Room 550, call "
            "608-555-0100. Please do not reply.",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "office, from noreply",
        plain(
            "Office of Rep. Sample <noreply@legis.example>",
            "Your correspondence",
            "We have your mail to rep.sample@legis.example. It could not be answered in person yet.\n",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "office: use our form",
        plain(
            "Office of Rep. Sample <rep.sample@legis.example>",
            "Please use the form",
            "This address is not monitored. Write by the form at https://legis.example/contact.\n",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "person writes of a bounce",
        answer(
            "Re: Oppose AB 969",
            "Your earlier mail was returned to sender, and our delivery has failed twice. Please write "
            "again.\n\n> 550 5.1.1 User unknown",
        ),
        PERSON,
    ),
    (
        "person, subject of mail trouble",
        answer(
            "mail problems",
            "Hello Mai, our mailbox was full last week and your message was rejected; it is here now. Thank you!",
        ),
        PERSON,
    ),
    (
        "Exchange, moderated",
        exchange("5.7.1", "550 5.7.1 APPROVAL.NotGranted; the moderator of this group did not approve"),
        CLOSED,
    ),
    ("Exchange, hop count", exchange("5.4.14", "554 5.4.14 Hop count exceeded - possible mail loop"), CLOSED),
    (
        "Microsoft 365 words from another server",
        exchange("5.0.350", "550 5.0.350 Remote server returned an error -> 552 5.2.2 mailbox full"),
        FULL,
    ),
    (
        "Microsoft 365 remote unknown",
        exchange("5.0.350", "550 5.0.350 Remote server returned an error -> 550 5.1.1 user unknown"),
        DEAD,
    ),
    ("Postfix, quota of the relay", postfix("5.4.5", "550 5.4.5 Daily sending quota exceeded"), ("gave up", "us", "")),
    ("Postfix 4.x gave up, unknown words", postfix("4.7.1", "450 4.7.1 Greylisted, try again later"), LATER),
    (
        "Google, delayed",
        google("4.4.1", "The recipient server did not accept our requests to connect", action="delayed"),
        DELAYED,
    ),
    (
        "daemon with an envelope of its own, full",
        bare_report("Postmaster <pm@mx.example>", "552 5.2.2 quota exceeded", path="<postmaster@mx.example>"),
        FULL,
    ),
    (
        "a delay without an address",
        plain(
            "MAILER-DAEMON@mx.example",
            "Delivery delayed",
            "Your mail has not yet been delivered; delivery will be tried again.\n",
        ),
        DELAYED,
    ),
    (
        "two recipients in a report, ours full",
        postfix("5.2.2", "552 5.2.2 Mailbox full").replace(
            "Final-Recipient:",
            "Final-Recipient: rfc822; other@legis.example\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\nFinal-Recipient:",
            1,
        ),
        FULL,
    ),
    (
        "postmaster, auto-replied, unknown",
        plain(
            "postmaster@legis.example",
            "Message not delivered",
            f"This notice was made by a program.\n\nYour message to {TO} was not delivered: there is "
            "nobody of that name here.\n\nIt began:\nFrom: Mai Example\nSubject: Oppose\n",
            "Auto-Submitted: auto-replied",
        ),
        DEAD,
    ),
    (
        "postmaster, generated, no cause",
        plain(
            "postmaster@legis.example",
            "Undelivered",
            "Your message was not delivered.\n",
            "Auto-Submitted: auto-generated",
        ),
        UNCLEAR,
    ),
    (
        "a machine that says nothing of failing",
        plain("Mail System <mailer-daemon@legis.example>", "Notice", "See the attached.\n"),
        HELD,
    ),
    (
        "daemon with its host as envelope",
        plain(
            "Delivery <delivery@mx.example>",
            "Could not be delivered",
            f"{TO}: 552 mailbox full\n",
            path="<MAILER-DAEMON@mx.example>",
        ),
        FULL,
    ),
    (
        "report without block, list of reasons",
        bare_report("Postmaster <postmaster@mx.example>", "The server said: 550 5.7.1 message refused by policy"),
        POLICY,
    ),
    (
        "report without block, nothing said",
        bare_report("Postmaster <postmaster@mx.example>", "No reason was given."),
        UNCLEAR,
    ),
    (
        "thanks, null sender, another address",
        plain(
            "Constituent Services <services@legis.example>",
            "We received your message",
            "Thank you. Your message was received and will be delivered to the representative. 550 Capitol Street.\n",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "thanks, null sender, ticket",
        plain(
            "Office <office@legis.example>",
            "[#4321] Your inquiry",
            f"Your inquiry to {TO} was filed as ticket 4321.\n",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "away, no marks, null sender",
        answer("Away until Monday", "I am away. In urgent cases call 608-555-0100.", path="<>"),
        MACHINE,
    ),
    (
        "codes nowhere, indented letter",
        plain(
            "Mail Delivery System <mailer-daemon@relay.example>",
            "Mail delivery failed: returning message to sender",
            f"Could not be delivered to\n\n  {TO}\n    nobody by that name lives here\n\nYour message "
            "was:\n\n    Dear Representative Sample,\n    452 Oak Street, 550 letters\n",
            f"X-Failed-Recipients: {TO}",
            "Auto-Submitted: auto-replied",
        ),
        DEAD,
    ),
    (
        "copy in the same text, 'Begin forwarded message'",
        plain(
            "mailer-daemon@relay.example",
            "Returned mail",
            f"Not delivered to {TO}: quota of the mailbox exceeded.\n\nBegin forwarded message:\n\n> "
            "From: Mai Example\n> 550 5.1.1 Oak Street\n",
        ),
        FULL,
    ),
    ("alias, Exim, full behind", exim("mailbox is full: retry timeout exceeded", address=BEHIND, parent=TO), BEHIND_IT),
    (
        "alias, Exim, in a report of Final-Recipient the alias",
        exim("Unrouteable address", address=BEHIND, parent=TO),
        BEHIND_IT,
    ),
    (
        "alias, X-Actual-Recipient in another case",
        sendmail("5.2.2", "552 5.2.2 over quota", actual=BEHIND.upper()),
        BEHIND_IT,
    ),
    ("actual the same, other case", sendmail("5.2.2", "552 5.2.2 over quota", actual=TO.upper()), FULL),
    ("original differs from final: forward", postfix("5.4.7", "delivery timed out", BEHIND), ("behind", "nobody", "")),
    (
        "Status says dead, words say pace",
        postfix("5.1.1", "550 5.1.1 the recipient is getting too many messages just now"),
        PACE,
    ),
    ("Status says dead, words say list", postfix("5.1.1", "550 5.1.1 blocked: your server is on a block list"), POLICY),
    (
        "Status 5.2.1, words closed group",
        postfix("5.2.1", "550 5.2.1 only members of the group may write to it"),
        CLOSED,
    ),
    ("Status 4.4.1, words dead", postfix("4.4.1", "550 5.1.1 no such user"), DEAD),
    ("Status 5.0.0, diag 4xx", postfix("5.0.0", "451 4.7.1 try later"), LATER),
    ("OpenSMTPD full", opensmtpd("552 5.2.2 Over quota"), FULL),
    ("OpenSMTPD unknown by words", opensmtpd("550 User rep.sample unknown"), DEAD),
    ("OpenSMTPD gave up", opensmtpd("Envelope expired"), LATER),
    (
        "OpenSMTPD warning",
        opensmtpd("421 4.4.2 Connection closed", "Delivery status notification: warning", "delayed"),
        DELAYED,
    ),
    ("Haraka gave up", haraka("5.0.0", "Tried for too long: 451 4.4.1 no answer"), LATER),
    ("Exim, sieve", exim("Sieve: rejected by the recipient: no campaigns"), CLOSED),
    (
        "qmail gave up",
        qmail(
            "Connected to 192.0.2.9 but greeting failed.\nRemote host said: 421 too busy\nI'm not going "
            "to try again; this message has been in the queue too long."
        ),
        LATER,
    ),
    ("qmail full", qmail("Remote host said: 552 5.2.2 quota exceeded"), FULL),
    (
        "vacation, plain",
        answer("Re: Oppose AB 969", "I will be out of town until the 20th and will read your mail when I return."),
        MACHINE,
    ),
    (
        "person away but personal",
        answer(
            "Re: Oppose AB 969",
            "Thank you, Mai. The senator was away until Monday, and voted no today.\n\n> Please vote no",
        ),
        PERSON,
    ),
    (
        "person thanks",
        answer("Re: Oppose AB 969", "Thank you for your letter. I delivered it to the representative myself."),
        PERSON,
    ),
    ("spam complaint", feedback("abuse"), ("complaint",)),
    ("dmarc report", feedback("auth-failure"), TOLD),
    ("relay says we may not relay", postfix("5.7.1", f"554 5.7.1 <{TO}>: Relay access denied"), OURS),
    (
        "Lotus, reason above the address",
        plain(
            "postmaster@n.legis.example",
            "Undeliverable message",
            f"------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\n{TO}\n\n"
            f"------- Returned Message --------\nReceived: from x\n{LETTER}",
        ),
        DEAD,
    ),
    (
        "a filter, reason in a section below",
        plain(
            "POSTMASTER <postmaster@legis.example>",
            "failure notice",
            f"This mail was made by a filter.\n\nSending failed to this address.\n{TO}\n\n\n-------server "
            f"message\n550 5.1.1 <{TO}>: Recipient address rejected: User unknown\n\n-------SMTP command\n"
            f"DATA\n\n-------original message\nReceived: from 192.0.2.1\n{LETTER}",
            path="<postmaster@legis.example>",
        ),
        DEAD,
    ),
    (
        "a filter, full in a section below",
        plain(
            "POSTMASTER <postmaster@legis.example>",
            "failure notice",
            f"This mail was made by a filter.\n\nSending failed to this address.\n{TO}\n\n\n-------server "
            f"message\n552 5.2.2 <{TO}> over quota\n\n-------SMTP command\nDATA\n\n-------original "
            f"message\nReceived: from 192.0.2.1\n{LETTER}",
            path="<postmaster@legis.example>",
        ),
        FULL,
    ),
    (
        "transcript in the next paragraph",
        plain(
            '"MAILER-DAEMON" <MAILER-DAEMON@legis.example>',
            "FAILURE NOTICE : Oppose",
            "The original message was received at Wed\n\n  ----- The following addresses had permanent "
            f"fatal errors -----\n\n>>> {TO} <{TO}>\n\n  ----- Transcript of session follows -----\n550 "
            f"<{TO}>: Recipient address rejected: User unknown in local recipient table\n",
        ),
        DEAD,
    ),
    (
        "post_master, an answer by its subject",
        plain(
            "post_master@legis.example",
            "Re:Oppose AB 969",
            "Error: Invalid user address\n\nError message below:\n550 - Requested action not taken: no "
            f"such user here\n\nMessage details:\n  Subject: Oppose\n  RCPT TO: {TO}\n",
            path="<>",
        ),
        DEAD,
    ),
    (
        "address and reason in brackets",
        plain(
            '"Mail Deliver System" <MAILER-DAEMON>',
            "Returned Mail: User unknown",
            "The original message was received at Thu\n\n---The following addresses had delivery "
            f"errors---\n\n{TO} [User unknown]\n\n",
        ),
        DEAD,
    ),
    (
        "reason before the address",
        plain(
            "postmaster@gw.legis.example",
            'Undeliverable Mail: "Oppose"',
            "Your message:\n   From:    letters@act.example.org\n   Subject: Oppose\n\nCould not be "
            "delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected: \n"
            f"    {TO}\n",
        ),
        DEAD,
    ),
    (
        "reason before the address, full",
        plain(
            "postmaster@gw.legis.example",
            'Undeliverable Mail: "Oppose"',
            "Your message:\n   From:    letters@act.example.org\n   Subject: Oppose\n\nCould not be "
            "delivered because of\n\n552 5.2.2 mailbox full\n\nThe following recipients were affected: \n"
            f"    {TO}\n",
        ),
        FULL,
    ),
    (
        "Russian",
        plain(
            "mailer-daemon@corp.ru.example",
            "=?UTF-8?B?0JLQsNGI0LUg0YHQvtC+0LHRidC10L3QuNC1INC90LUg0LTQvtGB0YLQsNCy0LvQtdC90L4=?=. Mail failure.",
            f"Это письмо создано автоматически.\n\n  {TO}\n    SMTP error from remote mail server after "
            f"RCPT TO:<{TO}>:\n    host mx [192.0.2.12]: 550 5.2.2 <{TO}>... Mailbox Full\n  "
            "other@legis.example\n    550 5.2.1 User Unknown\n",
            f"X-Failed-Recipients: {TO}, other@legis.example",
            "Auto-Submitted: auto-replied",
        ),
        FULL,
    ),
    (
        "Sendmail 5, host",
        plain(
            "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
            "Returned mail: Host unknown",
            "   ----- Transcript of session follows -----\n550 legis.example (smtp)... 550 Host unknown\n"
            f"554 <{TO}>... 550 Host unknown (Authoritative answer from name server)\n\n   ----- Unsent "
            f"message follows -----\nReceived: by mx\n{LETTER}",
        ),
        ("bounce", "domain", "suspect domain"),
    ),
    (
        "Zoho",
        plain(
            "mailer-daemon@mail.zoho.example",
            "Undelivered Mail Returned to Sender",
            "This message was created automatically by mail delivery software.\nA message that you sent "
            f"could not be delivered. This is a permanent error. \n\n{TO} Invalid Address, ERROR_CODE "
            ":550, ERROR_CODE :Requested action not taken: mailbox unavailable\n\n\nReceived:from mail\n"
            f"{LETTER}",
        ),
        DEAD,
    ),
    (
        "Google of old, delayed",
        plain(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
            "Delivery Status Notification (Delay)",
            "This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING "
            "MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following "
            f"recipient has been delayed:\n\n     {TO}\n\nMessage will be retried for 2 more day(s)\n\n"
            "The error was: 450 450 4.2.2 Mailbox Full\n",
        ),
        DELAYED,
    ),
    (
        "Exchange 4",
        plain(
            "System Administrator <postmaster@legis.example>",
            "Undeliverable: Oppose",
            "Your message did not reach some or all of the intended recipients.\n\n      "
            f"To:\t{RETURN_PATH}\n      Subject:\tOppose\n\nThe following recipient(s) could not be "
            f"reached:\n\n      {TO} on 4/29/01 11:34:45 PM\n            Recipient Not Found\n            "
            "MSEXCH:IMC:X\n",
        ),
        DEAD,
    ),
    (
        "preferences",
        service("Facebook <mailer-daemon@mx.fb.example>", "5.1.1", "550 5.1.1 RCP-P1 Recipient address does not exist"),
        DEAD,
    ),
    ("partial", sendmail("5.7.1", f"553 Invalid recipient {TO} (Mode: normal)"), DEAD),
]

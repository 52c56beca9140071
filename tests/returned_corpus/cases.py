"""What each returned mail is: its kind, whom it is about, and what it says beyond its letter."""

from __future__ import annotations

from dataclasses import dataclass

from tests.returned_corpus.builders import (
    BEHIND,
    LETTER,
    TO,
    answer,
    bare_report,
    courier,
    exchange,
    exim,
    exim_of_old,
    feedback,
    google,
    haraka,
    head,
    junk_as_it_came,
    junk_pressed,
    multipart,
    opensmtpd,
    plain,
    postfix,
    prose,
    qmail,
    sendmail,
    service,
)
from tests.returned_corpus.more_cases import MORE
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
    SIZE,
    TOLD,
    UNCLEAR,
)


@dataclass(frozen=True)
class Case:
    """`kind` as `kind_of` has it; `blame` and `signal` are "" for what is no failure."""

    after: str
    text: str
    kind: str
    blame: str = ""
    signal: str = ""


SES = "MAILER-DAEMON@mail.ses.example"
PROOFPOINT = "Mail Delivery Subsystem <MAILER-DAEMON@pp.example>"
GODADDY = "Mail Delivery System <MAILER-DAEMON@secure.example>"
COMCAST = "Mail Delivery Subsystem <MAILER-DAEMON@comcast.example>"
MIMECAST = "postmaster@mimecast.example"
BARRACUDA = "MAILER-DAEMON@barracuda.example"
ZOHO = "mailer-daemon@mail.zoho.example"
YAHOO = "MAILER-DAEMON@yahoo.example"
T_ONLINE = "Mail Administrator <Mailer-Daemon@t-online.example>"
N163 = "postmaster@163.example"

_REPORTS = [
    (
        "Postfix",
        postfix("5.1.1", f"550 5.1.1 <{TO}>: Recipient address rejected: User unknown in virtual mailbox table"),
        DEAD,
    ),
    ("Postfix", postfix("5.0.0", "550 No such user here"), DEAD),
    ("Postfix", postfix("5.2.2", "552 5.2.2 Mailbox full"), FULL),
    ("Postfix, Dovecot behind it", postfix("5.2.2", f"<{TO}> Quota exceeded (mailbox for user is full)"), FULL),
    ("Postfix", postfix("5.7.1", f"554 5.7.1 <{TO}>: Recipient address rejected: Access denied"), POLICY),
    (
        "Postfix",
        postfix("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using list.example"),
        POLICY,
    ),
    (
        "Postfix after five days",
        postfix("4.4.1", "connect to mx.legis.example[192.0.2.10]:25: Connection timed out"),
        LATER,
    ),
    ("Postfix after five days", postfix("4.2.2", "452 4.2.2 Mailbox full"), FULL),
    ("Postfix", postfix("5.3.4", "message size 31000 exceeds size limit 20000 of server mx"), SIZE),
    ("Postfix", postfix("4.4.1", "connect to mx.legis.example: Connection refused", action="delayed"), DELAYED),
    ("Postfix", postfix("2.0.0", "250 2.0.0 Ok", action="relayed"), ("delivered",)),
    ("Postfix, unlike numbers", postfix("5.1.1", "552 5.2.2 the mailbox is over its quota"), FULL),
    ("Postfix, unlike numbers", postfix("5.1.1", "550 5.7.1 Message rejected as spam"), POLICY),
    ("Postfix, unlike numbers", postfix("5.2.2", "550 5.1.1 User unknown"), DEAD),
    (
        "Postfix, alias with one dead behind it",
        postfix("5.1.1", "550 5.1.1 User unknown", BEHIND),
        ("behind", "mailbox", ""),
    ),
    (
        "Postfix, alias with one full behind it",
        postfix("5.2.2", "552 5.2.2 Mailbox full", BEHIND),
        ("behind", "mailbox", ""),
    ),
    (
        "Postfix, alias with one late behind it",
        postfix("4.4.1", "connection timed out", BEHIND),
        ("behind", "nobody", ""),
    ),
    ("Microsoft 365", exchange("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"), DEAD),
    ("Microsoft 365", exchange("5.4.1", f"550 5.4.1 [{TO}]: Recipient address rejected: Access denied"), DEAD),
    (
        "Microsoft 365",
        exchange("5.1.351", "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable"),
        DEAD,
    ),
    ("Microsoft 365", exchange("5.2.2", "554 5.2.2 mailbox full; QuotaExceededException"), FULL),
    (
        "Microsoft 365",
        exchange("5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"),
        CLOSED,
    ),
    ("Microsoft 365", exchange("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; group"), CLOSED),
    ("Microsoft 365", exchange("5.7.124", "550 5.7.124 RESOLVER.RST.NotAuthorizedToGroup; not in the list"), CLOSED),
    (
        "Microsoft 365",
        exchange("5.7.1", "550 5.7.1 TRANSPORT.RULES.RejectMessage; rejected by a rule of the organisation"),
        POLICY,
    ),
    (
        "Microsoft 365",
        exchange("5.7.708", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP"),
        POLICY,
    ),
    ("Microsoft 365", exchange("5.4.300", "550 5.4.300 Message expired -> 451 4.7.0 Temporary server error"), LATER),
    ("Exchange", exchange("4.4.7", "550 4.4.7 QUEUE.Expired; message expired"), LATER),
    ("Exchange", exchange("5.0.0", "554 5.2.0 STOREDRV.Deliver.Exception; the mailbox is over quota"), FULL),
    ("Exchange", exchange("5.1.1", "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"), DEAD),
    (
        "Exchange of old",
        exchange("5.1.1", "", sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@legis.example"),
        DEAD,
    ),
    ("Outlook.com", exchange("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable"), DEAD),
    (
        "Gmail",
        google("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 NoSuchUser"),
        DEAD,
    ),
    (
        "Gmail",
        google("5.2.2", "552-5.2.2 The recipient's inbox is out of storage space. 552 5.2.2 OverQuotaPerm"),
        FULL,
    ),
    (
        "Gmail",
        google("5.2.1", "550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents more"),
        PACE,
    ),
    ("Gmail", google("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"), DEAD),
    (
        "Gmail",
        google("5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated"),
        ("bounce", "us", "suspect domain"),
    ),
    (
        "Gmail",
        google("5.7.1", "550-5.7.1 Our system has detected that this message is likely unsolicited mail"),
        POLICY,
    ),
    ("Gmail, Google Groups", google("5.7.1", "550 5.7.1 You are not permitted to post messages to the group"), CLOSED),
    ("Gmail", google("4.4.1", "The recipient server did not accept our requests to connect: timed out"), LATER),
    ("Gmail", google("4.4.1", "The server did not answer", action="delayed"), DELAYED),
    ("Sendmail", sendmail("5.1.1", f"550 5.1.1 <{TO}>... User unknown"), DEAD),
    ("Sendmail", sendmail("5.2.2", "552 5.2.2 user over quota"), FULL),
    ("Sendmail after five days", sendmail("4.4.7", "Deferred: connection timed out with mx.legis.example."), LATER),
    ("Sendmail", sendmail("5.7.1", "550 5.7.1 Access denied by policy"), POLICY),
    ("Sendmail", sendmail("5.1.2", "550 5.1.2 Host unknown (Name server: host not found)"), POLICY),
    ("Sendmail", sendmail("4.0.0", "Deferred: Connection refused", action="delayed"), DELAYED),
    (
        "Sendmail, alias with one dead behind it",
        sendmail("5.1.1", "550 5.1.1 User unknown", actual=BEHIND),
        ("behind", "mailbox", ""),
    ),
    (
        "Sendmail, alias with one full behind it",
        sendmail("5.2.2", "552 5.2.2 over quota", actual=BEHIND),
        ("behind", "mailbox", ""),
    ),
    ("Exim", exim("Unrouteable address"), DEAD),
    ("Exim", exim("550 5.1.1 no such person", diagnostic="550 5.1.1 no such person"), DEAD),
    ("Exim", exim("mailbox is full: retry timeout exceeded"), FULL),
    (
        "Exim after four days",
        exim("451 4.3.0 Lookup failed", diagnostic="451 4.3.0 Lookup failed: retry timeout exceeded"),
        LATER,
    ),
    ("Exim after four days", exim("retry timeout exceeded"), LATER),
    ("Exim after four days", exim("all hosts in legis.example have been failing for a long time"), LATER),
    ("Exim, Sieve reject", exim("Message was rejected by the recipient's filter: no campaign mail, please"), CLOSED),
    (
        "Exim",
        exim(
            "SMTP error after end of data: 550 Administrative prohibition", diagnostic="550 Administrative prohibition"
        ),
        POLICY,
    ),
    (
        "Exim, alias with one full behind it",
        exim("mailbox is full", address=BEHIND, parent=TO),
        ("behind", "mailbox", ""),
    ),
    (
        "Exim, alias with one dead behind it",
        exim("Unrouteable address", address=BEHIND, parent=TO),
        ("behind", "mailbox", ""),
    ),
    ("Exim of old", exim_of_old("550 5.1.1 no such person at this address"), DEAD),
    ("Exim of old", exim_of_old("mailbox is full (quota exceeded)"), FULL),
    ("Exim of old", exim_of_old("retry timeout exceeded"), LATER),
    ("Exim of old", exim_of_old("host mx [192.0.2.10]: 554 5.7.1 refused by policy"), POLICY),
    ("OpenSMTPD", opensmtpd("550 5.1.1 User unknown"), DEAD),
    ("OpenSMTPD", opensmtpd("550 Invalid recipient"), DEAD),
    ("OpenSMTPD", opensmtpd("552 5.2.2 Mailbox full"), FULL),
    ("OpenSMTPD", opensmtpd("554 5.7.1 Refused by policy"), POLICY),
    ("OpenSMTPD after four days", opensmtpd("5.4.7 Envelope expired"), LATER),
    ("OpenSMTPD after four days", opensmtpd("451 4.3.0 Temporary lookup failure"), LATER),
    ("OpenSMTPD", opensmtpd("451 4.3.0 Later", "Delivery status notification: delayed", "delayed"), DELAYED),
    ("Courier", courier("550 5.1.1 User unknown."), DEAD),
    ("Courier", courier("550 User unknown"), DEAD),
    ("Courier", courier("552 Over quota"), FULL),
    ("Courier after a week", courier("451 4.3.0 Temporary lookup failure"), LATER),
    ("Courier", courier("550 5.7.1 Refused: listed at list.example"), POLICY),
    ("qmail", qmail("Sorry, no mailbox here by that name. (#5.1.1)"), DEAD),
    (
        "qmail",
        qmail("192.0.2.10 does not like recipient.\nRemote host said: 550 unknown user\nGiving up on 192.0.2.10."),
        DEAD,
    ),
    ("qmail, vpopmail", qmail("user is over quota"), FULL),
    (
        "qmail after a week",
        qmail(
            "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
            "I'm not going to try again; this message has been in the queue too long."
        ),
        LATER,
    ),
    (
        "qmail",
        qmail("Connected to 192.0.2.10 but sender was rejected.\nRemote host said: 550 5.7.1 blocked by list.example"),
        POLICY,
    ),
    ("qmail", qmail("Sorry, that message size exceeds my databytes limit (#5.3.4)"), SIZE),
    ("Haraka", haraka("5.1.1", "550 5.1.1 I know nobody of that name"), DEAD),
    ("Haraka after days", haraka("5.0.0", "451 4.4.2 Connection lost"), LATER),
    ("Haraka", haraka("5.0.0", "552 5.2.2 Mailbox full"), FULL),
    ("Haraka", haraka("5.0.0", "Tried for 2 days, and gave up after that"), LATER),
    ("SES", service(SES, "5.1.1", "550 5.1.1 user unknown"), DEAD),
    ("SES", service(SES, "5.2.2", "552 5.2.2 mailbox full"), FULL),
    ("SES", service(SES, "5.7.1", "554 5.7.1 Blocked by policy"), POLICY),
    ("SES", service(SES, "4.4.7", "554 4.4.7 Message expired: unable to deliver in 840 minutes"), LATER),
    ("Proofpoint", service(PROOFPOINT, "5.1.1", "550 5.1.1 User Unknown"), DEAD),
    ("Proofpoint", service(PROOFPOINT, "5.7.0", "554 5.7.0 Reject, blocked by reputation"), POLICY),
    ("Proofpoint", service(PROOFPOINT, "4.4.7", "Deferred: 451 4.7.1 try later"), LATER),
    ("GoDaddy", service(GODADDY, "5.1.1", f"550 5.1.1 <{TO}> Recipient not found"), DEAD),
    ("GoDaddy", service(GODADDY, "5.0.0", "552 Message rejected, mailbox over its quota"), FULL),
    ("GoDaddy", service(GODADDY, "5.0.0", "554 Refused: IP 192.0.2.1 is on a block list"), POLICY),
    ("Comcast", service(COMCAST, "5.1.1", "550 5.1.1 Account not available: user is not here"), DEAD),
    ("Comcast", service(COMCAST, "5.2.0", "552 5.2.2 Mailbox over quota"), FULL),
    ("Cisco", service(GODADDY, "5.1.0", "5.1.0 - Unknown address error 550-'5.1.1 unknown user'"), DEAD),
    ("a relay that lets nobody through", service(SES, "5.0.0", "550 relay not permitted"), OURS),
    (
        "a relay whose account has had enough",
        service(SES, "5.4.5", "550 5.4.5 Daily user sending quota exceeded"),
        ("gave up", "us", ""),
    ),
]

_PROSE = [
    ("Mimecast", prose(MIMECAST, "[Postmaster] Email Delivery Failure", "550 Invalid Recipient"), DEAD),
    ("Mimecast", prose(MIMECAST, "[Postmaster] Email Delivery Failure", "550 Rejected by policy"), POLICY),
    (
        "Barracuda",
        prose(BARRACUDA, "Undelivered Mail Returned to Sender", "550 permanent failure: 5.1.1 user unknown"),
        DEAD,
    ),
    (
        "Barracuda",
        prose(BARRACUDA, "Undelivered Mail Returned to Sender", "554 blocked: reputation of the client"),
        POLICY,
    ),
    (
        "Zoho",
        prose(ZOHO, "Undelivered Mail Returned to Sender", "ERROR CODE :550 - 5.1.1 mailbox does not exist"),
        DEAD,
    ),
    ("Zoho", prose(ZOHO, "Undelivered Mail Returned to Sender", "ERROR CODE :552 - mailbox size limit exceeded"), FULL),
    (
        "Yahoo",
        prose(YAHOO, "Failure Notice", "554: delivery error: dd This user doesn't have a yahoo.example account"),
        DEAD,
    ),
    (
        "Yahoo",
        prose(
            YAHOO, "Failure Notice", "552: recipient's mailbox is over quota", copy="--- The message text follows ---"
        ),
        FULL,
    ),
    ("Yahoo", prose(YAHOO, "Failure Notice", "No MX or A records for the domain: no such domain"), POLICY),
    (
        "T-Online",
        prose(
            T_ONLINE,
            "Unzustellbar: Oppose AB 969",
            "550 5.1.1 Unbekannter Nutzer, user unknown",
            "Ihre Nachricht konnte nicht zugestellt werden:",
        ),
        DEAD,
    ),
    (
        "T-Online",
        prose(
            T_ONLINE,
            "Unzustellbar: Oppose AB 969",
            "552 5.2.2 Over STORAGE quota",
            "Ihre Nachricht konnte nicht zugestellt werden:",
            "Kopie der Nachricht:",
        ),
        FULL,
    ),
    (
        "163",
        prose(N163, "系统退信/Systems bounce", "550 User not found", "您的邮件无法送达 / could not be delivered"),
        DEAD,
    ),
    (
        "163",
        prose(N163, "系统退信/Systems bounce", "552 mailbox full", "您的邮件无法送达 / could not be delivered"),
        FULL,
    ),
    (
        "a server without codes",
        prose(
            "Mail Delivery System <Mailer-Daemon@relay.example>",
            "Mail delivery failed",
            "this person is not known at this address",
        ),
        DEAD,
    ),
    (
        "a server that says nothing",
        prose("postmaster@relay.example", "Undeliverable mail", "It did not work out."),
        UNCLEAR,
    ),
    (
        "a server that only warns",
        plain(
            "MAILER-DAEMON@relay.example",
            "Warning: message delayed",
            f"Your message to\n\n  {TO}\n\nhas not yet been delivered; it will be retried for 4 days.\n",
        ),
        DELAYED,
    ),
    (
        "a server that throws away",
        plain(
            "postmaster@mail.legis.example",
            "Your message was not stored",
            f"Your message to {TO} was thrown away, since the mailbox is full.\n\nIts first lines were:\nFrom: Mai\n",
            "Auto-Submitted: auto-replied",
        ),
        FULL,
    ),
    (
        "MAILER-DAEMON@host",
        bare_report(
            "Mail System <postoffice@mx.example>", "The server answered at RCPT: 553 5.3.0 nobody of that name is here"
        ),
        DEAD,
    ),
    (
        "MAILER-DAEMON@host",
        bare_report("Mail System <postoffice@mx.example>", "The server 192.0.2.8 said: 452 4.2.2 over quota"),
        FULL,
    ),
    (
        "a null sender, a person's name",
        bare_report("Postmaster Sample <office@mx.example>", "Reason: 550 5.1.1 unknown", "<>"),
        DEAD,
    ),
    ("a notice of something", plain("MAILER-DAEMON@mx.example", "Notice", "Something happened to something.\n"), HELD),
    ("a notice about somebody else", qmail("no such user").replace(f"<{TO}>:", "<other@legis.example>:"), HELD),
]

_ANSWERS = [
    (
        "Exchange, out of office",
        answer(
            "Automatic reply: Oppose AB 969",
            "I am away.",
            "X-Auto-Response-Suppress: All",
            "Auto-Submitted: auto-generated",
            path="<>",
        ),
        MACHINE,
    ),
    (
        "Gmail, vacation responder",
        answer("Away Re: Oppose AB 969", "Back on Monday.", "Precedence: bulk", "X-Autoreply: yes"),
        MACHINE,
    ),
    (
        "Sieve vacation",
        answer("Auto: Oppose AB 969", "I am out of the office.", "Auto-Submitted: auto-replied (vacation)"),
        MACHINE,
    ),
    (
        "vacation(1) of Debian",
        answer(
            "away from my mail",
            "I will not be reading my mail for a while.\nYour mail regarding it will be read when I return.\n",
        ),
        MACHINE,
    ),
    (
        "vacation(1), other words",
        answer("Re: Oppose AB 969", "Your mail will be read when I am back at my desk.\n"),
        MACHINE,
    ),
    (
        "PostfixAdmin's vacation",
        answer("On leave", "I am on leave.", "X-Loop: Virtual Vacation", "Precedence: junk"),
        MACHINE,
    ),
    (
        "cPanel's autoresponder",
        answer("Thank you", "We have your mail.", "X-Autorespond: Oppose AB 969", path="<>"),
        MACHINE,
    ),
    (
        "an office's acknowledgement",
        answer("Thank you for writing", "Your letter has arrived. Room 550, Capitol. Call 608-555-0100.", path="<>"),
        MACHINE,
    ),
    (
        "an office's acknowledgement",
        answer("We got your letter", "This is an automated response. Please do not reply to this email.\n"),
        MACHINE,
    ),
    ("a form's receipt", answer("Auto-Reply: your letter", "Case 432 is open."), MACHINE),
    ("Outlook in German", answer("Automatische Antwort: Oppose AB 969", "Ich bin bis Montag nicht im Büro."), MACHINE),
    ("Outlook in French", answer("Réponse automatique : Oppose AB 969", "Je suis absente."), MACHINE),
    (
        "a mailing list",
        answer("Re: Oppose AB 969", "Your mail waits for a moderator.", "List-Id: <office.legis.example>"),
        MACHINE,
    ),
    (
        "a receipt that it was read",
        head(f"<{TO}>", "Read: Oppose AB 969")
        + "".join(
            f"{part}\n"
            for part in multipart(
                "multipart/report; report-type=disposition-notification",
                ("text/plain", "It was displayed."),
                (
                    "message/disposition-notification",
                    f"Final-Recipient: rfc822; {TO}\nDisposition: manual-action/MDN-sent-manually; displayed\n",
                ),
            )
        ),
        MACHINE,
    ),
    (
        "a person",
        answer("Re: Oppose AB 969", "Dear Mai,\n\nthank you. I will vote no.\n\n> I am away on vacation\n"),
        PERSON,
    ),
    (
        "a person on a failed bill",
        answer("Re: Oppose AB 969", "Dear Mai,\n\nthe bill failed: it was rejected 55 to 43.\n"),
        PERSON,
    ),
    (
        "a person in Room 550",
        answer("Re: Oppose AB 969", "Come and see me in room 550 5.1.1 of the Capitol.\n"),
        PERSON,
    ),
    (
        "a person with a clerk's title",
        answer("Your letter was returned to me", "I was on vacation last week and read it today.\n"),
        PERSON,
    ),
    ("this is spam", feedback("abuse"), ("complaint",)),
    ("this is fraud", feedback("fraud"), ("complaint",)),
    ("Outlook.com, junk pressed", junk_pressed(LETTER), ("complaint",)),
    ("Outlook.com, junk pressed, without its mark", junk_pressed(LETTER, ""), ("complaint",)),
    ("Outlook.com, junk pressed, as it came", junk_as_it_came(LETTER), ("complaint",)),
    ("this is not spam", feedback("not-spam"), TOLD),
    ("DMARC failed", feedback("auth-failure", "Auth-Failure: dmarc"), TOLD),
    ("DMARC failed", feedback("dmarc"), TOLD),
    ("a virus scanner", feedback("virus"), TOLD),
    ("something else", feedback("other"), TOLD),
    ("no more of this", feedback("opt-out"), TOLD),
    ("a new kind", feedback("brand-new"), TOLD),
]

CASES = [Case(after, text, *verdict) for after, text, verdict in [*_REPORTS, *_PROSE, *_ANSWERS, *MORE]]

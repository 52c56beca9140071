"""Returned mails as named servers and services build them, written for these tests. All names are made up.

Each gives back a letter that lays traps: house numbers that look like codes, and words of other failures.
"""

from __future__ import annotations

TO = "rep.sample@legis.example"
BEHIND = "former.aide@legis.example"  # to whom an alias leads
RETURN_PATH = "b+mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiytemb@act.example.org"
HEADERS = f"""\
From: Mai Example via Example Org <letters@act.example.org>
Reply-To: Mai Example <mai@example.org>
To: "Rep. Sample" <{TO}>
Subject: Oppose AB 969 - a constituent in 53703
Message-ID: <am.01jnk3v9q6t8x2@act.example.org>
"""
LETTER = f"""{HEADERS}
Dear Representative Sample,

I am away on vacation, and my mailbox is full of letters on AB 969.

Mai Example
550 5.7.1 Oak Street
432 Elm Street
"""


def head(sender: str, subject: str, *more: str, path: str = "<>") -> str:
    lines = [f"Return-Path: {path}", f"Delivered-To: {RETURN_PATH}", f"From: {sender}", f"To: {RETURN_PATH}"]
    return "\n".join([*lines, f"Subject: {subject}", "Date: Wed, 4 Mar 2026 15:20:01 +0000", *more]) + "\n"


def plain(sender: str, subject: str, text: str, *more: str, path: str = "<>") -> str:
    return head(sender, subject, *more, "Content-Type: text/plain; charset=utf-8", path=path) + f"\n{text}"


def multipart(kind: str, *parts: tuple[str, str]) -> tuple[str, str]:
    """The header and the body of parts, each a type and its text."""
    pieces = [f"--cut\nContent-Type: {what}\n\n{text}\n" for what, text in parts]
    return f'MIME-Version: 1.0\nContent-Type: {kind}; boundary="cut"', "\n" + "".join(pieces) + "--cut--\n"


def fields(status: str, diagnostic: str, final: str = TO, action: str = "failed", *more: str) -> str:
    lines = [f"Final-Recipient: rfc822; {final}", f"Action: {action}", f"Status: {status}", *more]
    return "\n".join([*lines, f"Diagnostic-Code: smtp; {diagnostic}"] if diagnostic else lines)


def report(sender: str, subject: str, text: str, block: str, *more: str, mta: str = "mx.legis.example") -> str:
    """RFC 3464, with the letter behind it."""
    types, body = multipart(
        "multipart/report; report-type=delivery-status",
        ("text/plain; charset=us-ascii", text),
        ("message/delivery-status", f"Reporting-MTA: dns; {mta}\n\n{block}\n"),
        ("message/rfc822", LETTER),
    )
    return head(sender, subject, *more, types) + body


def postfix(status: str, diagnostic: str, final: str = TO, action: str = "failed") -> str:
    text = f"This is the mail system at host mx.\n\n<{final}>: host mx[192.0.2.10] said: {diagnostic}"
    block = fields(status, diagnostic, final, action, f"Original-Recipient: rfc822;{TO}")
    subject = "Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)"
    return report(
        "MAILER-DAEMON@mx.example (Mail Delivery System)", subject, text, block, "Auto-Submitted: auto-replied"
    )


def postfix_notice(reason: str) -> str:
    """The text alone, as some gateway passes it on."""
    text = f"This is the mail system at host mx.\n\nThe message could not be delivered.\n\n{reason}\n"
    return plain("MAILER-DAEMON@mx.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", text)


def exchange(status: str, diagnostic: str, *, sender: str = "postmaster@legis.example") -> str:
    text = "Your message to rep.sample couldn't be delivered. Here is what you can do."
    subject = "Undeliverable: Oppose AB 969 - a constituent in 53703"
    return report(
        f"Microsoft Outlook <{sender}>", subject, text, fields(status, diagnostic), "X-MS-Exchange-Message-Is-Ndr:"
    )


def google(status: str, diagnostic: str, action: str = "failed") -> str:
    text = f"** Message not delivered **\n\nThe response from the remote server was:\n\n{diagnostic}"
    return report(
        "Mail Delivery Subsystem <mailer-daemon@mail.example>",
        f"Delivery Status Notification ({'Failure' if action == 'failed' else 'Delay'})",
        text,
        fields(status, diagnostic, TO, action),
        "Auto-Submitted: auto-replied",
        f"X-Failed-Recipients: {TO}" if action == "failed" else "X-Note: none",
    )


def sendmail(status: str, reason: str, *, final: str = TO, actual: str = "", action: str = "failed") -> str:
    text = (
        "The original message was received at Wed, 4 Mar 2026\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{final}>\n    (reason: {reason})\n\n"
        f"   ----- Transcript of session follows -----\n>>> RCPT To:<{final}>\n<<< {reason}\n"
    )
    more = [f"X-Actual-Recipient: rfc822; {actual}"] if actual else []
    block = fields(status, reason, final, action, *more)
    subject = "Returned mail: see transcript for details" if action == "failed" else "Warning: could not send message"
    return report("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", subject, text, block)


def exim(reason: str, *, diagnostic: str = "", address: str = TO, parent: str = "") -> str:
    """The report names an alias's own address, and the text the one behind it."""
    generated = f"    (generated from {parent})\n" if parent else ""
    text = (
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        f"recipients. This is a permanent error.\n\n  {address}\n{generated}    {reason}\n"
    )
    return report(
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Mail delivery failed: returning message to sender",
        text,
        fields("5.0.0", diagnostic, parent or address),
        f"X-Failed-Recipients: {parent or address}",
        "Auto-Submitted: auto-replied",
    )


def exim_of_old(reason: str) -> str:
    text = (
        "This message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n"
        f"  {TO}\n    {reason}\n\n------ This is a copy of the message, including all the headers. ------\n\n{LETTER}"
    )
    sender = "Mail Delivery System <Mailer-Daemon@mx.example>"
    return plain(sender, "Mail delivery failed: returning message to sender", text, f"X-Failed-Recipients: {TO}")


def opensmtpd(reason: str, subject: str = "Delivery status notification: failed", action: str = "failed") -> str:
    text = f"    An error has occurred for these recipients:\n\n{TO}: {reason}\n\n    Below is a copy of the message:\n"
    types, body = multipart(
        "multipart/mixed",
        ("text/plain; charset=us-ascii", text),
        ("message/delivery-status", f"Reporting-MTA: dns; mx.example\n\n{fields('5.0.0', '', TO, action)}\n"),
        ("text/rfc822-headers", HEADERS),
    )
    return head("Mailer Daemon <MAILER-DAEMON@mx.example>", subject, types) + body


def courier(reply: str, status: str = "5.0.0") -> str:
    text = f"  UNDELIVERABLE MAIL\n\n<{TO}>:\n     [192.0.2.10]:\n >>> RCPT TO:<{TO}>\n <<< {reply}\n"
    return report("mailer-daemon@", "NOTICE: mail delivery status.", text, fields(status, reply))


def qmail(reason: str) -> str:
    text = (
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n"
        f"This is a permanent error; I've given up.\n\n<{TO}>:\n{reason}\n\n"
        f"--- Below this line is a copy of the message.\n\n{LETTER}"
    )
    return plain("MAILER-DAEMON@mx.example", "failure notice", text)


def haraka(status: str, reply: str) -> str:
    text = f"I'm sorry to inform you that your message could not be delivered.\n\n<{TO}>: {reply}\n"
    return report(
        "MAILER-DAEMON@mx.example", "failed mail delivery", text, fields(status, reply), "Auto-Submitted: auto-replied"
    )


def service(sender: str, status: str, diagnostic: str, text: str = "An error occurred while trying to deliver.") -> str:
    """A service's report: SES, Proofpoint, GoDaddy, Comcast."""
    return report(sender, "Delivery Status Notification (Failure)", f"{text}\n{TO}", fields(status, diagnostic))


def prose(
    sender: str, subject: str, reason: str, before: str = "Your message could not be delivered to", copy: str = ""
) -> str:
    """A service that writes no report: Mimecast's postmaster, Barracuda, Zoho, Yahoo, T-Online, 163."""
    marker = copy or "----- Original message -----"
    return plain(
        sender, subject, f"{before}\n\n<{TO}>:\n{reason}\n\n{marker}\n\n{LETTER}", "Auto-Submitted: auto-replied"
    )


def bare_report(sender: str, reason: str, path: str = "<MAILER-DAEMON@mx.example>") -> str:
    """multipart/report without a block of fields for its recipient."""
    types, body = multipart(
        "multipart/report",
        ("text/plain", f"We could not deliver to\n\n   {TO}\n\n{reason}\n"),
        ("message/rfc822", LETTER),
    )
    return head(sender, "Could not be delivered", types, path=path) + body


def feedback(kind: str, *more: str) -> str:
    types, body = multipart(
        "multipart/report; report-type=feedback-report",
        ("text/plain", "This is a report of a mail system."),
        (
            "message/feedback-report",
            "\n".join([f"Feedback-Type: {kind}", "User-Agent: Reporter/1", "Version: 1", *more]) + "\n",
        ),
        ("text/rfc822-headers", HEADERS),
    )
    return head("reports@legis.example", "A report", types, path="<reports@legis.example>") + body


def junk_pressed(letter: str, mark: str = f"X-HmXmrOriginalRecipient: <{TO}>\n") -> str:
    """What Outlook.com's Junk Mail Reporting attaches: the letter alone, with its mark at the letter's head."""
    types, body = multipart("multipart/mixed", ("message/rfc822", mark + letter))
    subject = "complaint about message from 192.0.2.10"
    return head("staff@hotmail.com", subject, types, path="<staff@hotmail.com>") + body


def junk_as_it_came(letter: str) -> str:
    """The other form that can be chosen there: the letter as it came."""
    arrived = f"Return-Path: <staff@hotmail.com>\nDelivered-To: {RETURN_PATH}\n"
    return f"{arrived}X-HmXmrOriginalRecipient: <{TO}>\n{letter}"


def answer(subject: str, text: str, *more: str, path: str = "<rep.sample@legis.example>") -> str:
    return plain('"Sample, Lara" <rep.sample@legis.example>', subject, text, *more, path=path)


def receipt(reason: str) -> str:
    """A refusal as a receipt (RFC 8098), which is how a Sieve script refuses (RFC 5429 2.1.2)."""
    types, body = multipart(
        "multipart/report; report-type=disposition-notification",
        ("text/plain; charset=utf-8", f"Your message to <{TO}> was automatically rejected:\n{reason}"),
        (
            "message/disposition-notification",
            f"Final-Recipient: rfc822; {TO}\nDisposition: automatic-action/MDN-sent-automatically; deleted\n",
        ),
        ("message/rfc822", LETTER),
    )
    return (
        head("postmaster@mx.legis.example", "Automatically rejected mail", types, "Auto-Submitted: auto-replied") + body
    )


def read_receipt() -> str:
    types, body = multipart(
        "multipart/report; report-type=disposition-notification",
        ("text/plain", "Your message was read on Wednesday."),
        (
            "message/disposition-notification",
            f"Final-Recipient: rfc822; {TO}\nDisposition: manual-action/MDN-sent-manually; displayed\n",
        ),
    )
    return head("Rep. Sample <rep.sample@legis.example>", "Read: Oppose AB 969", types) + body

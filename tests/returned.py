"""Mails that come back, written for these tests after what mail servers and people send. All names are made up."""

from __future__ import annotations

TO = "rep.sample@legis.example"
RETURN_PATH = "b+token@act.example.org"

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: by mail.act.example.org (Postfix) id 4F1; Wed,  4 Mar 2026 15:20:01 +0000 (UTC)
Date: Wed,  4 Mar 2026 15:20:01 +0000 (UTC)
From: MAILER-DAEMON@mail.act.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F1.1772637601/mail.act.example.org"
Message-Id: <20260304152001.4F1@mail.act.example.org>

This is a MIME-encapsulated message.

--4F1.1772637601/mail.act.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.act.example.org.

<{recipient}>: host mx.legis.example[192.0.2.10] said: {diagnostic}
    (in reply to RCPT TO command)

--4F1.1772637601/mail.act.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.act.example.org
X-Postfix-Queue-ID: 4F1
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Wed,  4 Mar 2026 15:12:06 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.legis.example
Diagnostic-Code: smtp; {diagnostic}

--4F1.1772637601/mail.act.example.org
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Mai Example via Example Org <letters@act.example.org>
Reply-To: Mai Example <mai@example.org>
To: Rep. Sample <{recipient}>
Subject: Oppose AB 969 - a constituent in 53703

--4F1.1772637601/mail.act.example.org--
"""

EXCHANGE = """\
From: Microsoft Outlook <postmaster@legis.example>
To: <{to}>
Date: Wed, 4 Mar 2026 15:20:03 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="_a1_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-US
Message-ID: <ndr-1@legis.example>
Subject: Undeliverable: Oppose AB 969 - a constituent in 53703
Auto-Submitted: auto-replied
Return-Path: <>
MIME-Version: 1.0

--_a1_
Content-Type: multipart/alternative; differences=Content-Type; boundary="_b2_"

--_b2_
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message to rep.sample couldn't be delivered.</p></body></html>

--_b2_--
--_a1_
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.legis.example
Received-From-MTA: dns;mail.act.example.org
Arrival-Date: Wed, 4 Mar 2026 15:12:06 +0000

Final-Recipient: rfc822;{recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp;{diagnostic}
X-Display-Name: Rep.Sample

--_a1_
Content-Type: message/rfc822

From: Mai Example via Example Org <letters@act.example.org>
Subject: Oppose AB 969 - a constituent in 53703

Dear Representative Sample
--_a1_--
"""

GMAIL = """\
Return-Path: <>
To: {to}
From: Mail Delivery Subsystem <mailer-daemon@mail.example>
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000aa"; report-type=delivery-status
X-Failed-Recipients: {recipient}

--000000000000aa
Content-Type: multipart/related; boundary="000000000000bb"

--000000000000bb
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--000000000000bb--
--000000000000aa
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Wed, 04 Mar 2026 07:12:06 -0800 (PST)

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.legis.example. (192.0.2.10, the server for the domain
 legis.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please
 550-5.1.1 try double-checking the recipient's email address for typos.
 550 5.1.1 NoSuchUser
Last-Attempt-Date: Wed, 04 Mar 2026 07:12:07 -0800 (PST)

--000000000000aa
Content-Type: message/rfc822

Subject: Oppose AB 969

--000000000000aa--
"""

EXIM = """\
Return-path: <>
Envelope-to: {to}
X-Failed-Recipients: {recipient}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.legis.example>
To: {to}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {recipient}
    550 5.1.1 no such person at this address
"""

QMAIL = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.legis.example
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mx.legis.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{recipient}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: Oppose AB 969
"""

OUT_OF_OFFICE = """\
Return-Path: <>
Delivered-To: {to}
Received: from mx.legis.example by mail.act.example.org; Wed, 4 Mar 2026 15:20:03 +0000
From: "Sample, Lara" <{sender}>
To: "{to}" <{to}>
Subject: Automatic reply: Oppose AB 969 - a constituent in 53703
Date: Wed, 4 Mar 2026 15:13:00 +0000
X-Auto-Response-Suppress: All
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Thank you for contacting my office. We read every letter.

Your mail to {to} was received.
"""

VACATION = """\
Return-Path: <rep.sample@legis.example>
Delivered-To: {to}
From: rep.sample@legis.example
To: {to}
Subject: Away until Monday
Auto-Submitted: auto-replied (vacation)
Precedence: bulk

I am away until Monday.
"""

REPLY = """\
Return-Path: <aide@legis.example>
X-Original-To: {to}
Delivered-To: returns@act.example.org
Received: from mx.legis.example (mx.legis.example [192.0.2.10]) by mail.act.example.org; Wed, 4 Mar 2026 17:00:00 +0000
From: Aide Example <{sender}>
To: {to}
Subject: Re: Oppose AB 969 - a constituent in 53703
Date: Wed, 4 Mar 2026 17:00:00 +0000
Message-ID: <reply-1@legis.example>
X-Internal-Route: secret
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="mix"

--mix
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Mai,

the representative will vote no. =E1=9E=9F=E1=9E=BD=E1=9E=9F=E1=9F=92=E1=9E=8F=E1=9E=B8

On Wed, 4 Mar 2026, <{to}> wrote:
> Please vote no.

--mix
Content-Type: application/pdf; name="statement.pdf"
Content-Disposition: attachment; filename="statement.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK

--mix--
"""

HTML_REPLY = """\
Return-Path: <aide@legis.example>
Delivered-To: {to}
From: Aide Example <aide@legis.example>
To: {to}
Subject: =?utf-8?q?Re=3A_your_letter?=
MIME-Version: 1.0
Content-Type: text/html; charset="windows-1252"

<html><head><style>p {{ color: red }}</style></head><body><p>Thank you, Mai.</p>
<p>We&rsquo;ll be in touch.<img src="https://track.example/1.gif"></p><script>alert(1)</script></body></html>
"""

ABUSE = """\
Return-Path: <feedback@legis.example>
Delivered-To: {to}
From: <feedback@legis.example>
To: {to}
Subject: FW: Oppose AB 969
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="arf"

--arf
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--arf
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1

--arf
Content-Type: message/rfc822

Subject: Oppose AB 969

--arf--
"""

GLOBAL = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.legis.example
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="g"

--g
Content-Type: text/plain

No.

--g
Content-Type: message/global-delivery-status

Reporting-MTA: dns; mx.legis.example

Final-Recipient: utf-8; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown

--g--
"""

SPEECHLESS = """\
Return-Path: <>
Delivered-To: {to}
From: Mail System <mailer-daemon@mx.legis.example>
To: {to}
Subject: Notice

Something happened to something.
"""


def mail(template: str, **values: str) -> bytes:
    """A sample as bytes with CRLF line ends."""
    filled = template.format(
        **{
            "to": RETURN_PATH,
            "recipient": TO,
            "sender": "aide@legis.example",
            "action": "failed",
            "status": "5.1.1",
            "diagnostic": "550 5.1.1 User unknown",
            **values,
        }
    )
    return filled.replace("\n", "\r\n").encode()


def report(action: str, status: str, diagnostic: str, **values: str) -> bytes:
    return mail(POSTFIX, action=action, status=status, diagnostic=diagnostic, **values)

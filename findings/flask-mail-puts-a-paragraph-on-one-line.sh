#!/usr/bin/env bash
# A letter with one long paragraph is not sent: its line is longer than mail may have.
#
# Flask-Mail 0.10.0 with Flask 3.1.3, redmail 0.6.0 and Django 5.2.19 beside it, aiosmtpd 1.4.6 as the server; run on 2026-11-29.
# Guess: a paragraph of 1,100 letters, which people write without line ends, is encoded as quoted-printable or base64, or
#        broken, for a line of mail has 998 letters at most (RFC 5322, section 2.1.1).
# Seen:  it goes out as one line, marked 7bit, or 8bit where other letters than ASCII are in it. A server that keeps to the
#        limit answers 500 behind the whole letter; one that breaks the line breaks a DKIM signature with it. The other two
#        encode it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Flask==3.1.3 Flask-Mail==0.10.0 redmail==0.6.0 \
    Django==5.2.19 aiosmtpd==1.4.6
cd "$folder"
cat >send.py <<'PYTHON'
import smtplib
import socket

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.conf import settings
from django.core.mail import EmailMessage
from flask import Flask
from flask_mail import Mail, Message
from redmail import EmailSender

settings.configure()
SENDER, RECIPIENT = "org@example.org", "rep@example.org"
TEXTS = {"English": "I ask you to vote for it. " * 42, "Lao": "ຂໍໃຫ້ທ່ານລົງຄະແນນສຽງ " * 42}
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
app = Flask("letters")
app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
mail = Mail(app)


def by_flask_mail(text):
    with app.app_context():
        return Message("SB 12", sender=SENDER, recipients=[RECIPIENT], body=text).as_bytes()


def by_redmail(text):
    sender = EmailSender(host="127.0.0.1", port=port)
    return sender.get_message(subject="SB 12", sender=SENDER, receivers=[RECIPIENT], text=text).as_bytes()


def by_django(text):
    return EmailMessage("SB 12", text, SENDER, [RECIPIENT]).message().as_bytes()


for make in (by_flask_mail, by_redmail, by_django):
    for language, text in TEXTS.items():
        lines = make(text).splitlines()
        encoding = next(line for line in lines if line.startswith(b"Content-Transfer-Encoding")).decode().split(": ")[1]
        print(make.__name__, language, encoding, "too long" if max(map(len, lines)) > 998 else "fits")
controller = Controller(Sink(), hostname="127.0.0.1", port=port)
controller.start()
try:
    with app.app_context():
        mail.send(Message("SB 12", sender=SENDER, recipients=[RECIPIENT], body=TEXTS["English"]))
except smtplib.SMTPDataError as refusal:
    print(refusal.smtp_code, refusal.smtp_error.decode())
controller.stop()
PYTHON
diff <(venv/bin/python -W ignore send.py | tee -a /dev/stderr) - <<'SEEN'
by_flask_mail English 7bit too long
by_flask_mail Lao 8bit too long
by_redmail English quoted-printable fits
by_redmail Lao base64 fits
by_django English quoted-printable fits
by_django Lao quoted-printable fits
500 Line too long (see RFC5321 4.5.3.1.6)
SEEN

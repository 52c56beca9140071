#!/usr/bin/env bash
# A letter to "Smith, Pat" is sent to `Smith`, and to nobody else.
#
# django-post_office 3.12.0 with Django 5.2.19, envelope 2.5.0; redmail 0.6.0 and django-mailer 2.3.2 beside them, aiosmtpd 1.4.6
# as the server; run on 2026-11-29.
# Guess: `"Smith, Pat" <pat@example.org>` is one recipient: the comma stands in quotes (RFC 5322, section 3.4).
# Seen:  django-post_office keeps a letter's recipients as one text with commas between them, and cuts it at every comma when it
#        reads it again; envelope reads the address, writes it without its quotes and reads it once more. RCPT TO is `Smith` by
#        both, pat@example.org gets nothing, and where the server takes a name without a domain both say that the letter was
#        sent. The other two send it to pat@example.org.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Django==5.2.19 django-post_office==3.12.0 \
    django-mailer==2.3.2 envelope==2.5.0 redmail==0.6.0 aiosmtpd==1.4.6
cd "$folder"
cat >send.py <<'PYTHON'
import logging
import socket

import django
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.management import call_command

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "queue.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=PORT,
    INSTALLED_APPS=["post_office", "mailer"],
    LOGGING_CONFIG=None,
    MAILER_EMAIL_BACKEND=BACKEND,
    POST_OFFICE={"BACKENDS": {"default": BACKEND}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()
logging.disable()
call_command("migrate", verbosity=0)

import mailer
from envelope import Envelope
from mailer.engine import send_all
from post_office import mail as post_office
from redmail import EmailSender

SENDER, RECIPIENT = "org@example.org", '"Smith, Pat" <pat@example.org>'


class Server:
    recipients = ()

    async def handle_DATA(self, server, session, envelope):
        self.recipients = envelope.rcpt_tos
        return "250 OK"


def by_post_office():
    post_office.send([RECIPIENT], SENDER, subject="SB 12", message="Hello")
    sent, failed, _ = post_office.send_queued(processes=1)
    return (sent, failed) == (1, 0)


def by_envelope():
    letter = Envelope("Hello").subject("SB 12").from_(SENDER).to(RECIPIENT)
    return bool(letter.smtp("127.0.0.1", PORT).send())


def by_redmail():
    sender = EmailSender(host="127.0.0.1", port=PORT, use_starttls=False)
    sender.send(subject="SB 12", sender=SENDER, receivers=[RECIPIENT], text="Hello")
    return True


def by_mailer():
    mailer.send_mail("SB 12", "Hello", SENDER, [RECIPIENT])
    send_all()
    return True


server = Server()
controller = Controller(server, hostname="127.0.0.1", port=PORT)
controller.start()
for send in (by_post_office, by_envelope, by_redmail, by_mailer):
    server.recipients = ()
    print(f"{send.__name__}: sent {send()}, recipients", *server.recipients)
controller.stop()
PYTHON
diff <(venv/bin/python -W ignore send.py | tee -a /dev/stderr) - <<'SEEN'
by_post_office: sent True, recipients Smith
by_envelope: sent True, recipients Smith
by_redmail: sent True, recipients pat@example.org
by_mailer: sent True, recipients pat@example.org
SEEN

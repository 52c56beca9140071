#!/usr/bin/env bash
# The plain text of a letter greets "Rep. O&#x27;Neil".
#
# django-post_office 3.12.0, Django 5.2.19; run on 2026-11-29.
# Guess: names are escaped where they are put into the letter's HTML, and stand as they are in its subject and its plain text,
#        which are no HTML.
# Seen:  all three are filled in as HTML. An apostrophe, an ampersand or a quotation mark in a name or a bill's title reaches
#        the reader of the plain text, and the list of subjects in every inbox, as `&#x27;`, `&amp;` and `&quot;`. What the
#        caller wrote himself, and did not fill in, is left.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Django==5.2.19 django-post_office==3.12.0
cd "$folder"
cat >send.py <<'PYTHON'
import logging

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "queue.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["post_office"],
    LOGGING_CONFIG=None,
    POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()
logging.disable()
call_command("migrate", verbosity=0)

from django.core import mail
from post_office import mail as post_office

mail.outbox = []
post_office.send(
    ["rep@example.org"],
    "org@example.org",
    subject="{{ bill }} & Rep. {{ name }}",
    message="Dear Rep. {{ name }}, vote for {{ bill }} & Co.",
    html_message="<p>Dear Rep. {{ name }}</p>",
    context={"name": "O'Neil", "bill": "Parks & Trails"},
)
post_office.send_queued(processes=1)
letter = mail.outbox.pop()
print(letter.subject, letter.body, letter.alternatives[0][0], sep="\n")
assert letter.subject == "Parks &amp; Trails & Rep. O&#x27;Neil", letter.subject
assert letter.body == "Dear Rep. O&#x27;Neil, vote for Parks &amp; Trails & Co.", letter.body
assert letter.alternatives[0][0] == "<p>Dear Rep. O&#x27;Neil</p>"
PYTHON
venv/bin/python send.py

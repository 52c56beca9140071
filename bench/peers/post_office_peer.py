"""django-post_office on SQLite (synchronous=FULL). python post_office_peer.py PORT LETTERS FOLDER"""

from __future__ import annotations

import logging
import sys
import time

import django
from common import BODY, report
from django.conf import settings

port, letters, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
settings.configure(
    SECRET_KEY="bench",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{folder}/post_office.sqlite3",
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
            },
        }
    },
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=port,
    POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}},
)
django.setup()
logging.disable(logging.CRITICAL)
from django.core.management import call_command  # noqa: E402
from post_office.mail import send_queued  # noqa: E402
from post_office.models import PRIORITY, STATUS, Email  # noqa: E402

call_command("migrate", verbosity=0)
Email.objects.bulk_create(
    Email(
        from_email="letters@act.example.org",
        to=f"rep.{number % 132}@legis.example",
        subject="Oppose AB 969 - a constituent in 53703",
        message=BODY,
        status=STATUS.queued,
        priority=PRIORITY.medium,
    )
    for number in range(letters)
)
start = time.monotonic()
while Email.objects.filter(status=STATUS.queued).exists():
    send_queued(processes=1)
end = time.monotonic()
print(report(start, end, Email.objects.filter(status=STATUS.sent).count()))

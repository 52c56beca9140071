"""The form as Django's own guides lead to it: the ORM, its forms and sessions, and django-post_office for the mail.

The same five requests and pages as `bare_form`; durable as ours is. The draft is Django's session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TEMPLATES = {
    "base.html": """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{% block title %}{% endblock %}</title><link rel="stylesheet" href="/static/site.css"></head>
<body><header>Example Org</header><main>{% block main %}{% endblock %}</main><footer>Contact</footer></body></html>""",
    "page.html": """{% extends "base.html" %}{% block title %}{{ c.title }}{% endblock %}
{% block main %}<h1>{{ c.title }}</h1><p>{{ c.bill }}</p>{{ c.summary|linebreaks }}
<p>{{ c.supporters }} people have written so far.</p><form method="post">{% csrf_token %}
{{ form.as_div }}<button>Continue</button></form>{% endblock %}""",
    "letter.html": """{% extends "base.html" %}{% block title %}Your letter{% endblock %}
{% block main %}<h1>Your letter</h1><ul>
{% for t in targets %}<li>{{ t.name }}, {{ t.chamber }} {{ t.district }}</li>{% endfor %}
</ul><form method="post">{% csrf_token %}{{ form.as_div }}
{% for t in targets %}<details><summary>Letter to {{ t.name }}</summary><pre>Dear {{ t.name }},

{{ form.body.value }}</pre></details>{% endfor %}<button>Send</button></form>{% endblock %}""",
    "receipt.html": """{% extends "base.html" %}{% block title %}Queued{% endblock %}{% block main %}
<p>Thank you, {{ action.name }}.</p><ul>{% for m in letters %}<li>{{ m.target }}: {{ m.mail.get_status_display }}
<pre>{{ m.mail.subject }}

{{ m.mail.message }}</pre></li>{% endfor %}</ul>{% endblock %}""",
}


def create_app(folder: str, texts: dict[str, str], zip_codes: list[str]) -> Callable[..., Any]:
    import django
    from django.conf import settings

    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{folder}/django.sqlite3",
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "transaction_mode": "IMMEDIATE",
        },
        "CONN_MAX_AGE": None,  # kept, as the others keep theirs
    }
    loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", TEMPLATES)])]
    settings.configure(
        SECRET_KEY="0123456789abcdef" * 4,
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        ROOT_URLCONF="django_form.views",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.sessions", "post_office", "django_form"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": loaders}}],
        DATABASES={"default": database},
        EMAIL_BACKEND="post_office.EmailBackend",
        SEATS={code: (str(number % 33 + 1), str(number % 99 + 1)) for number, code in enumerate(zip_codes)},
    )
    django.setup()
    _fill(texts)
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def _fill(texts: dict[str, str]) -> None:
    from django.core.management import call_command

    from django_form.models import Campaign, Legislator

    call_command("migrate", verbosity=0, run_syncdb=True)
    words = {"slug": texts["slug"], "title": "Keep armed police out of schools", "bill": "AB 969"}
    Campaign.objects.create(**words, summary=texts["summary"], subject=texts["subject"], body=texts["body"])
    for chamber, count in (("upper", 33), ("lower", 99)):
        Legislator.objects.bulk_create(
            Legislator(
                chamber=chamber,
                district=str(number),
                name=f"Sample {chamber} {number}",
                email=f"{chamber}.{number}@legis.example",
            )
            for number in range(1, count + 1)
        )

"""The bare form: Flask, Flask-WTF and sqlite3, five requests, the same rows, and nothing else that ActionMail does.

One table of ZIP codes in memory, texts in the database, drafts between the steps, one transaction at the end; durable
as ours is (WAL, synchronous=FULL).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from flask import Flask, g, redirect, render_template, session, url_for
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

TABLES = """
CREATE TABLE campaigns (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, title TEXT, bill TEXT, summary TEXT, subject TEXT,
    body TEXT, supporters INTEGER NOT NULL DEFAULT 0);
CREATE TABLE legislators (id INTEGER PRIMARY KEY, chamber TEXT, district TEXT, name TEXT, email TEXT);
CREATE UNIQUE INDEX seats ON legislators (chamber, district);
CREATE TABLE drafts (key TEXT PRIMARY KEY, campaign_id INTEGER, content TEXT, updated_at REAL);
CREATE TABLE actions (id INTEGER PRIMARY KEY, campaign_id INTEGER, draft_key TEXT, token TEXT UNIQUE, name TEXT,
    email TEXT, zip TEXT, city TEXT, consent TEXT, created_at REAL, UNIQUE (campaign_id, draft_key));
CREATE TABLE messages (id INTEGER PRIMARY KEY, action_id INTEGER, legislator_id INTEGER, supporter TEXT, target TEXT,
    recipient TEXT, subject TEXT, state TEXT, message_id TEXT UNIQUE, sha256 TEXT, created_at REAL,
    UNIQUE (supporter, legislator_id));
CREATE INDEX messages_of_action ON messages (action_id);
CREATE TABLE frozen_letters (message_id INTEGER PRIMARY KEY, raw BLOB);
CREATE TABLE events (id INTEGER PRIMARY KEY, message_id INTEGER, at REAL, state TEXT);
"""
BASE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
<link rel="stylesheet" href="{{ url_for('static', filename='site.css') }}"></head><body><header>Example Org</header>
<main>{% block main %}{% endblock %}</main><footer>Contact</footer></body></html>"""
FIELD = """{% macro field(f) %}<div>{{ f.label }}{% for e in f.errors %}<p>{{ e }}</p>{% endfor %}{{ f }}</div>
{% endmacro %}"""
PAGE = """{% extends "base.html" %}{% from "field.html" import field %}{% block title %}{{ c.title }}{% endblock %}
{% block main %}<h1>{{ c.title }}</h1><p>{{ c.bill }}</p>
{% for p in c.summary.split("\n\n") %}<p>{{ p }}</p>{% endfor %}
<p>{{ c.supporters }} people have written so far.</p><form method="post">{{ form.csrf_token }}
{{ field(form.name) }}{{ field(form.email) }}{{ field(form.zip) }}{{ field(form.street) }}{{ field(form.city) }}
{{ field(form.phone) }}<button>Continue</button></form>{% endblock %}"""
LETTER = """{% extends "base.html" %}{% from "field.html" import field %}{% block title %}Your letter{% endblock %}
{% block main %}<h1>Your letter</h1><ul>
{% for t in targets %}<li>{{ t.name }}, {{ t.chamber }} {{ t.district }}</li>{% endfor %}
</ul><form method="post">{{ form.csrf_token }}{{ field(form.personal) }}{{ field(form.subject) }}{{ field(form.body) }}
{% for t in targets %}<details><summary>Letter to {{ t.name }}</summary><pre>Dear {{ t.name }},

{{ form.body.data }}</pre></details>{% endfor %}
{{ field(form.consent) }}{{ field(form.updates) }}<button>Send</button></form>{% endblock %}"""
RECEIPT = """{% extends "base.html" %}{% block title %}Queued{% endblock %}{% block main %}
<p>Thank you, {{ action.name }}.</p><ul>{% for m in messages %}<li>{{ m.target }}: {{ m.state }}
<pre>{{ m.subject }}

{{ m.raw.decode() }}</pre></li>{% endfor %}</ul>{% endblock %}"""
TEMPLATES = {"base.html": BASE, "field.html": FIELD, "page.html": PAGE, "letter.html": LETTER, "receipt.html": RECEIPT}


class WhoForm(FlaskForm):
    name = StringField("Full name", validators=[DataRequired(), Length(max=120)])
    email = StringField("E-mail address", validators=[DataRequired(), Length(max=254)])
    zip = StringField("ZIP code", validators=[DataRequired(), Length(max=20)])
    street = StringField("Street", validators=[Length(max=200)])
    city = StringField("City", validators=[Length(max=120)])
    phone = StringField("Phone", validators=[Length(max=40)])


class LetterForm(FlaskForm):
    personal = TextAreaField("Why does this matter to you?", validators=[Length(max=2000)])
    subject = StringField("Subject", validators=[DataRequired(), Length(max=200)])
    body = TextAreaField("Your letter", validators=[DataRequired(), Length(max=5000)])
    consent = BooleanField("Send this in my name", validators=[DataRequired()])
    updates = BooleanField("E-mail me updates")


def create_app(folder: str, texts: dict[str, str], zip_codes: list[str]) -> Flask:
    app = Flask("bare_form")
    app.config.update(SECRET_KEY="0123456789abcdef" * 4, SESSION_COOKIE_SAMESITE="Lax")
    app.jinja_loader = DictLoader(TEMPLATES)
    CSRFProtect(app)
    path = f"{folder}/bare.sqlite3"
    seats = {code: (str(number % 33 + 1), str(number % 99 + 1)) for number, code in enumerate(zip_codes)}
    _fill(path, texts)
    connection = _open(path)

    def campaign_of(slug: str) -> sqlite3.Row:
        found = connection.execute("SELECT * FROM campaigns WHERE slug = ?", (slug,)).fetchone()
        g.campaign = found
        return found

    def draft_of(campaign: sqlite3.Row) -> dict[str, Any]:
        key = session.get("draft", "")
        row = connection.execute("SELECT content FROM drafts WHERE key = ?", (key,)).fetchone()
        return json.loads(row["content"]) if row else {}

    def targets_of(draft: dict[str, Any]) -> list[sqlite3.Row]:
        upper, lower = seats[draft["zip"]]
        query = "SELECT * FROM legislators WHERE (chamber, district) IN (('upper', ?), ('lower', ?)) ORDER BY id"
        return connection.execute(query, (upper, lower)).fetchall()

    @app.get("/campaigns/<slug>")
    def page(slug: str) -> Any:
        campaign = campaign_of(slug)
        return render_template("page.html", c=campaign, form=WhoForm(data=draft_of(campaign)))

    @app.post("/campaigns/<slug>")
    def who(slug: str) -> Any:
        campaign, form = campaign_of(slug), WhoForm()
        if not form.validate() or form.zip.data not in seats:
            return render_template("page.html", c=campaign, form=form), 400
        key = secrets.token_urlsafe(24)
        content = {name: form[name].data for name in ("name", "email", "zip", "street", "city", "phone")}
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            row = (key, campaign["id"], json.dumps(content), time.time())
            connection.execute("INSERT INTO drafts VALUES (?, ?, ?, ?)", row)
        session["draft"] = key
        return redirect(url_for("letter", slug=slug), 303)

    @app.get("/campaigns/<slug>/letter")
    def letter(slug: str) -> Any:
        campaign = campaign_of(slug)
        draft = draft_of(campaign)
        texts = {"subject": campaign["subject"].replace("{{ zip }}", draft["zip"]), "body": campaign["body"]}
        return render_template("letter.html", c=campaign, targets=targets_of(draft), form=LetterForm(data=texts))

    @app.post("/campaigns/<slug>/letter")
    def send(slug: str) -> Any:
        campaign = campaign_of(slug)
        draft, form = draft_of(campaign), LetterForm()
        targets = targets_of(draft)
        if not form.validate():
            return render_template("letter.html", c=campaign, targets=targets, form=form), 400
        token = secrets.token_urlsafe(32)
        letters = [(target, *_frozen(draft, target, form)) for target in targets]
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            _keep(connection, campaign, draft, token, letters, form.subject.data)
        session.pop("draft")
        return redirect(url_for("receipt", token=token), 303)

    @app.get("/receipts/<token>")
    def receipt(token: str) -> Any:
        action = connection.execute("SELECT * FROM actions WHERE token = ?", (token,)).fetchone()
        query = "SELECT * FROM messages JOIN frozen_letters ON message_id = messages.id WHERE action_id = ?"
        query = query.replace("ON message_id", "ON frozen_letters.message_id")
        return render_template("receipt.html", action=action, messages=connection.execute(query, (action["id"],)))

    return app


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _fill(path: str, texts: dict[str, str]) -> None:
    connection = _open(path)
    connection.executescript(TABLES)
    words = (
        texts["slug"],
        "Keep armed police out of schools",
        "AB 969",
        texts["summary"],
        texts["subject"],
        texts["body"],
    )
    connection.execute(
        "INSERT INTO campaigns (slug, title, bill, summary, subject, body) VALUES (?, ?, ?, ?, ?, ?)", words
    )
    for chamber, count in (("upper", 33), ("lower", 99)):
        for number in range(1, count + 1):
            row = (chamber, str(number), f"Sample {chamber} {number}", f"{chamber}.{number}@legis.example")
            connection.execute("INSERT INTO legislators (chamber, district, name, email) VALUES (?, ?, ?, ?)", row)
    connection.close()


def _frozen(draft: dict[str, Any], target: sqlite3.Row, form: LetterForm) -> tuple[str, bytes]:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{draft['name']} via Example Org <letters@act.example.org>"
    message["Reply-To"] = draft["email"]
    message["To"] = target["email"]
    message["Subject"] = form.subject.data
    message["Message-ID"] = message_id = f"<{secrets.token_hex(13)}@act.example.org>"
    message.set_content(f"Dear {target['name']},\n\n{form.personal.data}\n\n{form.body.data}\n\n{draft['name']}\n")
    return message_id, message.as_bytes()


def _keep(
    connection: sqlite3.Connection,
    campaign: sqlite3.Row,
    draft: dict[str, Any],
    token: str,
    letters: list[tuple[sqlite3.Row, str, bytes]],
    subject: str,
) -> None:
    now, key = time.time(), session["draft"]
    who = (draft["name"], draft["email"], draft["zip"], draft["city"])
    columns = "campaign_id, draft_key, token, name, email, zip, city, consent, created_at"
    action = connection.execute(
        f"INSERT INTO actions ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (campaign["id"], key, token, *who, "Send this in my name", now),
    ).lastrowid
    columns = "action_id, legislator_id, supporter, target, recipient, subject, state, message_id, sha256, created_at"
    for target, message_id, raw in letters:
        digest = hashlib.sha256(raw).hexdigest()
        row = (action, target["id"], draft["email"], target["name"], target["email"], subject, "queued")
        number = connection.execute(
            f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, message_id, digest, now)
        ).lastrowid
        connection.execute("INSERT INTO frozen_letters VALUES (?, ?)", (number, raw))
        connection.execute("INSERT INTO events (message_id, at, state) VALUES (?, ?, 'queued')", (number, now))
    connection.execute("UPDATE campaigns SET supporters = supporters + 1 WHERE id = ?", (campaign["id"],))
    connection.execute("DELETE FROM drafts WHERE key = ?", (key,))

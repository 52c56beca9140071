"""The form as Flask's own guides lead to it: Flask-SQLAlchemy, Flask-WTF, and Flask-Mail that sends within the request.

The same five requests, pages and rows as `bare_form`; durable as ours is. BENCH_PORT is where a mail server listens.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from typing import Any

from bare_form import TEMPLATES, LetterForm, WhoForm
from flask import Flask, redirect, render_template, session, url_for
from flask_mail import Mail, Message
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from jinja2 import DictLoader
from sqlalchemy import JSON, Engine, ForeignKey, UniqueConstraint, event, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

_WHO = ("name", "email", "zip", "street", "city", "phone")


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
mail = Mail()


class Campaign(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    bill: Mapped[str]
    summary: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    supporters: Mapped[int] = mapped_column(default=0)


class Legislator(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    chamber: Mapped[str]
    district: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    __table_args__ = (UniqueConstraint("chamber", "district"),)


class Draft(db.Model):
    key: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey(Campaign.id))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Action(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey(Campaign.id))
    draft_key: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    zip: Mapped[str]
    city: Mapped[str]
    consent: Mapped[str]
    created_at: Mapped[datetime]
    letters: Mapped[list[Letter]] = relationship()
    __table_args__ = (UniqueConstraint("campaign_id", "draft_key"),)


class Letter(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey(Action.id), index=True)
    legislator_id: Mapped[int] = mapped_column(ForeignKey(Legislator.id))
    supporter: Mapped[str]
    target: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    raw: Mapped[bytes]
    __table_args__ = (UniqueConstraint("supporter", "legislator_id"),)


def create_app(folder: str, texts: dict[str, str], zip_codes: list[str]) -> Flask:
    app = Flask("flask_form")
    app.config.update(
        SECRET_KEY="0123456789abcdef" * 4,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/flask.sqlite3",
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=int(os.environ["BENCH_PORT"]),
        MAIL_DEFAULT_SENDER="letters@act.example.org",
    )
    app.jinja_loader = DictLoader(TEMPLATES)
    CSRFProtect(app)
    event.listen(Engine, "connect", _durable)
    db.init_app(app)
    mail.init_app(app)
    with app.app_context():
        _fill(texts)
    _add_views(app, {code: (str(number % 33 + 1), str(number % 99 + 1)) for number, code in enumerate(zip_codes)})
    return app


def _add_views(app: Flask, seats: dict[str, tuple[str, str]]) -> None:
    def campaign_of(slug: str) -> Campaign:
        found: Campaign = db.first_or_404(db.select(Campaign).filter_by(slug=slug))
        return found

    def draft_of_session() -> dict[str, Any]:
        draft = db.session.get(Draft, session.get("draft", ""))
        return draft.content if draft else {}

    def targets_of(who: dict[str, Any]) -> list[Legislator]:
        upper, lower = seats[who["zip"]]
        theirs = tuple_(Legislator.chamber, Legislator.district).in_([("upper", upper), ("lower", lower)])
        return list(db.session.scalars(db.select(Legislator).where(theirs).order_by(Legislator.id)))

    @app.get("/campaigns/<slug>")
    def page(slug: str) -> Any:
        return render_template("page.html", c=campaign_of(slug), form=WhoForm(data=draft_of_session()))

    @app.post("/campaigns/<slug>")
    def who(slug: str) -> Any:
        campaign, form = campaign_of(slug), WhoForm()
        if not form.validate() or form.zip.data not in seats:
            return render_template("page.html", c=campaign, form=form), 400
        key = secrets.token_urlsafe(24)
        content = {name: form[name].data for name in _WHO}
        db.session.add(Draft(key=key, campaign_id=campaign.id, content=content))
        db.session.commit()
        session["draft"] = key
        return redirect(url_for("letter", slug=slug), 303)

    @app.get("/campaigns/<slug>/letter")
    def letter(slug: str) -> Any:
        campaign, who = campaign_of(slug), draft_of_session()
        texts = {"subject": campaign.subject.replace("{{ zip }}", who["zip"]), "body": campaign.body}
        return render_template("letter.html", c=campaign, targets=targets_of(who), form=LetterForm(data=texts))

    @app.post("/campaigns/<slug>/letter")
    def send(slug: str) -> Any:
        campaign, who, form = campaign_of(slug), draft_of_session(), LetterForm()
        targets = targets_of(who)
        if not form.validate():
            return render_template("letter.html", c=campaign, targets=targets, form=form), 400
        token = _taken(campaign, who, targets, form)
        session.pop("draft")
        return redirect(url_for("receipt", token=token), 303)

    @app.get("/receipts/<token>")
    def receipt(token: str) -> Any:
        action = db.first_or_404(db.select(Action).filter_by(token=token))
        return render_template("receipt.html", action=action, messages=action.letters)


def _taken(campaign: Campaign, who: dict[str, Any], targets: list[Legislator], form: LetterForm) -> str:
    """The letters are with the mail server, or nothing is kept."""
    action = Action(
        campaign_id=campaign.id,
        draft_key=session["draft"],
        token=secrets.token_urlsafe(32),
        consent="Send this in my name",
        created_at=datetime.now(UTC),
        **{name: who[name] for name in ("name", "email", "zip", "city")},
    )
    db.session.add(action)
    with mail.connect() as connection:
        for target in targets:
            message = _message(who, target, form)
            connection.send(message)
            letter = Letter(legislator_id=target.id, supporter=who["email"], target=target.name, state="sent")
            letter.recipient, letter.subject, letter.message_id = target.email, message.subject, message.msgId
            letter.raw = message.as_bytes()
            action.letters.append(letter)
    campaign.supporters = Campaign.supporters + 1
    db.session.delete(db.session.get_one(Draft, session["draft"]))
    db.session.commit()
    return action.token


def _message(who: dict[str, Any], target: Legislator, form: LetterForm) -> Message:
    return Message(
        form.subject.data,
        recipients=[target.email],
        sender=(f"{who['name']} via Example Org", "letters@act.example.org"),
        reply_to=who["email"],
        body=f"Dear {target.name},\n\n{form.personal.data}\n\n{form.body.data}\n\n{who['name']}\n",
    )


def _durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _fill(texts: dict[str, str]) -> None:
    db.create_all()
    words = {"slug": texts["slug"], "title": "Keep armed police out of schools", "bill": "AB 969"}
    db.session.add(Campaign(**words, summary=texts["summary"], subject=texts["subject"], body=texts["body"]))
    for chamber, count in (("upper", 33), ("lower", 99)):
        for number in range(1, count + 1):
            name, address = f"Sample {chamber} {number}", f"{chamber}.{number}@legis.example"
            db.session.add(Legislator(chamber=chamber, district=str(number), name=name, email=address))
    db.session.commit()

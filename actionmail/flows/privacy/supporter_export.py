"""All that is kept of one supporter, for themselves: one JSON document, written piece by piece.

Its shape is in docs/privacy.md. Left out: the tokens and keys by which an action is opened or counted, since whoever is
handed the document might open it with them, and what staff did, which is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation, KnownAddress
from actionmail.db.day_reminders import DayReminder
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.returns import Return
from actionmail.flows.actions import drafts
from actionmail.flows.actions.submitting import supporter_key_of
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import supporters
from actionmail.flows.privacy.supporter_record import mails_of
from actionmail.flows.staff.audit import record
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

FORMAT: Final = "actionmail supporter 1"


def note_export(session: Session, number: int, *, by: int | None, now: datetime) -> bool:
    """Write into the audit trail that the supporter of this action is exported; False where there is no such action."""
    action = session.get(Action, number)
    if action is None:
        return False
    count = len(session.scalars(select(Action.id).where(supporters.theirs(action))).all())
    record(session, AuditAction.SUPPORTER_EXPORTED, ObjectKind.ACTION, number, by=by, now=now, count=count)
    return True


def export(session: Session, number: int, *, secret: str, now: datetime) -> Iterator[bytes]:
    """The document, an action at a time; `session` has to see one moment (`Database.snapshot`). Empty: no such action.

    `secret` is the installation's key, under which an address is remembered.
    """
    action = session.get(Action, number)
    if action is None:
        return
    numbers = session.scalars(select(Action.id).where(supporters.theirs(action)).order_by(Action.id)).all()
    head = {
        "format": FORMAT,
        "exported_at": now.isoformat(),
        "address": action.email,
        **_address(session, action, secret),
    }
    yield _bytes(head)[:-1] + b', "actions": ['
    session.expunge_all()
    for place, action_id in enumerate(numbers):
        yield (b",\n" if place else b"\n") + _bytes(_action(session, session.get_one(Action, action_id)))
        session.expunge_all()
    yield b"\n]}\n"


def _bytes(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _address(session: Session, action: Action, secret: str) -> dict[str, Any]:
    """What is kept of the address beside its actions."""
    known = session.get(KnownAddress, supporter_key_of(action.email, secret))
    typed = []
    for draft in drafts.of_address(session, action.email):
        campaign = session.get_one(Campaign, draft.campaign_id)
        typed.append({"campaign": campaign.slug, "at": draft.updated_at.isoformat(), "typed": draft.values})
    return {"confirmed_at": _instant(known.confirmed_at if known else None), "drafts": typed}


def _action(session: Session, action: Action) -> dict[str, Any]:
    campaign = session.get_one(Campaign, action.campaign_id)
    asked = session.get(Confirmation, action.id)
    of_days = select(DayReminder.day).where(DayReminder.action_id == action.id).order_by(DayReminder.day)
    plain = ("name", "email", "zip", "street", "city", "state", "phone", "language", "source", "wants_updates")
    return {
        "number": action.id,
        "at": _instant(action.created_at),
        "campaign": {"slug": campaign.slug, "title": campaign.title, "kind": campaign.kind},
        **{name: getattr(action, name) for name in plain},
        "how_legislators_were_found": action.lookup,
        "consent": {
            "text": action.consent_text,
            "network_address": action.consent_address,
            "at": _instant(action.created_at),
        },
        "details": action.details,
        "quotable": action.quotable,
        "confirmed": not action.unconfirmed,
        "asked_to_confirm_until": _instant(asked.expires_at if asked else None),
        "taken_back_at": _instant(action.cancelled_at),
        "erased_at": _instant(action.erased_at),
        "not_counted": {"since": _instant(action.invalid_at), "reason": action.invalid_reason},
        "review": {
            "decision": action.review,
            "held_for": action.held_for,
            "reason": action.review_reason,
            "at": _instant(action.reviewed_at),
        },
        "receipt_mailed_at": _instant(action.receipt_mailed_at),
        "copy_by_mail": action.mail_copy,
        "reminded_of_days": list(session.scalars(of_days)),
        "may_be_asked_for_answers": _asking(session, action),
        "letters": _letters(session, action),
        "mails_waiting": _mails(session, action),
    }


def _letters(session: Session, action: Action) -> list[dict[str, Any]]:
    letters = []
    query = select(Message, FrozenLetter).outerjoin(FrozenLetter, FrozenLetter.message_id == Message.id)
    for message, frozen in session.execute(query.where(Message.action_id == action.id).order_by(Message.id)):
        letters.append(
            {
                "number": message.id,
                "to": message.target_name,
                "address": message.recipient,
                "subject": message.subject,
                "text": letter_text(frozen.raw) if frozen else "",
                "state": message.state,
                "message_id": message.message_id,
                "sha256": message.sha256,
                "at": _instant(message.created_at),
                "history": _history(session, message),
                "came_back": _returns(session, message),
                "said_of_an_answer": _said(session, message),
            }
        )
    return letters


def _history(session: Session, message: Message) -> list[dict[str, Any]]:
    """Each change; a person of the staff is told as such, and their words are kept to themselves."""
    steps = []
    for event in session.scalars(select(Event).where(Event.message_id == message.id).order_by(Event.id)):
        words = "" if event.actor_kind in ("staff", "command_line") else event.text
        steps.append(
            {
                "at": _instant(event.at),
                "state": event.to_state,
                "by": event.actor_kind,
                "reason": event.reason_code,
                "smtp_code": event.smtp_code,
                "status": event.enhanced,
                "words": words,
            }
        )
    return steps


def _returns(session: Session, message: Message) -> list[dict[str, Any]]:
    came = []
    for returned in session.scalars(select(Return).where(Return.message_id == message.id).order_by(Return.id)):
        came.append({"at": _instant(returned.at), "kind": returned.kind, "passed_on": returned.forwarded})
    return came


def _asking(session: Session, action: Action) -> dict[str, Any] | None:
    """When they agreed to be asked whether offices answered, and when they were; None where they did not."""
    question = session.get(AnswerQuestion, action.id)
    if question is None:
        return None
    return {"agreed_at": _instant(question.agreed_at), "asked_at": _instant(question.asked_at)}


def _said(session: Session, message: Message) -> dict[str, Any] | None:
    answer = session.get(SaidAnswer, message.id)
    if answer is None:
        return None
    return {"answered": answer.is_answered, "at": _instant(answer.said_at), "words": answer.words}


def _mails(session: Session, action: Action) -> list[dict[str, Any]]:
    """What has not left. Of an office's answer the mail itself; the others have links in them that open the action."""
    mails = []
    for mail in mails_of(session, action):
        text = mail.raw.decode("utf-8", "replace") if mail.kind == supporter_mail.Kind.ANSWER else ""
        mails.append(
            {"kind": mail.kind, "to": mail.recipient, "next_try_at": _instant(mail.next_attempt_at), "mail": text}
        )
    return mails


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

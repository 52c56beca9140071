"""Mailing the link of a receipt once more, to the address on file and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.staff.audit import record
from actionmail.rules import speech
from actionmail.rules.actions import receipt_mail
from actionmail.rules.actions.receipt_mail import ReceiptLink
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings

WAIT: Final = timedelta(minutes=15)  # between two such mails about one action


class Refusal(StrEnum):
    """Why nothing is mailed."""

    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"  # it was erased, or there never was one
    TOO_SOON = "too_soon"


class NotMailed(Exception):
    """Nothing is mailed. `until`: when it can be again, where it was too soon."""

    def __init__(self, refusal: Refusal, until: datetime | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.until = until


def mail_receipt(session: Session, number: int, *, settings: Settings, by: int, now: datetime) -> None:
    """Put the mail among those to supporters. Raises NotMailed.

    The action is locked: of two who ask at once one does it.
    """
    action = session.get(Action, number, with_for_update=True)
    if action is None:
        raise NotMailed(Refusal.UNKNOWN)
    if not action.email:
        raise NotMailed(Refusal.NO_ADDRESS)
    if action.receipt_mailed_at is not None and now < action.receipt_mailed_at + WAIT:
        raise NotMailed(Refusal.TOO_SOON, action.receipt_mailed_at + WAIT)
    action.receipt_mailed_at = now
    with speech.as_kept(action.language):
        raw = _written(session.get_one(Campaign, action.campaign_id), action, settings, now)
    kind = supporter_mail.Kind.RECEIPT
    supporter_mail.put(session, kind, recipient=action.email, raw=raw, due=now, action_id=action.id)
    record(session, AuditAction.RECEIPT_MAILED, ObjectKind.ACTION, number, by=by, now=now)


def _written(campaign: Campaign, action: Action, settings: Settings, now: datetime) -> bytes:
    mail = ReceiptLink(
        campaign=campaign.title,
        organisation=campaign.organisation,
        link=f"{settings.base_url}/receipts/{action.receipt_token}",
    )
    return automatic_mail(
        settings,
        recipient=action.email,
        subject=receipt_mail.subject(mail),
        text=receipt_mail.text(mail),
        date=now,
    )

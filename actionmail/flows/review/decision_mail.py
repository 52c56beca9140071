"""The mail that tells somebody what staff decided on what they looked at first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.rules.actions.reviews import Decision, DecisionLetter, Review
from actionmail.settings import Settings


def decision_of(campaign: Campaign, action: Action, settings: Settings) -> Decision:
    """What is to be told of an action on which staff have decided."""
    return Decision(
        campaign=campaign.title,
        organisation=campaign.organisation,
        link=f"{settings.base_url}/receipts/{action.receipt_token}",
        is_approved=action.review == Review.APPROVED,
        reason=action.review_reason,
    )


def put(session: Session, action: Action, letter: DecisionLetter, *, now: datetime, settings: Settings) -> None:
    """Keep the mail for a worker, in the place of one about an earlier decision that has not left."""
    kind = supporter_mail.Kind.DECISION
    supporter_mail.drop_of_action(session, action.id, (kind,))
    if not action.email:  # its contact was erased
        return
    raw = automatic_mail(settings, recipient=action.email, subject=letter.subject, text=letter.text, date=now)
    supporter_mail.put(session, kind, recipient=action.email, raw=raw, due=now, action_id=action.id)

"""The organisations under a statement: who stands in public, in which order, and correcting one's own by its receipt.

The organisation's place is in the action's details, since it stays where the contact's data is erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.reading import counted, details_of
from actionmail.flows.delivery import supporter_mail
from actionmail.rules.actions.alphabet import organisation_key
from actionmail.rules.actions.likely_duplicates import NamedOrganisation, likely_duplicates
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.kinds.statement import ALPHABET
from actionmail.rules.campaigns.kinds.statement import KIND as STATEMENT

OF_THE_ORGANISATION: Final = ("organisation", "website", "city", "state")

_order_key = lru_cache(maxsize=20_000)(organisation_key)  # some 50 microseconds each


class CannotCorrect(Exception):
    """It was withdrawn or erased, or is no organisation's."""


class Signer(Struct, frozen=True, kw_only=True):
    """What the public sees of an organisation. `website` and `state` may be ""."""

    number: int  # the action's
    organisation: str
    website: str
    city: str
    state: str


def public_signers(session: Session, campaign: Campaign) -> list[Signer]:
    """All that are approved, in the order that the statement's authors chose."""
    query = select(Action.id, Action.details).where(Action.campaign_id == campaign.id, *counted())
    rows = session.execute(query.order_by(Action.reviewed_at, Action.id))
    signers = [signer(row.id, row.details) for row in rows]
    if details_of(campaign)["order"] == ALPHABET:
        signers.sort(key=lambda signatory: _order_key(signatory.organisation, str(signatory.number)))
    return signers


def signer(number: int, details: Mapping[str, Any]) -> Signer:
    """Of an action's details; what they lack is ""."""
    return Signer(number=number, **{key: details.get(key, "") for key in OF_THE_ORGANISATION})


def like(session: Session, campaign_id: int, name: str, website: str) -> list[str]:
    """The names of those in the public list that are likely the organisation of this name."""
    rows = session.execute(
        select(Action.id, Action.details).where(Action.campaign_id == campaign_id, *counted()).order_by(Action.id)
    ).all()
    listed = [signer(row.id, row.details) for row in rows]
    new = NamedOrganisation(identity="", name=name, website=website)
    # First, so that whatever is like it is paired with it.
    pairs = likely_duplicates([new, *map(named, listed)])
    alike = {pair.second for pair in pairs if pair.first == new.identity}
    return [signatory.organisation for signatory in listed if str(signatory.number) in alike]


def named(signatory: Signer) -> NamedOrganisation:
    """As it is looked for among others."""
    return NamedOrganisation(identity=str(signatory.number), name=signatory.organisation, website=signatory.website)


def correct(session: Session, token: str, typed: Mapping[str, str]) -> bool:
    """Change what `typed` holds of OF_THE_ORGANISATION; whether it was anything else before.

    What staff decided, they decided on something else: they look at it again. Raises CannotCorrect.
    """
    action = locked(session, token)
    details = {**action.details, **typed}
    if details == action.details:
        return False
    action.details = details
    action.is_searchable = False  # by these words; the index is made anew
    action.state = details["state"]
    look_again(session, action)
    return True


def locked(session: Session, token: str) -> Action:
    """The action of a receipt, which nobody else changes meanwhile. Raises CannotCorrect."""
    action = session.scalar(
        select(Action)
        .where(Action.receipt_token == token)
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if action is None or not action.review or action.cancelled_at or action.erased_at:
        raise CannotCorrect
    if session.get_one(Campaign, action.campaign_id).kind != STATEMENT.code:  # staff read letters too
        raise CannotCorrect
    return action


def look_again(session: Session, action: Action) -> None:
    """Put an action, locked, back to those that staff look at; a mail about a decision that has not left stays here."""
    action.review = Review.WAITING
    action.review_reason = ""
    action.reviewed_at = None
    supporter_mail.drop_of_action(session, action.id, (supporter_mail.Kind.DECISION,))


def is_correctable(session: Session, token: str) -> Mapping[str, Any] | None:
    """What there is to correct under a receipt's token; None where `correct` would refuse it."""
    query = (
        select(Action.details)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(
            Action.receipt_token == token,
            Campaign.kind == STATEMENT.code,
            Action.review != "",
            Action.cancelled_at.is_(None),
            Action.erased_at.is_(None),
        )
    )
    details: Sequence[Any] = session.scalars(query).all()
    return details[0] if details else None

"""An organisation's signature: one a mailbox, looked at by staff, and asked about where it is likely there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from actionmail.flows.actions import logos, organisations
from actionmail.flows.actions.kinds.kind import Kind
from actionmail.flows.actions.refusals import LikelySigned
from actionmail.rules.speech import mark

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.actions import Action
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.actions.taking import Press


def _ask(session: Session, campaign: Campaign, press: Press) -> None:
    """Raises LikelySigned, unless the contact said that theirs is another one.

    Only those that everybody sees are named: who waits for staff is nobody's business.
    """
    if press.details.get("is_another"):
        return
    like = organisations.like(session, campaign.id, press.details["organisation"], press.details["website"])
    if like:
        raise LikelySigned(like)


def _end(session: Session, action: Action) -> None:
    """Its logo goes with it, and stays where only the contact goes."""
    if action.cancelled_at is not None or action.unconfirmed:
        logos.drop(session, action.id)


def _lasting(details: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation without its contact."""
    return {key: details[key] for key in organisations.OF_THE_ORGANISATION if key in details}


KIND: Final = Kind(
    code="statement",
    did=mark("Somebody, most likely you, signed a statement for an organisation with this e-mail address."),
    is_once=True,
    is_reviewed=True,
    ask=_ask,
    end=_end,
    lasting=_lasting,
)

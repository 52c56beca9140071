"""What a kind of action is, as far as taking one goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.actions import Action
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.actions.taking import Press


def _anybody(campaign: Campaign, press: Press) -> None:
    """Nobody is refused."""


def _no_more(session: Session, action: Action) -> None:
    """There is nothing beside the action."""


def _no_question(session: Session, campaign: Campaign, press: Press) -> None:
    """Nothing is asked."""


def _nothing(details: Mapping[str, Any]) -> dict[str, Any]:
    return {}


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of action. `did` stands in the mail that asks to confirm one: "signed a petition".

    `is_once`: a mailbox takes one such action on a campaign. `check` raises ActRefused for what the campaign does not
    take, within the transaction; so does `ask`, for what has to be answered first. `is_reviewed`: none counts before
    staff approved it. `begin` keeps what stands beside the action, and `end` puts an end to it, when the action is
    taken back (`cancelled_at`) or its person erased. `ends_with_erasure`: without the person it is none, and counts no
    more. `lasting` is what of an action's details outlives the person's erasure while it counts: nothing that tells who
    they are.
    """

    code: str
    did: str = ""  # the sentence of the mail that asks, marked to be translated
    is_once: bool = False
    is_reviewed: bool = False
    check: Callable[[Campaign, Press], None] = _anybody
    ask: Callable[[Session, Campaign, Press], None] = _no_question
    ends_with_erasure: bool = False
    begin: Callable[[Session, Action], None] = _no_more
    end: Callable[[Session, Action], None] = _no_more
    lasting: Callable[[Mapping[str, Any]], dict[str, Any]] = _nothing

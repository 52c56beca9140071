"""What a change of a campaign's status will do, before it is done: to the page, and to the letters that wait."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.publishing import StatusChange, Waiting, check_status, unconfirmed, waiting
from actionmail.flows.delivery import campaign_holds
from actionmail.rules.campaigns.kinds import kind_of

_MAY_CHOOSE = frozenset({StatusChange.PUBLISH, StatusChange.PAUSE, StatusChange.CLOSE})


class Effect(Struct, frozen=True, kw_only=True):
    """What the change does with this choice for the letters; each number counts letters.

    `waiting` are on their way; of these, `to_hold` are held back now. `held` were held back before, `released` of these
    go out now. `unconfirmed` are not confirmed by mail yet, and can be only while the page is open.
    """

    change: StatusChange
    letters: Waiting
    waiting: int
    to_hold: int
    held: int
    released: int
    unconfirmed: int
    has_letters: bool = True  # False: the campaign is of a kind that writes none


def effect(session: Session, campaign: Campaign, change: StatusChange, letters: Waiting = Waiting.AS_IT_IS) -> Effect:
    """Raises ChangeRefused where the campaign does not stand where the change may begin."""
    check_status(campaign, change)
    may_choose = change in _MAY_CHOOSE
    count = waiting(session, campaign)
    held = campaign_holds.held_back(session, campaign.id) if may_choose or letters is Waiting.RELEASE else 0
    holds = letters is Waiting.HOLD and count > 0
    return Effect(
        change=change,
        letters=letters,
        waiting=count,
        to_hold=campaign_holds.may_be_held(session, campaign.id) if holds else 0,
        held=held,
        released=held if letters is Waiting.RELEASE else 0,
        unconfirmed=unconfirmed(session, campaign) if may_choose else 0,
        has_letters=kind_of(campaign.kind).writes_letters,
    )


def letter_choices(session: Session, campaign: Campaign, change: StatusChange) -> list[Effect]:
    """What staff may choose for the letters, the usual first; [] where nothing is to choose. Raises as `effect`."""
    check_status(campaign, change)
    if change not in _MAY_CHOOSE:
        return []
    other = Waiting.RELEASE if change is StatusChange.PUBLISH else Waiting.HOLD
    count = campaign_holds.held_back if other is Waiting.RELEASE else campaign_holds.may_be_held
    if not count(session, campaign.id):
        return []
    return [effect(session, campaign, change, letters) for letters in (Waiting.AS_IT_IS, other)]

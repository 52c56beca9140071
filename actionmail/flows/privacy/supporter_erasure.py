"""Erasing a supporter as a whole, by staff or at the command line: all actions under their address, and drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.flows.actions import drafts, kinds
from actionmail.flows.privacy import supporters
from actionmail.flows.privacy.erasure import How, erase_action
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ErasureReason, ObjectKind

_REASONS: Final[Mapping[ErasureReason, Reason]] = {
    ErasureReason.REQUEST: Reason.ERASED_ON_REQUEST,
    ErasureReason.NOT_THEIRS: Reason.ERASED_NOT_THEIRS,
}


class Prospect(Struct, frozen=True, kw_only=True):
    """What erasing would do now. `seen` is another one as soon as any of it has changed."""

    number: int
    name: str
    email: str
    actions: int  # that are not erased yet
    not_sent: int  # letters that have not left, and never will
    on_the_wire: int  # at this moment; while there are any, nothing is erased
    left: int  # letters that were handed over, and cannot be called back
    drafts: int
    organisations: Sequence[str]  # for which they signed, and whose names could stay
    seen: str


class Erasing(Struct, frozen=True, kw_only=True):
    """Why, and whether an organisation for which they signed is taken off too."""

    reason: ErasureReason
    is_ended: bool = False


class Erased(Struct, frozen=True, kw_only=True):
    """What was done."""

    actions: int
    letters: int  # that will not be sent
    drafts: int


class SupporterChanged(Exception):
    """What would be erased is not what was shown."""


def prospect(session: Session, number: int) -> Prospect | None:
    """Of the supporter of this action; None where there is none."""
    action = session.get(Action, number)
    if action is None:
        return None
    actions = session.scalars(_not_erased(action)).all()
    counts = _letters(session, actions)
    organisations = _organisations(session, actions)
    return Prospect(
        number=number,
        name=action.name,
        email=action.email,
        actions=len(actions),
        not_sent=sum(counts[state] for state in _NOT_LEFT),
        on_the_wire=counts[State.SENDING],
        left=sum(counts[state] for state in _LEFT),
        drafts=len(drafts.of_address(session, action.email)),
        organisations=organisations,
        seen=revision(
            {"actions": [supporter_action.id for supporter_action in actions], "organisations": organisations}
        ),
    )


def erase_supporter(session: Session, number: int, *, seen: str, how: Erasing, by: int | None, now: datetime) -> Erased:
    """Erase all of the supporter of this action, or nothing, and note in the audit trail why.

    `seen` is that of the prospect that was shown. Raises SupporterChanged where it is not so any more, and BeingSent.
    """
    action = session.get(Action, number)
    if action is None:
        raise SupporterChanged
    address = action.email
    # In the order of their numbers, so that two who erase the same wait and do not block each other.
    actions = session.scalars(_not_erased(action).with_for_update().execution_options(populate_existing=True)).all()
    session.refresh(action)
    now_found = prospect(session, number)
    if now_found is None or now_found.seen != seen:
        raise SupporterChanged
    why = _REASONS.get(how.reason, Reason.ERASED_BY_STAFF)
    letters = 0
    for supporter_action in actions:
        each = How(why=why, actor=Actor.staff(by), is_ended=how.is_ended)
        letters += erase_action(session, supporter_action, how=each, now=now)
    dropped = drafts.drop_of_address(session, address)
    if actions or dropped:
        numbers = [str(supporter_action.id) for supporter_action in actions]
        details: dict[str, str | int | list[str]] = {"reason": how.reason.value, "numbers": numbers, "letters": letters}
        record(session, AuditAction.SUPPORTER_ERASED, ObjectKind.ACTION, number, by=by, now=now, **details)
    return Erased(actions=len(actions), letters=letters, drafts=dropped)


def _not_erased(action: Action) -> Select[Action]:
    return select(Action).where(supporters.theirs(action), Action.erased_at.is_(None)).order_by(Action.id)


def _letters(session: Session, actions: Sequence[Action]) -> Counter[State]:
    """How many stand in each state."""
    counts: Counter[State] = Counter()
    for action in actions:
        states = select(Message.state, func.count()).where(Message.action_id == action.id).group_by(Message.state)
        for state, count in session.execute(states):
            counts[State(state)] += count
    return counts


def _organisations(session: Session, actions: Sequence[Action]) -> list[str]:
    """What of the actions would go on to count without its person: organisations by their names."""
    names = []
    for action in actions:
        kind = kinds.kind_of(session.get_one(Campaign, action.campaign_id).kind)
        name = kind.lasting(action.details).get("organisation", "")
        if name and action.cancelled_at is None and not action.unconfirmed:
            names.append(name)
    return names


_NOT_LEFT = (State.UNCONFIRMED, State.REVIEW, State.QUEUED, State.DEFERRED, State.HELD)
_LEFT = (State.ACCEPTED, State.SETTLED, State.BOUNCED, State.AMBIGUOUS)  # or may have

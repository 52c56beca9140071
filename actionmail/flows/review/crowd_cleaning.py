"""A crowd as a whole: looked at by count, taken out of the count with its letters, put back, or let go.

What was seen comes back with the press, as a number: where another number fits by then, nothing is changed. Letters
that have not left wait as `review` while their action is out, hidden from those to read, and end unsent when their time
is over; so that nothing is lost by a mistake until then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, func, literal_column, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.flows.actions.letting_go import date_anew
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import MESSAGES, Transition
from actionmail.flows.review import out_of_count
from actionmail.flows.review.crowds import LOOK_BACK, LOOKED_AT, CrowdKind, crowds
from actionmail.flows.review.out_of_count import UNSENT, By, CountChanged, batches
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.networks import networks_of
from actionmail.rules.actions.pressure import Scope
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.reasons import CLOCK, Actor, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

EXAMPLES: Final = 10


class Grasp(StrEnum):
    """What of a crowd is meant, seen from one of its actions."""

    SOURCE = CrowdKind.SOURCE.value  # the same link
    NETWORK = CrowdKind.NETWORK.value  # the same address, or /64
    NEAR = "near"  # the networks around it: /24, or /48
    PARAGRAPH = CrowdKind.PARAGRAPH.value
    HELD = "held"  # all of the campaign that wait since they came like a flood


class Standing(StrEnum):
    """Where one action of it stands."""

    COUNTS = "counts"
    HELD = "held"  # for staff
    UNCONFIRMED = "unconfirmed"
    OUT = "out"  # of the count
    GONE = "gone"  # taken back, or declined


class NoCrowd(Exception):
    """There is no such action, or nothing of it that others could have in common with it."""


class Crowd(Struct, frozen=True, kw_only=True):
    """`standings` count its actions; `letters` those of their letters that have not left, and the others."""

    campaign: str
    title: str
    grasp: Grasp
    anchor: int
    standings: Mapping[Standing, int]
    unsent: int
    left: int
    first: datetime | None
    last: datetime | None
    examples: Sequence[Action]

    @property
    def in_count(self) -> int:
        """How many taking it out would change."""
        return sum(self.standings.get(standing, 0) for standing in _IN)

    @property
    def held(self) -> int:
        return self.standings.get(Standing.HELD, 0)


_IN = (Standing.COUNTS, Standing.HELD, Standing.UNCONFIRMED)


def look(session: Session, grasp: Grasp, anchor: int) -> Crowd:
    """Raises NoCrowd."""
    campaign, actions = _actions(session, grasp, anchor)
    standings: Counter[Standing] = Counter(_standing(action) for action in actions)
    unsent = left = 0
    for some in batches([action.id for action in actions]):
        rows = session.execute(
            select(Message.state, func.count()).where(Message.action_id.in_(some)).group_by(Message.state)
        )
        for state, count in rows:
            is_unsent = State(state) in (*UNSENT, State.REVIEW, State.UNCONFIRMED, State.HELD)
            unsent, left = (unsent + count, left) if is_unsent else (unsent, left + count)
    return Crowd(
        campaign=campaign.slug,
        title=campaign.title,
        grasp=grasp,
        anchor=anchor,
        standings=standings,
        unsent=unsent,
        left=left,
        first=actions[0].created_at if actions else None,
        last=actions[-1].created_at if actions else None,
        examples=actions[: -EXAMPLES - 1 : -1],
    )


def take_out(session: Session, grasp: Grasp, anchor: int, *, seen: int, reason: str, by: By) -> int:
    """Take all of it that stands out of the count, and keep its letters from going; how many actions.

    They are put back by `put_back`, with the moment `by.now`. Raises NoCrowd, CountChanged.
    """
    campaign, actions = _actions(session, grasp, anchor, is_locked=True)
    ids = _seen(actions, _IN, seen)
    out_of_count.take(session, campaign.slug, ids, reason=reason, by=by)
    return len(ids)


def put_back(session: Session, slug: str, taken_out_at: datetime, *, by: By) -> int:
    """Undo `take_out`: its actions count again, or wait again; letters that waited for nothing else go. How many."""
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug).with_for_update(read=True))
    if campaign is None:
        raise NoCrowd
    same = (Action.campaign_id == campaign.id, Action.invalid_at == taken_out_at)
    actions = session.scalars(select(Action).where(*same).order_by(Action.id).with_for_update()).all()
    if actions:
        out_of_count.put_back(session, slug, [action.id for action in actions], by=by)
    return len(actions)


def hold_back(session: Session, *, hold: int, now: datetime) -> int:
    """Once so many came from one network within an hour that the next ones are held, hold what came before as well, as
    far as its letters have not left; how many actions. What staff let go is left alone. 0: never.
    """
    count = 0
    for crowd in crowds(session, now=now) if hold else ():
        if crowd.kind is CrowdKind.NETWORK and crowd.count >= hold:
            _, actions = _actions(session, Grasp.NETWORK, crowd.action, is_locked=True)
            standing = [action.id for action in actions if _standing(action) is Standing.COUNTS and not action.review]
            for some in batches(standing):
                count += _hold(session, some, now)
    return count


def _hold(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Of these actions those that have letters which wait to leave."""
    states = [state.value for state in UNSENT]
    query = select(Message.action_id).where(Message.action_id.in_(ids), Message.state.in_(states)).distinct()
    theirs = list(session.scalars(query))
    held = {"review": Review.WAITING.value, "held_for": Scope.ADDRESS.value}
    session.execute(update(Action).where(Action.id.in_(theirs)).values(**held))
    wait = Transition(after=State.REVIEW, actor=CLOCK, reason=Reason.LIKE_A_FLOOD)
    message_state.move_all(session, [MESSAGES.c.action_id.in_(theirs)], UNSENT, wait, now=now)
    return len(theirs)


def let_go(session: Session, grasp: Grasp, anchor: int, *, seen: int, by: By) -> int:
    """Let what is held of it count, and its letters go, dated now; how many actions. Raises NoCrowd, CountChanged."""
    campaign, actions = _actions(session, grasp, anchor, is_locked=True)
    ids = _seen(actions, [Standing.HELD], seen)
    go = Transition(after=State.QUEUED, actor=Actor.staff(by.staff), reason=Reason.APPROVED, next_attempt_at=by.now)
    for some in batches(ids):
        session.execute(
            update(Action).where(Action.id.in_(some)).values(review=Review.APPROVED.value, reviewed_at=by.now)
        )
        waiting = select(Message).where(Message.action_id.in_(some), Message.state == State.REVIEW.value)
        for message in session.scalars(waiting.order_by(Message.id).with_for_update()):
            if campaign.deadline_at is None or campaign.deadline_at > by.now:
                date_anew(session, campaign, message, by.now)
                message_state.move(session, message, go, now=by.now)
    record(
        session, AuditAction.ACTIONS_LET_GO, ObjectKind.CAMPAIGN, campaign.slug, by=by.staff, now=by.now, count=len(ids)
    )
    return len(ids)


def campaign_of(session: Session, anchor: int) -> str:
    """Its slug. Raises NoCrowd."""
    query = select(Campaign.slug).join(Action, Action.campaign_id == Campaign.id).where(Action.id == anchor)
    slug = session.scalar(query)
    if slug is None:
        raise NoCrowd
    return slug


def other_grasps(session: Session, grasp: Grasp, anchor: int) -> list[tuple[Grasp, int]]:
    """What else of a crowd can be meant from the same action, with how many, where those are another number than 1."""
    grasps = []
    for other in Grasp:
        try:
            _, actions = _actions(session, other, anchor) if other is not grasp else (None, ())
        except NoCrowd:
            continue
        if len(actions) > 1:
            grasps.append((other, len(actions)))
    return grasps


class HeldOf(Struct, frozen=True, kw_only=True):
    """How many actions of a campaign wait since they came like a flood, and the newest of them."""

    slug: str
    title: str
    count: int
    newest: int


def held(session: Session) -> list[HeldOf]:
    """Of each campaign that has some."""
    query = (
        select(Campaign.slug, Campaign.title, func.count(), func.max(Action.id))
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(*_HELD)
        .group_by(Campaign.id, Campaign.slug, Campaign.title)
        .order_by(Campaign.id)
    )
    rows = session.execute(query)
    return [HeldOf(slug=slug, title=title, count=count, newest=newest) for slug, title, count, newest in rows]


_HELD: Final = (
    Action.held_for != literal_column("''"),  # as SQLite finds a partial index: by its text (`db.actions`)
    Action.review == Review.WAITING.value,
    Action.invalid_at.is_(None),
    Action.cancelled_at.is_(None),
    Action.erased_at.is_(None),
)


def _seen(actions: Sequence[Action], standings: Collection[Standing], seen: int) -> list[int]:
    ids = [action.id for action in actions if _standing(action) in standings]
    if len(ids) != seen:
        raise CountChanged(len(ids))
    return ids


def _standing(action: Action) -> Standing:
    if action.cancelled_at is not None or action.erased_at is not None or action.review == Review.DECLINED:
        return Standing.GONE
    if action.invalid_at is not None:
        return Standing.OUT
    if action.unconfirmed:
        return Standing.UNCONFIRMED
    return Standing.HELD if action.held_for and action.review == Review.WAITING else Standing.COUNTS


def _actions(
    session: Session, grasp: Grasp, anchor: int, *, is_locked: bool = False
) -> tuple[Campaign, Sequence[Action]]:
    """The oldest first, of a day around the one they are seen from. Raises NoCrowd."""
    first = session.get(Action, anchor)
    if first is None:
        raise NoCrowd
    campaign = session.get_one(Campaign, first.campaign_id, with_for_update={"read": True} if is_locked else None)
    query = select(Action).where(Action.campaign_id == campaign.id, *_common(session, grasp, first))
    query = query.order_by(Action.id.desc()).limit(LOOKED_AT)
    if is_locked:  # what is read once they are locked, and not what was read before
        query = query.with_for_update().execution_options(populate_existing=True)
    actions = session.scalars(query).all()
    return campaign, actions[::-1]


def _common(session: Session, grasp: Grasp, first: Action) -> Sequence[ColumnElement[bool]]:
    """What makes others of the same crowd. Raises NoCrowd."""
    if grasp is Grasp.HELD:
        return _HELD
    then = Action.created_at.between(first.created_at - LOOK_BACK, first.created_at + LOOK_BACK)
    if grasp is Grasp.SOURCE and first.source:
        return then, Action.source == first.source
    if grasp is Grasp.PARAGRAPH and first.paragraph_bucket is not None:
        return then, Action.paragraph_bucket == first.paragraph_bucket
    if grasp in (Grasp.NETWORK, Grasp.NEAR) and first.consent_address:
        return then, Action.consent_address.in_(_addresses(session, grasp, first, then))
    raise NoCrowd


def _addresses(session: Session, grasp: Grasp, first: Action, then: ColumnElement[bool]) -> list[str]:
    """Those that acted then, in the same network."""
    part = attrgetter("own" if grasp is Grasp.NETWORK else "near")
    there = part(networks_of(first.consent_address))
    acted = select(Action.consent_address).where(Action.campaign_id == first.campaign_id, then).distinct()
    return [address for address in session.scalars(acted) if part(networks_of(address)) == there]

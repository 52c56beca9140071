"""What staff see of stops and slowed rates, and how they set a stop and lift it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.db.staff import StaffMember
from actionmail.flows.delivery import campaign_holds, pauses
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.stops import Slowed, Stop, UnknownScope, key_of, slowed, stops
from actionmail.flows.staff.audit import record
from actionmail.rules.delivery.mail_headers import EnvelopeError, ascii_domain
from actionmail.rules.delivery.rates import Limits, Scope, bucket_for
from actionmail.rules.delivery.reasons import Actor, ActorKind, PauseCause
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

LONGEST_REASON = 500
COUNTED = 1_000  # letters behind one stop; where there are more, it says so


class StopProblem(StrEnum):
    """Why nothing was stopped, or let go."""

    NO_REASON = "no reason"
    REASON_TOO_LONG = "reason too long"
    NO_NAME = "no name"
    NO_DOMAIN = "no domain"
    UNKNOWN_CAMPAIGN = "unknown campaign"
    UNKNOWN_LEGISLATOR = "unknown legislator"
    SEVERAL_LEGISLATORS = "several legislators"


class StopRefused(Exception):
    """Nothing was stopped, or let go; `count` is of legislators of that `name`, or of characters."""

    def __init__(self, code: StopProblem, *, name: str = "", count: int = 0) -> None:
        super().__init__(code.value)
        self.code, self.name, self.count = code, name, count


class Behind(Struct, frozen=True, kw_only=True):
    """A stop, who of the staff set it as far as they are known, and the letters that wait behind it."""

    stop: Stop
    staff: str  # their address
    waiting: int  # COUNTED + 1: more than COUNTED


class Pace(Struct, frozen=True, kw_only=True):
    """Something that asked to slow down, and so many letters as it gets now in each period."""

    slowed: Slowed
    limit: float
    period: timedelta


class HeldCampaign(Struct, frozen=True, kw_only=True):
    """A campaign that holds its letters back, and how many."""

    slug: str
    title: str
    held: int


class Overview(Struct, frozen=True, kw_only=True):
    """All that keeps letters from going out, or makes them go more slowly."""

    stops: Sequence[Behind]
    slowed: Sequence[Pace]
    held: Sequence[HeldCampaign]


def overview(session: Session, limits: Limits, *, now: datetime) -> Overview:
    """Read it; `limits` are those that workers keep."""
    held = []
    for id_, slug, title in session.execute(
        select(Campaign.id, Campaign.slug, Campaign.title)
        .where(Campaign.holds_letters)
        .order_by(Campaign.title, Campaign.id)
    ):
        held.append(HeldCampaign(slug=slug, title=title, held=campaign_holds.held_back(session, id_)))
    paces = []
    for slowdown in slowed(session, now=now):
        bucket = bucket_for(slowdown.scope, limits, halvings=slowdown.halvings)
        if bucket is not None:
            paces.append(Pace(slowed=slowdown, limit=bucket.limit, period=bucket.period))
    return Overview(stops=_behind(session), slowed=paces, held=held)


def _behind(session: Session) -> list[Behind]:
    active_stops = stops(session)
    numbers = [
        int(stop.actor.id) for stop in active_stops if stop.actor.kind is ActorKind.STAFF and stop.actor.id.isdecimal()
    ]
    people = dict(session.execute(select(StaffMember.id, StaffMember.email).where(StaffMember.id.in_(numbers))).all())
    lines = []
    for stop in active_stops:
        staff = people.get(int(stop.actor.id), "") if stop.actor.kind is ActorKind.STAFF else ""
        lines.append(Behind(stop=stop, staff=staff, waiting=_waiting(session, stop)))
    return lines


def _waiting(session: Session, stop: Stop) -> int:
    """How many letters wait behind it; it stops at COUNTED + 1."""
    conditions: list[ColumnElement[bool]] = []
    if stop.scope is Scope.TARGET:
        conditions.append(Message.legislator_id == int(stop.name))
    elif stop.scope is Scope.DOMAIN:  # not the bare column: few wait, and many may have gone there
        conditions.append(Message.domain.concat("") == stop.name)
    elif stop.scope is Scope.CAMPAIGN:
        campaign = select(Campaign.id).where(Campaign.slug == stop.name).scalar_subquery()
        conditions.append(Message.campaign_id + literal(0) == campaign)
    first = select(Message.id).where(IS_WAITING, *conditions).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(first)) or 0


def named(session: Session, scope: Scope, typed: str) -> str:
    """The name, as `key_of` knows it, of what somebody typed: for a legislator a part of the name is enough where it
    is one person's. Raises StopRefused.
    """
    name = " ".join(typed.split())
    if scope is Scope.ALL:
        return ""
    if not name:
        raise StopRefused(StopProblem.NO_NAME)
    if scope is Scope.DOMAIN:
        try:
            ascii_domain("domain", name)
        except EnvelopeError:
            raise StopRefused(StopProblem.NO_DOMAIN) from None
        return name.lower()
    return _legislator(session, name) if scope is Scope.TARGET else name


def _legislator(session: Session, name: str) -> str:
    if name.isascii() and name.isdecimal() and len(name) < _MOST_DIGITS:
        return name
    query = select(Legislator.id).where(Legislator.gone_at.is_(None), Legislator.name.icontains(name, autoescape=True))
    numbers = session.scalars(query).all()
    if len(numbers) > 1:
        raise StopRefused(StopProblem.SEVERAL_LEGISLATORS, name=name, count=len(numbers))
    if not numbers:
        raise StopRefused(StopProblem.UNKNOWN_LEGISLATOR, name=name)
    return str(numbers[0])


def stop(
    session: Session, scope: Scope, name: str, *, reason: str, actor: Actor, by: int | None, now: datetime
) -> bool:
    """Send nothing that this covers until it is lifted; False where it was stopped already, and the first reason
    stands. Of two at once one stops it. Raises StopRefused.
    """
    words = _reason(reason)
    is_new = pauses.pause(session, scope, key_in(session, scope, name), PauseCause(words=words), actor=actor, now=now)
    if is_new:
        record(session, AuditAction.STOP_SET, ObjectKind.STOP, _told(scope, name), by=by, now=now, reason=words)
    return is_new


def lift(session: Session, scope: Scope, name: str, *, reason: str, by: int | None, now: datetime) -> bool:
    """Let it go again; False where nothing stopped it any more. Of two at once one lifts it. Raises StopRefused."""
    words = _reason(reason)
    was_stopped = pauses.resume(session, scope, key_in(session, scope, name))
    if was_stopped:
        record(session, AuditAction.STOP_LIFTED, ObjectKind.STOP, _told(scope, name), by=by, now=now, reason=words)
    return was_stopped


def key_in(session: Session, scope: Scope, name: str) -> str:
    """The key under which a switch keeps what people call `name`. Raises StopRefused."""
    try:
        return key_of(session, scope, name)
    except UnknownScope:
        is_campaign = scope is Scope.CAMPAIGN
        code = StopProblem.UNKNOWN_CAMPAIGN if is_campaign else StopProblem.UNKNOWN_LEGISLATOR
        raise StopRefused(code, name=name) from None


def _told(scope: Scope, name: str) -> str:
    return f"{scope.value} {name.lower()}".strip()


def _reason(text: str) -> str:
    words = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    if not words:
        raise StopRefused(StopProblem.NO_REASON)
    if len(words) > LONGEST_REASON:
        raise StopRefused(StopProblem.REASON_TOO_LONG, count=len(words))
    return words


_MOST_DIGITS = 10  # of a legislator's number

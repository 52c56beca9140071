"""Why letters wait: one letter, and all that wait together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import Column, Table, func, select, tuple_
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.throttles import Rate, Switch, WorkerPulse
from actionmail.flows.delivery import out_of_office
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.pulses import AWAY_AFTER, UNSEEN, Pulse, pulse, pulse_of
from actionmail.rules.delivery.rates import Scope, bucket_for, halvings_at
from actionmail.rules.delivery.states import WAITING, State
from actionmail.rules.delivery.waiting import Circumstances, Reason, Why, why_waiting

MOST_BEFORE = 1_000  # letters counted that go first
OVERDUE_AFTER = AWAY_AFTER  # so long a letter may be due before that is worth a word


def reasons(session: Session, message_ids: Sequence[int], *, now: datetime) -> dict[int, list[Reason]]:
    """Why each of these letters waits; those that do not are left out. `next_attempt_at` holds the undo window."""
    states = [state.value for state in WAITING]
    rows = session.execute(
        select(Message, Campaign, Action.created_at)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Action, Action.id == Message.action_id)
        .where(Message.id.in_(message_ids), Message.state.in_(states))
    ).all()
    if not rows:
        return {}
    at_work = pulse(session)
    numbers = [message.id for message, _campaign, _made in rows]
    known = _Known(
        pulse=at_work,
        switches={(row.scope, row.key) for row in session.execute(select(Switch.scope, Switch.key))},
        absent=out_of_office.letters_to_absent(session, numbers, now=now),
        rates=_rates(session, [(message, campaign) for message, campaign, _made in rows]),
    )
    reasons_by_id = {}
    for message, campaign, made in rows:
        circumstances = _circumstances(session, message, campaign, made, known, now)
        reasons_by_id[message.id] = why_waiting(circumstances, now)
    return reasons_by_id


def weightiest(
    session: Session,
    campaign: Campaign,
    messages: Sequence[Any],
    made: datetime,
    *,
    absent: Collection[int],
    work: AtWork,
    now: datetime,
) -> dict[int, Why]:
    """What keeps each of these letters most; those that do not wait are left out.

    They are of one action, made at `made`: rows with a message's columns; `absent` are those to whoever holds no seat
    now. Of what is not due yet no rate is asked: that its time has not come weighs more.
    """
    rows = [(message, campaign) for message in messages if State(message.state) in WAITING]
    if not rows:
        return {}
    due = [row for row in rows if row[0].next_attempt_at is None or row[0].next_attempt_at <= now]
    rates = _rates(session, due) if due else {}
    known = _Known(pulse=work.pulse, switches=work.switches, absent=set(absent), rates=rates)
    why_by_id = {}
    for message, _campaign in rows:
        why_by_id[message.id] = why_waiting(_circumstances(session, message, campaign, made, known, now), now)[0].why
    return why_by_id


class AtWork(Struct, frozen=True, kw_only=True):
    """The workers' pulse, and the stops by scope and key."""

    pulse: Pulse
    switches: set[tuple[str, str]]


def at_work(rows: Sequence[Any]) -> AtWork:
    """Of the rows of a statement that has `WORK`: as many for each of its own as there are stops, and at least one."""
    first = rows[0]
    worker = SimpleNamespace(**{column.name: getattr(first, f"worker_{column.name}") for column in _PULSES.c})
    return AtWork(
        pulse=UNSEEN if worker.name is None else pulse_of(worker),
        switches={(row.scope, row.key) for row in rows if row.scope is not None},
    )


# To stand in statements that ask for more.
_PULSES: Final = cast(Table, WorkerPulse.__table__)
_SWITCHES: Final = cast(Table, Switch.__table__)
WORK: Final = (
    f"{', '.join(f'last.{column.name} AS worker_{column.name}' for column in _PULSES.c)}, switches.scope, switches.key"
)
WORK_COLUMNS: Final = (
    *(Column(f"worker_{column.name}", column.type) for column in _PULSES.c),
    _SWITCHES.c.scope,
    _SWITCHES.c.key,
)
WORK_JOINED: Final = (
    "LEFT JOIN (SELECT * FROM worker_pulses ORDER BY seen_at DESC, name LIMIT 1) AS last ON 1 = 1 "
    "LEFT JOIN switches ON 1 = 1"
)


class _Known(Struct, frozen=True, kw_only=True):
    pulse: Pulse
    switches: set[tuple[str, str]]
    absent: set[int]
    rates: dict[tuple[str, str], Rate]


def _circumstances(
    session: Session, message: Any, campaign: Campaign, made: datetime, known: _Known, now: datetime
) -> Circumstances:
    """Of a message, or a row with its columns."""
    keys = _keys(message, campaign)
    state = State(message.state)
    is_untried = message.attempts == 0 and message.next_attempt_at is not None
    full = _full(keys, known, now)
    return Circumstances(
        state=state,
        next_attempt_at=message.next_attempt_at,
        undo_until=message.next_attempt_at if is_untried and state is State.QUEUED else None,
        stops=[(scope, name) for scope, key, name in keys if (scope.value, key) in known.switches],
        campaign_holds=campaign.holds_letters and not message.released_alone,
        has_seat=message.id not in known.absent,
        worker_seen_at=known.pulse.seen_at,
        is_worker_away=known.pulse.is_away(now) and _is_overdue(message, made, now),
        relay_away_since=known.pulse.trouble_since,
        limits=known.pulse.limits,
        timezone=campaign.timezone,
        full=full,
        before=_before(session, message) if full else 0,
    )


def _keys(message: Any, campaign: Campaign) -> list[tuple[Scope, str, str]]:
    """Scope, key and name of all that covers a letter."""
    return [
        (Scope.ALL, "", ""),
        (Scope.CAMPAIGN, str(campaign.id), campaign.title),
        (Scope.DOMAIN, message.domain, message.domain),
        (Scope.TARGET, str(message.legislator_id), message.target_name),
    ]


def _is_overdue(message: Any, made: datetime, now: datetime) -> bool:
    """A worker may be about to be started where the first letter was sent a moment ago."""
    return now - max(made, message.next_attempt_at or made) >= timedelta(minutes=1)


def _rates(session: Session, rows: Sequence[tuple[Any, Campaign]]) -> dict[tuple[str, str], Rate]:
    wanted: set[tuple[str, str]] = set()
    for message, campaign in rows:
        wanted.update((scope.value, key) for scope, key, _name in _keys(message, campaign))
    query = select(Rate).where(tuple_(Rate.scope, Rate.key).in_(sorted(wanted)))
    return {(rate.scope, rate.key): rate for rate in session.scalars(query)}


def _full(keys: Sequence[tuple[Scope, str, str]], known: _Known, now: datetime) -> list[tuple[Scope, str]]:
    """Whose rate has no room for one letter more."""
    full = []
    for scope, key, name in keys:
        rate = known.rates.get((scope.value, key))
        if rate is None:
            continue
        halvings = halvings_at(rate.halvings, rate.slowed_at, now)
        bucket = bucket_for(scope, known.pulse.limits, used=rate.used, at=rate.at, halvings=halvings)
        if bucket is not None and not bucket.room(now):
            full.append((scope, name))
    return full


def _before(session: Session, message: Any) -> int:
    """How many letters to the same legislator are due earlier; it stops at MOST_BEFORE."""
    place = (message.next_attempt_at, message.id)
    earlier = select(Message.id).where(
        IS_WAITING,
        Message.legislator_id == message.legislator_id,
        tuple_(Message.next_attempt_at, Message.id) < place,
    )
    return session.scalar(select(func.count()).select_from(earlier.limit(MOST_BEFORE).subquery())) or 0


class Machinery(Struct, frozen=True, kw_only=True):
    """Whether what should go can go: the worker, and through it the mail server."""

    pulse: Pulse
    is_overdue: bool  # a letter is due, and has been for OVERDUE_AFTER

    def lacks_worker(self, now: datetime) -> bool:
        """Whether a letter is due, and no worker is at work."""
        return self.is_overdue and self.pulse.is_away(now)

    def lacks_relay(self, now: datetime) -> bool:
        """Whether the worker is at work, and its mail server out of order."""
        return self.pulse.trouble is not None and not self.pulse.is_away(now)


def machinery(session: Session, *, now: datetime) -> Machinery:
    """One look at the workers, and one along the index of what waits."""
    due = select(Message.id).where(IS_WAITING, Message.next_attempt_at <= now - OVERDUE_AFTER).limit(1)
    return Machinery(pulse=pulse(session), is_overdue=session.scalar(due) is not None)

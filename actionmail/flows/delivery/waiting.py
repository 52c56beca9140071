"""Why letters wait: one letter, and all that wait together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.throttles import Rate, Switch
from actionmail.flows.delivery import out_of_office
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.pulses import AWAY_AFTER, Pulse, pulse
from actionmail.rules.delivery.rates import Scope, bucket_for, halvings_at
from actionmail.rules.delivery.states import WAITING, State
from actionmail.rules.delivery.waiting import Circumstances, Reason, why_waiting

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
    found = {}
    for message, campaign, made in rows:
        circumstances = _circumstances(session, message, campaign, made, known, now)
        found[message.id] = why_waiting(circumstances, now)
    return found


@dataclass(frozen=True, kw_only=True)
class _Known:
    pulse: Pulse
    switches: set[tuple[str, str]]
    absent: set[int]
    rates: dict[tuple[str, str], Rate]


def _circumstances(
    session: Session, message: Message, campaign: Campaign, made: datetime, known: _Known, now: datetime
) -> Circumstances:
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


def _keys(message: Message, campaign: Campaign) -> list[tuple[Scope, str, str]]:
    """Scope, key and name of all that covers a letter."""
    return [
        (Scope.ALL, "", ""),
        (Scope.CAMPAIGN, str(campaign.id), campaign.title),
        (Scope.DOMAIN, message.domain, message.domain),
        (Scope.TARGET, str(message.legislator_id), message.target_name),
    ]


def _is_overdue(message: Message, made: datetime, now: datetime) -> bool:
    """A worker may be about to be started where the first letter was sent a moment ago."""
    return now - max(made, message.next_attempt_at or made) >= timedelta(minutes=1)


def _rates(session: Session, rows: Sequence[tuple[Message, Campaign]]) -> dict[tuple[str, str], Rate]:
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


def _before(session: Session, message: Message) -> int:
    """How many letters to the same legislator are due earlier; it stops at MOST_BEFORE."""
    place = (message.next_attempt_at, message.id)
    earlier = select(Message.id).where(
        IS_WAITING,
        Message.legislator_id == message.legislator_id,
        tuple_(Message.next_attempt_at, Message.id) < place,
    )
    return session.scalar(select(func.count()).select_from(earlier.limit(MOST_BEFORE).subquery())) or 0


@dataclass(frozen=True, kw_only=True)
class Machinery:
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

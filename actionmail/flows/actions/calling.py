"""Calls: whom to call, what was said of each call so far, and how it went, taken once; undone; counted.

Nobody needs a name to call, so none is kept: an action of this kind holds which number was called, how it went and
when. One person's calls in a browser belong together by a random key, `sitting`, which only that browser knows; each
call is an action under a key made of it and of the call's turn, so that a second press of the same page is the same
call. `turns` bounds what one sitting can add, the pages' limits what one network can; the staff can take out of the
count what is not genuine, by day. A call put off is none: it is kept as taken back from the start.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.roster import Legislator
from actionmail.flows.actions.refusals import CampaignClosed, PageTooOld
from actionmail.flows.actions.submitting import done, is_open
from actionmail.flows.campaigns.campaign_roster import committees_named
from actionmail.flows.campaigns.reading import details_of, looked_up
from actionmail.flows.roster.reading import legislators_for
from actionmail.rules.campaigns.kinds.call.calls import Call, Line, Lines, Office, Outcome, legislators_lines
from actionmail.rules.campaigns.kinds.call.table import COMMITTEE, NUMBER, fixed_line, hours_of
from actionmail.rules.roster import titles

MOST_TURNS: Final = 60  # of one sitting; a committee has a few dozen members


class Callee(Struct, frozen=True, kw_only=True):
    """Who answers: the legislator of the roster, None at a fixed number. `name` is with their title."""

    name: str
    legislator: Legislator | None = None
    committee: str = ""


class ToCall(Struct, frozen=True, kw_only=True):
    """The numbers of a campaign for somebody, with who answers by target, and of whom no number is known."""

    lines: Lines
    callees: Mapping[str, Callee]
    without_phone: tuple[str, ...] = ()  # names


class Turn(Struct, frozen=True, kw_only=True):
    """One call of a sitting, as it was told."""

    number: int  # from 0
    call: Call
    receipt_token: str


class Told(Struct, frozen=True, kw_only=True):
    """One press of a button: how a call went. `state` is where the caller lives, "" where that is not known."""

    campaign_id: int
    sitting: str
    turn: int
    line: Line | None  # None where the number that was pressed is none of today's
    outcome: Outcome
    state: str = ""
    language: str = "en"


def to_call(session: Session, campaign: Campaign, seats: Iterable[tuple[str, str]] = (), *, state: str = "") -> ToCall:
    """Whom somebody with these (chamber, district) seats in `state` calls, as the roster is today."""
    details = details_of(campaign)
    if details["whom"] == NUMBER:
        line = fixed_line(campaign.slug, details)
        return ToCall(lines=Lines(lines=(line,)), callees={campaign.slug: Callee(name=details["name"])})
    if details["whom"] == COMMITTEE:
        callees = _members(session, campaign, details["committees"])
    else:
        callees = _own(session, campaign.state or state, seats)
    return _reached(details, callees)


def _reached(details: Mapping[str, Any], callees: Mapping[str, Callee]) -> ToCall:
    """These people by the roster's numbers, by the campaign's hours."""
    phones: dict[str, list[tuple[Office, str]]] = {}
    for key, callee in callees.items():
        if callee.legislator:
            phones[key] = _phones(callee.legislator)
    lines = legislators_lines(list(callees), phones)
    hours = hours_of(details)
    reached = [Line(target=line.target, office=line.office, number=line.number, hours=hours) for line in lines.lines]
    can_be_called = {line.target for line in reached}
    return ToCall(
        lines=Lines(lines=tuple(reached), unusable=lines.unusable),
        callees=callees,
        without_phone=tuple(callee.name for key, callee in callees.items() if key not in can_be_called),
    )


def _phones(legislator: Legislator) -> list[tuple[Office, str]]:
    """What the roster knows; the one number of who has no office at the capitol is the district's."""
    numbers = []
    if legislator.phone and legislator.phone != legislator.district_phone:
        numbers.append((Office.CAPITOL, legislator.phone))
    if legislator.district_phone:
        numbers.append((Office.DISTRICT, legislator.district_phone))
    return numbers


def _own(session: Session, state: str, seats: Iterable[tuple[str, str]]) -> dict[str, Callee]:
    sitting = {}
    for legislator in legislators_for(session, state, seats):
        if legislator.status == "sitting":
            sitting[legislator.key] = _callee(legislator)
    return sitting


def _members(session: Session, campaign: Campaign, keys: Sequence[str]) -> dict[str, Callee]:
    committees = committees_named(session, campaign.state, set(keys))
    query = select(Legislator).where(
        Legislator.key.in_(committees.seats),
        Legislator.state == campaign.state,
        Legislator.gone_at.is_(None),
        Legislator.status == "sitting",
    )
    members = {}
    for legislator in session.scalars(query.order_by(Legislator.family_name, Legislator.id)):
        named = [committees.names[key] for key in keys if key in committees.seats[legislator.key]]
        members[legislator.key] = _callee(legislator, committee=named[0])
    return members


def _callee(legislator: Legislator, committee: str = "") -> Callee:
    name = f"{titles.title(legislator.state, legislator.chamber)} {legislator.name}"
    return Callee(name=name, legislator=legislator, committee=committee)


def without_phone(session: Session, campaign: Campaign) -> list[str]:
    """Of the campaign's possible targets, as the roster is today, the names of those without a number that works."""
    if details_of(campaign)["whom"] in (NUMBER, ""):
        return []
    if details_of(campaign)["whom"] == COMMITTEE:
        return list(to_call(session, campaign).without_phone)
    chambers = set(looked_up(campaign))
    query = select(Legislator).where(Legislator.gone_at.is_(None), Legislator.status == "sitting")
    if campaign.state:
        chambers = {titles.seat_chamber(campaign.state, chamber) for chamber in chambers}
        query = query.where(Legislator.state == campaign.state)
    rows = session.scalars(query.where(Legislator.chamber.in_(chambers)).order_by(Legislator.id))
    return list(_reached(details_of(campaign), {row.key: _callee(row) for row in rows}).without_phone)


def turn_key(sitting: str, turn: int) -> str:
    """The key of one call of a sitting, which tells nothing of the sitting's own."""
    digest = hashlib.sha256(f"{sitting} {turn}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def turns(session: Session, campaign_id: int, sitting: str) -> tuple[list[Turn], int]:
    """The calls of a sitting that were not undone, in order, and the number of the turn that comes next."""
    numbers = {turn_key(sitting, number): number for number in range(MOST_TURNS)} if sitting else {}
    query = select(Action).where(Action.campaign_id == campaign_id, Action.idempotency_key.in_(numbers))
    stand: list[Turn] = []
    following = 0
    for action in session.scalars(query):
        number = numbers[action.idempotency_key]
        following = max(following, number + 1)
        if call := _call(action):
            stand.append(Turn(number=number, call=call, receipt_token=action.receipt_token))
    return sorted(stand, key=lambda turn: turn.number), following


def _call(action: Action) -> Call | None:
    """What stands of an action; None where it was undone."""
    details = action.details
    outcome = details.get("outcome", "")
    if not outcome or (action.cancelled_at is not None and outcome != Outcome.NOT_NOW):
        return None
    return Call(
        target=details["target"],
        digits=details["digits"],
        extension=details["extension"],
        outcome=Outcome(outcome),
    )


def tell(session: Session, call: Told, *, now: datetime) -> Action:
    """Keep how a call went, once for each turn of a sitting: a second press gives back the first one's.

    Raises CampaignClosed, and PageTooOld where the sitting is not at this turn.
    """
    key = turn_key(call.sitting, call.turn)
    if (before := done(session, call.campaign_id, key)) is not None:
        return before
    campaign = session.get(Campaign, call.campaign_id, with_for_update={"read": True}, populate_existing=True)
    if campaign is None or not is_open(campaign, now):
        raise CampaignClosed
    _, following = turns(session, call.campaign_id, call.sitting)
    line = call.line
    if line is None or call.turn != following or call.turn >= MOST_TURNS:
        if (before := done(session, call.campaign_id, key)) is not None:  # by the same press, since we looked
            return before
        raise PageTooOld
    try:
        with session.begin_nested():
            action = _action(call, line, key, now)
            session.add(action)
            session.flush()
    except IntegrityError:  # the same press at the same moment
        before = done(session, call.campaign_id, key)
        if before is None:
            raise
        return before
    return action


def _action(call: Told, line: Line, key: str, now: datetime) -> Action:
    return Action(
        campaign_id=call.campaign_id,
        idempotency_key=key,
        receipt_token=secrets.token_urlsafe(32),
        name="",
        email="",
        zip="",
        state=call.state,
        language=call.language,
        lookup={},
        consent_text="",
        wants_updates=False,
        details={
            "target": line.target,
            "office": line.office.value,
            "digits": line.number.digits,
            "extension": line.number.extension,
            "outcome": call.outcome.value,
        },
        created_at=now,
        cancelled_at=now if call.outcome == Outcome.NOT_NOW else None,
    )


def undo(session: Session, campaign_id: int, sitting: str, turn: int, *, now: datetime) -> bool:
    """Take back what was told of one turn; whether there was something to take back."""
    action = done(session, campaign_id, turn_key(sitting, turn))
    if action is None or _call(action) is None:
        return False
    action.details = {}
    action.cancelled_at = action.cancelled_at or now
    return True


class Counts(Struct, frozen=True, kw_only=True):
    """What callers told, by number and outcome, and by day and hour of the campaign's time zone."""

    lines: Sequence[tuple[str, str, str, Counter[Outcome]]]  # target's name, digits, extension; the most first
    hours: Sequence[tuple[datetime, Counter[Outcome]]]  # the newest first; at most MOST_HOURS


MOST_HOURS: Final = 14 * 24


def counts(session: Session, campaign: Campaign) -> Counts:
    """All that stands and that the staff did not take out of the count; put off calls too, as such."""
    zone = ZoneInfo(campaign.timezone)
    by_line: dict[tuple[str, str, str], Counter[Outcome]] = {}
    by_hour: dict[datetime, Counter[Outcome]] = {}
    query = select(Action).where(Action.campaign_id == campaign.id, Action.invalid_at.is_(None))
    for action in session.scalars(query.execution_options(yield_per=1_000)):
        call = _call(action)
        if call is None:
            continue
        hour = action.created_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        by_line.setdefault((call.target, call.digits, call.extension), Counter())[call.outcome] += 1
        by_hour.setdefault(hour, Counter())[call.outcome] += 1
    names = _names(session, campaign, {target for target, _, _ in by_line})
    lines = []
    for (target, digits, extension), tally in by_line.items():
        lines.append((names.get(target, target), digits, extension, tally))
    return Counts(
        lines=sorted(lines, key=lambda line: (-line[3].total(), *line[:3])),
        hours=sorted(by_hour.items(), key=lambda hour: hour[0], reverse=True)[:MOST_HOURS],
    )


def _names(session: Session, campaign: Campaign, targets: set[str]) -> dict[str, str]:
    """Who the targets are, in office or gone."""
    names = {campaign.slug: details_of(campaign)["name"]}
    query = select(Legislator).where(Legislator.key.in_(targets))
    for legislator in session.scalars(query):
        names[legislator.key] = _callee(legislator).name
    return names

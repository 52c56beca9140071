"""What staff should know when they come: what is live, what needs them, and what became of today's letters.

Letters and supporters are told by sums and counters, so that the page stays fast however long the log is. Days are UTC,
as in the send log, where the same numbers can be looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, func, literal, select, union_all
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import sums
from actionmail.flows.campaigns.reading import counted, supporters
from actionmail.flows.delivery.stops import Stop, stops
from actionmail.flows.review.campaign_actions import Standing
from actionmail.rules.campaigns import kinds, translations
from actionmail.rules.delivery.states import State

RECENT = timedelta(days=7)
_OPEN = ("live", "scheduled", "paused")


class Running(Struct, frozen=True, kw_only=True):
    """A campaign that is live, scheduled or paused.

    `today` and `supporters` count those who did not take it back, and who confirmed it where they were asked to.
    """

    slug: str
    kind: str
    title: str
    status: str
    state: str
    timezone: str
    opens_at: datetime | None
    not_opened: str
    deadline_at: datetime | None
    supporters: int
    today: int
    older: Sequence[str]  # languages, in English, whose translation is older than the original


class Troubled(Struct, frozen=True, kw_only=True):
    """Letters in a state that people should look at, made since `since`, and until `until`; no bound where None."""

    state: State
    count: int
    since: date | None = None
    until: date | None = None


class Dashboard(Struct, frozen=True, kw_only=True):
    """`drafts` counts campaigns. `doubtful` counts addresses that look wrong, by state, where a campaign runs."""

    running: Sequence[Running]
    drafts: int
    has_campaigns: bool
    troubled: Sequence[Troubled]
    stops: Sequence[Stop]
    doubtful: Mapping[str, int]
    letters: Mapping[State, int]  # of those made today
    today: date


def dashboard(session: Session, *, now: datetime) -> Dashboard:
    """Read it all."""
    midnight = datetime.combine(now.astimezone(UTC), time.min, UTC)
    rows = session.execute(
        select(
            Campaign.id,
            Campaign.slug,
            Campaign.kind,
            Campaign.title,
            Campaign.status,
            Campaign.state,
            Campaign.timezone,
            Campaign.opens_at,
            Campaign.not_opened,
            Campaign.deadline_at,
        ).order_by(Campaign.title, Campaign.id)
    ).all()
    running = _running(session, rows, midnight)
    letters = _letters(session, midnight)
    return Dashboard(
        running=running,
        drafts=sum(row.status == "draft" for row in rows),
        has_campaigns=bool(rows),
        troubled=_troubled(letters, midnight, _set_aside(session) if State.REVIEW in letters["ever"] else 0),
        stops=stops(session),
        doubtful=_doubtful(
            session, {campaign.state for campaign in running if kinds.kind_of(campaign.kind).writes_letters}
        ),
        letters={state: letters["today"][state] for state in State if state in letters["today"]},
        today=midnight.date(),
    )


def _running(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], midnight: datetime) -> list[Running]:
    open_ = [row for row in rows if row.status in _OPEN]
    ids = [row.id for row in open_]
    so_many = _supporters(session, ids, midnight)
    older = _older_translations(session, ids)
    running = []
    for row in sorted(open_, key=lambda row: _OPEN.index(row.status)):
        in_all, today = so_many[row.id]
        running.append(
            Running(
                slug=row.slug,
                kind=row.kind,
                title=row.title,
                status=row.status,
                state=row.state,
                timezone=row.timezone,
                opens_at=row.opens_at,
                not_opened=row.not_opened,
                deadline_at=row.deadline_at,
                supporters=in_all,
                today=today,
                older=older.get(row.id, []),
            )
        )
    return running


def _supporters(session: Session, campaigns: Sequence[int], midnight: datetime) -> dict[int, tuple[int, int]]:
    """In all and today, by campaign."""
    in_all, today = supporters(session, campaigns), Counter[int]()
    so_far = sums.in_all(sums.ACTIONS, sums.Between(begins=midnight), ("campaign_id", "standing"))
    for row in session.execute(so_far):
        today[row.campaign_id] += row.number if row.standing == Standing.COUNTS else 0
    merged = select(Action.campaign_id, Action.created_at).where(Action.merged_into.is_not(None), *counted())
    for row in session.execute(merged):
        today[row.campaign_id] += row.created_at >= midnight
    return {campaign: (in_all.get(campaign, 0), today[campaign]) for campaign in campaigns}


def _older_translations(session: Session, campaigns: Sequence[int]) -> dict[int, list[str]]:
    """Languages by campaign."""
    words = [Campaign.kind, Campaign.details, *(getattr(Campaign, word) for word in translations.WORDS)]
    rows = session.execute(select(Campaign.id, Campaign.translated_from, *words).where(Campaign.id.in_(campaigns)))
    older: dict[int, list[str]] = {}
    for row in rows.mappings():
        original = kinds.own_words({str(key): value for key, value in row.items()})
        languages = []
        for tag, made_from in row["translated_from"].items():
            if tag in translations.languages() and translations.outdated(original, made_from):
                languages.append(translations.name_of(tag))
        older[row["id"]] = languages
    return older


def _troubled(letters: Mapping[str, Mapping[State, int]], midnight: datetime, set_aside: int) -> list[Troubled]:
    recent, day_before = (midnight - RECENT).date(), (midnight - timedelta(days=2)).date()
    looked_at: list[tuple[State, date | None, date | None, str]] = [
        (State.REVIEW, None, None, "ever"),
        (State.HELD, None, None, "ever"),
        (State.AMBIGUOUS, None, None, "ever"),
        (State.DEFERRED, None, day_before, "long ago"),
        (State.BOUNCED, recent, None, "lately"),
        (State.FAILED, recent, None, "lately"),
    ]
    troubled = []
    for state, since, until, when in looked_at:
        count = letters[when].get(state, 0) - (set_aside if state is State.REVIEW else 0)
        if count > 0:
            troubled.append(Troubled(state=state, count=count, since=since, until=until))
    return troubled


def _set_aside(session: Session) -> int:
    """How many letters wait for nobody's reading, since their action was taken out of the count."""
    query = select(func.count()).select_from(Action).join(Message, Message.action_id == Action.id)
    return session.scalar(query.where(Action.invalid_at.is_not(None), Message.state == State.REVIEW.value)) or 0


def _doubtful(session: Session, states: set[str]) -> dict[str, int]:
    query = select(Legislator.state, func.count()).where(
        Legislator.state.in_(states), Legislator.gone_at.is_(None), Legislator.email_note != ""
    )
    return dict(session.execute(query.group_by(Legislator.state).order_by(Legislator.state)).all())


def _letters(session: Session, midnight: datetime) -> dict[str, dict[State, int]]:
    """By when they were made, and where they stand."""
    times = {
        "ever": sums.Between(),
        "long ago": sums.Between(ends=midnight - timedelta(days=1)),
        "lately": sums.Between(begins=midnight - RECENT),
        "today": sums.Between(begins=midnight),
    }
    parts = []
    for when, between in times.items():
        of_then = sums.in_all(sums.LETTERS, between, ("state",)).subquery()
        parts.append(select(literal(when).label("made"), of_then.c.state, of_then.c.number))
    letters: dict[str, dict[State, int]] = {when: {} for when in times}
    for row in session.execute(union_all(*parts)):
        letters[row.made][State(row.state)] = row.number
    return letters

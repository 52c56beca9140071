"""What staff should know when they come: what is live, what needs them, and what became of today's letters.

A handful of statements, each along an index, so that the page stays fast however long the log is. Days are UTC, as in
the send log, where the same numbers can be looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, exists, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.reading import counted as actions_that_count
from actionmail.flows.delivery.queue import counts_by_state
from actionmail.flows.delivery.stops import Stop, stops
from actionmail.flows.review.send_log import count_some
from actionmail.rules.campaigns import kinds, translations
from actionmail.rules.delivery.states import State

RECENT = timedelta(days=7)
COUNTED = 1_000  # of one state; where there are more, it says so
SUPPORTERS = 10_000  # of one campaign, and letters of today; likewise
_OPEN = ("live", "scheduled", "paused")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A campaign that is live, scheduled or paused.

    `today` and `supporters` count those who did not take it back, and who confirmed it where they were asked to;
    SUPPORTERS + 1 are more than SUPPORTERS.
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


@dataclass(frozen=True, kw_only=True)
class Troubled:
    """Letters in a state that people should look at, made since `since`, and until `until`; no bound where None."""

    state: State
    count: int  # COUNTED + 1: more than COUNTED
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """`drafts` counts campaigns. `doubtful` counts addresses that look wrong, by state, where a campaign runs."""

    running: Sequence[Running]
    drafts: int
    has_campaigns: bool
    troubled: Sequence[Troubled]
    stops: Sequence[Stop]
    doubtful: Mapping[str, int]
    letters: Mapping[State, int]  # of those made today; of the newest SUPPORTERS + 1 where there are more
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
    return Dashboard(
        running=running,
        drafts=sum(row.status == "draft" for row in rows),
        has_campaigns=bool(rows),
        troubled=_troubled(session, midnight),
        stops=stops(session),
        doubtful=_doubtful(
            session, {campaign.state for campaign in running if kinds.kind_of(campaign.kind).writes_letters}
        ),
        letters=_letters(session, midnight),
        today=midnight.date(),
    )


def _running(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], midnight: datetime) -> list[Running]:
    open_ = [row for row in rows if row.status in _OPEN]
    ids = [row.id for row in open_]
    counted = _supporters(session, ids, midnight)
    older = _older_translations(session, ids)
    running = []
    for row in sorted(open_, key=lambda row: _OPEN.index(row.status)):
        supporters, today = counted.get(row.id, (0, 0))
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
                supporters=supporters,
                today=today,
                older=older.get(row.id, []),
            )
        )
    return running


def _supporters(session: Session, campaigns: Sequence[int], midnight: datetime) -> dict[int, tuple[int, int]]:
    """In all and today, by campaign; each stops at SUPPORTERS + 1."""
    in_all, today = _count_actions(), _count_actions(Action.created_at >= midnight)
    rows = session.execute(select(Campaign.id, in_all, today).where(Campaign.id.in_(campaigns)))
    return {campaign: (supporters, so_far_today) for campaign, supporters, so_far_today in rows}


def _count_actions(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Of the campaign of the row."""
    of_campaign = select(Action.id).where(Action.campaign_id == Campaign.id, *actions_that_count(), *conditions)
    some = of_campaign.correlate(Campaign).limit(SUPPORTERS + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _older_translations(session: Session, campaigns: Sequence[int]) -> dict[int, list[str]]:
    """Languages by campaign."""
    words = [Campaign.kind, Campaign.details, *(getattr(Campaign, word) for word in translations.WORDS)]
    rows = session.execute(select(Campaign.id, Campaign.translated_from, *words).where(Campaign.id.in_(campaigns)))
    older: dict[int, list[str]] = {}
    for row in rows.mappings():
        original = kinds.own_words({str(key): value for key, value in row.items()})
        languages = []
        for tag, made_from in row["translated_from"].items():
            if translations.outdated(original, made_from):
                languages.append(translations.known(tag).name)
        older[row["id"]] = languages
    return older


def _troubled(session: Session, midnight: datetime) -> list[Troubled]:
    recent, yesterday = midnight - RECENT, midnight - timedelta(days=1)
    looked_at: list[tuple[State, date | None, date | None, Sequence[ColumnElement[bool]]]] = [
        (State.REVIEW, None, None, (_STANDS,)),
        (State.HELD, None, None, ()),
        (State.AMBIGUOUS, None, None, ()),
        (State.DEFERRED, None, (yesterday - timedelta(days=1)).date(), (Message.created_at < yesterday,)),
        (State.BOUNCED, recent.date(), None, (Message.created_at >= recent,)),
        (State.FAILED, recent.date(), None, (Message.created_at >= recent,)),
    ]
    counts = [count_some(COUNTED, Message.state == state, *more) for state, _, _, more in looked_at]
    numbers = session.execute(select(*counts)).one()
    troubled = []
    for (state, since, until, _), number in zip(looked_at, numbers, strict=True):
        if number:
            troubled.append(Troubled(state=state, count=number, since=since, until=until))
    return troubled


# Letters whose action was taken out of the count wait for nobody.
_STANDS = exists().where(Action.id == Message.action_id, Action.invalid_at.is_(None)).correlate(Message)


def _doubtful(session: Session, states: set[str]) -> dict[str, int]:
    query = select(Legislator.state, func.count()).where(
        Legislator.state.in_(states), Legislator.gone_at.is_(None), Legislator.email_note != ""
    )
    return dict(session.execute(query.group_by(Legislator.state).order_by(Legislator.state)).all())


def _letters(session: Session, midnight: datetime) -> dict[State, int]:
    """Of the newest SUPPORTERS + 1, along the index of when they were made."""
    newest = select(Message.state).where(Message.created_at >= midnight).order_by(Message.created_at.desc())
    some = newest.limit(SUPPORTERS + 1).subquery()
    return counts_by_state(session, select(some.c.state, func.count()).group_by(some.c.state))

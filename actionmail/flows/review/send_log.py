"""The pages of the send log, and how many letters stand in each state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Message
from actionmail.db.roster import Committee, Legislator
from actionmail.flows.delivery.queue import counts_by_state
from actionmail.flows.review.filters import CannotMatch, Filter
from actionmail.flows.review.message_filter import Place, matching
from actionmail.rules.campaigns.targets import rules_of
from actionmail.rules.delivery.states import State

PAGE_SIZE = 50
COUNTED = 10_000  # letters that fit, or of one state over the whole log
EVERY = 2**53  # letters: no bound


class LogEntry(Struct, frozen=True, kw_only=True):
    """One message, as a line of the send log."""

    id: int
    at: datetime
    campaign: str
    target_name: str
    subject: str  # "" once its supporter is erased
    supporter: str  # likewise
    state: State
    attempts: int


class LogPage(Struct, frozen=True, kw_only=True):
    """Newest first. `older` and `newer` are the ids to go on from, None at that end."""

    entries: Sequence[LogEntry]
    older: int | None
    newer: int | None


def page(session: Session, wanted: Filter, *, before: int | None = None, after: int | None = None) -> LogPage:
    """The letters behind the message `before`, or those newer than `after`, or else the newest; at most PAGE_SIZE."""
    place = None
    if after is not None:
        place = Place(id=after, is_newer=True)
    elif before is not None:
        place = Place(id=before)
    try:
        ids = list(session.scalars(matching(session, wanted, limit=PAGE_SIZE + 1, place=place)))
    except CannotMatch:
        ids = []
    is_more = len(ids) > PAGE_SIZE
    ids = ids[:PAGE_SIZE]
    if after is not None:
        ids.reverse()
    has_newer, has_older = (is_more, True) if after is not None else (before is not None, is_more)
    return LogPage(
        entries=entries(session, ids),
        older=ids[-1] if ids and has_older else None,
        newer=ids[0] if ids and has_newer else None,
    )


def entries(session: Session, ids: Sequence[int]) -> list[LogEntry]:
    """The lines of these messages, in this order."""
    query = (
        select(
            Message.id,
            Message.created_at,
            Campaign.slug,
            Message.target_name,
            Message.subject,
            Action.name.label("supporter"),
            Message.state,
            Message.attempts,
        )
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Action, Action.id == Message.action_id)
        .where(Message.id.in_(ids))
    )
    lines = {}
    for row in session.execute(query):
        lines[row.id] = LogEntry(
            id=row.id,
            at=row.created_at,
            campaign=row.slug,
            target_name=row.target_name,
            subject=row.subject,
            supporter=row.supporter,
            state=State(row.state),
            attempts=row.attempts,
        )
    return [lines[id_] for id_ in ids if id_ in lines]


def counts(session: Session, wanted: Filter, *, most: int = COUNTED) -> dict[State, int]:
    """How many of the letters stand in each state, whatever state the filter names.

    It stops where there are more than `most`, so that the page costs the same however long the log is: over the whole
    log at `most` + 1 of each state, and else at the newest `most` + 1 that fit.
    """
    if wanted.is_wide:
        return _counts_of_all(session, most)
    try:
        newest = matching(session, replace(wanted, state=None), limit=most + 1).subquery()
    except CannotMatch:
        return {}
    # One after the other: for a join PostgreSQL would rather read the whole table.
    state = select(Message.state).where(Message.id == newest.c.id).scalar_subquery()
    states = select(state.label("state")).select_from(newest).subquery()
    return counts_by_state(session, select(states.c.state, func.count()).group_by(states.c.state))


def _counts_of_all(session: Session, most: int) -> dict[State, int]:
    numbers = [count_some(most, Message.state == state) for state in State]
    counts = {}
    for state, number in zip(State, session.execute(select(*numbers)).one(), strict=True):
        if number:
            counts[state] = number
    return counts


def count_some(most: int, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many messages there are, as a column; it stops at `most` + 1."""
    first = select(Message.id).where(*conditions).limit(most + 1).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


class CampaignChoices(Struct, frozen=True, kw_only=True):
    """The campaigns that there are to choose from, in the order in which they are offered."""

    campaigns: Sequence[tuple[str, str]]  # slug, title
    timezone: str  # of the campaign that is chosen; ""


class Choices(CampaignChoices, frozen=True, kw_only=True):
    """What there is to choose from in all the filters, each in the order in which it is offered."""

    letters: Sequence[str]  # names, of the campaign that is chosen
    committees: Sequence[tuple[str, str, str]]  # key, state, name: those to which a campaign writes
    parties: Sequence[str]
    states: Sequence[str]


def campaign_choices(session: Session, campaign: str) -> CampaignChoices:
    """Campaigns alone, while `campaign`, a slug or "", is chosen."""
    rows = session.execute(
        select(Campaign.slug, Campaign.title, Campaign.timezone).order_by(Campaign.title, Campaign.id)
    ).all()
    zones = {row.slug: row.timezone for row in rows}
    return CampaignChoices(campaigns=[(row.slug, row.title) for row in rows], timezone=zones.get(campaign, ""))


def choices(session: Session, campaign: str) -> Choices:
    """What can be chosen while `campaign`, a slug or "", is."""
    of_campaigns = campaign_choices(session, campaign)
    chosen = select(Campaign.id).where(Campaign.slug == campaign).scalar_subquery()
    letters = session.scalars(select(Letter.name).where(Letter.campaign_id == chosen).order_by(Letter.place, Letter.id))
    parties = session.scalars(select(Legislator.party).where(Legislator.party != "").distinct())
    states = session.scalars(select(Legislator.state).distinct())
    return Choices(
        campaigns=of_campaigns.campaigns,
        timezone=of_campaigns.timezone,
        letters=list(dict.fromkeys(letters)),
        committees=_committees(session),
        parties=sorted(parties),
        states=sorted(states),
    )


def _committees(session: Session) -> list[tuple[str, str, str]]:
    keys: set[str] = set()
    for targets in session.scalars(select(Campaign.targets)):
        for rule in rules_of(targets):
            keys.update(rule.committees)
    query = select(Committee.key, Committee.state, Committee.name).where(Committee.key.in_(keys))
    return [
        (row.key, row.state, row.name)
        for row in session.execute(query.order_by(Committee.state, Committee.name, Committee.key))
    ]

"""Everybody in office whom a campaign's chambers, rules and letters might name, as the roster is today.

A handful of queries each, however many people are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.rules.campaigns.targets import Person, Rule, Target, rules_of
from actionmail.rules.roster import titles
from actionmail.rules.roster.committees import CONGRESS
from actionmail.rules.roster.seats import ELECTED


class Committees(Struct, frozen=True, kw_only=True):
    """The committees that rules or letters name: names of those there are, and who sits on which, by their keys."""

    names: Mapping[str, str]
    seats: Mapping[str, frozenset[str]]


class Roster(Struct, frozen=True, kw_only=True):
    """Whom a campaign might name. `ids` leads from keys to ids; `gone` are named people no longer in office."""

    people: Sequence[Target]
    ids: Mapping[str, int]
    committees: Mapping[str, str]
    gone: Mapping[str, str]


NO_COMMITTEES: Final = Committees(names={}, seats={})


def roster(session: Session, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> Roster:
    """Everybody in office whom a campaign with these columns and letters might write to."""
    rules = rules_of(columns["targets"])
    state = columns["state"]
    keys = named_committees(rules, [letter["committees"] for letter in letters])
    committees = committees_named(session, state, keys)
    query = in_office(state).order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)
    if not rules and not keys:  # nobody else can be named
        seats = {titles.seat_chamber(state, chamber) for chamber in columns["chambers"]}
        query = query.where(Legislator.chamber.in_(seats))
    people, ids = [], {}
    for row in session.execute(query):
        people.append(target_of(state, row, committees))
        ids[row.key] = row.id
    gone = names_of(session, named_people(rules) - ids.keys())
    return Roster(people=people, ids=ids, committees=committees.names, gone=gone)


def target_of(state: str, row: Any, committees: Committees) -> Target:
    return Target(
        key=row.key,
        state=state,
        chamber=row.chamber,
        district=row.district,
        name=row.name,
        family_name=row.family_name,
        party=row.party,
        committees=committees.seats.get(row.key, frozenset()),
        has_address=bool(row.email),
    )


def named_people(rules: Iterable[Rule]) -> set[str]:
    """The keys of people whom rules name."""
    named: set[str] = set()
    for rule in rules:
        named.update(rule.people)
    return named


def names_of(session: Session, keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    query = select(Legislator.key, Legislator.name).where(Legislator.key.in_(keys))
    return dict(session.execute(query).all())


def person_of(key: str, chamber: str, party: str, committees: Committees) -> Person:
    return Person(key=key, chamber=chamber, party=party, committees=committees.seats.get(key, frozenset()))


def seats_of(state: str) -> Any:
    return select(
        Legislator.id,
        Legislator.key,
        Legislator.chamber,
        Legislator.district,
        Legislator.name,
        Legislator.family_name,
        Legislator.party,
        Legislator.email,
        Legislator.email_note,
        Legislator.status,
    ).where(Legislator.state == state, Legislator.gone_at.is_(None), Legislator.status != ELECTED)


def in_office(state: str) -> Any:
    return seats_of(state).where(Legislator.status == "sitting")


def named_committees(rules: Iterable[Rule], letters: Iterable[Iterable[str]]) -> set[str]:
    """The keys of committees that rules or letters name."""
    named: set[str] = set()
    for rule in rules:
        named.update(rule.committees)
    for keys in letters:
        named.update(keys)
    return named


def committees_named(session: Session, state: str, keys: set[str]) -> Committees:
    if not keys:
        return Committees(names={}, seats={})
    names: dict[str, str] = {}
    seats: dict[str, frozenset[str]] = {}
    query = (
        select(Committee.key, Committee.chamber, Committee.name, CommitteeMember.legislator_key)
        .outerjoin(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(Committee.key.in_(keys), Committee.state.in_((state, CONGRESS)), Committee.gone_at.is_(None))
    )
    for row in session.execute(query):
        names[row.key] = titles.committee_name(state, row.chamber, row.name)
        if row.legislator_key:
            seats[row.legislator_key] = seats.get(row.legislator_key, frozenset()) | {row.key}
    return Committees(names=names, seats=seats)

"""Whom a campaign writes to today, chamber by chamber, with what keeps letters from them: for the targets' page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.campaign_roster import (
    Committees,
    committees_named,
    named_committees,
    named_people,
    names_of,
    seats_of,
    target_of,
)
from actionmail.flows.delivery import pauses
from actionmail.rules.campaigns.audiences import addressed, most_letters
from actionmail.rules.campaigns.targets import MAX_LETTERS, Addressing, Members, Rule, Target, members_of, rules_of
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster import titles


class Flag(StrEnum):
    """What keeps letters from a legislator."""

    MISSING = "missing"  # no address
    MALFORMED = "malformed"  # one that is not used
    SHARED = "shared"  # with somebody
    HELD = "held"  # in the send log


class Named(Struct, frozen=True, kw_only=True):
    """One legislator on the list of whom a campaign writes to; `flags` is what keeps letters from them."""

    label: str
    party: str
    is_thanked: bool
    flags: tuple[Flag, ...]


class OwnChamber(Struct, frozen=True, kw_only=True):
    """The seats of one of the campaign's chambers. `written_to`: what the rules leave; `flagged` are among these."""

    name: str
    sitting: int
    vacant: int
    written_to: int
    flagged: Sequence[Named]


class Overview(Struct, frozen=True, kw_only=True):
    """Whom a campaign writes to today. `rules` are (what it does, whom it names, how many in office)."""

    own: Sequence[OwnChamber]
    others: Sequence[Named]
    rules: Sequence[tuple[str, Members, int]]
    most: int

    @property
    def is_too_many(self) -> bool:
        return self.most > MAX_LETTERS


def overview(session: Session, columns: Mapping[str, Any]) -> Overview:
    """Whom a campaign with these columns writes to, with what keeps letters from them."""
    state, rules = columns["state"], rules_of(columns["targets"])
    seats = _seats(session, columns)
    listed = _listed(seats, pauses.held_targets(session))
    labels = {}
    for person in seats.people:
        labels[person.key] = person.label
    labels |= names_of(session, named_people(rules) - set(labels))
    return Overview(
        own=_own_chambers(columns, seats.rows, listed),
        others=[person.named for person in listed if person.how.as_other],
        rules=[_rule_named(state, rule, seats.people, seats.committees.names, labels) for rule in rules],
        most=most_letters(seats.targets),
    )


def out_of_reach(session: Session, columns: Mapping[str, Any]) -> list[str]:
    """Whom of those that it writes to no letter reaches, by name; but members of Congress, who have no addresses."""
    names = []
    for person in _listed(_seats(session, columns), pauses.held_targets(session)):
        keeps_letters_away = set(person.named.flags) - {Flag.SHARED}
        if keeps_letters_away and person.chamber not in FEDERAL_CHAMBERS:
            names.append(person.named.label)
    return names


class _Seats(Struct, frozen=True, kw_only=True):
    """The seats of a campaign's state, who sits on them, and to whom of these it writes."""

    rows: Sequence[Any]
    committees: Committees
    people: Sequence[Target]
    targets: Sequence[tuple[Target, Addressing]]


def _seats(session: Session, columns: Mapping[str, Any]) -> _Seats:
    state = columns["state"]
    committees = committees_named(session, state, named_committees(rules_of(columns["targets"]), []))
    query = seats_of(state).order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)
    rows = session.execute(query).all()
    people = [target_of(state, row, committees) for row in rows if row.status == "sitting"]
    return _Seats(rows=rows, committees=committees, people=people, targets=addressed(columns, people))


class _Listed(Struct, frozen=True, kw_only=True):
    """One legislator on the list, how they may be written to, and what the page shows of them."""

    chamber: str
    how: Addressing
    named: Named


def _listed(seats: _Seats, held: set[int]) -> list[_Listed]:
    by_key = {}
    for target, how in seats.targets:
        by_key[target.key] = target, how
    listed = []
    for row in seats.rows:
        if row.key in by_key:
            target, how = by_key[row.key]
            named = Named(label=target.label, party=row.party, is_thanked=how.is_thanked, flags=_flags(row, held))
            listed.append(_Listed(chamber=row.chamber, how=how, named=named))
    return listed


def _flags(row: Any, held: set[int]) -> tuple[Flag, ...]:
    flags = []
    if row.email_note in (Flag.MISSING, Flag.MALFORMED, Flag.SHARED):
        flags.append(Flag(row.email_note))
    elif not row.email:
        flags.append(Flag.MISSING)
    if row.id in held:
        flags.append(Flag.HELD)
    return tuple(flags)


def _own_chambers(columns: Mapping[str, Any], rows: Sequence[Any], listed: Sequence[_Listed]) -> list[OwnChamber]:
    state = columns["state"]
    own = []
    for chamber in dict.fromkeys(titles.seat_chamber(state, named) for named in columns["chambers"]):
        seats = Counter(row.status for row in rows if row.chamber == chamber)
        written_to, flagged = 0, []
        for person in listed:
            if person.chamber == chamber and person.how.as_own:
                written_to += 1
                if person.named.flags:
                    flagged.append(person.named)
        own.append(
            OwnChamber(
                name=titles.chamber_name(state, chamber),
                sitting=seats["sitting"],
                vacant=seats["vacant"],
                written_to=written_to,
                flagged=flagged,
            )
        )
    return own


def _rule_named(
    state: str, rule: Rule, people: Sequence[Target], committees: Mapping[str, str], labels: Mapping[str, str]
) -> tuple[str, Members, int]:
    return rule.do, members_of(state, rule, committees, labels), rule.count(state, people)

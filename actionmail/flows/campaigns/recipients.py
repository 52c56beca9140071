"""Whom a campaign writes to, as the roster is today: for staff who write it, and for a supporter who acts.

A handful of queries each, however many people are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter, letter_for
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.delivery import pauses
from actionmail.rules.campaigns.matrix import Target, most_letters
from actionmail.rules.campaigns.matrix import addressed as addressed_of
from actionmail.rules.campaigns.targets import (
    MAX_LETTERS,
    Person,
    Rule,
    Standing,
    adds,
    in_words,
    parties_of,
    rules_of,
    standing,
)
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, NO_SENATORS
from actionmail.rules.roster import titles
from actionmail.rules.roster.committees import CONGRESS


@dataclass(frozen=True, kw_only=True)
class Committees:
    """The committees that rules or letters name: names of those there are, and who sits on which, by their keys."""

    names: Mapping[str, str]
    seats: Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Whom a campaign might name. `ids` leads from keys to ids; `gone` are named people no longer in office."""

    people: Sequence[Target]
    ids: Mapping[str, int]
    committees: Mapping[str, str]
    gone: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Board:
    """A committee to choose. `members` are those in office."""

    key: str
    name: str
    members: int


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What rules and letters of a state can name. `chambers` are (key, name)."""

    chambers: Sequence[tuple[str, str]]
    parties: Sequence[str]
    committees: Sequence[Board]


@dataclass(frozen=True, kw_only=True)
class Named:
    """One legislator on the list of whom a campaign writes to; `flags` is what keeps letters from them, in words."""

    label: str
    party: str
    is_thanked: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OwnChamber:
    """The seats of one of the campaign's chambers. `written_to`: what the rules leave; `flagged` are among these."""

    name: str
    sitting: int
    vacant: int
    written_to: int
    flagged: Sequence[Named]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Whom a campaign writes to today. `rules` are in words, each with how many in office it names."""

    own: Sequence[OwnChamber]
    others: Sequence[Named]
    rules: Sequence[tuple[str, int]]
    most: int

    @property
    def is_too_many(self) -> bool:
        return self.most > MAX_LETTERS


@dataclass(frozen=True, kw_only=True)
class Addressed:
    """One legislator whom a supporter writes to with this letter. `why` says who else they are written to with:

    "members of the Assembly Committee on Transportation"; "" for the supporter's own and for who is named alone.
    """

    legislator: Legislator
    letter: Letter
    is_own: bool
    is_thanked: bool
    committee: str
    why: str


def roster(session: Session, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> Roster:
    """Everybody in office whom a campaign with these columns and letters might write to."""
    rules = rules_of(columns["targets"])
    state = columns["state"]
    named_committees = _named(rules, [letter["committees"] for letter in letters])
    committees = _committees(session, state, named_committees)
    query = _in_office(state).order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)
    if not rules and not named_committees:  # nobody else can be named
        seats = {titles.seat_chamber(state, chamber) for chamber in columns["chambers"]}
        query = query.where(Legislator.chamber.in_(seats))
    rows = session.execute(query).all()
    named = {key for rule in rules for key in rule.people} - {row.key for row in rows}
    return Roster(
        people=[_target(state, row, committees) for row in rows],
        ids={row.key: row.id for row in rows},
        committees=committees.names,
        gone=_names(session, named),
    )


def choices(session: Session, state: str) -> Choices:
    """The state's chambers and Congress, the parties of who sits there, and the committees by name."""
    known = select(Legislator.party).where(
        Legislator.state == state, Legislator.gone_at.is_(None), Legislator.status == "sitting"
    )
    parties = session.scalars(known.distinct()).all()
    own = ("legislature",) if state in titles.ONE_CHAMBER else ("upper", "lower")
    chambers = [*own, *(one for one in FEDERAL_CHAMBERS if one != "us_upper" or state not in NO_SENATORS)]
    counted = (
        select(Committee.key, Committee.chamber, Committee.name, func.count(Legislator.id).label("members"))
        .outerjoin(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .outerjoin(
            Legislator,
            and_(
                Legislator.key == CommitteeMember.legislator_key,
                Legislator.state == state,
                Legislator.gone_at.is_(None),
                Legislator.status == "sitting",
            ),
        )
        .where(Committee.state.in_((state, CONGRESS)), Committee.gone_at.is_(None))
        .group_by(Committee.key, Committee.state, Committee.chamber, Committee.name)
        .having(or_(Committee.state == state, func.count(Legislator.id) > 0))
    )
    committees = [
        Board(key=row.key, name=titles.committee_name(state, row.chamber, row.name), members=row.members)
        for row in session.execute(counted)
    ]
    return Choices(
        chambers=[(one, titles.chamber_name(state, one)) for one in chambers],
        parties=sorted({party for said in parties for party in parties_of(said)}),
        committees=sorted(committees, key=lambda one: one.name),
    )


def addressed(session: Session, campaign: Campaign, own: Sequence[Legislator], *, language: str) -> list[Addressed]:
    """Whom a supporter with these legislators writes to, each with the letter for them: their own, then the others.

    `own` are the holders of the supporter's seats in the campaign's chambers. Who has no letter is left out.
    """
    rules = rules_of(campaign.targets)
    committees = _committees(session, campaign.state, _named(rules, [letter.committees for letter in campaign.letters]))
    sitting = [
        one for one in own if one.status == "sitting" and titles.is_for(campaign.state, one.chamber, campaign.chambers)
    ]
    mine = {one.id for one in sitting}
    found = []
    for one in [*sitting, *_added(session, campaign, rules, committees, mine)]:
        person = _person(one.key, one.chamber, one.party, committees)
        how = standing(campaign.state, campaign.chambers, rules, person)
        is_own = one.id in mine
        if not (how.as_own if is_own else how.as_other):
            continue
        letter = letter_for(campaign, person, is_own=is_own, is_thanked=how.is_thanked, language=language)
        if letter is None:
            continue
        because = next((rule for rule in rules if rule.do == "add" and rule.names(campaign.state, person)), None)
        by_name = because is None or is_own or because.people
        found.append(
            Addressed(
                legislator=one,
                letter=letter,
                is_own=is_own,
                is_thanked=how.is_thanked,
                committee=letter.audience.committee_of(person, committees.names),
                why="" if because is None or by_name else in_words(campaign.state, because, committees.names, {}),
            )
        )
    return found


def of_one(
    session: Session, campaign: Campaign, legislator: Legislator, letter: Letter | None, *, as_own: bool, language: str
) -> Addressed | None:
    """How the campaign writes to this legislator of its state: `as_own` or not where it can both, else as it can.

    `letter` is one in place of the campaign's. None where the campaign has no letter for them.
    """
    rules = rules_of(campaign.targets)
    named = [one.committees for one in (*campaign.letters, *([letter] if letter else []))]
    committees = _committees(session, campaign.state, _named(rules, named))
    person = _person(legislator.key, legislator.chamber, legislator.party, committees)
    how = standing(campaign.state, campaign.chambers, rules, person)
    is_own = as_own if len(how.ways) == 2 else how.as_own
    if letter is None and how.ways:
        letter = letter_for(campaign, person, is_own=is_own, is_thanked=how.is_thanked, language=language)
    if letter is None:
        return None
    committee = letter.audience.committee_of(person, committees.names)
    return Addressed(
        legislator=legislator,
        letter=letter,
        is_own=is_own,
        is_thanked=how.is_thanked,
        committee=committee,
        why="",
    )


def overview(session: Session, columns: Mapping[str, Any]) -> Overview:
    """Whom a campaign with these columns writes to, with what keeps letters from them."""
    state, rules = columns["state"], rules_of(columns["targets"])
    committees = _committees(session, state, _named(rules, []))
    held = pauses.held_targets(session)
    rows = session.execute(
        _seats(state).order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)
    ).all()
    people = {row.id: _target(state, row, committees) for row in rows if row.status == "sitting"}
    targets = addressed_of(columns, list(people.values()))
    standings = {one.key: how for one, how in targets}
    named = [
        (row, standings[row.key], _named_of(row, people[row.id], standings[row.key], held))
        for row in rows
        if row.key in standings
    ]
    own = []
    for chamber in dict.fromkeys(titles.seat_chamber(state, chamber) for chamber in columns["chambers"]):
        seats = [row.status for row in rows if row.chamber == chamber]
        mine = [one for row, how, one in named if row.chamber == chamber and how.as_own]
        own.append(
            OwnChamber(
                name=titles.chamber_name(state, chamber),
                sitting=seats.count("sitting"),
                vacant=seats.count("vacant"),
                written_to=len(mine),
                flagged=[one for one in mine if one.flags],
            )
        )
    labels = {one.key: one.label for one in people.values()}
    labels |= _names(session, {key for rule in rules for key in rule.people} - set(labels))
    return Overview(
        own=own,
        others=[one for _, how, one in named if how.as_other],
        rules=[
            (
                f"{_DOES[rule.do]} {in_words(state, rule, committees.names, labels)}",
                sum(rule.names(state, one) for one in people.values()),
            )
            for rule in rules
        ],
        most=most_letters(targets),
    )


def find_people(session: Session, state: str, words: str, *, keys: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Key and label of those in office whose name has these words, 20 at most; and of those under `keys`."""
    query = _in_office(state).order_by(Legislator.family_name, Legislator.id)
    found = list(session.execute(query.where(Legislator.key.in_(keys))))
    parts = words.split()
    if parts:
        fitting = query.where(*(Legislator.name.icontains(part, autoescape=True) for part in parts))
        found += session.execute(fitting.where(Legislator.key.not_in(keys)).limit(20))
    return [(row.key, _target(state, row, _NO_COMMITTEES).label) for row in found]


def _named_of(row: Any, target: Target, how: Standing, held: set[int]) -> Named:
    flags = [_NOTES.get(row.email_note, "") or ("" if row.email else _NOTES["missing"])]
    flags += ["held in the send log"] if row.id in held else []
    return Named(
        label=target.label, party=row.party, is_thanked=how.is_thanked, flags=tuple(flag for flag in flags if flag)
    )


# What the editor says of rules, and of what stands with an address.
_DOES: Final = {
    "only": "Of the supporter's own, only",
    "add": "Also to",
    "leave out": "Never to",
    "thank": "With thanks to",
}
_NOTES: Final = {
    "missing": "no e-mail address",
    "malformed": "malformed e-mail address, not used",
    "shared": "shares an e-mail address with somebody",
}
_NO_COMMITTEES: Final = Committees(names={}, seats={})


def eligible(session: Session, campaign: Campaign, letter: Letter) -> set[int]:
    """The ids of those for whom the letter is, in any way in which the campaign may write to them."""
    rules = rules_of(campaign.targets)
    committees = _committees(session, campaign.state, _named(rules, [letter.committees]))
    found = set()
    for row in session.execute(_in_office(campaign.state)):
        person = _person(row.key, row.chamber, row.party, committees)
        how = standing(campaign.state, campaign.chambers, rules, person)
        if any(
            letter.audience.matches(campaign.state, person, is_own=is_own, is_thanked=how.is_thanked)
            for is_own in how.ways
        ):
            found.add(row.id)
    return found


def _added(
    session: Session, campaign: Campaign, rules: Sequence[Rule], committees: Committees, mine: set[int]
) -> list[Legislator]:
    """Those whom a rule adds and who are not the supporter's own."""
    if not adds(rules):
        return []
    ids = []
    for row in session.execute(_in_office(campaign.state)):
        person = _person(row.key, row.chamber, row.party, committees)
        if row.id not in mine and standing(campaign.state, campaign.chambers, rules, person).as_other:
            ids.append(row.id)
    query = select(Legislator).where(Legislator.id.in_(ids))
    return list(session.scalars(query.order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)))


def _target(state: str, row: Any, committees: Committees) -> Target:
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


def _names(session: Session, keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    query = select(Legislator.key, Legislator.name).where(Legislator.key.in_(keys))
    return {row.key: row.name for row in session.execute(query)}


def _person(key: str, chamber: str, party: str, committees: Committees) -> Person:
    return Person(key=key, chamber=chamber, party=party, committees=committees.seats.get(key, frozenset()))


def _seats(state: str) -> Any:
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
    ).where(Legislator.state == state, Legislator.gone_at.is_(None))


def _in_office(state: str) -> Any:
    return _seats(state).where(Legislator.status == "sitting")


def _named(rules: Iterable[Rule], letters: Iterable[Iterable[str]]) -> set[str]:
    return {key for rule in rules for key in rule.committees} | {key for keys in letters for key in keys}


def _committees(session: Session, state: str, keys: set[str]) -> Committees:
    if not keys:
        return Committees(names={}, seats={})
    names: dict[str, str] = {}
    seats: dict[str, set[str]] = {}
    query = (
        select(Committee.key, Committee.chamber, Committee.name, CommitteeMember.legislator_key)
        .outerjoin(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(Committee.key.in_(keys), Committee.state.in_((state, CONGRESS)), Committee.gone_at.is_(None))
    )
    for row in session.execute(query):
        names[row.key] = titles.committee_name(state, row.chamber, row.name)
        if row.legislator_key:
            seats.setdefault(row.legislator_key, set()).add(row.key)
    return Committees(names=names, seats={key: frozenset(found) for key, found in seats.items()})

"""Whom a supporter writes to, as the roster is today, and with which of the campaign's letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter, letter_for
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns import content
from actionmail.flows.campaigns.campaign_roster import (
    Committees,
    committees_named,
    in_office,
    named_committees,
    person_of,
)
from actionmail.flows.roster.reading import seat_holders
from actionmail.rules.campaigns.targets import Members, Person, Rule, addressing_of, adds, members_of, rules_of
from actionmail.rules.roster import titles


class Addressed(Struct, frozen=True, kw_only=True):
    """One legislator whom a supporter writes to with this letter. `why` says with whom they are written to,
    None for the supporter's own and for who is named alone.
    """

    legislator: Legislator
    letter: Letter
    is_own: bool
    is_thanked: bool
    committee: str
    why: Members | None


class Targets(Struct, frozen=True, kw_only=True):
    """Whom one campaign may write to, as the roster is at one moment: read once, asked as often as one likes.

    `version` is that of the content (`content.version`). `seats` are the holders of its state's seats, and `added`
    those whom a rule adds to a supporter's own, in their order.
    """

    version: int
    rules: Sequence[Rule]
    committees: Committees
    seats: Mapping[tuple[str, str], Sequence[Legislator]]
    added: Sequence[Legislator]


def targets_of(session: Session, campaign: Campaign) -> Targets:
    """As this session sees them."""
    version = content.version(session)  # before what it is the version of
    rules = rules_of(campaign.targets)
    named = named_committees(rules, [letter.committees for letter in campaign.letters])
    committees = committees_named(session, campaign.state, named)
    holders = seat_holders(session, campaign.state) if campaign.letters else []
    seats: dict[tuple[str, str], list[Legislator]] = {}
    for holder in holders:
        seats.setdefault((holder.chamber, holder.district), []).append(holder)
    added = _added(campaign, rules, committees, holders)
    return Targets(version=version, rules=rules, committees=committees, seats=seats, added=added)


def addressed(campaign: Campaign, targets: Targets, own: Sequence[Legislator], *, language: str) -> list[Addressed]:
    """Whom a supporter with these legislators writes to, each with the letter for them: their own, then the others.

    `own` are the holders of the supporter's seats in the campaign's chambers. Who has no letter is left out.
    """
    rules, committees = targets.rules, targets.committees
    sitting = []
    for legislator in own:
        if legislator.status == "sitting" and titles.is_for(campaign.state, legislator.chamber, campaign.chambers):
            sitting.append(legislator)
    mine = {legislator.id for legislator in sitting}
    others = [legislator for legislator in targets.added if legislator.id not in mine]
    recipients = []
    for legislator in [*sitting, *others]:
        is_own = legislator.id in mine
        recipient = _addressed(campaign, rules, committees, legislator, is_own=is_own, language=language)
        if recipient is not None:
            recipients.append(recipient)
    return recipients


def _addressed(
    campaign: Campaign,
    rules: Sequence[Rule],
    committees: Committees,
    legislator: Legislator,
    *,
    is_own: bool,
    language: str,
) -> Addressed | None:
    """One of them; None where the campaign does not write to them so, or has no letter for them."""
    person = person_of(legislator.key, legislator.chamber, legislator.party, committees)
    how = addressing_of(campaign.state, campaign.chambers, rules, person)
    if not (how.as_own if is_own else how.as_other):
        return None
    letter = letter_for(campaign, person, is_own=is_own, is_thanked=how.is_thanked, language=language)
    if letter is None:
        return None
    return Addressed(
        legislator=legislator,
        letter=letter,
        is_own=is_own,
        is_thanked=how.is_thanked,
        committee=letter.audience.committee_of(person, committees.names),
        why=None if is_own else _why(campaign.state, rules, person, committees),
    )


def _why(state: str, rules: Sequence[Rule], person: Person, committees: Committees) -> Members | None:
    """Whom the first rule that adds them names; None where it names them alone."""
    for rule in rules:
        if rule.do == "add" and rule.names(state, person):
            return None if rule.people else members_of(state, rule, committees.names, {})
    return None


def of_one(
    session: Session, campaign: Campaign, legislator: Legislator, letter: Letter | None, *, as_own: bool, language: str
) -> Addressed | None:
    """How the campaign writes to this legislator of its state: `as_own` or not where it can both, else as it can.

    `letter` is one in place of the campaign's. None where the campaign has no letter for them.
    """
    rules = rules_of(campaign.targets)
    named = [each.committees for each in campaign.letters]
    if letter is not None:
        named.append(letter.committees)
    committees = committees_named(session, campaign.state, named_committees(rules, named))
    person = person_of(legislator.key, legislator.chamber, legislator.party, committees)
    how = addressing_of(campaign.state, campaign.chambers, rules, person)
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
        why=None,
    )


def eligible(session: Session, campaign: Campaign, letter: Letter) -> set[int]:
    """The ids of those for whom the letter is, in any way in which the campaign may write to them."""
    rules = rules_of(campaign.targets)
    committees = committees_named(session, campaign.state, named_committees(rules, [letter.committees]))
    ids = set()
    for row in session.execute(in_office(campaign.state)):
        person = person_of(row.key, row.chamber, row.party, committees)
        how = addressing_of(campaign.state, campaign.chambers, rules, person)
        for is_own in how.ways:
            if letter.audience.matches(campaign.state, person, is_own=is_own, is_thanked=how.is_thanked):
                ids.add(row.id)
    return ids


def _added(
    campaign: Campaign, rules: Sequence[Rule], committees: Committees, holders: Sequence[Legislator]
) -> list[Legislator]:
    """Those of a state's holders whom a rule adds."""
    if not adds(rules):
        return []
    added = []
    for holder in holders:
        person = person_of(holder.key, holder.chamber, holder.party, committees)
        if holder.status == "sitting" and addressing_of(campaign.state, campaign.chambers, rules, person).as_other:
            added.append(holder)
    return added

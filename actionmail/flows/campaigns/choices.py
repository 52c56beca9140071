"""What a campaign's rules and letters can name: chambers, parties, committees and people of its state."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.campaigns.campaign_roster import NO_COMMITTEES, in_office, target_of
from actionmail.rules.campaigns.targets import parties_of
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, NO_SENATORS
from actionmail.rules.roster import titles
from actionmail.rules.roster.committees import CONGRESS


class CommitteeChoice(Struct, frozen=True, kw_only=True):
    """A committee to choose. `members` are those in office."""

    key: str
    name: str
    members: int

    @property
    def label(self) -> str:
        """Its name with the number of its members."""
        return f"{self.name} ({self.members})"


class Choices(Struct, frozen=True, kw_only=True):
    """What rules and letters of a state can name. `chambers` are (key, name)."""

    chambers: Sequence[tuple[str, str]]
    parties: Sequence[str]
    committees: Sequence[CommitteeChoice]


def choices(session: Session, state: str) -> Choices:
    """The state's chambers and Congress, the parties of who sits there, and the committees by name."""
    own = ("legislature",) if state in titles.ONE_CHAMBER else ("upper", "lower")
    chambers = []
    for chamber in (*own, *FEDERAL_CHAMBERS):
        if chamber != "us_upper" or state not in NO_SENATORS:
            chambers.append((chamber, titles.chamber_name(state, chamber)))
    return Choices(
        chambers=chambers,
        parties=_parties(session, state),
        committees=_committees(session, state),
    )


def _parties(session: Session, state: str) -> list[str]:
    known = select(Legislator.party).where(
        Legislator.state == state, Legislator.gone_at.is_(None), Legislator.status == "sitting"
    )
    parties: set[str] = set()
    for party in session.scalars(known.distinct()):
        parties.update(parties_of(party))
    return sorted(parties)


def _committees(session: Session, state: str) -> list[CommitteeChoice]:
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
    committees = []
    for row in session.execute(counted):
        name = titles.committee_name(state, row.chamber, row.name)
        committees.append(CommitteeChoice(key=row.key, name=name, members=row.members))
    return sorted(committees, key=lambda committee: committee.name)


def find_people(session: Session, state: str, words: str, *, keys: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Key and label of those in office whose name has these words, 20 at most; and of those under `keys`."""
    query = in_office(state).order_by(Legislator.family_name, Legislator.id)
    rows = list(session.execute(query.where(Legislator.key.in_(keys))))
    parts = words.split()
    if parts:
        fitting = query.where(*(Legislator.name.icontains(part, autoescape=True) for part in parts))
        rows += session.execute(fitting.where(Legislator.key.not_in(keys)).limit(20))
    return [(row.key, target_of(state, row, NO_COMMITTEES).label) for row in rows]

"""Whether there are newer districts than the tables have: by the roster's Congress, or by the table of new maps."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.lookup.by_zip import Found, Home, as_guess, find_seats, guessed_districts, home_of
from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.districts.elections import congress_in
from actionmail.rules.districts.zip_table import Candidate, DistrictTable
from actionmail.rules.replacing import replace
from actionmail.rules.roster.seats import ELECTED

_HOUSE = "us_lower"


def with_doubt_of_age(session: Session | Connection, table: DistrictTable, lookup: Found) -> Found:
    """The same, each district a guess where a newer map than the tables' is known, or a newer Congress sits.

    Any other seat of such a chamber may be the supporter's then: `others` has them, as the roster does.
    """
    known = _with_newer_maps(session, table, _with_older_congress(session, table, lookup))
    if not known.newer and not known.others:
        return known
    return replace(known, others={chamber: _other_seats(session, known, chamber) for chamber in known.newer})


def home_today(session: Session | Connection, table: DistrictTable, zip_text: str, *, preferred: str = "") -> Home:
    """What `home_of` says, without the districts of chambers whose lines are newer. Raises BadZip."""
    home = home_of(table, zip_text, preferred=preferred)
    if not home.districts:
        return home
    chambers = dict.fromkeys(seat.partition("/")[0] for seat in home.districts)
    lookup = find_seats(table, home.zip, state=home.state, chambers=list(chambers))
    newer = _with_newer_maps(session, table, lookup).newer
    districts = tuple(seat for seat in home.districts if seat.partition("/")[0] not in newer)
    return replace(home, districts=districts)


def _other_seats(session: Session | Connection, lookup: Found, chamber: str) -> tuple[Candidate, ...]:
    query = select(Legislator.district).distinct()
    query = query.where(Legislator.state == lookup.state, Legislator.chamber == chamber)
    held = session.scalars(query.where(Legislator.gone_at.is_(None), Legislator.status != ELECTED))
    likely = {candidate.district for candidate in lookup.seats[chamber]}
    return guessed_districts(lookup.state, chamber, set(held) - likely)


def _with_newer_maps(session: Session | Connection, table: DistrictTable, lookup: Found) -> Found:
    others = tuple(known for known in lookup.doubts if known.code is not DoubtCode.NEWER_MAP)
    doubts = []
    for chamber, seats in lookup.seats.items():
        if (lookup.state, chamber) not in table.calendar.new_maps:
            continue
        as_of = _roster_of(session, lookup.state, chamber)
        districts = [candidate.district for candidate in seats]
        new = table.newer_map(lookup.state, chamber, districts, roster_of=as_of) if as_of else None
        if new:
            values = {"first_election": new.first_election.isoformat()}
            doubts.append(Doubt(code=DoubtCode.NEWER_MAP, state=lookup.state, chamber=chamber, values=values))
    if not doubts:
        return lookup if others == lookup.doubts else replace(lookup, doubts=others)
    chambers = [known.chamber for known in doubts]
    return replace(as_guess(lookup, chambers), doubts=(*others, *doubts))


def _roster_of(session: Session | Connection, state: str, chamber: str) -> date | None:
    """The day of the newest row of a house."""
    query = select(func.max(Legislator.as_of)).where(Legislator.state == state, Legislator.chamber == chamber)
    return session.scalar(query.where(Legislator.gone_at.is_(None)))


def _with_older_congress(session: Session | Connection, table: DistrictTable, lookup: Found) -> Found:
    """The same, its district of the House a guess where a newer Congress than the table's sits by the roster.

    Where the whole state is one district, its lines have no age.
    """
    seats = lookup.seats.get(_HOUSE, ())
    if all(candidate.is_statewide for candidate in seats):
        return lookup
    newest = session.scalar(
        select(func.max(Legislator.as_of)).where(Legislator.chamber == _HOUSE, Legislator.gone_at.is_(None))
    )
    if newest is None or congress_in(newest) <= table.congress:
        return lookup
    values = {"congress": str(table.congress), "sitting": str(congress_in(newest))}
    doubt = Doubt(code=DoubtCode.OLDER_CONGRESS, state=lookup.state, chamber=_HOUSE, values=values)
    others = tuple(known for known in lookup.doubts if known.code is not DoubtCode.OLDER_CONGRESS)
    return replace(as_guess(lookup, (_HOUSE,)), doubts=(*others, doubt))

"""Whether the members of Congress in the roster sit for newer districts than the tables have."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.lookup.by_zip import Found, as_guess
from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.districts.elections import congress_in
from actionmail.rules.districts.zip_table import DistrictTable

_HOUSE = "us_lower"


def with_doubt_of_age(session: Session, table: DistrictTable, found: Found) -> Found:
    """The same, its district of the House a guess where a newer Congress than the table's sits by the roster.

    Where the whole state is one district, its lines have no age.
    """
    seats = found.seats.get(_HOUSE, ())
    if all(candidate.is_statewide for candidate in seats):
        return found
    newest = session.scalar(
        select(func.max(Legislator.as_of)).where(Legislator.chamber == _HOUSE, Legislator.gone_at.is_(None))
    )
    if newest is None or congress_in(newest) <= table.congress:
        return found
    values = {"congress": str(table.congress), "sitting": str(congress_in(newest))}
    doubt = Doubt(code=DoubtCode.OLDER_CONGRESS, state=found.state, chamber=_HOUSE, values=values)
    others = tuple(known for known in found.doubts if known.code is not DoubtCode.OLDER_CONGRESS)
    return replace(as_guess(found, (_HOUSE,)), doubts=(*others, doubt))

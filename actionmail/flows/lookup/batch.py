"""Many addresses at once, from and to the files of the Census geocoder's batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.by_address import Located, look_up_anywhere
from actionmail.rules.districts.addresses import Address, Geocode, Place, Years
from actionmail.rules.districts.batch_files import MATCH, NO_MATCH, TIE, BatchAnswer, BatchRow
from actionmail.rules.districts.refusals import GeocoderUnavailable, LookupRefused
from actionmail.rules.districts.zip_table import DistrictTable

CHAMBERS = ("upper", "lower", "legislature", "us_lower")  # a column each, if the state has it

# Why there is no answer, or what is to be said beside it, in words.
Note = Callable[[Located | LookupRefused | GeocoderUnavailable], str]


def look_up_batch(
    table: DistrictTable, rows: Sequence[BatchRow], *, geocode: Geocode | None, atlas: Atlas, note: Note
) -> Iterator[BatchAnswer]:
    """An answer to each address, in their order. Behind the service's columns stand ours: state, the districts of each
    of `CHAMBERS` (several with "; " between them), confidence, who found it, and a note.

    Where the service has answered already, nobody is asked again. Raises DatasetError for boundaries that are damaged.
    """
    for row in rows:
        places: list[Place] = []
        ask = _answered(row) if row.is_answered else geocode
        try:
            each = look_up_anywhere(
                table,
                row.address,
                chambers=("upper", "lower", "us_lower"),
                geocode=_remembering(ask, places) if ask else None,
                atlas=atlas,
            )
        except (LookupRefused, GeocoderUnavailable) as refused:
            yield BatchAnswer(row=row, ours=("", *[""] * len(CHAMBERS), "", "", note(refused)))
            continue
        yield _answer(row, each, places, note)


def _answered(row: BatchRow) -> Geocode:
    places = (row.place,) if row.place else ()
    return lambda address, years: places


def _remembering(geocode: Geocode, places: list[Place]) -> Geocode:
    def ask(address: Address, years: Years) -> tuple[Place, ...]:
        places[:] = geocode(address, years)
        return tuple(places)

    return ask


def _answer(row: BatchRow, each: Sequence[Located], places: Sequence[Place], note: Note) -> BatchAnswer:
    located = each[0]
    states = "; ".join(answer.lookup.state for answer in each)
    districts = []
    for chamber in CHAMBERS:
        names = [candidate.district for candidate in located.lookup.seats.get(chamber, ())]
        districts.append("; ".join(names) if len(each) == 1 else "")
    confidence = located.confidence if len(each) == 1 else "low"
    found_by = str(located.trail.get("found_by", ""))
    is_tie = len(set(places)) > 1
    return BatchAnswer(
        row=row,
        matched=TIE if is_tie else MATCH if places else NO_MATCH,
        place=None if is_tie or not places else places[0],
        ours=(states, *districts, confidence, found_by, note(located)),
    )

"""Which of a geocoder's vintages has the districts that our tables are of.

A vintage is one year's set of layers; each legislative layer has the year of its districts in its name ("2024 State
Legislative Districts - Upper"), each of Congress the number of the Congress, which stands here for the year in which
that was elected. The list of vintages names them ("ACS2025_Current") and does not say what is in them: that is learned
from what each answers. Census Bureau, "Geocoding Services Web Application Programming Interface (API)", 2025.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec import Struct, field

from actionmail.rules.districts.addresses import Years
from actionmail.rules.districts.refusals import GeocoderUnavailable
from actionmail.rules.districts.states import STATES, chambers_in
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import DatasetError

CURRENT = "Current_Current"
LayerYear = tuple[str, int]  # "upper", "lower" or "us_lower", and the year of the districts


class GeocoderReport(Struct, frozen=True, kw_only=True):
    """What one geocoder says of itself: its `layers` by vintage, or what else it `has`; or why it says nothing.

    `kind` is what it answers as, `where` its host or file. `has`: of Nominatim `data_updated` and `version`, of Pelias
    `engine`, of a file of points `count`, `states`, `as_of`, `source` and `licence`.
    """

    kind: str
    where: str
    layers: Mapping[str, frozenset[LayerYear]] | None = None
    has: Mapping[str, str] = field(default_factory=dict)
    trouble: GeocoderUnavailable | DatasetError | None = None


def layer_house(chamber: str) -> str:
    """The layer that a chamber's districts are in: those of a legislature of one house are the upper one's."""
    return "upper" if chamber == "legislature" else chamber


def wanted_layers(years: Years) -> frozenset[LayerYear]:
    """The layers with the districts of these chambers; senators in Congress have none, nor has what has no year."""
    wanted = set()
    for chamber, year in years.items():
        if year and chamber != "us_upper":
            wanted.add((layer_house(chamber), year))
    return frozenset(wanted)


def layers_of_table(table: DistrictTable) -> frozenset[LayerYear]:
    """The layers that all the states' districts in the tables are of."""
    wanted: set[LayerYear] = set()
    for state in STATES:
        chambers = chambers_in(state, ("upper", "lower", "us_lower"))
        wanted |= wanted_layers({chamber: table.year_of(state, chamber) for chamber in chambers})
    return frozenset(wanted)


def vintages_with(served: Mapping[str, frozenset[LayerYear]], layer: LayerYear) -> list[str]:
    """The names of the vintages that have the layer."""
    return sorted(name for name, layers in served.items() if layer in layers)


def years_served(served: Mapping[str, frozenset[LayerYear]], house: str) -> list[int]:
    """The years whose districts some vintage has of a house."""
    years = set()
    for layers in served.values():
        years |= {year for of_house, year in layers if of_house == house}
    return sorted(years)


def vintages_to_guess(missing: Collection[LayerYear]) -> tuple[str, ...]:
    """What to ask for where the service does not list its vintages."""
    years = sorted({year for _, year in missing}, reverse=True)
    return (*(f"ACS{year + 1}_Current" for year in years), CURRENT)


def next_vintage(
    names: Collection[str],
    missing: Collection[LayerYear],
    known: Mapping[str, frozenset[LayerYear]],
    asked: Collection[str],
) -> str | None:
    """The vintage to ask for next: the one known to have most of what is missing, else the likeliest unknown one.

    None where those that are left are known to have nothing of it, or there are none.
    """
    left = [name for name in names if name not in asked]
    fitting = [name for name in left if known.get(name, frozenset()) & frozenset(missing)]
    if fitting:
        return max(fitting, key=lambda name: len(known[name] & frozenset(missing)))
    unknown = [name for name in left if name not in known]
    year = max((year for _, year in missing), default=0)
    return min(unknown, key=lambda name: _distance(name, year), default=None)


def _distance(name: str, year: int) -> tuple[int, int]:
    """How unlikely a vintage is to have the districts of `year`: a survey of the year after has them, and its own.

    Then comes the current one, then later surveys, the nearest first, and at last older ones and censuses.
    """
    match = re.match(r"ACS(\d{4})", name)
    if match is None:
        return (2, 0) if name == CURRENT else (5, 0)
    of_name = int(match[1])
    if of_name in {year, year + 1}:
        return (0 if of_name > year else 1, 0)
    return (3, of_name - year) if of_name > year else (4, year - of_name)

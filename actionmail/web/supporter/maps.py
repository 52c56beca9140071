"""A map of districts in words: its title, its legend, and where on it each district is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from actionmail.rules.moments import listed
from actionmail.rules.speech import ENGLISH, gettext, lazy, spoken
from actionmail.web.platform.places import district_in_house

if TYPE_CHECKING:
    from actionmail.rules.districts.map_drawing import Drawing, Region, ScaleBar

_BEARINGS: Mapping[str, str] = {
    "middle": lazy("in the middle"),
    "north": lazy("in the north"),
    "north_east": lazy("in the north-east"),
    "east": lazy("in the east"),
    "south_east": lazy("in the south-east"),
    "south": lazy("in the south"),
    "south_west": lazy("in the south-west"),
    "west": lazy("in the west"),
    "north_west": lazy("in the north-west"),
    "beyond": lazy("beyond the edge"),
}


class LegendLine(Struct, frozen=True, kw_only=True):
    """One district: how it looks on the map, who represents it, where it is and which places are in it."""

    sign: str
    pattern: int
    title: str
    people: str
    where: str
    places: str


class ShownMap(Struct, frozen=True, kw_only=True):
    """A drawing with its words."""

    drawing: Drawing
    title: str
    legend: Sequence[LegendLine]
    scale: str
    counties: str


def shown_map(drawing: Drawing, people: Mapping[str, str], state: str, chamber: str) -> ShownMap:
    """`people` are the names of who represents each district, by the roster's name of it."""
    titles = [_title(region, state, chamber) for region in drawing.regions]
    return ShownMap(
        drawing=drawing,
        title=gettext("Map of %(districts)s", districts=listed(titles)),
        legend=[_line(region, title, people) for region, title in zip(drawing.regions, titles, strict=True)],
        scale=_scale(drawing.scale),
        counties=listed(list(drawing.counties_named)),
    )


def _title(region: Region, state: str, chamber: str) -> str:
    """As the boundaries have it in English: a pair of seats has one. Elsewhere as the page says districts."""
    if spoken() is ENGLISH:
        return region.title
    return listed([district_in_house(state, chamber, name) for name in region.names])


def _line(region: Region, title: str, people: Mapping[str, str]) -> LegendLine:
    names = dict.fromkeys(filter(None, map(people.get, region.names)))
    return LegendLine(
        sign=region.sign,
        pattern=region.pattern,
        title=title,
        people=listed(list(names)) or gettext("a seat whose holder we do not know"),
        where=str(_BEARINGS[region.bearing.value]),
        places=listed(list(region.places)),
    )


def _scale(scale: ScaleBar) -> str:
    """Such as "2 miles (3.2 km)"."""
    miles = gettext("1 mile") if scale.miles == 1 else gettext("%(count)s miles", count=f"{scale.miles:g}")
    km = f"{scale.km:.0f}" if scale.km >= 10 else f"{scale.km:.1f}"
    return f"{miles} ({km} km)"

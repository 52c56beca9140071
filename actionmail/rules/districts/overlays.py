"""Districts that lie over others of the same house, and seats that share one area.

New Hampshire's floterial districts, the seats at large of DC's council, Idaho's pairs of House seats, and the tribal
seats of Maine, which have no territory.
"""

from __future__ import annotations

from collections.abc import Sequence

from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import Candidate

SEATS_WITHOUT_TERRITORY = frozenset({"Passamaquoddy Tribe", "Houlton Band of Maliseet Indians"})  # Maine's

_NEARLY_ALL = 0.99  # shares of a floterial are sums of rounded shares

# New Hampshire's floterial districts (RSA 662:5, districts of 2022): each lies over several base districts, and the
# people there elect members of both. They are the last districts of each county; Hillsborough has two more base ones.
_NH_FLOTERIAL_FROM = {
    "Belknap": 8,
    "Carroll": 7,
    "Cheshire": 15,
    "Coos": 7,
    "Grafton": 17,
    "Merrimack": 25,
    "Rockingham": 31,
    "Strafford": 18,
    "Sullivan": 7,
}
_NH_HILLSBOROUGH = frozenset({37, 38, 39, 40, 41, 44, 45})


def is_overlay(candidate: Candidate) -> bool:
    """Whether this district comes on top of another one of the same house: a floterial, or a seat at large in DC."""
    if candidate.chamber in FEDERAL_CHAMBERS:
        return False
    if candidate.state == "DC":
        return not candidate.district.startswith("Ward")
    if candidate.state != "NH" or candidate.chamber != "lower":
        return False
    county, _, number = candidate.district.rpartition(" ")
    if not number.isdecimal():
        return False
    if county == "Hillsborough":
        return int(number) in _NH_HILLSBOROUGH
    return int(number) >= _NH_FLOTERIAL_FROM.get(county, 1000)


def base_district(candidate: Candidate) -> str:
    """The area a district stands for: Idaho's House seats 22A and 22B are both district 22."""
    if candidate.state == "ID" and candidate.chamber == "lower":
        return candidate.district.rstrip("AB")
    return candidate.district


def alternatives(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], ...]:
    """The alternatives of one chamber, each the districts that go together: what a supporter chooses one of.

    Idaho's pair of seats is one alternative. Districts that lie over others (DC's seats at large, a New Hampshire
    floterial) belong to each alternative if all the ZIP's people live there; others follow as their own.
    """
    if len(candidates) < 2:
        return tuple((candidate,) for candidate in candidates)
    groups: dict[str, list[Candidate]] = {}
    everybody: list[Candidate] = []
    some: list[Candidate] = []
    for candidate in candidates:
        if not is_overlay(candidate):
            groups.setdefault(base_district(candidate), []).append(candidate)
        elif candidate.share > _NEARLY_ALL:
            everybody.append(candidate)
        else:
            some.append(candidate)
    if not groups:
        return tuple((candidate,) for candidate in candidates)
    return (*((*group, *everybody) for group in groups.values()), *((candidate,) for candidate in some))


def is_settled(candidates: Sequence[Candidate]) -> bool:
    """Whether there is one alternative, and no guess in it."""
    return len(alternatives(candidates)) == 1 and not any(candidate.is_guess for candidate in candidates)

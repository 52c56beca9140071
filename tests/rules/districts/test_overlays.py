from __future__ import annotations

import gzip
from collections import defaultdict

from actionmail.rules.districts.overlays import alternatives, is_overlay
from actionmail.rules.districts.zip_table import Candidate
from actionmail.settings import bundled


def candidate(district: str, state: str = "ID", chamber: str = "lower", share: float = 0.5) -> Candidate:
    return Candidate(chamber=chamber, district=district, state=state, share=share, method="pop")


def test_idahos_seats_are_one_choice() -> None:
    found = alternatives([candidate("19A"), candidate("19B"), candidate("22A"), candidate("22B")])
    assert [[one.district for one in together] for together in found] == [["19A", "19B"], ["22A", "22B"]]


def test_a_floterial_that_covers_a_part_of_a_zip_code_is_a_choice_of_its_own() -> None:
    """Whether it lies over the supporter's own district only the supporter knows."""
    seats = [
        candidate(name, "NH", "lower", share)
        for name, share in (
            ("Merrimack 30", 0.4741),
            ("Merrimack 24", 0.6),
            ("Merrimack 29", 0.991),
            ("Merrimack 19", 0.4),
        )
    ]
    found = alternatives(seats)
    assert [[one.district for one in together] for together in found] == [
        ["Merrimack 24", "Merrimack 29"],
        ["Merrimack 19", "Merrimack 29"],
        ["Merrimack 30"],
    ]


def test_dcs_members_at_large_come_with_every_ward() -> None:
    seats = [
        candidate(name, "DC", "legislature", share)
        for name, share in (("At-Large", 1), ("Ward 1", 0.6), ("Ward 2", 0.4))
    ]
    found = alternatives(seats)
    assert [[one.district for one in together] for together in found] == [
        ["Ward 1", "At-Large"],
        ["Ward 2", "At-Large"],
    ]


def test_new_hampshires_base_districts_cover_everybody_once() -> None:
    """The list of floterial districts, held against the shares of the shipped table."""
    text = gzip.decompress((bundled("data") / "zip_districts.csv.gz").read_bytes()).decode()
    base: dict[str, float] = defaultdict(float)
    across: set[str] = set()
    floterials = set()
    for line in text.splitlines()[1:]:
        zip5, state, chamber, district, share, *_ = line.split(",") if '"' not in line else [""] * 5
        if chamber != "lower":
            continue
        if state != "NH":
            across.add(zip5)
        elif is_overlay(candidate(district, "NH")):
            floterials.add(district)
        else:
            base[zip5] += float(share)
    assert len(floterials) == 39
    assert {zip5: share for zip5, share in base.items() if zip5 not in across and abs(share - 1) > 0.01} == {}

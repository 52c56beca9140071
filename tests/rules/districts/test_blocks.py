from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.districts.blocks import CODES_FILE, Blocks, Part, ZipRow, district_names, read_codes, zip_rows
from actionmail.rules.districts.measuring import measure
from actionmail.rules.districts.overlays import is_overlay
from actionmail.rules.districts.zip_table import Candidate
from actionmail.settings import bundled
from tests.datasets import unusable

DAY = date(2024, 11, 5)


def row(zip5: str, district: str, share: float, *, state: str = "WI", chamber: str = "lower") -> ZipRow:
    return ZipRow(zip=zip5, state=state, chamber=chamber, district=district, share=share, method="pop", as_of=DAY)


def part(zip5: str, *districts: str, people: int = 0, land: int = 1, state: str = "WI", chamber: str = "lower") -> Part:
    return Part(zip=zip5, state=state, chamber=chamber, districts=districts, people=people, land=land)


def shares(rows: list[ZipRow]) -> dict[tuple[str, str], float]:
    return {(one.zip, one.district): one.share for one in rows}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([53703, 53704, 2138]),
            st.sampled_from(["001", "076", "ZZZ"]),
            st.integers(0, 400),
            st.integers(0, 5000),
        ),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_every_block_where_somebody_can_live_is_in_its_zip_codes_rows(
    made: list[tuple[int, str, int, int]], order: object
) -> None:
    held = Blocks(["WI"])
    known = {550010001001000 + at: one for at, one in enumerate(made)}
    shuffled = list(known.items())
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    for block, (zip5, _, _, land) in shuffled:
        held.place(block, zip5, land)
    held.settle("areas.txt")
    for block, (_, code, people, _) in known.items():
        assert held.assign("lower", block, code)
        assert held.count(block, people)
    assert not held.assign("lower", 550010001001000, "001")
    rows = zip_rows(held.parts("WI", "lower", {"001": ("1",), "076": ("76",)}), [], as_of=DAY)
    expected = {
        (f"{zip5:05}", code.lstrip("0")) for zip5, code, people, land in made if code != "ZZZ" and (people or land)
    }
    assert set(shares(rows)) == expected
    totals: dict[str, float] = defaultdict(float)
    for one in rows:
        totals[one.zip] += one.share
    assert all(abs(total - 1) < 0.0005 for total in totals.values())


def test_people_decide_the_shares_and_empty_land_stays_a_candidate() -> None:
    rows = zip_rows(
        [part("53703", "76", people=75, land=10), part("53703", "77", people=25), part("53703", "78", land=99)],
        [],
        as_of=DAY,
    )
    assert shares(rows) == {("53703", "76"): 0.75, ("53703", "77"): 0.25, ("53703", "78"): 0.0001}
    assert {one.method for one in rows} == {"block"}


def test_without_people_land_decides() -> None:
    assert shares(zip_rows([part("53703", "76", land=3), part("53703", "77", land=1)], [], as_of=DAY)) == {
        ("53703", "76"): 0.75,
        ("53703", "77"): 0.25,
    }


def test_a_zip_code_across_a_border_shares_with_the_other_states_rows() -> None:
    others = [row("83814", "4A", 0.4, state="ID"), row("83814", "4B", 0.4, state="ID")]
    assert shares(zip_rows([part("83814", "4", people=9, state="WA")], others, as_of=DAY)) == {("83814", "4"): 0.6}


def test_one_house_counts_beside_both_houses_of_the_next_state() -> None:
    rows = zip_rows(
        [
            part("68030", "17", people=30, state="NE", chamber="legislature"),
            part("68030", "4", people=10, state="IA", chamber="lower"),
            part("68030", "2", people=10, state="IA", chamber="upper"),
        ],
        [],
        as_of=DAY,
    )
    assert {(one.state, one.chamber): one.share for one in rows} == {
        ("NE", "legislature"): 0.75,
        ("IA", "lower"): 0.25,
        ("IA", "upper"): 0.25,
    }


def test_the_houses_that_there_are_not() -> None:
    held = Blocks(["NE", "PR"])
    held.place(310550001001000, 68102, 5)
    held.place(720550001001000, 601, 5)
    held.settle("areas.txt")
    assert held.assign("upper", 720550001001000, "001")
    assert held.assign("lower", 310550001001000, "ZZZ")
    assert held.assign("upper", 310550001001000, "007")
    assert held.houses() == [("NE", "legislature")]


def test_a_block_twice_is_refused() -> None:
    held = Blocks()
    for zip5 in (53703, 53704):
        held.place(550010001001000, zip5, 1)
    with unusable("block 550010001001000 is there twice"):
        held.settle("areas.txt")


def test_codes_become_the_rosters_names() -> None:
    known = read_codes((bundled("data") / CODES_FILE).read_bytes(), CODES_FILE)

    def names(state: str, chamber: str, code: str) -> tuple[str, ...]:
        return district_names(known, state, chamber, code)

    assert names("WI", "lower", "064") == ("64",)
    assert names("MN", "lower", "07A") == ("7A",)
    assert names("AK", "upper", "00R") == ("R",)
    assert names("ID", "lower", "022") == ("22A", "22B")
    assert names("DC", "legislature", "002") == ("Ward 2", "At-Large", "Chairman")
    assert names("MA", "lower", "003") == ("3rd Barnstable",)
    assert names("VT", "upper", "CHS") == ("Chittenden Southeast",)
    assert names("NH", "lower", "003") == ("Belknap 3", "Belknap 8")
    assert [names("WY", "us_lower", code) for code in ("00", "98", "07")] == [("At-Large",), ("At-Large",), ("7",)]


def test_every_named_code_has_districts_of_the_shipped_table_and_the_other_way_round() -> None:
    """Floterials too: in each ZIP code, a floterial's share is the sum of those of the districts it lies over."""
    known = read_codes((bundled("data") / CODES_FILE).read_bytes(), CODES_FILE)
    text = gzip.decompress((bundled("data") / "zip_districts.csv.gz").read_bytes()).decode()
    rows = [one for one in csv.DictReader(io.StringIO(text)) if one["state"] in {"MA", "VT", "NH", "ID", "DC"}]
    named = {(state, chamber, one) for (state, chamber, _), districts in known.items() for one in districts}
    table = {(one["state"], one["chamber"], one["district"]) for one in rows}
    assert named <= table
    houses = {(state, chamber) for state, chamber, _ in known}
    assert {one for one in table if one[:2] in houses} == named
    over: dict[str, set[str]] = defaultdict(set)
    for (state, _, _), districts in known.items():
        if state == "NH":
            for floterial in districts[1:]:
                over[floterial].add(districts[0])
    held: dict[str, dict[str, float]] = defaultdict(dict)
    for one in rows:
        if (one["state"], one["chamber"]) == ("NH", "lower") and one["method"] != "centroid":
            held[one["zip"]][one["district"]] = float(one["share"])
    for zip5, found in held.items():
        for floterial, below in over.items():
            total = min(sum(found.get(one, 0) for one in below), 1)
            assert abs(found.get(floterial, 0) - total) < 0.0011, (zip5, floterial)
    assert {one for one in over if not is_overlay(candidate(one))} == set()


def candidate(district: str) -> Candidate:
    return Candidate(chamber="lower", district=district, state="NH", share=1, method="pop")


def test_a_table_is_measured_in_pairs_and_by_people() -> None:
    truth = [
        part("53703", "76", people=60),
        part("53703", "77", people=40),
        part("53704", "76", people=100),
        part("53704", "79"),
    ]
    table = [
        row("53703", "76", 0.9),
        row("53703", "48", 0.1),
        row("53704", "76", 1),
        row("53799", "1", 1),  # no area: not measured
        row("53703", "16", 1, chamber="upper"),
    ]
    found = measure(truth, table, "lower", by_people=True)
    assert (found.pairs, found.lived_in, found.missed, found.missed_lived_in, found.added) == (4, 3, 2, 1, 1)
    assert found.missed_weight == pytest.approx(40 / 200)
    assert found.added_weight == pytest.approx(0.1 * 100 / 200)
    assert [(one.zip, one.missed, one.added) for one in found.worst] == [
        ("53703", ("WI 77",), ("WI 48",)),
        ("53704", ("WI 79",), ()),
    ]


def test_a_table_of_the_same_blocks_measures_without_fault() -> None:
    truth = [part("53703", "76", people=6), part("53703", "77"), part("53704", "76", people=1)]
    found = measure(truth, zip_rows(truth, [], as_of=DAY), "lower", by_people=True)
    assert (found.missed, found.added, found.missed_weight, found.added_weight, found.worst) == (0, 0, 0, 0, ())

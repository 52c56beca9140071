from __future__ import annotations

import gzip
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.districts.zip_districts import BadZip, Candidate, lies_over, normalise_zip, options, whereabouts
from actionmail.settings import bundled


def candidate(district: str, state: str = "ID", chamber: str = "lower", share: float = 0.5) -> Candidate:
    return Candidate(chamber=chamber, district=district, state=state, share=share, method="pop")


@pytest.mark.parametrize(
    "text", ["53703", " 53703 ", "53703-1234", "537031234", "53703 1234", "5 3 7 0 3", "53703–1234"]
)
def test_zip_codes_as_people_write_them(text: str) -> None:
    assert normalise_zip(text) == "53703"


@pytest.mark.parametrize("text", ["", "5370", "537033", "5370a", "٥٣٧٠٣", "53703-12", "🏠", "53703\x00", "1" * 10_000])
def test_no_zip_code_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadZip, match="five digits"):
        normalise_zip(text)


@given(st.text())
def test_any_text_is_a_zip_code_or_refused(text: str) -> None:
    try:
        found = normalise_zip(text)
    except BadZip:
        return
    assert len(found) == 5
    assert found.isascii()
    assert found.isdigit()


@pytest.mark.parametrize(("zip5", "word"), [("09012", "military"), ("96205", "military"), ("34001", "military")])
def test_military_zip_codes_have_their_sentence(zip5: str, word: str) -> None:
    assert word in (whereabouts(zip5) or "")


@pytest.mark.parametrize(("zip5", "place"), [("00901", "Puerto Rico"), ("96799", "American Samoa"), ("96910", "Guam")])
def test_territories_have_their_sentence(zip5: str, place: str) -> None:
    assert place in (whereabouts(zip5) or "")


def test_hawaii_is_no_territory() -> None:
    assert whereabouts("96701") is None


def test_idahos_seats_are_one_choice() -> None:
    found = options([candidate("19A"), candidate("19B"), candidate("22A"), candidate("22B")])
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
    found = options(seats)
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
    found = options(seats)
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
        zip5, state, chamber, district, share, _method, _day = line.split(",") if '"' not in line else [""] * 7
        if chamber != "lower":
            continue
        if state != "NH":
            across.add(zip5)
        elif lies_over(candidate(district, "NH")):
            floterials.add(district)
        else:
            base[zip5] += float(share)
    assert len(floterials) == 39
    assert {zip5: share for zip5, share in base.items() if zip5 not in across and abs(share - 1) > 0.01} == {}

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.districts.refusals import BadZip, Refusal
from actionmail.rules.districts.zip_codes import normalise_zip, unknown_zip


@pytest.mark.parametrize(
    "text", ["53703", " 53703 ", "53703-1234", "537031234", "53703 1234", "5 3 7 0 3", "53703–1234"]
)
def test_zip_codes_as_people_write_them(text: str) -> None:
    assert normalise_zip(text) == "53703"


@pytest.mark.parametrize("text", ["", "5370", "537033", "5370a", "٥٣٧٠٣", "53703-12", "🏠", "53703\x00", "1" * 10_000])
def test_no_zip_code_is_refused(text: str) -> None:
    with pytest.raises(BadZip):
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


@pytest.mark.parametrize("zip5", ["09012", "96205", "34001"])
def test_military_zip_codes_are_known_as_such(zip5: str) -> None:
    assert unknown_zip(zip5).code is Refusal.MILITARY_ZIP


@pytest.mark.parametrize(("zip5", "place"), [("00901", "Puerto Rico"), ("96799", "American Samoa"), ("96910", "Guam")])
def test_territories_are_named(zip5: str, place: str) -> None:
    unknown = unknown_zip(zip5)
    assert unknown.code is Refusal.TERRITORY_ZIP
    assert place in unknown.values["territory"]


def test_hawaii_is_no_territory() -> None:
    assert unknown_zip("96701").code is Refusal.UNKNOWN_ZIP

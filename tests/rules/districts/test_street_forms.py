"""What people type as the street they live in: `tests/rules/districts/street_forms.csv` says what each form holds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from actionmail.rules.districts.addresses import Address, check
from actionmail.rules.districts.refusals import AddressRefused
from actionmail.rules.districts.street_forms import read_street

FORMS = list(csv.DictReader(Path(__file__).with_name("street_forms.csv").open(encoding="utf-8")))
HOUSES = [form for form in FORMS if form["verdict"] == "house"]


def _ids(form: dict[str, str]) -> str:
    return form["typed"]


def test_the_table_has_enough_forms() -> None:
    assert len(FORMS) >= 80
    assert {form["kind"] for form in FORMS} >= {
        "wisconsin",
        "queens",
        "utah",
        "puerto_rico",
        "ranch_road",
        "fraction",
        "unit",
        "highway",
        "po_box",
    }


@pytest.mark.parametrize("form", FORMS, ids=_ids)
def test_a_house_is_asked_about_and_what_is_none_is_refused(form: dict[str, str]) -> None:
    address = Address(street=form["typed"], zip="53703")
    if form["verdict"] == "house":
        check(address)
        return
    with pytest.raises(AddressRefused) as refused:
        check(address)
    assert refused.value.code == form["verdict"]


@pytest.mark.parametrize("form", HOUSES, ids=_ids)
def test_the_parts_of_a_street_line(form: dict[str, str]) -> None:
    """`key` is one for all spellings of a house; what a geocoder is asked has no unit and no box."""
    street = read_street(form["typed"])
    assert street.key == form["key"]
    assert street.unit == form["unit"]
    assert street.asked == form["asked"]


@pytest.mark.parametrize("text", ["", " ", ",", "#", "½", "1/2", "Main Street", "🏠", "N", "-", "12", "# 4", "Apt 4B"])
def test_what_holds_no_house_has_no_key(text: str) -> None:
    street = read_street(text)
    assert (street.key, street.is_house) == ("", False)


def test_a_very_long_line_stays_as_it_is() -> None:
    line = "2 E Main St" + " Apt 4" * 100_000
    assert (read_street(line).key, read_street(line).name) == ("", line)


def test_a_street_is_not_in_its_repr() -> None:
    assert "Main" not in repr(read_street("2 E Main St"))

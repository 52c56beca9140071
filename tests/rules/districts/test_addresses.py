from __future__ import annotations

import pytest

from actionmail.rules.districts.addresses import Address, Layer, check, is_box, parse, same_district
from actionmail.rules.districts.refusals import AddressRefused, Refusal


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2 E Main St, Madison, WI 53703", ("2 E Main St", "Madison", "WI", "53703")),
        ("2 E Main St, Madison, wi, 53703-1234", ("2 E Main St", "Madison", "WI", "53703")),
        ("2 E Main St, Madison, WI", ("2 E Main St", "Madison", "WI", "")),
        ("2 E Main St, 53703", ("2 E Main St", "", "", "53703")),
        ("  2 E Main St \n Madison WI 53703 USA", ("2 E Main St Madison", "", "WI", "53703")),
        ("2 E Main St, Unit 5, Madison, WI 53703", ("2 E Main St, Unit 5", "Madison", "WI", "53703")),
        ("123 Main", ("123 Main", "", "", "")),
        ("123 Main ZZ 53703", ("123 Main ZZ", "", "", "53703")),
        ("🏠", ("🏠", "", "", "")),
        ("", ("", "", "", "")),
    ],
)
def test_one_line_is_taken_apart(text: str, parts: tuple[str, str, str, str]) -> None:
    address = parse(text)
    assert (address.street, address.city, address.state, address.zip) == parts


@pytest.mark.parametrize(
    ("street", "code"),
    [
        ("PO Box 12", Refusal.PO_BOX),
        ("P. O. Box 12", Refusal.PO_BOX),
        ("POB 12", Refusal.PO_BOX),
        ("P.O.B. 12", Refusal.PO_BOX),
        ("Post Office Box 12", Refusal.PO_BOX),
        ("RR 2 Box 15", Refusal.RURAL_ROUTE),
        ("Rural Route 2", Refusal.RURAL_ROUTE),
        ("HC 1 Box 20", Refusal.RURAL_ROUTE),
        ("RR 3 Box 9", Refusal.RURAL_ROUTE),
        ("R.R. #3, Box 9", Refusal.RURAL_ROUTE),
        ("Smith farm, RR 3 Box 9", Refusal.RURAL_ROUTE),
        ("PSC 3 Box 1200, APO", Refusal.MILITARY_ADDRESS),
        ("Unit 2050, FPO AP", Refusal.MILITARY_ADDRESS),
        ("General Delivery", Refusal.GENERAL_DELIVERY),
        ("Main Street", Refusal.NO_HOUSE_NUMBER),
        ("123", Refusal.NO_STREET),
        ("🏠", Refusal.NO_ADDRESS),
        ("", Refusal.NO_ADDRESS),
        ("北京路 12", Refusal.OTHER_SCRIPT),
        ("улица Ленина 5", Refusal.OTHER_SCRIPT),
    ],
)
def test_what_no_geocoder_finds_is_refused(street: str, code: Refusal) -> None:
    with pytest.raises(AddressRefused) as refused:
        check(Address(street=street, zip="53703"))
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("12345 RR 620 N, Austin, TX 78750", None),
        ("1875 Sandstone Dr RR 3, Madison, WI 53703", None),
        ("RR 3 Box 9, Canton, OH 44730", Refusal.RURAL_ROUTE),
        ("N6W23001 Bluemound Rd, Waukesha, WI 53188", None),
        ("535½ Fourth St, Madison, WI 53703", None),
    ],
)
def test_a_route_is_told_from_a_road(line: str, code: Refusal | None) -> None:
    if code is None:
        check(parse(line))
        return
    with pytest.raises(AddressRefused) as refused:
        check(parse(line))
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("street", "is_told_nothing"),
    [("PO Box 12", True), ("General Delivery", True), ("RR 3 Box 9", False), ("2 E Main St", False), ("", False)],
)
def test_a_box_tells_nothing_of_a_home(street: str, is_told_nothing: bool) -> None:
    assert is_box(Address(street=street)) is is_told_nothing


def test_a_street_without_a_town_is_asked_for_it() -> None:
    with pytest.raises(AddressRefused) as refused:
        check(parse("123 Main"))
    assert refused.value.code is Refusal.NO_TOWN


@pytest.mark.parametrize(
    "street",
    [
        "2 E Main St",
        "N6W23001 Bluemound Rd",
        "12 Bôcher Straße",
        "123½ Main",
        "5 Boxelder Ct",
        "5 Apo Ct",
        "12 Pobst Rd",
        "1 Post Rd",
        "7 Harrison St",
        "12345 RR 620 N",
        "1875 Sandstone Dr RR 3",
        "535½ Fourth St",
        "400 HC 5",
    ],
)
def test_a_street_is_asked_for(street: str) -> None:
    check(Address(street=street, zip="53703"))


def test_an_address_is_not_in_its_repr() -> None:
    assert repr(parse("2 E Main St, Madison, WI 53703")) == "Address()"


@pytest.mark.parametrize(
    ("name", "title", "code", "same"),
    [
        ("76", "76", "076", True),
        ("7", "76", "076", False),
        ("A", "A", "00A", True),
        ("22", "22", "022", True),
        ("3rd Barnstable", "3rd Barnstable District", "003", True),
        ("Worcester and Middlesex", "Middlesex and Worcester", "D12", False),
        ("Cheshire 1", "State House District Cheshire 01", "101", True),
        ("Chittenden 1", "Chittenden-1", "C1", True),
        ("1st Essex", "2nd Essex District", "D02", False),
        ("1st Essex", "1st Essex and Middlesex District", "D01", False),
        ("Merrimack 1", "State House District Merrimack 11", "D11", False),
        ("1", "", "ZZZ", False),
        ("Berkshire, Hampden, Franklin and Hampshire", "Berkshire-Hampden-Franklin-Hampshire District", "D01", True),
        ("Worcester and Middlesex", "Middlesex and Worcester District", "D39", False),
        ("Bennington", "Bennington Senatorial District", "BEN", True),
        ("Chittenden Southeast", "Chittenden South East Senatorial District", "CHS", True),
        ("Chittenden Central", "Chittenden North Senatorial District", "CHN", False),
    ],
)
def test_the_rosters_names_and_the_geocoders(name: str, title: str, code: str, same: bool) -> None:
    assert same_district(name, Layer(chamber="lower", year=2024, name=title, code=code)) == same

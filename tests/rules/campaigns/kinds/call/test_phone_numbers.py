from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.kinds.call.phone_numbers import PhoneNumber, phone_number
from actionmail.rules.campaigns.problems import CampaignValueError

DATA = Path(__file__).resolve().parents[5] / "data"


@pytest.mark.parametrize(
    ("typed", "digits", "extension", "uri"),
    [
        ("202-456-1111", "2024561111", "", "tel:+12024561111"),
        ("(202) 456-1111", "2024561111", "", "tel:+12024561111"),
        (" 202.456.1111 ", "2024561111", "", "tel:+12024561111"),
        ("+1 202 456 1111", "2024561111", "", "tel:+12024561111"),
        ("1-202-456-1111", "2024561111", "", "tel:+12024561111"),
        ("tel:+1-202-456-1111", "2024561111", "", "tel:+12024561111"),
        ("011 1 202 456 1111", "2024561111", "", "tel:+12024561111"),
        ("202\u2011456\u20111111", "2024561111", "", "tel:+12024561111"),
        ("202\u00a0456\u00a01111", "2024561111", "", "tel:+12024561111"),
        ("\u202a202-456-1111\u202c", "2024561111", "", "tel:+12024561111"),
        ("២០២-៤៥៦-១១១១", "2024561111", "", "tel:+12024561111"),
        ("202-456-1111 x12", "2024561111", "12", "tel:+12024561111,,12"),
        ("202-456-1111 ext. 12", "2024561111", "12", "tel:+12024561111,,12"),
        ("202-456-1111 #12", "2024561111", "12", "tel:+12024561111,,12"),
        ("202-456-1111,,0012", "2024561111", "0012", "tel:+12024561111,,0012"),
        ("+1-202-456-1111;ext=12", "2024561111", "12", "tel:+12024561111,,12"),
        ("1-800-FLOWERS", "8003569377", "", "tel:+18003569377"),
        ("1-800-GO-FEDEX", "8004633339", "", "tel:+18004633339"),
        ("1-800-MATTRESS", "8006288737", "", "tel:+18006288737"),
        ("1-800-CALL-NOW x5", "8002255669", "5", "tel:+18002255669,,5"),
        ("787-555-0100", "7875550100", "", "tel:+17875550100"),
        ("671-555-0100", "6715550100", "", "tel:+16715550100"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, digits: str, extension: str, uri: str) -> None:
    number = phone_number(typed)
    assert (number.digits, number.extension, number.tel_uri) == (digits, extension, uri)
    assert phone_number(number.written) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (2024561111, "value.no-text"),
        ("", "value.empty"),
        (" \u202a\u202c ", "value.empty"),
        ("2" * 61, "value.too-long"),
        ("202-456\x00-1111", "value.in-text"),
        ("the White House", "call.no-number"),
        ("(202)", "call.too-short"),
        ("456-1111", "call.too-short"),
        ("911", "call.too-short"),
        ("711", "call.too-short"),
        ("202-456-11112", "call.more-than-number"),
        ("202-456-1111-2222", "call.too-long"),
        ("123-456-7890", "call.not-in-plan"),  # no area code begins with 1
        ("202-156-1111", "call.not-in-plan"),  # nor does what follows it
        ("999-456-1111", "call.not-in-plan"),
        ("+999 1234567", "call.not-in-plan"),
        ("+44 20 7946 0958", "call.other-country"),
        ("+883 5100 0000 0000", "call.other-country"),
        ("416-555-0123", "call.other-country"),  # Toronto
        ("876-555-0123", "call.other-country"),  # Jamaica
        ("900-555-0123", "call.premium-number"),
        ("202-456-1111 / 202-456-1414", "call.several-numbers"),
        ("202-456-1111 or 202-456-1414", "call.several-numbers"),
        ("202-456-1111 / x202-456-1414", "call.several-numbers"),
        ("202-456-1111 comment line", "call.more-than-number"),
        ("202-456-1111, press 2", "call.more-than-number"),
        ("202-456-1111 TTY", "call.more-than-number"),
    ],
)
def test_what_is_no_number_to_call_is_refused_with_its_reason(typed: str, code: str) -> None:
    with pytest.raises(CampaignValueError) as caught:
        phone_number(typed)
    assert caught.value.problem.code == code


def test_a_number_is_shown_as_it_is_written_here_and_taken_apart_for_those_who_hear_it() -> None:
    number = phone_number("(202) 456.1111 extension 40")
    assert (number.national, number.extension, number.e164) == ("202-456-1111", "40", "+12024561111")
    assert number.groups == ("202", "456", "1111")
    assert number.written == "202-456-1111 x40"


def test_letters_to_remember_a_number_by_are_kept_as_they_were_written() -> None:
    number = phone_number("1-800-FLOWERS")
    assert (number.lettered, number.national) == ("1-800-FLOWERS", "800-356-9377")


def test_another_country_is_named() -> None:
    with pytest.raises(CampaignValueError) as caught:
        phone_number("416-555-0123")
    assert caught.value.problem.values == {"region": "CA"}


@pytest.mark.parametrize("name", ["legislators.csv", "congress.csv"])
def test_every_phone_of_the_roster_can_be_called(name: str) -> None:
    refused = []
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            try:
                if row["phone"]:
                    assert phone_number(row["phone"]).tel_uri.startswith("tel:+1")
            except CampaignValueError as error:
                refused.append((row["phone"], str(error)))
    assert refused == []


@given(st.text(max_size=70))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        number = phone_number(typed)
    except CampaignValueError:
        return
    assert isinstance(number, PhoneNumber)
    assert len(number.digits) == 10


@given(st.text(alphabet="0123456789-+() .x,;#/A", min_size=7, max_size=40))
def test_no_digit_that_was_typed_is_dropped_in_silence(typed: str) -> None:
    try:
        number = phone_number(typed)
    except CampaignValueError:
        return
    given_digits = "".join(filter(str.isdigit, typed))
    if not number.lettered and "A" not in typed:
        assert given_digits.endswith(number.digits + number.extension)

from __future__ import annotations

import pytest
from email_validator import validate_email
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from actionmail.rules.roster.seats import PLAIN_ADDRESS, is_address

MAILBOXES = st.text("aZ09_.+'-", min_size=1, max_size=70)
LABELS = st.lists(st.text("aZ09-", min_size=1, max_size=45), min_size=1, max_size=4)
ENDINGS = st.sampled_from(("com", "GOV", "us", "mn", "test", "local", "arpa", "c", "4us"))


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(MAILBOXES, LABELS, ENDINGS)
def test_what_looks_plain_is_an_address_by_every_rule(mailbox: str, labels: list[str], ending: str) -> None:
    text = f"{mailbox}@{'.'.join(labels)}.{ending}"
    assume(PLAIN_ADDRESS.fullmatch(text))
    validate_email(text, check_deliverability=False, allow_smtputf8=False)  # raises, where it is none


@pytest.mark.parametrize("text", ["rep.o'brien@house.example.gov", "Sen.A-B@senate.mn", "a+b_c@legis.wisconsin.gov"])
def test_addresses_of_legislators_look_plain(text: str) -> None:
    assert PLAIN_ADDRESS.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@legis.test",
        "a@mail.local",
        "a@house.4us",
        "a..b@legis.gov",
        ".a@legis.gov",
        "a@-legis.gov",
        "a@le--gis.gov",
        "a@legis.gov.",
        "a@legis.gov\n",
        f"{'a' * 65}@legis.gov",
        "a b@legis.gov",
        "legis.gov",
    ],
)
def test_others_are_looked_at_more_closely(text: str) -> None:
    assert PLAIN_ADDRESS.fullmatch(text) is None


@pytest.mark.parametrize(("text", "is_one"), [("x@y.de", True), ("a@le--gis.gov", False), ("a@legis.test", False)])
def test_which_addresses_can_be_written_to(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one

from __future__ import annotations

import pytest

from actionmail.rules.actions.mail_domains import likely_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("GMIAL.COM", "gmail.com"),
        ("yaho.com", "yahoo.com"),
        ("hotmial.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("comcast.ne", "comcast.net"),
        ("sbcglobal.ne", "sbcglobal.net"),
    ],
)
def test_a_slip_beside_a_large_provider_is_asked_about(typed: str, meant: str) -> None:
    assert likely_meant(typed) == meant


@pytest.mark.parametrize(
    "real",
    ["gmail.com", "ymail.com", "mail.com", "email.com", "gmx.com", "example.org", "att.com", "me.com", "x.com", "",
     "legis.wisconsin.gov", "gmail.example.org", "yahoo.co.uk", "comcast.com", "max.com", "gmial.example"],
)  # fmt: skip
def test_what_may_well_be_right_is_not(real: str) -> None:
    assert likely_meant(real) is None

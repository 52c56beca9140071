"""Mail that supporters can end: RFC 8058, as receivers check it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from actionmail.rules.delivery.automatic_mail import AutomaticMail
from actionmail.rules.delivery.dkim import signing_with
from tests.rules.delivery.test_dkim import RSA, holds

URL = "https://act.example.org/reminders/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/end"
POST = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def reminder(unsubscribe_url: str = URL) -> bytes:
    return AutomaticMail(
        organisation="Example Community Group",
        from_address="letters@act.example.org",
        recipient="mai@example.org",
        subject="Tomorrow",
        text="Your region's day is tomorrow.",
        message_id="<am.1@act.example.org>",
        date=datetime(2022, 5, 3, 23, tzinfo=UTC),
        unsubscribe_url=unsubscribe_url,
    ).as_bytes()


def test_one_click_ends_a_mail_that_has_an_address_for_it() -> None:
    raw = reminder()
    assert message_from_bytes(raw)["List-Unsubscribe"] == f"<{URL}>"
    assert POST in raw
    assert f"List-Unsubscribe: <{URL}>\r\n".encode() in raw.replace(b"\r\n ", b" ")


def test_any_other_mail_has_no_such_headers() -> None:
    assert b"Unsubscribe" not in reminder("")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (POST, b""),
        (POST, POST + POST),
        (b"0123456789abcdef/end", b"0123456789abcdee/end"),
        (b"List-Unsubscribe:", b"X-Unsubscribe:"),
    ],
)
def test_both_headers_are_signed(before: bytes, after: bytes) -> None:
    """Section 4: else the receiver does not offer it."""
    signed = signing_with([RSA])(reminder())
    assert holds(signed)
    assert before in signed
    assert not holds(signed.replace(before, after, 1))


def test_nobody_can_add_the_headers_to_a_mail_without_them() -> None:
    signed = signing_with([RSA])(reminder(""))
    assert not holds(signed.replace(b"Auto-Submitted:", b"List-Unsubscribe: <https://example.org/>\r\nAuto-Submitted:"))

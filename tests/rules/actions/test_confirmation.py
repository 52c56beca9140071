"""When and in which words a supporter is asked to confirm."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from actionmail.rules.actions.confirmation import Asking, ask_letter, mailbox_of, reminder_at, waits_until


def test_a_letter_waits_for_seven_days_or_until_the_deadline(now: datetime) -> None:
    assert waits_until(now, None) == now + timedelta(days=7)
    assert waits_until(now, now + timedelta(days=30)) == now + timedelta(days=7)
    assert waits_until(now, now + timedelta(days=3)) == now + timedelta(days=3)


@pytest.mark.parametrize(
    ("left", "after"),
    [
        (timedelta(days=7), timedelta(days=2)),
        (timedelta(days=4), timedelta(days=2)),
        (timedelta(days=1), timedelta(hours=12)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=1), None),
    ],
)
def test_the_reminder_comes_earlier_where_the_deadline_is_near(
    now: datetime, left: timedelta, after: timedelta | None
) -> None:
    assert reminder_at(now, now + left) == (now + after if after else None)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Mai+News@Example.org", "mai@example.org"),
        ("m.a.i+x@googlemail.com", "mai@gmail.com"),
        ("m.a.i@example.org", "m.a.i@example.org"),
        ("+@example.org", "+@example.org"),
        (".@gmail.com", ".@gmail.com"),
    ],
)
def test_tags_lead_to_the_same_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox


def asked(number: int, *, is_reminder: bool = False) -> str:
    asking = Asking(
        campaign="Keep schools calm",
        bill="AB 969",
        organisation="Example Org",
        legislators=[f"Senator Sample {one}" for one in range(1, number + 1)],
        link="https://act.example.org/confirmations/x",
        denial="https://act.example.org/confirmations/x/denial",
        until=datetime.fromisoformat("2026-03-11T15:12:05+00:00"),
        timezone="America/Chicago",
    )
    letter = ask_letter(asking, is_reminder=is_reminder)
    assert len(letter.subject) <= 78
    return f"{letter.subject}\n{letter.text}"


def test_the_mail_says_what_is_not_sent_and_how_to_send_or_refuse_it() -> None:
    text = asked(1)
    for said in (
        "AB 969: NOT sent until you confirm",
        "wrote a letter with this e-mail address. It is NOT sent until you confirm.",
        "Run by: Example Org",
        "- Senator Sample 1\n",
        "\nhttps://act.example.org/confirmations/x\n",
        "Opening it sends nothing yet. It works until March 11, 2026, 10:12 AM CDT;",
        "If this wasn't you",
        "\nhttps://act.example.org/confirmations/x/denial",
    ):
        assert said in text
    assert "wrote 2 letters" in asked(2)
    assert asked(2, is_reminder=True).startswith("Reminder: AB 969")
    assert "This is the one reminder" in asked(2, is_reminder=True)


def test_of_many_legislators_only_some_are_named() -> None:
    assert "- Senator Sample 10\n" in asked(10)
    text = asked(18)
    assert "- Senator Sample 9\n- and 9 others\n" in text
    assert "wrote 18 letters" in text

"""What a domain wants of who sends to it (RFC 8461)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actionmail.rules.delivery.mta_sts import Mode, Policy, read_policy, record_id

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FILE = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmx: *.Mail.example.org\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    ("texts", "id_"),
    [
        (["v=STSv1; id=20160831085700Z;"], "20160831085700Z"),
        (["v=STSv1;id=1"], "1"),
        (["v=spf1 -all", "v=STSv1; id=2; more=3"], "2"),
        (["v=STSv1; id=1", "v=STSv1; id=2"], ""),
        (["v=STSv1"], ""),
        (["v=STSv1; id=not/allowed"], ""),
        (["v=STSv12; id=1"], ""),
        ([], ""),
    ],
)
def test_the_id_is_the_one_records(texts: list[str], id_: str) -> None:
    assert record_id(texts) == id_


def test_a_policy_is_read() -> None:
    policy = read_policy(FILE, id_="1", now=NOW)
    assert policy == Policy(
        id="1",
        mode=Mode.ENFORCE,
        hosts=("mx1.example.org", "*.mail.example.org"),
        fetched_at=NOW,
        max_age=timedelta(days=7),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!doctype html><p>mode: enforce",
        FILE.replace("STSv1", "STSv2"),
        FILE.replace("enforce", "always"),
        FILE.replace("max_age: 604800", ""),
        FILE.replace("604800", "-1"),
        FILE.replace("604800", "99999999999999999999"),
        FILE.replace("604800", "\u0661"),
        FILE.replace("mx:", "mz:"),
        FILE.replace("mx1.example.org", "mx1 example"),
        FILE.replace("mx1.example.org", "*"),
    ],
)
def test_what_is_none_is_none(text: str) -> None:
    assert read_policy(text, id_="1", now=NOW) is None


def test_a_policy_lasts_a_year_at_most_and_the_first_of_two_values_counts() -> None:
    policy = read_policy(FILE.replace("604800", "999999999") + "mode: none\n", id_="1", now=NOW)
    assert policy is not None
    assert policy.mode is Mode.ENFORCE
    assert policy.max_age < timedelta(days=367)


def test_a_policy_that_takes_everything_back_needs_no_servers() -> None:
    policy = read_policy("version: STSv1\nmode: none\nmax_age: 60\n", id_="1", now=NOW)
    assert policy is not None and policy.mode is Mode.NONE


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("mx1.example.org", True),
        ("MX1.example.org.", True),
        ("a.mail.example.org", True),
        ("mail.example.org", False),
        ("a.b.mail.example.org", False),
        (".mail.example.org", False),
        ("mx2.example.org", False),
        ("mx1.example.org.evil.example", False),
    ],
)
def test_a_star_stands_for_one_label(host: str, is_allowed: bool) -> None:
    policy = read_policy(FILE, id_="1", now=NOW)
    assert policy is not None
    assert policy.allows(host) is is_allowed


def test_a_policy_holds_for_its_time_and_is_looked_at_daily() -> None:
    policy = read_policy(FILE, id_="1", now=NOW)
    assert policy is not None
    assert policy.holds(NOW + timedelta(days=6)) and not policy.holds(NOW + timedelta(days=7))
    assert policy.is_fresh("1", NOW + timedelta(hours=23))
    assert not policy.is_fresh("1", NOW + timedelta(hours=25))
    assert not policy.is_fresh("2", NOW)
    assert not replace(policy, max_age=timedelta(0)).is_fresh("1", NOW)

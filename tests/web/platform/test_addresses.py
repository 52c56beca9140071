"""Whatever stands in an address or behind it: every page answers, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import BaseConverter, Rule

from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import sample_campaign, sample_legislators, sample_statement
from tests.web.staff_pages import ANNA, StaffBrowser, hire, signed_in, staff_app

NUL, LONG = "%00", "x" * 10_000
KEYS = [NUL, f"x{NUL}", LONG, "%FF", "%ED%A0%80", "%F0%9F%92%8C", "a b", "-" * 121]
# The first that no column holds, the first that SQLite's 64 bits do not, and more digits than Python reads.
NUMBERS = ["2147483648", "9223372036854775808", "9" * 5_000, "-1", "%D9%A1", NUL, "1" + NUL]


@pytest.fixture
def app(any_database: Database, settings: Settings, tmp_path: Path) -> Flask:
    with any_database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
        sample_statement(session)
    hire(any_database, ANNA, Role.ADMIN)
    url = any_database.engine.url.render_as_string(hide_password=False)
    return staff_app(replace(settings, database_url=url), tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, ANNA)


def converters(rule: Rule) -> dict[str, BaseConverter]:
    return rule._converters


def rules_with_arguments(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.arguments and rule.endpoint != "static"]


def hostile_paths(rule: Rule) -> Iterator[str]:
    """The rule's address with each parameter in turn as no page of ours would have it, the others as they might be."""
    for hostile, converter in converters(rule).items():
        for value in NUMBERS if type(converter).__name__ in {"IntegerConverter", "RowNumber"} else KEYS:
            path = rule.rule
            for name in converters(rule):
                usual = "7" if f"<int:{name}>" in path else "ab969"
                path = path.replace(f"<int:{name}>", f"<{name}>")
                path = path.replace(f"<{name}>", value if name == hostile else usual)
            yield path


def test_no_parameter_of_any_address_is_a_fault_of_ours(app: Flask, browser: StaffBrowser) -> None:
    asked = 0
    wrong: list[str] = []
    for rule in rules_with_arguments(app):
        for path in hostile_paths(rule):
            for method in sorted({"GET", "POST"} & (rule.methods or set())):
                answer = ask(browser, method, path, asked)
                asked += 1
                if answer != 404:
                    wrong.append(f"{method} {path[:60]}: {answer}")
    assert not wrong, "\n".join(wrong)
    assert asked > 300


def ask(browser: StaffBrowser, method: str, path: str, number: int) -> int:
    """From an address of its own, so that no limit on posting answers in place of the page."""
    return browser.client.open(
        path,
        method=method,
        base_url=browser.site,
        data={"csrf_token": browser._token},
        environ_base={"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250}"},
    ).status_code


def test_every_parameter_is_a_key_or_a_number_of_a_row(app: Flask) -> None:
    kinds = {
        type(converter).__name__
        for rule in rules_with_arguments(app)
        for converter in converters(rule).values()
    }  # fmt: skip
    assert kinds == {"PublicKey", "RowNumber"}


@pytest.mark.parametrize(
    "path",
    ["/campaigns/%00", "/receipts/%00", "/receipts/x%00/letters.txt", "/confirmations/%00", "/v/%00", "/static/%00"],
)
def test_a_nul_in_an_address_is_a_page_that_is_not_there(browser: StaffBrowser, path: str) -> None:
    assert ask(browser, "GET", path, 1) == 404


QUERIES = [
    ("/staff/campaigns/ab969/differences", ("letter", "old", "new")),
    ("/staff/campaigns/ab969/preview", ("legislator", "supporter", "subject", "other")),
    ("/staff/campaigns/ab969/letter", ("letter",)),
    ("/staff/messages", ("campaign", "state", "target", "since", "until", "number", "before", "after")),
    ("/staff/campaigns/together/organisations", ("standing", "after", "before")),
    ("/staff/campaigns/together/statement.pdf", ("top",)),
    ("/staff/exports", ("campaign", "state", "target", "since", "until", "number", "endpoint")),
    ("/staff/numbers", ("campaign", "since", "until")),
    ("/staff/reports/campaigns/ab969", ("since", "until", "as")),
    ("/staff/reports/legislators/1", ("since", "until", "as")),
    ("/staff/supporters/1", ("before",)),
    ("/staff/audit", ("who", "action", "since", "until", "before")),
    (
        "/staff/messages/many",
        ("campaign", "state", "target", "domain", "since", "until", "number", "ids", "legislator"),
    ),
    ("/staff/messages/many/holds", ("campaign", "state", "domain", "number", "ids", "legislator")),
    ("/staff/stops", ("what", "campaign", "domain", "legislator", "reason")),
    ("/staff/pictures", ("before",)),
    ("/staff/roster", ("words", "state", "show", "page")),
    ("/staff/roster/calendar", ("state",)),
    ("/staff/sign-in", ("next",)),
    ("/campaigns/ab969", ("lang",)),
    ("/campaigns/ab969/letter", ("preview",)),
    ("/api/v1/lookup", ("zip", "state", "street", "city", "congress")),
]
QUERY_VALUES = [NUL, "x" + NUL, LONG, *NUMBERS, "-9223372036854775809", "%FF", "0001-01-01", "9999-12-31"]


def test_nothing_behind_the_question_mark_is_a_fault_of_ours(browser: StaffBrowser) -> None:
    asked = 0
    wrong: list[str] = []
    for path, names in QUERIES:
        for name in names:
            for value in QUERY_VALUES:
                answer = ask(browser, "GET", f"{path}?{name}={value}", asked)
                asked += 1
                if answer >= 500:
                    wrong.append(f"{path}?{name}={value[:30]}: {answer}")
    assert not wrong, "\n".join(wrong)


def test_a_version_that_no_column_could_hold_is_one_that_is_not_there(browser: StaffBrowser) -> None:
    path = "/staff/campaigns/ab969/differences?letter=everyone&old=9223372036854775808"
    assert ask(browser, "GET", path, 1) == 404

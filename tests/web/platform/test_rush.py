"""More requests at once than can be answered: who waits, who is told, and what they are told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import update

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.settings import Settings
from actionmail.web.platform.rush import RushPage, Turns
from tests.web.application import open_app
from tests.web.supporter_pages import SupporterBrowser, Within, title

FOREVER = 60.0  # seconds after which something hangs
FORM = "application/x-www-form-urlencoded"


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        pass


def test_few_wait_and_the_rest_are_told_at_once() -> None:
    turns = Turns(1, places=2, patience=FOREVER)
    assert turns.take()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(turns.take), pool.submit(turns.take)]
        until(lambda: turns.waiting == 2)
        assert not turns.take(), "no place is left"
        of_staff = pool.submit(turns.take, more_places=1)
        until(lambda: turns.waiting == 3)
        assert not turns.take(more_places=1)
        for number in range(1, 4):
            turns.give_back()
            until(lambda number=number: sum(one.done() for one in (*waiting, of_staff)) == number)  # type: ignore[misc]
        assert all(one.result() for one in (*waiting, of_staff))
    turns.give_back()
    assert turns.take()
    assert not Turns(0, places=0).take()


def test_turns_come_in_the_order_of_the_line() -> None:
    turns, order = Turns(1, places=5, patience=FOREVER), list[int]()
    assert turns.take()

    def wait(number: int) -> None:
        assert turns.take()
        order.append(number)
        turns.give_back()

    with ThreadPoolExecutor(5) as pool:
        waiting: list[Future[None]] = []
        for number in range(5):
            waiting.append(pool.submit(wait, number))
            until(lambda number=number: turns.waiting == number + 1)  # type: ignore[misc]
        turns.give_back()
        for one in waiting:
            one.result(FOREVER)
    assert order == [0, 1, 2, 3, 4]


def test_who_waited_long_enough_is_told_and_no_turn_gets_lost() -> None:
    turns = Turns(1, places=1, patience=0.0)
    assert turns.take()
    assert not turns.take()
    assert turns.waiting == 0
    turns.give_back()
    assert turns.take()


def test_as_many_as_there_are_turns_at_once_and_never_more() -> None:
    turns, at_once = Turns(3, places=40, patience=FOREVER), list[int]()
    busy: list[object] = []

    def answer() -> None:
        assert turns.take()
        busy.append(None)
        at_once.append(len(busy))
        busy.pop()
        turns.give_back()

    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(answer) for _ in range(500)]:
            done.result(FOREVER)
    assert max(at_once) <= 3
    assert all(turns.take() for _ in range(3))


def test_a_turn_that_is_lent_comes_back_before_whoever_is_in_line() -> None:
    turns, order = Turns(1, places=2, patience=FOREVER), list[str]()
    assert turns.take()

    def wait() -> None:
        assert turns.take()
        order.append("in line")
        turns.give_back()

    def lend() -> None:
        with turns.lent():
            assert turns.take(), "somebody else's"
        order.append("whose it was")
        turns.give_back()

    with ThreadPoolExecutor(2) as pool:
        lending = pool.submit(lend)
        until(lambda: turns.waiting == 1 or lending.done())
        waiting = pool.submit(wait)
        until(lambda: turns.waiting == 2 or waiting.done())
        turns.give_back()
        lending.result(FOREVER)
        waiting.result(FOREVER)
    assert order == ["whose it was", "in line"]


def test_a_turn_that_was_lent_is_back_whatever_happened_meanwhile() -> None:
    turns = Turns(1, places=1, patience=0.0)
    assert turns.take()
    with pytest.raises(OSError, match="gone"), turns.lent():
        raise OSError("gone")
    assert not turns.take()
    turns.give_back()
    assert turns.take()


def told(site: Flask, path: str, body: str = "", method: str = "", **environ: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and content of the page that tells of the rush, without anything around it."""
    answered: list[Any] = []
    asked = {"PATH_INFO": path, "REQUEST_METHOD": method or ("POST" if body else "GET"), "CONTENT_TYPE": FORM}
    content = RushPage(site)(
        {**asked, **environ, "wsgi.input": io.BytesIO(body.encode())}, lambda *answer: answered.extend(answer)
    )
    return int(answered[0][:3]), dict(answered[1]), b"".join(content).decode()


def test_what_was_typed_is_on_the_page_and_its_button_sends_all_of_it(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    path = supporter.path
    typed = {**supporter.fields, "go": "send", "consent": "y", "personal": 'I <3 "schools" & café — 一\r\nTwo lines.'}
    status, headers, page = told(supporter.client.application, path, urlencode(typed))
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "5", "no-store")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Length"] == str(len(page.encode()))
    assert "I &lt;3 &#34;schools&#34; &amp; café — 一" in page
    supporter.read(path, page)
    assert supporter.fields["personal"] == typed["personal"]
    assert {**supporter.fields, "personal": ""} == {**typed, "personal": ""}
    assert "queued" in title(supporter.submit())


def test_whoever_only_comes_is_asked_to_come_again(site: Flask) -> None:
    status, headers, page = told(site, "/campaigns/ab969")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert '<a href="">Try again</a>' in page
    assert "Nothing was sent" not in page
    assert told(site, "/campaigns/ab969", method="HEAD")[2] == ""


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/staff/sign-in", "email=ada%40example.org&password=hunter2", FORM),
        ("/receipts/t/logo", "--x\r\nhunter2", "multipart/form-data; boundary=x"),
        ("/campaigns/ab969", "hunter2=" + "a" * 300_000, FORM),
        ("/campaigns/ab969", "&".join(["hunter2=a"] * 300), FORM),
    ],
)
def test_what_no_page_repeats_is_not_repeated_here_either(site: Flask, path: str, body: str, kind: str) -> None:
    status, _, page = told(site, path, body, CONTENT_TYPE=kind)
    assert status == 503
    assert "hunter2" not in page
    assert "Please go back" in page


def test_below_a_path_staff_and_programs_are_known_too(site_settings: Settings, site: Flask) -> None:
    below = open_app(replace(site_settings, base_url="http://127.0.0.1:8000/act"))
    page = told(below, "/act/staff/sign-in", "email=ada%40example.org&password=hunter2")[2]
    assert "hunter2" not in page
    assert "Please go back" in page
    assert told(below, "/act/api/v1/campaigns")[1]["Content-Type"] == "application/problem+json"
    assert "hunter2" in told(below, "/act/campaigns/ab969", "personal=hunter2")[2]


def test_within_a_page_of_others_it_can_be_seen(site: Flask, database: Database) -> None:
    """A browser shows no page there that says it may not, so what was typed would be gone."""
    with database.write() as session:
        session.execute(update(Campaign).values(sites=["https://partner.example"]))
    within = Within(site)
    within.open()
    status, headers, page = told(site, within.action, "personal=My+words")
    assert (status, "My words" in page) == (503, True)
    assert "frame-ancestors 'self' https://partner.example;" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    for path in ("/campaigns/ab969", within.action.replace("/embed/", "/embed/x")):
        headers = told(site, path, "personal=My+words")[1]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "asked", "lang"),
    [
        ("/campaigns/ab969", {"HTTP_ACCEPT_LANGUAGE": "es-MX,en;q=0.5"}, "es"),
        ("/campaigns/ab969", {"HTTP_ACCEPT_LANGUAGE": "en", "QUERY_STRING": "a=b&lang=es"}, "es"),
        ("/campaigns/ab969", {"HTTP_ACCEPT_LANGUAGE": "xx,*;q=0.1"}, "en"),
        ("/campaigns/ab969", {}, "en"),
        ("/staff/", {"HTTP_ACCEPT_LANGUAGE": "es"}, "en"),
    ],
)
def test_the_page_speaks_what_is_asked_for(site: Flask, path: str, asked: dict[str, str], lang: str) -> None:
    for body in ("", "personal=Mis+palabras"):
        page = told(site, path, body, **asked)[2]
        assert f'<html lang="{lang}">' in page
        assert ("Very many people" in page) == (lang == "en")
    assert ("Intentar de nuevo con lo que escribí" in page) == (lang == "es")


def test_programs_are_told_in_their_way(site: Flask) -> None:
    status, headers, content = told(site, "/api/v1/campaigns")
    assert (status, headers["Content-Type"], headers["Retry-After"]) == (503, "application/problem+json", "5")
    assert json.loads(content)["status"] == 503


def test_a_partners_page_is_told_in_a_way_that_it_may_read(site: Flask, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(sites=["https://partner.example"]))
    Within(site).open()  # so that this process has read it
    path = "/api/v1/campaigns/ab969/actions"
    for method, expected in (("POST", 503), ("OPTIONS", 204)):
        status, headers, _ = told(site, path, method=method, HTTP_ORIGIN="https://partner.example")
        assert (status, headers["Access-Control-Allow-Origin"]) == (expected, "https://partner.example")
        assert (headers["Access-Control-Expose-Headers"], headers["Vary"]) == ("Retry-After", "Origin")
        for other in ("https://other.example", ""):
            status, headers, _ = told(site, path, method=method, HTTP_ORIGIN=other)
            assert (status, "Access-Control-Allow-Origin" in headers) == (503, False)
    for elsewhere in ("/api/v1/campaigns", "/api/v1/nothing"):
        headers = told(site, elsewhere, HTTP_ORIGIN="https://partner.example")[1]
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("body", ["%00%ff%zz=%80", "name=a;b&name=c&&=", "\udcff".encode("utf-8", "replace").decode()])
def test_odd_fields_are_a_page_too(site: Flask, body: str) -> None:
    assert told(site, "/campaigns/ab969", body)[0] == 503

"""The page on which admins say where other programs are told."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from actionmail.cli.delivery.webhook_task import webhooks as webhook_task
from actionmail.db.engine import Database
from actionmail.db.webhooks import Webhook
from actionmail.settings import Settings
from tests.audit import audited
from tests.gateways.hook_server import hook_server, is_signed
from tests.web.clock import Clock
from tests.web.staff_pages import StaffBrowser, words

PAGE = "/staff/webhooks"


def test_an_address_is_added_tested_and_ended(
    admin: StaffBrowser, database: Database, settings: Settings, clock: Clock
) -> None:
    with hook_server() as server:
        admin.get(PAGE)
        added = admin.post(PAGE, url=server.url, events=["letter.bounced", "stop.opened"])
        found = re.search(r"<code>(whsec_[\w+/=]+)</code>", added.text)
        assert found, words(added)
        page = admin.get(PAGE)
        assert found[1] not in page.text
        assert "none yet" in words(page)
        assert admin.post(f"{PAGE}/1/test").status_code == 303
        webhook_task(settings, database.write, clock=clock, say=print).do()
        ((headers, body),) = server.got
        assert is_signed(headers, body, found[1])
        assert b'"webhook.test"' in body
        assert "webhook.test: taken (204)" in words(admin.get(PAGE))
    assert admin.post(f"{PAGE}/1/end").status_code == 303
    assert admin.post(f"{PAGE}/1/end").status_code == 404
    assert admin.post(f"{PAGE}/1/test").status_code == 404
    assert "ended" in words(admin.get(PAGE))
    with database.read() as session:
        assert found[1] not in str(vars(session.scalars(select(Webhook)).one()))
        (entry,) = audited(session, "webhook_added")
        assert entry[3] == {"events": ["letter.bounced", "stop.opened"], "host": "127.0.0.1"}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Write an address"),
        ("hooks", "Write an address"),
        ("https://", "Write an address"),
        ("https://ada:secret@example.org/", "Write an address"),
        ("https://example.org/#part", "Write an address"),
        ("https://example.org:99999/", "Write an address"),
        ("https://ex\u00e4mple.org/", "Write an address"),
        ("https://example.org/\x00", "Write an address"),
        ("https://example.org/" + "x" * 500, "Write an address"),
        ("https://[::1", "Write an address"),
        ("ftp://example.org/", "begin with https://"),
        ("http://example.org/", "begin with https://"),
        ("https://10.0.0.1/", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[fd00::1]/", "private network"),
    ],
)
def test_an_address_that_cannot_be_one_gets_a_sentence(
    admin: StaffBrowser, database: Database, url: str, sentence: str
) -> None:
    admin.get(PAGE)
    page = admin.post(PAGE, url=url, events=["letter.bounced"])
    assert (page.status_code, sentence in words(page)) == (422, True), words(page)
    with database.read() as session:
        assert session.scalars(select(Webhook)).all() == []


@pytest.mark.parametrize("events", [[], ["letter.read"], ["webhook.test"]])
def test_it_has_to_be_told_something_that_there_is(admin: StaffBrowser, events: list[str]) -> None:
    admin.get(PAGE)
    page = admin.post(PAGE, url="https://example.org/hooks", events=events)
    assert page.status_code == 422
    assert "Choose at least one thing" in words(page)
    assert 'value="https://example.org/hooks"' in page.text

"""Every field of every form, posted with more than any column holds and with what no text can hold: never our fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import (
    NOW,
    sample_action,
    sample_call,
    sample_campaign,
    sample_legislators,
    sample_message,
    sample_organisation,
    sample_petition,
    sample_statement,
)
from tests.web.application import open_app
from tests.web.staff_pages import ANNA, StaffBrowser, hire
from tests.web.supporter_pages import BASE, SupporterBrowser, zip_table

HOSTILE = ["x" * 10_000, "x" * 300, "a\x00b", "9223372036854775808", "2147483648"]
RECEIPT = "r" * 43
PAGES = [
    "/staff/drafts",
    "/staff/campaigns/ab969/details",
    "/staff/campaigns/ab969/page",
    "/staff/campaigns/ab969/post",
    "/staff/campaigns/clemency/kind",
    "/staff/campaigns/clemency/actions",
    "/staff/campaigns/comment-line/kind",
    "/campaigns/comment-line",
    "/staff/campaigns/together/kind",
    "/staff/campaigns/together/organisations",
    "/staff/campaigns/ab969/translations/es",
    "/staff/campaigns/ab969/targets",
    "/staff/campaigns/ab969/rules",
    "/staff/campaigns/ab969/letter",
    "/staff/campaigns/ab969/letter?letter=everyone",
    "/staff/campaigns/ab969/copies",
    "/staff/campaigns/ab969/versions",
    "/staff/campaigns/ab969/preview",
    "/staff/campaigns/ab969/changes/pause",
    "/staff/messages/1",
    "/staff/exports?campaign=ab969&target=Lara",
    "/staff/supporters",
    "/staff/supporters/1",
    "/staff/messages/many/holds",
    "/staff/stops",
    "/staff/roster/1",
    "/staff/pictures",
    "/staff/accounts",
    "/staff/password",
    "/staff/second-factor",
    "/staff/passkeys",
    "/staff/resets",
    "/campaigns/ab969",
    "/campaigns/clemency",
    "/campaigns/together",
    f"/receipts/{RECEIPT}/organisation",
    f"/receipts/{RECEIPT}/logo",
    "/staff/supporters/1/erasure",  # last, since it does erase
]
SIGNS_OUT = ("/sign-out", "/end", "/disable", "/removal")


@dataclass(kw_only=True)
class PostedForm:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page that are posted; `action` is "" where the page posts to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PostedForm] = []
        self._open: PostedForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            is_post = (values.get("method") or "").lower() == "post"
            self._open = PostedForm(action=values.get("action") or "") if is_post else None
            if self._open:
                self.forms.append(self._open)
        elif tag in {"input", "textarea", "select", "button"} and self._open and values.get("name"):
            self._open.fields.setdefault(str(values["name"]), values.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


@pytest.fixture
def app(any_database: Database, settings: Settings, tmp_path: Path) -> Flask:
    with any_database.write() as session:
        first, *_ = sample_legislators(session)
        campaign = sample_campaign(session)
        sample_action(session, sample_petition(session))
        sample_call(session)
        statement = sample_statement(session, deadline_at=NOW + timedelta(days=9_999))
        for name in ("Moon Aid", "Moon Aid, Inc."):
            sample_organisation(session, statement, name, receipt_token=RECEIPT if name == "Moon Aid" else "s" * 43)
        sample_message(session, sample_action(session, campaign), first, campaign.letters[0])
    hire(any_database, ANNA, Role.ADMIN)
    url = any_database.engine.url.render_as_string(hide_password=False)
    return open_app(replace(settings, database_url=url, data_dir=zip_table(tmp_path / "data")))


def posts(page: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """One post for each field and each hostile value, the other fields as they stood on the page."""
    reader = _Forms()
    reader.feed(text)
    for form in reader.forms:
        path = form.action or page
        if path.endswith(SIGNS_OUT):
            continue
        for name in form.fields:
            for value in HOSTILE if name != "csrf_token" else ():
                yield path, {**form.fields, name: value}


def test_no_field_of_any_form_is_a_fault_of_ours(app: Flask) -> None:
    browser = StaffBrowser(app)
    wrong: list[str] = []
    number = 0
    for page in PAGES:
        browser.sign_in(ANNA)
        shown = browser.get(page)
        assert shown.status_code == 200, page
        for path, values in posts(page, shown.text):
            number += 1
            place = {"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250}"}
            answer = browser.client.post(path, base_url=BASE, data=values, environ_base=place)
            if answer.status_code >= 500:
                hostile = [f"{name}={value[:12]!r}" for name, value in values.items() if value in HOSTILE]
                wrong.append(f"{path}: {answer.status_code} {hostile}")
    assert not wrong, "\n".join(wrong)
    assert number > 250


def test_no_field_of_the_supporters_steps_is_a_fault_of_ours(app: Flask) -> None:
    wrong: list[str] = []
    for name in ("name", "email", "zip", "street", "city", "phone", "subject_1", "body_1", "personal", "updates"):
        for value in HOSTILE:
            browser = SupporterBrowser(app)
            in_step_one = name in {"name", "email", "zip", "street", "city", "phone"}
            shown = browser.to_letter(**({name: value} if in_step_one else {}))
            if shown.status_code == 200 and browser.path.endswith("/letter"):
                shown = browser.send(**({} if in_step_one else {name: value}))
            if shown.status_code >= 500:
                wrong.append(f"{name}={value[:12]!r}: {shown.status_code}")
    assert not wrong, "\n".join(wrong)

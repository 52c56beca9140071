"""Staff at a browser, as far as a page's forms go."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.staff import Person, Role
from actionmail.settings import Settings
from tests.samples import NOW, light_hash
from tests.web.application import open_app

BASE = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
ANNA = "anna@example.org"  # who writes in most tests
ADA = "ada@example.org"  # who looks after the installation


class StaffBrowser:
    """One browser with its cookies. Posts carry the token of the page last seen."""

    def __init__(self, app: Flask, site: str = BASE) -> None:
        self.client = app.test_client()
        self.site = site
        self._token = ""

    def get(self, path: str) -> TestResponse:
        return self._seen(self.client.get(path, base_url=self.site))

    def post(self, path: str, **values: str | Sequence[str]) -> TestResponse:
        return self._seen(self.client.post(path, base_url=self.site, data={"csrf_token": self._token, **values}))

    def sign_in(self, email: str, password: str = PASSWORD, **values: str) -> TestResponse:
        self.get("/staff/sign-in")
        response = self.post("/staff/sign-in", email=email, password=password, **values)
        if response.status_code == 303:
            self.get("/staff/account")  # the lightest of the pages with a token
        return response

    def _seen(self, response: TestResponse) -> TestResponse:
        text = response.text if response.mimetype == "text/html" else ""
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        self._token = found[1] if found else self._token
        return response


def staff_app(settings: Settings, folder: Path) -> Flask:
    """The application, with a ZIP table of one line: staff pages look nothing up, and the real one takes its time."""
    table = folder / "zip_districts.csv"
    table.write_text("zip,state,chamber,district,share,method,as_of\n53703,WI,lower,76,1,centroid,2024-11-05\n")
    return open_app(replace(settings, data_dir=folder))


def at(app: Flask, clock: Callable[[], datetime]) -> Flask:
    """Let it be the time that `clock` says."""
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], clock=clock)
    return app


def signed_in(app: Flask, email: str) -> StaffBrowser:
    """A browser in which this person has given their password."""
    browser = StaffBrowser(app)
    assert browser.sign_in(email).status_code == 303
    return browser


def save(browser: StaffBrowser, path: str, **values: str | Sequence[str]) -> TestResponse:
    """Open the page, type, and press the button."""
    return browser.post(path, revision=revision(browser.get(path)), **values)


def revision(page: TestResponse) -> str:
    found = re.search(r'name="revision" value="([^"]*)"', page.text)
    return found[1] if found else ""


def hire(database: Database, email: str, role: Role) -> Person:
    with database.write() as session:
        return staff.add(session, email, role, light_hash(PASSWORD), now=NOW)


def words(response: TestResponse) -> str:
    """The text of a page, tags taken out and runs of white space made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())

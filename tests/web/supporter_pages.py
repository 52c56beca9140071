"""A supporter at a browser without JavaScript, as far as a page's forms go."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

BASE = "http://127.0.0.1:8000"
WHO = {"name": "Mai Example", "email": "mai@example.org", "zip": "53703"}

# 53703 as it is: one Senate district, two Assembly districts. The others are made up.
ZIPS = """zip,state,chamber,district,share,method,as_of
53703,WI,lower,76,0.7,pop,2026-03-01
53703,WI,lower,77,0.3,pop,2026-03-01
53703,WI,upper,26,1.0,pop,2026-03-01
53704,WI,lower,76,1.0,pop,2026-03-01
53704,WI,upper,26,1.0,pop,2026-03-01
53777,WI,lower,76,1.0,centroid,2026-03-01
53777,WI,upper,26,1.0,centroid,2026-03-01
94103,CA,lower,17,1.0,pop,2026-03-01
42223,KY,lower,8,0.6,pop,2026-03-01
42223,TN,lower,67,0.4,pop,2026-03-01
"""


def zip_table(folder: Path) -> Path:
    """A data folder with a small ZIP table."""
    folder.mkdir(exist_ok=True)
    (folder / "zip_districts.csv").write_text(ZIPS)
    return folder


class SupporterBrowser:
    """One browser with its cookies, which posts a page's form with all that stood in it."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.path = ""
        self.fields: dict[str, str] = {}

    def get(self, path: str) -> TestResponse:
        return self._seen(path, self.client.get(path.partition("#")[0], base_url=BASE))

    def post(self, path: str, **answers: str) -> TestResponse:
        return self._seen(path, self.client.post(path, base_url=BASE, data={**self.fields, **answers}))

    def submit(self, **answers: str) -> TestResponse:
        """Post the form of the page last seen, and follow where it leads."""
        response = self.post(self.path, **answers)
        return self.get(response.location) if response.status_code == 303 else response

    def begin(self, **answers: str) -> TestResponse:
        self.get("/campaigns/ab969")
        return self.submit(**{**WHO, **answers})

    def to_letter(self, **answers: str) -> TestResponse:
        """To the letter's page, by a ZIP code that leaves no question."""
        return self.begin(**{"zip": "53704", **answers})

    def send(self, **answers: str) -> TestResponse:
        return self.submit(**{"go": "send", "consent": "y", **answers})

    def _seen(self, path: str, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code != 303:
            self.read(path, response.text)
        return response

    def read(self, path: str, page: str) -> None:
        """Have this page of HTML before one's eyes."""
        reader = _Fields()
        reader.feed(page)
        self.fields = reader.fields
        self.path = path.partition("#")[0].partition("?")[0]


class Within(SupporterBrowser):
    """A browser that shows a campaign within a page of another website: it keeps no cookie, and posts where the page's
    own form says.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.client = app.test_client(use_cookies=False)
        self.seen: list[TestResponse] = []

    def open(self, address: str = "/embed/ab969") -> TestResponse:
        response = self.get(address)
        return self.get(response.location) if response.status_code == 303 else response

    def submit(self, **answers: str) -> TestResponse:
        response = self.post(self.action, **answers)
        while response.status_code == 303:
            response = self.get(response.location)
        return response

    def _seen(self, path: str, response: TestResponse) -> TestResponse:
        self.seen.append(response)
        if response.mimetype == "text/html" and (
            found := re.search(r'<form method="post"[^>]* action="([^"]+)"', response.text)
        ):
            self.action = unescape(found[1])
        return super()._seen(path, response)


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        name = got.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in got or self._select not in self.fields):
            self.fields[self._select] = got.get("value") or ""
        elif tag == "input" and name and (got.get("type") not in {"radio", "checkbox"} or "checked" in got):
            self.fields[name] = got.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""


def words(response: TestResponse) -> str:
    """The text of a page, tags taken out and runs of white space made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def problems(response: TestResponse) -> str:
    """The words of the error summary, "" where there is none."""
    found = re.search(r'class="error-summary".*?</div>', response.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


def title(response: TestResponse) -> str:
    found = re.search(r"<title>(.*?)</title>", response.text, re.DOTALL)
    return unescape(found[1]) if found else ""

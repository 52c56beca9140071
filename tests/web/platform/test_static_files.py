"""The first page weighs little: style and script are packed for whoever takes them so, and nothing else is."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.web.supporter_pages import BASE, SupporterBrowser

STYLE = "/static/site.css"
MOST = 20 * 1024  # octets of the first page with all that it needs
TAKES = {"Accept-Encoding": "gzip, deflate, br"}


def test_the_first_page_weighs_little_and_waits_for_one_file_alone(supporter: SupporterBrowser) -> None:
    client = supporter.client
    page = client.get("/campaigns/ab969", base_url=BASE, headers=TAKES)
    assert "Content-Encoding" not in page.headers
    needed = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    answers = [client.get(path, base_url=BASE, headers=TAKES) for path in needed]
    assert all(answer.status_code == 200 for answer in answers)
    weight = sum(len(answer.data) + len(str(answer.headers)) for answer in (page, *answers))
    assert weight <= MOST
    head = page.text.partition("</head>")[0]
    assert len(re.findall(r"<link rel=.stylesheet.|<script(?![^>]* defer)", head)) == 1


@pytest.mark.parametrize(
    ("accepts", "is_packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False), ("", False)],
)
def test_style_is_packed_for_whoever_takes_it(supporter: SupporterBrowser, accepts: str, is_packed: bool) -> None:
    headers = {"Accept-Encoding": accepts}
    answer = supporter.client.get(STYLE, base_url=BASE, headers=headers)
    assert (answer.headers.get("Content-Encoding") == "gzip") == is_packed
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"color-scheme" in (gzip.decompress(answer.data) if is_packed else answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    again = supporter.client.get(STYLE, base_url=BASE, headers={**headers, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_not_packed(supporter: SupporterBrowser) -> None:
    answer = supporter.client.get(STYLE, base_url=BASE, headers={**TAKES, "Range": "bytes=0-9"})
    assert (answer.status_code, len(answer.data)) == (206, 10)
    assert "Content-Encoding" not in answer.headers

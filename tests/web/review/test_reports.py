"""Reports as a page and as a paper, for authors too."""

from __future__ import annotations

import pypdfium2
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, at, signed_in, words

PAGE = "/staff/reports"


@pytest.fixture
def member(database: Database, app: Flask) -> int:
    with database.write() as session:
        campaign = sample_campaign(session, slug="hf3434", title="រៀនពីប្រវត្តិ: ethnic studies")
        legislator = sample_legislator(session, name="Uma Pattern", district="9", party="Blue")
        for number, state in enumerate(("accepted", "bounced", "queued")):
            action = sample_action(session, campaign, quotable="ខ្ញុំបង្រៀននៅទីនោះ។ I teach there." if number else "")
            sample_message(session, action, legislator, campaign.letters[0], supporter_key=str(number), state=state)
        return legislator.id


@pytest.fixture
def author(app: Flask, member: int) -> StaffBrowser:
    return signed_in(at(app, lambda: NOW), "anna@example.org")


def text_of(paper: TestResponse) -> str:
    assert paper.content_type == "application/pdf"
    with pypdfium2.PdfDocument(paper.data) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_a_campaigns_report_is_a_page_and_a_paper(author: StaffBrowser, member: int) -> None:
    assert f"{PAGE}/campaigns/hf3434" in author.get("/staff/numbers?campaign=hf3434").text
    page = words(author.get(f"{PAGE}/campaigns/hf3434"))
    paper = author.get(f"{PAGE}/campaigns/hf3434?as=pdf")
    assert paper.headers["Content-Disposition"] == 'attachment; filename="hf3434-report.pdf"'
    for text in (page, text_of(paper)):
        assert "3 letters, by 3 actions of supporters; 1 taken by a mail server, 1 came back." in text
        assert "All that were written; as of March 4, 2026, 09:12 (America/Chicago)." in text
        assert "Uma Pattern" in text
        assert "March 4, 2026" in text
        assert "Supporters are not named here, and quoted only where they agreed to it." in text
        assert "Mai Example" not in text
        assert "In supporters' own words" in text
        assert text.count("I teach there.") == 2
        assert "Wisconsin State Senate, District 26; Wisconsin State Assembly, District 76" in text
    assert "Wisconsin State Assembly, District 9 Letters 3 Taken by a mail server 1" in page


def test_an_offices_report_is_a_page_and_a_paper(author: StaffBrowser, member: int) -> None:
    assert f"{PAGE}/legislators/{member}" in author.get("/staff/numbers").text
    address = f"{PAGE}/legislators/{member}?since=2026-03-04&until=2026-03-04"
    page = words(author.get(address))
    paper = text_of(author.get(f"{address}&as=pdf"))
    for text in (page, paper):
        assert "Letters to Uma Pattern" in text
        assert "Written from March 4, 2026 to March 4, 2026" in text
        assert "AB 969" in text
    assert "No letter was written in this time." in words(author.get(f"{PAGE}/legislators/{member}?until=2026-03-03"))


def test_what_no_font_can_print_is_named(author: StaffBrowser, member: int, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="klingon", title="\uf8d0 now")
    answer = author.get(f"{PAGE}/campaigns/klingon?as=pdf")
    assert answer.status_code == 409
    assert "No font on this machine has these characters, so nothing was printed: \uf8d0 (U+F8D0)." in words(answer)


def test_what_is_not_there_or_no_day_is_told(author: StaffBrowser, member: int) -> None:
    assert author.get(f"{PAGE}/campaigns/none").status_code == 404
    assert author.get(f"{PAGE}/legislators/9999").status_code == 404
    for query in ("since=huh", "since=2026-03-04&until=2026-03-03", "until=0001-01-01&as=pdf"):
        for address in ("campaigns/hf3434", f"legislators/{member}"):
            answer = author.get(f"{PAGE}/{address}?{query}")
            assert answer.status_code == 422
            assert "There is a problem" in words(answer)

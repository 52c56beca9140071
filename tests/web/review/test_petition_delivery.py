"""Staff hand a petition over."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from html import unescape

import pypdfium2
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.cli.campaigns.petitions import petitions
from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.petitions import PaperPart, PetitionMail, PetitionPaper
from actionmail.db.staff import AuditEntry
from actionmail.flows.actions import paper_jobs
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import NOW, sample_action, sample_campaign, sample_petition
from tests.web.staff_pages import ANNA, StaffBrowser, at, hire, signed_in, words

OFFICE = "office@governor.example"
PAGE = "/staff/campaigns/clemency/delivery"


def a_signed_petition(database: Database) -> None:
    with database.write() as session:
        petition = sample_petition(session)
        sample_action(session, petition, name="=Ann", state="WI", details={"comment": "My cousin."})
        sample_action(session, petition, name="Di Back", state="WI", cancelled_at=NOW)


def test_a_reviewer_takes_the_signatures_as_a_table(app: Flask, database: Database) -> None:
    a_signed_petition(database)
    ray = hire(database, "ray@example.org", Role.REVIEWER)
    reviewer = signed_in(app, "ray@example.org")
    assert f'href="{PAGE}"' in reviewer.get("/staff/campaigns/clemency/actions").text
    page = words(reviewer.get(PAGE))
    assert "1 signature counts" in page
    assert "Make the paper" in page
    table = reviewer.post(PAGE)
    assert table.headers["Content-Disposition"] == 'attachment; filename="clemency.csv"'
    assert "no-store" in table.headers["Cache-Control"]
    rows = list(csv.reader(table.data.decode("utf-8-sig").splitlines()))
    assert rows[1:] == [
        ["'=Ann", "Madison", "Wisconsin", "Wisconsin State Senate, District 26", "March 4, 2026", "My cousin."]
    ]
    assert "@" not in table.text
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "petition_exported")).one()
    assert (entry.actor_id, entry.object_key, entry.details) == (ray.id, "clemency", {"count": 1})


def test_an_author_sees_no_names_and_so_takes_none(app: Flask, database: Database) -> None:
    a_signed_petition(database)
    hire(database, "amy@example.org", Role.AUTHOR)
    author = signed_in(app, "amy@example.org")
    assert "Hand the petition over" not in author.get("/staff/campaigns/clemency").text
    assert author.get(PAGE).status_code == 403
    assert author.post(PAGE).status_code == 403
    with database.read() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "petition_exported")).all() == []


def test_only_a_petition_is_handed_over(app: Flask, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="letters")
    hire(database, "ray@example.org", Role.REVIEWER)
    reviewer = signed_in(app, "ray@example.org")
    for slug in ("letters", "none"):
        assert reviewer.get(f"/staff/campaigns/{slug}/delivery").status_code == 404
        assert reviewer.post(f"/staff/campaigns/{slug}/delivery").status_code == 404


def make(settings: Settings) -> None:
    assert CliRunner().invoke(petitions, ["make"], obj=settings).exit_code == 0


@pytest.fixture
def reviewer(app: Flask, database: Database) -> StaffBrowser:
    """Somebody who may hand a petition over, and one to hand over."""
    a_signed_petition(database)
    hire(database, "ray@example.org", Role.REVIEWER)
    return signed_in(at(app, lambda: datetime.now(UTC)), "ray@example.org")


def know_the_office(database: Database, **columns: object) -> None:
    with database.write() as session:
        petition = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        petition.details = {**petition.details, "to_email": OFFICE}
        for name, value in columns.items():
            setattr(petition, name, value)


def pressed(browser: StaffBrowser, page: TestResponse, **values: str) -> TestResponse:
    """Press a button of the page's last form, with what stands in that form."""
    form = page.text[page.text.rindex("<form method=") :]
    given = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, text in re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        given[name] = text
    given |= dict(re.findall(r'<input type="text" id="[^"]+" name="([^"]+)" value="([^"]*)"', form))
    given |= dict(re.findall(r'<input type="checkbox" id="[^"]+" name="([^"]+)" value="([^"]*)" checked', form))
    typed = {name: unescape(text) for name, text in given.items() if name != "csrf_token"}
    return browser.post(f"{PAGE}/mail", **{**typed, **values})


def test_staff_ask_for_the_paper_see_how_far_it_is_and_take_it(
    reviewer: StaffBrowser, database: Database, settings: Settings
) -> None:
    reviewer.get(PAGE)
    assert reviewer.post(f"{PAGE}/paper", comments="none").status_code == 303
    waiting = reviewer.get(PAGE)
    assert waiting.headers["Refresh"] == f"5; url={PAGE}"
    assert "It waits for a worker" in words(waiting)
    assert "Refresh" not in reviewer.get(f"{PAGE}?still=1").headers
    busy = reviewer.post(f"{PAGE}/paper", comments="all")
    assert (busy.status_code, "A paper is being made already" in words(busy)) == (409, True)
    with database.write() as session:
        job = paper_jobs.claim(session, now=datetime.now(UTC))
        assert job
        paper_jobs.tell(session, job, done=1_500, number=3_000, now=datetime.now(UTC))
    assert "1,500 of 3,000 signatures" in words(reviewer.get(PAGE))
    assert reviewer.get(f"{PAGE}/paper.pdf").status_code == 404
    with database.write() as session:
        session.scalars(select(PetitionPaper)).one().lease_until = NOW
    make(settings)
    done = reviewer.get(PAGE)
    assert "Refresh" not in done.headers
    assert "Download the paper (PDF, 0.1 MB)" in words(done)
    assert "The signers' own words: none: names and places only." in words(done)
    paper = reviewer.client.get(f"{PAGE}/paper.pdf", base_url=reviewer.site)
    assert paper.headers["Content-Disposition"] == 'attachment; filename="clemency.pdf"'
    assert (paper.headers["Content-Type"], paper.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert int(paper.headers["Content-Length"]) == len(paper.data)
    with pypdfium2.PdfDocument(paper.data) as document:
        assert "=Ann" in " ".join(page.get_textpage().get_text_range() for page in document)
    with database.read() as session:
        entries = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert entries[-2:] == ["paper_asked", "petition_exported"]


def test_a_paper_that_is_not_wanted_is_given_up_or_deleted(
    reviewer: StaffBrowser, database: Database, settings: Settings
) -> None:
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="all")
    assert reviewer.post(f"{PAGE}/paper/end").status_code == 303
    make(settings)
    assert "Make the paper" in words(reviewer.get(PAGE))
    reviewer.post(f"{PAGE}/paper", comments="all")
    make(settings)
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper/end")
    assert "There is no paper any more." in words(reviewer.get(PAGE))
    assert reviewer.get(f"{PAGE}/paper.pdf").status_code == 404
    with database.read() as session:
        assert session.scalars(select(PaperPart)).all() == []


def test_what_no_font_can_print_is_told_with_whose_it_is(
    reviewer: StaffBrowser, database: Database, settings: Settings
) -> None:
    with database.write() as session:
        action = session.scalars(select(Action).where(Action.name == "=Ann")).one()
        action.details = {"comment": "So \uf8d0."}
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="all")
    make(settings)
    told = words(reviewer.get(PAGE))
    assert "the words of =Ann (signature 1): \uf8d0 (U+F8D0)" in told
    assert "Ask for a paper without those words." in told


def test_what_cannot_be_meant_makes_nothing(reviewer: StaffBrowser, database: Database) -> None:
    reviewer.get(PAGE)
    for comments in "", "some", "\x00":
        assert reviewer.post(f"{PAGE}/paper", comments=comments).status_code == 422
    assert reviewer.post(f"{PAGE}/mails/nothing").status_code == 404
    for place in "", "1", "9" * 30, "-1":
        assert reviewer.post(f"{PAGE}/mails/try-again", place=place).status_code == 409
    with database.read() as session:
        assert session.scalars(select(PetitionPaper)).all() == []


def test_the_paper_and_the_mail_are_nobodys_but_those_who_see_names(app: Flask, database: Database) -> None:
    a_signed_petition(database)
    hire(database, "amy@example.org", Role.AUTHOR)
    author = signed_in(app, "amy@example.org")
    for path in "/paper.pdf", "/mail":
        assert author.get(PAGE + path).status_code == 403
        assert StaffBrowser(app).get(PAGE + path).status_code == 303
    for path in "/paper", "/paper/end", "/mail", "/mails/try-again":
        assert author.post(PAGE + path).status_code == 403
        assert StaffBrowser(app).post(PAGE + path).status_code in {303, 400, 401, 403}


def test_a_mail_is_written_looked_at_and_sent(reviewer: StaffBrowser, database: Database, settings: Settings) -> None:
    know_the_office(database)
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="all")
    make(settings)
    page = reviewer.get(f"{PAGE}/mail")
    assert "1 person has signed the petition “A second chance after long sentences”" in unescape(page.text)
    preview = pressed(reviewer, page, subject="Our petition")
    told = words(preview)
    assert "Nothing was sent yet." in told
    assert f"To Governor Example ({OFFICE})" in told
    assert "From Example Justice Network via Example Org (letters@act.example.org)" in told
    assert "With this mail: clemency.pdf, the petition with its 1 signature of" in told
    assert "http://127.0.0.1:8000/campaigns/clemency" in told
    with database.read() as session:
        assert session.scalars(select(PetitionMail)).all() == []
    assert "Look at it as it goes" in words(pressed(reviewer, preview, step="change"))
    sent = pressed(reviewer, preview, step="send")
    assert (sent.status_code, sent.headers["Location"]) == (303, PAGE)
    again = pressed(reviewer, preview, step="send")
    assert (again.status_code, "a mail was queued since you opened this page" in words(again)) == (409, True)
    with database.read() as session:
        mail = session.scalars(select(PetitionMail)).one()
    assert (mail.subject, mail.recipient, len(mail.paper_sha256)) == ("Our petition", OFFICE, 64)
    assert "It waits for a worker." in words(reviewer.get("/staff/messages"))
    assert "It waits for a worker." not in words(reviewer.get("/staff/messages?campaign=ab969"))
    reviewer.get(PAGE)
    assert reviewer.post(f"{PAGE}/mails/take-back", place="1").status_code == 303
    assert "It was taken back, and never sent." in words(reviewer.get(PAGE))


def test_what_was_not_looked_at_is_not_sent(reviewer: StaffBrowser, database: Database, settings: Settings) -> None:
    know_the_office(database)
    preview = pressed(reviewer, reviewer.get(f"{PAGE}/mail"))
    other = pressed(reviewer, preview, step="send", recipient="me@example.org")
    assert "the address is another than the one you looked at" in words(other)
    assert (other.status_code, "We hand it over to you with this mail" in words(other)) == (409, True)
    for wrong in {"enclose": "y"}, {"enclose": "y", "paper": "0" * 64}:
        assert "There is no paper that can be attached." in words(pressed(reviewer, preview, step="send", **wrong))
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="all")
    make(settings)
    for paper in "", "0" * 64:
        refused = pressed(reviewer, preview, step="send", enclose="y", paper=paper)
        assert "the paper is another than the one you looked at" in words(refused)
    with database.read() as session:
        assert session.scalars(select(PetitionMail)).all() == []


def test_a_mail_that_cannot_be_written_so_says_why_and_loses_nothing(
    reviewer: StaffBrowser, database: Database
) -> None:
    know_the_office(database)
    page = reviewer.get(f"{PAGE}/mail")
    for typed, sentence in (
        ({"subject": ""}, "Enter a subject."),
        ({"subject": "x" * 79}, "The subject may have 78 characters at most"),
        ({"subject": "Bcc:\r\nx@example.org"}, "must be one line"),
        ({"text": " "}, "Enter a text."),
        ({"text": "y" * 10_001}, "The text may have 10,000 characters at most"),
        ({"text": "a\x00b"}, "In line 1:"),
    ):
        refused = pressed(reviewer, page, **{"subject": "Kept", "text": "Kept too", **typed})
        assert refused.status_code == 422
        assert sentence in words(refused)
        assert "Kept" in refused.text


def test_without_an_address_or_a_page_there_is_no_mail(reviewer: StaffBrowser, database: Database) -> None:
    assert "No e-mail address is known" in words(reviewer.get(f"{PAGE}/mail"))
    assert reviewer.post(f"{PAGE}/mail", subject="A", text="B", step="send").status_code == 422
    know_the_office(database, status="archived")
    assert "has no public page" in words(reviewer.get(f"{PAGE}/mail"))
    assert reviewer.post(f"{PAGE}/mail", subject="A", text="B", step="send").status_code == 422


def test_the_offices_address_stands_on_no_page_of_the_petition(
    reviewer: StaffBrowser, database: Database, app: Flask
) -> None:
    know_the_office(database)
    client = app.test_client()
    for path in "/", "/campaigns/clemency", "/api/v1/campaigns", "/news.json", "/news.atom":
        answer = client.get(path, base_url="http://127.0.0.1:8000")
        assert answer.status_code == 200
        assert OFFICE not in answer.text


def test_a_name_that_no_font_has_can_be_taken_out_of_the_count(
    reviewer: StaffBrowser, database: Database, settings: Settings
) -> None:
    """Else a supporter could keep the paper from being made by signing as nobody is called."""
    with database.write() as session:
        session.scalars(select(Action).where(Action.name == "=Ann")).one().name = "\uf8d0\uf8d0"
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="none")
    make(settings)
    told = words(reviewer.get(PAGE))
    assert "the name of \uf8d0\uf8d0 (signature 1): \uf8d0 (U+F8D0)" in told
    assert "can be taken out of the count, under “Who took part”" in told
    with database.write() as session:
        session.scalars(select(Action).where(Action.name == "\uf8d0\uf8d0")).one().invalid_at = NOW
    reviewer.post(f"{PAGE}/paper", comments="none")
    make(settings)
    assert "Download the paper" in words(reviewer.get(PAGE))


def test_the_staffs_first_page_names_a_mail_that_waits_for_them(
    reviewer: StaffBrowser, database: Database, app: Flask
) -> None:
    know_the_office(database)
    pressed(reviewer, pressed(reviewer, reviewer.get(f"{PAGE}/mail")), step="send")
    assert "over to Governor Example" not in words(reviewer.get("/staff/"))
    with database.write() as session:
        mail = session.scalars(select(PetitionMail)).one()
        mail.state, mail.why = "held", "unclear"
    told = words(reviewer.get("/staff/"))
    assert "What needs attention" in told
    assert "over to Governor Example: It is held until staff decide." in told
    author = signed_in(app, ANNA)
    assert "over to Governor Example" in words(author.get("/staff/"))
    assert f'href="{PAGE}' not in author.get("/staff/").text
    with database.write() as session:
        mail = session.scalars(select(PetitionMail)).one()
        mail.state, mail.updated_at = "failed", NOW
    assert "over to Governor Example" not in words(reviewer.get("/staff/"))  # long ago


def test_a_supporter_who_has_their_data_erased_takes_the_paper_along(
    reviewer: StaffBrowser, database: Database, settings: Settings, app: Flask
) -> None:
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/paper", comments="all")
    make(settings)
    taken = reviewer.client.get(f"{PAGE}/paper.pdf", base_url=reviewer.site)
    with database.read() as session:
        token = session.scalars(select(Action.receipt_token).where(Action.name == "=Ann")).one()
    supporter = StaffBrowser(app)  # any browser that keeps its cookies
    supporter.get(f"/receipts/{token}/erasure")
    assert supporter.post(f"/receipts/{token}/erasure").status_code == 303
    gone = reviewer.get(f"{PAGE}/paper.pdf")
    assert (taken.status_code, gone.status_code) == (200, 404)
    assert "somebody who signed had their data erased" in words(gone)
    with database.read() as session:
        assert session.scalars(select(PaperPart)).all() == []

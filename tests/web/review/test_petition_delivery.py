"""Staff hand a petition over."""

from __future__ import annotations

import csv

from flask import Flask
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry
from actionmail.flows.staff import Role
from tests.samples import NOW, sample_action, sample_campaign, sample_petition
from tests.web.staff_pages import hire, signed_in, words

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
    assert "actionmail petitions export clemency --pdf clemency.pdf" in page
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

"""Two people at the same letters: nobody overwrites what a colleague saved unseen, on either database."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import sample_campaign, sample_legislators, sample_letter
from tests.web.staff_pages import ANNA, StaffBrowser, hire, revision, save, signed_in, staff_app, words

HOME = "/staff/campaigns/ab969"
SAM = "sam@example.org"
THEIRS = {
    "name": "everyone",
    "language": "en",
    "subjects": "Oppose {{ bill }}",
    "opening": "{{ salutation }}",
    "body": "Theirs on {{ bill }}.",
    "closing": "Sincerely,\n{{ supporter_name }}",
}
BOTH = ["upper", "lower"]
FIRST, SECOND = "The first words on AB 969.", "The second words on AB 969."


@pytest.fixture
def two_people(any_database: Database, settings: Settings, tmp_path: Path) -> Flask:
    """A draft whose letter has three versions, and two who may write."""
    for email in (ANNA, SAM):
        hire(any_database, email, Role.AUTHOR)
    with any_database.write() as session:
        sample_legislators(session)
        campaign = sample_campaign(session, status="draft")
        session.scalars(select(Letter)).one().name = "other"
        for version, body in enumerate((FIRST, SECOND, "What is in use on AB 969."), 1):
            letter = sample_letter(session, campaign, place=2, version=version, body=body, sha256=str(version) * 64)
            letter.retired_at = None if version == 3 else letter.created_at
    url = any_database.engine.url.render_as_string(hide_password=False)
    return staff_app(replace(settings, database_url=url), tmp_path)


def in_use(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        letters = session.scalars(select(Campaign)).one().letters
        return [(letter.name, letter.body) for letter in letters]


def bodies(database: Database) -> list[str]:
    """Every version's, the oldest first."""
    with database.read() as session:
        return list(session.scalars(select(Letter.body).where(Letter.name == "everyone").order_by(Letter.version)))


def post(browser: StaffBrowser, noun: str, seen: str, **values: str) -> int:
    return browser.post(f"{HOME}/{noun}", letter="everyone", revision=seen, **values).status_code


def test_restoring_a_letter_does_not_overwrite_what_a_colleague_saved(two_people: Flask) -> None:
    anna, sam = signed_in(two_people, ANNA), signed_in(two_people, SAM)
    seen = revision(anna.get(f"{HOME}/versions"))
    assert save(sam, f"{HOME}/letter?letter=everyone", **THEIRS, chambers=BOTH).status_code == 303
    refused = anna.post(f"{HOME}/restorations", letter="everyone", version="1", revision=seen)
    assert refused.status_code == 409
    assert "sam@example.org changed the letters while you were looking at them, so nothing was saved." in words(refused)
    assert anna.post(
        f"{HOME}/restorations", letter="everyone", version="1", revision=revision(refused)
    ).status_code == 303  # fmt: skip


@pytest.mark.parametrize("noun", ["letters/places", "letters/removals"])
def test_moving_or_removing_a_letter_does_not_undo_what_a_colleague_saved(
    two_people: Flask, any_database: Database, noun: str
) -> None:
    anna, sam = signed_in(two_people, ANNA), signed_in(two_people, SAM)
    seen = revision(anna.get(f"{HOME}/letters"))
    assert save(sam, f"{HOME}/letter?letter=everyone", **THEIRS, chambers=BOTH).status_code == 303
    assert post(anna, noun, seen) == 303
    assert "Nothing was changed. sam@example.org changed the letters" in words(anna.get(f"{HOME}/letters"))
    assert [name for name, _ in in_use(any_database)] == ["other", "everyone"]
    assert post(anna, noun, revision(anna.get(f"{HOME}/letters"))) == 303
    assert [name for name, _ in in_use(any_database)] != ["other", "everyone"]


def test_of_two_who_restore_a_letter_at_once_one_is_told(two_people: Flask, any_database: Database) -> None:
    presses = []
    for email, version in ((ANNA, "1"), (SAM, "2")):
        browser = signed_in(two_people, email)
        presses.append((browser, version, revision(browser.get(f"{HOME}/versions"))))
    gate, answers = threading.Barrier(2), {}

    def press(browser: StaffBrowser, version: str, seen: str) -> None:
        gate.wait()
        answers[version] = post(browser, "restorations", seen, version=version)

    threads = [threading.Thread(target=press, args=one) for one in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [303, 409]
    assert in_use(any_database)[-1] == ("everyone", FIRST if answers["1"] == 303 else SECOND)
    assert len(bodies(any_database)) == 4


def test_nobody_publishes_what_a_colleague_changed_after_they_read_it(
    two_people: Flask, any_database: Database
) -> None:
    anna, sam = signed_in(two_people, ANNA), signed_in(two_people, SAM)
    seen = revision(anna.get(f"{HOME}/changes/publish"))
    assert save(sam, f"{HOME}/letter?letter=everyone", **THEIRS, chambers=BOTH).status_code == 303
    refused = anna.post(f"{HOME}/changes/publish", revision=seen)
    assert refused.status_code == 409
    assert "sam@example.org changed the campaign since you looked at it, so nothing was done." in words(refused)
    assert anna.post(f"{HOME}/changes/publish", revision=revision(refused)).status_code == 303

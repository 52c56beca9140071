"""Versions of letters, and campaigns as files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Letter
from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.campaigns import history, publishing, reading, saving
from actionmail.flows.campaigns.refusals import ChangeRefused, UnknownVersion
from actionmail.flows.campaigns.saving import Author
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_check import check_part
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.campaigns.problems import LetterError
from actionmail.settings import bundled
from tests.audit import audited
from tests.pictures import keep_picture
from tests.samples import light_hash, sample_legislators
from tests.wording import raises

SAMPLES = sorted((bundled("data") / "campaigns").glob("*.toml"))
AB969 = SAMPLES[0].read_text(encoding="utf-8").replace('"draft"', '"live"')
SECOND = AB969.replace("Please vote no on {{ bill }}.", "Please vote no on {{ bill }}, now.")


@pytest.fixture
def anna(any_database: Database, now: datetime) -> Author:
    with any_database.write() as session:
        person = staff.add(session, "anna@example.org", staff.Role.AUTHOR, light_hash(), now=now)
    return Author(id=person.id, email=person.email)


def load(database: Database, text: str, now: datetime) -> None:
    with database.write() as session:
        saving.load_campaign(session, text, source="file.toml", now=now)


def restore(session: Session, version: int, *, by: Author, now: datetime) -> saving.LoadReport:
    seen = reading.letters_revision(reading.campaign_of(session, "ab969"))
    return history.restore(session, "ab969", "Both chambers", version, seen=seen, by=by, now=now)


def test_an_old_version_is_restored_as_a_new_one(any_database: Database, now: datetime, anna: Author) -> None:
    later = now + timedelta(hours=1)
    load(any_database, AB969, now)
    load(any_database, SECOND, now)
    with any_database.write() as session:
        report = restore(session, 1, by=anna, now=later)
    assert report.letters_added == ("Both chambers (version 3)",)
    with any_database.read() as session:
        third, second, first = history.versions(session, "ab969")
        entry = audited(session)[-1]
    assert (third.body, third.sha256) == (first.body, first.sha256)
    assert (third.saved_by, third.created_at, third.retired_at) == ("anna@example.org", later, None)
    assert (second.saved_by, second.retired_at) == ("", later)
    letters = {"new_letters": ["Both chambers (version 3)"], "retired_letters": ["Both chambers (version 2)"]}
    assert entry == (anna.id, "campaign_changed", "campaign ab969", letters)


def test_a_letter_that_was_taken_out_comes_back_behind_the_others(
    any_database: Database, now: datetime, anna: Author
) -> None:
    load(any_database, AB969, now)
    load(any_database, AB969.replace('"Both chambers"', '"Everybody"'), now)
    with any_database.write() as session:
        restore(session, 1, by=anna, now=now)
        assert [one.name for one in reading.campaign_of(session, "ab969").letters] == ["Everybody", "Both chambers"]


def test_what_cannot_be_restored_says_why(any_database: Database, now: datetime, anna: Author) -> None:
    with any_database.write() as session:
        sample_legislators(session)
    wrong = AB969.replace("Please vote no", "Please vote yes").replace('"live"', '"draft"')
    load(any_database, wrong, now)
    load(any_database, AB969, now)
    with any_database.write() as session:
        publishing.change_status(session, "ab969", publishing.StatusChange.PUBLISH, by=anna.id, now=now)
    for version, refusal, words in (
        (2, ChangeRefused, "is the one in use"),
        (7, UnknownVersion, "no version 7"),
        (1, ChangeRefused, "A live campaign may have no fault"),
    ):
        with raises(refusal, match=words), any_database.write() as session:
            restore(session, version, by=anna, now=now)


def test_two_versions_differ_where_they_differ(database: Database, now: datetime) -> None:
    load(database, AB969, now)
    load(database, SECOND, now)
    with database.read() as session:
        new, old = history.versions(session, "ab969")
    found = history.difference(old, new)
    assert [one.part for one in found] == ["chambers", "language", "subjects", "opening", "body", "closing"]
    assert [one.part for one in found if not one.is_same] == ["body"]
    changed = [row for row in found[4].rows if not row.is_same]
    assert [[piece.text for piece in row.new or () if piece.differs] for row in changed] == [[", now"]]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_exported_campaign_loads_as_the_same(any_database: Database, now: datetime, path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    with any_database.write() as session:
        saving.load_campaign(session, text, source="file.toml", now=now, picture_id=keep_picture(session, now))
    slug = read_campaign(text, source="file.toml")[0]["slug"]
    with any_database.write() as session:
        exported = saving.export(session, slug)
        report = saving.load_campaign(session, exported, source="exported", now=now)
    assert report.outcome == "unchanged"
    assert read_campaign(exported, source="exported") == read_campaign(text, source="file.toml")


def _good(text: str) -> bool:
    """What a letter may say, so no HTML such as <a> and nothing left over such as [[t]]; and without fields."""
    try:
        check_part("body", text)
    except LetterError:
        return False
    return bool(plain(text).strip()) and not prompts(text) and not set("{}%") & set(text)


TRICKY = st.text(st.sampled_from("a\"'\\\n\t #=ü😀"), min_size=1, max_size=30)
TEXT = (TRICKY | st.text(max_size=30)).filter(_good)


@given(TEXT, TEXT, st.lists(TEXT.map(lambda text: " ".join(text.split())[:60]).filter(_good), min_size=1, unique=True))
def test_any_words_come_back_from_a_file_as_they_were(body: str, summary: str, subjects: list[str]) -> None:
    columns, (letter,) = read_campaign(AB969, source="file.toml")
    columns |= {"summary": plain(summary).strip(), "deadline_at": datetime(2027, 2, 11, 17, tzinfo=UTC)}
    letter |= {"body": f"{{{{ bill }}}}{body}", "subjects": subjects[:20]}
    written = write_campaign(columns, [letter])
    again, (same,) = read_campaign(written, source="file.toml")
    assert again == columns
    assert same == letter


def test_a_deadline_is_written_in_the_campaigns_time_zone() -> None:
    columns, found = read_campaign(AB969, source="file.toml")
    text = write_campaign({**columns, "deadline_at": datetime(2027, 2, 11, 15, 0, tzinfo=UTC)}, found)
    assert "deadline = 2027-02-11T09:00:00-06:00\n" in text


def test_what_differs_between_two_letters_is_nothing_where_they_are_one(database: Database, now: datetime) -> None:
    load(database, AB969, now)
    with database.read() as session:
        letter = session.scalars(select(Letter)).one()
    assert all(part.is_same for part in history.difference(letter, letter))

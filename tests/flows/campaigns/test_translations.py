"""Where a bill stands and a page's other languages: from a file, by staff, to a file and to a copy."""

from __future__ import annotations

from datetime import datetime

import pytest

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import editing, reading, saving
from actionmail.flows.campaigns.refusals import FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff import Role
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.rules.campaigns.translations import WORDS
from tests.audit import audited
from tests.flows.campaigns.test_saving import MINIMAL, load
from tests.web.staff_pages import hire
from tests.wording import raises, told

KHMER = "ជិះរថភ្លើង ដោយ សុវត្ថិភាព"
TABLES = f'''
[translations.km]
title = "{KHMER}"
summary = """
ហេតុអ្វី។

**ព្រោះ**។"""
deadline_label = "ថ្ងៃទី ១១"

[translations.es]
notice = ""
deadline_label = "El 11 de febrero"
'''
STAGE = 'stage = "Senate Transportation Committee"'
FULL = MINIMAL.replace("chambers =", f"{STAGE}\nchambers =", 1).replace("\n[[letters]]", f"{TABLES}\n[[letters]]", 1)
NOTHING = dict.fromkeys(WORDS, "")


def typed(tag: str, words: dict[str, str], *fits: str) -> editing.Translation:
    return editing.Translation(tag=tag, words=words, fitting=fits)


@pytest.fixture
def anna(database: Database) -> Author:
    person = hire(database, "anna@example.org", Role.AUTHOR)
    return Author(id=person.id, email=person.email)


def saved(database: Database, slug: str = "rides") -> Campaign:
    with database.read() as session:
        return reading.campaign_of(session, slug)


def test_a_file_brings_them_and_an_export_brings_them_back(database: Database, now: datetime) -> None:
    load(database, FULL, now)
    campaign = saved(database)
    assert campaign.stage == "Senate Transportation Committee"
    assert list(campaign.translations) == ["es", "km"]
    assert campaign.translations["es"] == {"deadline_label": "El 11 de febrero"}
    assert campaign.translations["km"]["summary"] == "ហេតុអ្វី។\n\n**ព្រោះ**។"
    with database.read() as session:
        exported = saving.export(session, "rides")
    assert f'[translations.km]\ntitle = "{KHMER}"' in exported
    assert load(database, exported, now).outcome == "unchanged"
    assert load(database, MINIMAL, now).outcome == "changed"
    assert (saved(database).stage, saved(database).translations) == ("", {})


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("[translations.km]", "[translations.kmr]", (16, 1), "did you mean km?"),
        ("[translations.es]", "[translations.klingon]", (24, 1), "there are es, vi, hmn"),
        ("notice", "notise", (25, 10), 'There is no "notise" here; did you mean notice?'),
        ('notice = ""', "notice = 1", (25, 10), "notice: It must be text in quotes."),
        (KHMER, "x" * 201, (17, 9), "title: It has 201 characters; at most 200 fit."),
        (KHMER, "a\\nb", (17, 9), "title: It must be one line."),
        ("El 11", "El \\u202E11", (26, 18), "deadline_label: "),
    ],
)
def test_a_mistake_in_a_translation_is_named_with_its_place(
    database: Database, now: datetime, old: str, new: str, place: tuple[int, int], reason: str
) -> None:
    with pytest.raises(CampaignFileError) as caught:
        load(database, FULL.replace(old, new), now)
    assert (caught.value.line, caught.value.column) == place
    assert reason in told(caught.value)


@pytest.mark.parametrize("wrong", ["translations = 1", 'translations = ["es"]', 'translations = {es = "x"}'])
def test_translations_are_tables(database: Database, now: datetime, wrong: str) -> None:
    with raises(CampaignFileError, match=r"line 2, column 16: translations: begin each language with a line"):
        load(database, MINIMAL.replace("status =", f"{wrong}\nstatus =", 1), now)


def test_staff_translate_one_language_beside_another(database: Database, now: datetime, anna: Author) -> None:
    load(database, FULL, now)
    before = reading.translation_revision(saved(database), "hmn")
    with database.write() as session:
        words = {**NOTHING, "title": " Tsheb npav nyab xeeb ", "notice": ""}
        editing.translate(session, "rides", typed("hmn", words), seen=before, by=anna, now=now)
    assert list(saved(database).translations) == ["es", "hmn", "km"]
    assert saved(database).translations["hmn"] == {"title": "Tsheb npav nyab xeeb"}
    with database.write() as session:
        seen = reading.translation_revision(reading.campaign_of(session, "rides"), "es")  # nobody touched Spanish
        editing.translate(session, "rides", typed("es", NOTHING), seen=seen, by=anna, now=now)
    assert list(saved(database).translations) == ["hmn", "km"]
    with database.read() as session:
        mine = [entry for entry in audited(session) if entry[0] == anna.id]
    assert mine == [(anna.id, "campaign_changed", "campaign rides", {})] * 2


def test_a_translation_that_somebody_else_saved_is_not_overwritten(
    database: Database, now: datetime, anna: Author
) -> None:
    load(database, FULL, now)
    with database.write() as session, pytest.raises(Overtaken) as caught:
        editing.translate(session, "rides", typed("km", NOTHING), seen=revision(NOTHING), by=anna, now=now)
    assert caught.value.stored["title"] == KHMER
    assert caught.value.stored["notice"] == ""


def test_what_cannot_be_saved_is_told_by_field(database: Database, now: datetime, anna: Author) -> None:
    load(database, FULL, now)
    wrong = {**NOTHING, "title": "two\nlines", "summary": "\x00"}
    seen = reading.translation_revision(saved(database), "vi")
    with database.write() as session, pytest.raises(FormRefused) as caught:
        editing.translate(session, "rides", typed("vi", wrong), seen=seen, by=anna, now=now)
    assert set(caught.value.faults) == {"title", "summary"}


def test_a_copy_has_them_without_the_deadline(database: Database, now: datetime, anna: Author) -> None:
    load(database, FULL, now)
    with database.write() as session:
        editing.duplicate(session, "rides", {"slug": "rides-2", "title": "Rides"}, by=anna, now=now)
    copy = saved(database, "rides-2")
    assert copy.stage == "Senate Transportation Committee"
    assert list(copy.translations) == ["km"]  # of Spanish, the deadline was all there was
    assert set(copy.translations["km"]) == {"title", "summary"}


def older(database: Database) -> dict[str, list[str]]:
    return {one.language.tag: list(one.is_older) for one in reading.translated(saved(database)) if one.is_older}


def edit(database: Database, anna: Author, now: datetime, **words: str) -> None:
    with database.write() as session:
        seen = revision(reading.columns_of(reading.campaign_of(session, "rides"), words))
        editing.edit(session, "rides", words, seen=seen, by=anna, now=now)


def translate(database: Database, anna: Author, now: datetime, tag: str, *fits: str, **words: str) -> None:
    with database.write() as session:
        campaign = reading.campaign_of(session, "rides")
        seen, said = reading.translation_revision(campaign, tag), {**reading.translation_of(campaign, tag), **words}
        editing.translate(session, "rides", typed(tag, said, *fits), seen=seen, by=anna, now=now)


def test_a_translation_is_older_than_words_changed_after_it(database: Database, now: datetime, anna: Author) -> None:
    load(database, FULL, now)
    assert older(database) == {}
    was = saved(database).title
    edit(database, anna, now, title="Rides for all", notice="Untranslated anyway")
    assert older(database) == {"km": ["title"]}
    rows = reading.changed_since(saved(database), "km")["title"]
    assert ["".join(piece.text for piece in side or ()) for side in (rows[0].old, rows[0].new)] == [
        was,
        "Rides for all",
    ]
    edit(database, anna, now, title=was)
    assert older(database) == {}


def test_it_is_up_to_date_again_once_changed_or_said_to_fit(database: Database, now: datetime, anna: Author) -> None:
    load(database, FULL, now)
    edit(database, anna, now, title="Rides for all")
    edit(database, anna, now, summary="Another text.")
    translate(database, anna, now, "km", title=f"{KHMER}។")
    assert older(database) == {"km": ["summary"]}
    translate(database, anna, now, "km", "summary")
    assert older(database) == {}


def test_a_file_that_leaves_a_translation_beside_changed_words_makes_it_older(
    database: Database, now: datetime
) -> None:
    load(database, FULL, now)
    changed = FULL.replace(f'title = "{saved(database).title}"', 'title = "Rides for all"', 1)
    load(database, changed, now)
    assert older(database) == {"km": ["title"]}
    load(database, changed.replace(KHMER, f"{KHMER}។"), now)
    assert older(database) == {}


def test_a_translation_made_from_words_that_changed_meanwhile_is_not_saved_unseen(
    database: Database, now: datetime, anna: Author
) -> None:
    load(database, FULL, now)
    seen = reading.translation_revision(saved(database), "vi")
    edit(database, anna, now, title="Rides for all")
    with database.write() as session, raises(Overtaken, match="or the words that it is made from"):
        editing.translate(session, "rides", typed("vi", {**NOTHING, "title": "x"}), seen=seen, by=anna, now=now)


def test_a_copy_with_another_title_has_an_older_translation_of_it(
    database: Database, now: datetime, anna: Author
) -> None:
    load(database, FULL, now)
    edit(database, anna, now, summary="Another text.")
    with database.write() as session:
        editing.duplicate(session, "rides", {"slug": "rides-2", "title": "Rides, again"}, by=anna, now=now)
    found = reading.translated(saved(database, "rides-2"))
    assert [list(one.is_older) for one in found if one.is_begun] == [["title", "summary"]]

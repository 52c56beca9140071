"""A campaign in a language that an installation adds by its folder: staff, supporters, files and feeds agree on it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from actionmail.cli import main
from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.pictures import Picture
from actionmail.flows.campaigns import saving
from actionmail.flows.staff import Role
from actionmail.rules.campaigns.translations import name_of, not_installed
from actionmail.settings import Settings
from tests.cli.campaigns.test_commands import run
from tests.journeys.dari import TAG, add_dari
from tests.pictures import png
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.campaigns.test_pictures import upload
from tests.web.staff_pages import ADA, ANNA, BASE, StaffBrowser, hire, revision, save, signed_in, words
from tests.web.supporter_pages import SupporterBrowser, zip_table

HOME = "/staff/campaigns/ab969"
PAGE = "/campaigns/ab969"
DARI = f"{HOME}/translations/{TAG}"
TITLE = "پولیس مسلح بیرون از مکتب‌ها"
WHY = "چرا این مهم است."
RTL = f'lang="{TAG}" dir="rtl"'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = zip_table(tmp_path / "data")
    add_dari(folder)
    return folder


@pytest.fixture
def added(settings: Settings, any_database: Database, data: Path) -> Flask:
    """The application of an installation with a folder for Dari, and the sample campaign."""
    hire(any_database, ANNA, Role.AUTHOR)
    with any_database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    return on(any_database, open_app(replace(settings, data_dir=data)))


@pytest.fixture
def anna(added: Flask) -> StaffBrowser:
    return signed_in(added, ANNA)


@pytest.fixture
def translated(anna: StaffBrowser) -> None:
    assert save(anna, DARI, title=TITLE, summary=WHY, go="save").status_code == 303


def without_dari(settings: Settings, database: Database, data: Path) -> Flask:
    """The application once the folder is gone."""
    shutil.rmtree(data / "translations" / TAG)
    return on(database, open_app(replace(settings, data_dir=data)))


def kept(database: Database) -> dict[str, dict[str, str]]:
    with database.read() as session:
        return session.scalars(select(Campaign)).one().translations


def test_staff_are_offered_it_and_write_it_from_right_to_left(anna: StaffBrowser, any_database: Database) -> None:
    listed = anna.get(f"{HOME}/translations")
    assert f">Dari</a> (<span {RTL}>دری</span>)" in listed.text
    assert "Dari ( دری ): not begun" in words(listed)
    assert "Arabic" in words(listed) and "Somali" in words(listed)
    page = anna.get(DARI)
    assert f'name="title" value="" size="50" {RTL}>' in page.text
    typed = {"title": TITLE, "summary": WHY, "revision": revision(page)}
    assert f'<div class="preview-page" {RTL}>' in anna.post(DARI, **typed, go="preview").text
    assert anna.post(DARI, **typed, go="save").status_code == 303
    assert "Dari ( دری ): without" in words(anna.get(f"{HOME}/translations"))
    assert kept(any_database) == {TAG: {"title": TITLE, "summary": WHY}}


@pytest.mark.usefixtures("translated")
def test_supporters_read_it_from_right_to_left_to_the_receipt(added: Flask, any_database: Database) -> None:
    supporter = SupporterBrowser(added)
    assert f'href="{PAGE}?lang={TAG}" lang="{TAG}">دری</a>' in supporter.get(PAGE).text
    page = supporter.get(f"{PAGE}?lang={TAG}")
    assert f'<html lang="{TAG}" dir="rtl">' in page.text
    assert f'<h1 lang="{TAG}" dir="auto">{TITLE}</h1>' in page.text
    supporter.to_letter()
    assert f'<html lang="{TAG}" dir="rtl">' in supporter.send().text
    with any_database.read() as session:
        assert session.scalars(select(Action.language)).all() == [TAG]


@pytest.mark.usefixtures("translated")
def test_lists_feeds_cards_and_the_send_log_know_it(added: Flask, any_database: Database) -> None:
    hire(any_database, ADA, Role.ADMIN)
    with any_database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.listed = True
    supporter = SupporterBrowser(added)
    assert f'hreflang="{TAG}" lang="{TAG}">دری</a>' in supporter.get("/").text
    feed = supporter.get(f"/news.atom?lang={TAG}").text
    assert TITLE in feed and f'xml:lang="{TAG}"' in feed
    assert f"&lt;div {RTL}&gt;" in feed
    assert f'hreflang="{TAG}"' in supporter.get("/sitemap.xml").text
    page = supporter.get(f"{PAGE}?lang={TAG}").text
    card = re.search(rf"/campaigns/ab969/cards/{TAG}/\w+\.png", page)
    assert card and supporter.client.get(card[0], base_url=BASE).mimetype == "image/png"
    assert f'<option value="{TAG}">Dari</option>' in signed_in(added, ADA).get("/staff/messages").text


@pytest.mark.usefixtures("translated")
def test_a_file_takes_it_out_and_brings_it_back(anna: StaffBrowser, any_database: Database, data: Path) -> None:
    text = anna.get(f"{HOME}/file").text
    assert f'[translations.{TAG}]\ntitle = "{TITLE}"' in text
    here = Settings(database_url=any_database.engine.url.render_as_string(hide_password=False), data_dir=data)
    (file := data / "ab969.toml").write_text(text, encoding="utf-8")
    assert run(here, "letters", "check", str(file)).exit_code == 0
    assert run(here, "campaigns", "load", str(file)).output == "ab969: unchanged\n"
    file.write_text(text.replace(WHY, "دیگر."), encoding="utf-8")
    assert run(here, "campaigns", "load", str(file)).output == "ab969: changed\n"
    assert kept(any_database) == {TAG: {"title": TITLE, "summary": "دیگر."}}
    shutil.rmtree(data / "translations" / TAG)
    refused = run(here, "campaigns", "load", str(file))
    assert refused.exit_code == 1
    assert f'No page can be translated into "{TAG}" here; there are es, vi, hmn' in refused.stderr
    assert "so. The folder of another language adds it (docs/translating.md)." in refused.stderr
    assert kept(any_database) == {TAG: {"title": TITLE, "summary": "دیگر."}}


@pytest.mark.usefixtures("translated")
def test_a_language_that_is_gone_keeps_its_words_and_comes_back_with_its_folder(
    settings: Settings, any_database: Database, data: Path
) -> None:
    gone = without_dari(settings, any_database, data)
    anna, supporter = signed_in(gone, ANNA), SupporterBrowser(gone)
    assert f"Also kept here, and shown to nobody: {TAG}." in words(anna.get(f"{HOME}/translations"))
    assert anna.get(DARI).status_code == 404
    assert TITLE not in supporter.get(f"{PAGE}?lang={TAG}").text
    assert supporter.client.get(f"{PAGE}/cards/{TAG}/x.png", base_url=BASE).status_code == 404
    assert save(anna, f"{HOME}/translations/es", title="Que no vuelva", go="save").status_code == 303
    assert (
        save(
            anna, f"{HOME}/page", organisation="Example Org", privacy_line="Nobody.", summary="Why so.", go="save"
        ).status_code
        == 303
    )
    assert kept(any_database)[TAG] == {"title": TITLE, "summary": WHY}
    assert "is translated from older words" not in words(anna.get("/staff/"))  # nobody could do anything about it
    add_dari(data)
    back = on(any_database, open_app(replace(settings, data_dir=data)))
    assert "Dari is translated from older words" in words(signed_in(back, ANNA).get("/staff/"))
    assert TITLE in SupporterBrowser(back).get(f"{PAGE}?lang={TAG}").text


def test_a_pictures_words_are_kept_too(
    anna: StaffBrowser, settings: Settings, any_database: Database, data: Path
) -> None:
    upload(anna, png(), **{TAG: "دروازه"})
    later = signed_in(without_dari(settings, any_database, data), ANNA)
    assert save(later, "/staff/pictures/1", en="A door.", es="Una puerta.").status_code == 303
    with any_database.read() as session:
        told = session.scalars(select(Picture)).one().alternatives
    assert told == {"en": "A door.", "es": "Una puerta.", TAG: "دروازه"}


def test_one_that_is_not_installed_is_named_by_its_tag() -> None:
    assert [name_of(tag) for tag in ("en", "es", TAG)] == ["English", "Spanish", TAG]
    assert not_installed({"en": "x", "es": "y", TAG: "z"}) == [TAG]


def test_a_command_says_which_folder_cannot_be_read(data: Path, sqlite_url: str) -> None:
    (data / "translations" / TAG / "language.toml").write_text('own_name = "دری"', encoding="utf-8")
    env = {"ACTIONMAIL_DATA_DIR": str(data), "ACTIONMAIL_DATABASE_URL": sqlite_url}
    done = CliRunner().invoke(main, ["campaigns", "list"], env=env)
    assert done.exit_code == 1
    assert f"Error: A language cannot be read: {data / 'translations' / TAG}: KeyError" in done.stderr


def test_export_keeps_a_language_that_is_gone(any_database: Database, settings: Settings, data: Path) -> None:
    with any_database.write() as session:
        sample_campaign(session, translations={TAG: {"title": TITLE}})
    with any_database.read() as session:
        assert f"[translations.{TAG}]" in saving.export(session, "ab969")

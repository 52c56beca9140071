"""S'gaw Karen, of which Babel knows nothing, is added by files alone: its letters, its days, its link and its cards.

Nobody here speaks it, so words in brackets stand for those that a translator brings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from babel import Locale, UnknownLocaleError
from flask import Flask
from fontTools.ttLib import TTFont

from actionmail.db.engine import Database
from actionmail.gateways.pictures.cards import CardPress
from actionmail.rules import moments, speech
from actionmail.rules.campaigns.cards import CardWords
from actionmail.settings import Settings, bundled
from actionmail.web.platform import tongues
from tests import catalogues
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.supporter_pages import SupporterBrowser, zip_table
from tests.web_fonts import file_of

TAG = "ksw"
OWN_NAME = "ကညီကျိာ်"
ABOUT = f"""\
own_name = "{OWN_NAME}"
name = "S'gaw Karen"
plural = "nplurals=1; plural=0"
font = "myanmar"
and = "{{}} ⟦and⟧ {{}}"

[calendar]
months = {[f"⟦month {number}⟧" for number in range(1, 13)]}
weekdays = {[f"⟦weekday {number}⟧" for number in range(1, 8)]}
day = "d MMMM y"
weekday_day = "EEEE d MMMM"
weekday_date = "EEEE d MMMM y"
month = "MMMM y"
"""
LETTERS = [chr(code) for code in range(0x1000, 0x10A0) if "SGAW KAREN" in unicodedata.name(chr(code))]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = zip_table(tmp_path / "data")
    catalogues.write_added(folder / "translations" / TAG, ABOUT, {"Write now": "⟦Write now⟧"})
    return folder


@pytest.fixture
def karen(settings: Settings, database: Database, data: Path) -> Flask:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return on(database, open_app(replace(settings, data_dir=data)))


def test_babel_does_not_know_it() -> None:
    with pytest.raises(UnknownLocaleError):
        Locale.parse(TAG)


def test_its_link_stands_in_its_own_letters_and_leads_to_a_page_that_brings_them(karen: Flask) -> None:
    supporter = SupporterBrowser(karen)
    (link,) = re.findall(rf'<a href="([^"]+)" lang="{TAG}">{OWN_NAME}</a>', supporter.get("/campaigns/ab969").text)
    page = supporter.get(link).text
    assert f'<html lang="{TAG}">' in page
    assert "/static/fonts/myanmar.css" in page
    assert "⟦Write now⟧" in page
    assert '<span lang="en" dir="ltr">Who are you?</span>' in page  # what nobody translated says that it is English
    assert "Translation%20%28ksw%29" in page  # whom to tell what is wrong


def test_its_days_and_lists_are_its_own(data: Path) -> None:
    with speech.speaking(tongues.of_installation(data)[TAG]):
        assert moments.weekday_date(date(2026, 3, 4)) == "⟦weekday 3⟧ 4 ⟦month 3⟧ 2026"
        assert moments.listed(["Mai", "Paw"]) == "Mai ⟦and⟧ Paw"


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_every_letter_of_it_is_in_the_fonts_of_pages_papers_and_cards(weight: str) -> None:
    assert len(LETTERS) >= 4
    shipped = bundled("data") / "fonts"
    for font in (file_of("myanmar", weight), shipped / f"NotoSansMyanmar-{weight}.ttf"):
        assert {ord(letter) for letter in LETTERS} <= set(TTFont(font).getBestCmap()), font.name
    title = CardWords(titles=("".join(["က", *LETTERS]), "Own"), label="", position="", organisation="")
    assert CardPress(shipped, system=()).title_drawn(title) == title.titles[0]

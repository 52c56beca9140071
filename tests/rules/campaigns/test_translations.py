"""Which words of a page somebody reads, and in which language."""

from __future__ import annotations

import pytest

from actionmail.rules import speech
from actionmail.rules.campaigns.translations import (
    WORDS,
    Words,
    in_order,
    known,
    languages,
    look_up,
    missing,
    near,
    offered,
    read_in,
)
from actionmail.rules.speech import Tongue
from actionmail.web.platform.tongues import TRANSLATIONS, read

OWN = {**dict.fromkeys(WORDS, ""), "title": "Safe rides", "summary": "Why."}


def test_what_is_not_translated_stands_in_the_campaigns_own_words() -> None:
    read = read_in(OWN, {"es": {"title": "Viajes seguros", "notice": "Un ejemplo."}}, "es")
    assert read["title"] == Words("Viajes seguros", "es")
    assert read["summary"] == Words("Why.")
    assert read["notice"] == Words("Un ejemplo.", "es")
    assert all(not words.lang for words in read_in(OWN, {"es": {"title": "Viajes seguros"}}, "km").values())


def test_a_language_is_offered_once_there_is_a_word_of_it() -> None:
    said = {"km": {"title": "x"}, "es": {"title": "y"}, "vi": {}}
    assert [language.tag for language in offered(said)] == ["en", "es", "km"]
    assert [language.own_name for language in offered({})] == ["English"]


def test_only_what_the_campaign_says_can_be_missing() -> None:
    assert missing(OWN, {"title": "Viajes seguros"}) == ["summary"]
    assert missing(OWN, {"title": "x", "summary": "y"}) == []


@pytest.mark.parametrize(
    ("asked", "tags", "found"),
    [
        (["es-MX", "en"], ["en", "es"], "es"),
        (["en-US", "es"], ["en", "es"], "en"),
        (["fr", "hmn"], ["en", "hmn"], "hmn"),
        (["mww"], ["en", "hmn"], "hmn"),
        (["zh-CN"], ["en", "zh-Hans", "zh-Hant"], "zh-Hans"),
        (["zh-TW"], ["en", "zh-Hans", "zh-Hant"], "zh-Hant"),
        (["zh-Hant-HK"], ["en", "zh-Hans", "zh-Hant"], "zh-Hant"),
        (["zh-HK"], ["en", "zh-Hans"], "zh-Hans"),
        (["tok"], ["en", "to"], ""),
        (["*", "", "-", "x" * 5000, "a-" * 5000], ["en", "to"], ""),
        (["KM"], ["en", "km"], "km"),
    ],
)
def test_the_first_language_asked_for_that_there_is(asked: list[str], tags: list[str], found: str) -> None:
    assert look_up(asked, tags) == found


@pytest.mark.parametrize(
    ("typed", "meant"), [("zh_hans", "zh-Hans"), ("spanish", "es"), ("Hmoong", "hmn"), ("kmr", "km"), ("qqqq", "")]
)
def test_a_wrong_tag_is_told_what_was_perhaps_meant(typed: str, meant: str) -> None:
    assert near(typed) == meant


def test_a_tag_of_another_time_is_read_as_the_campaigns_own_words() -> None:
    assert known("xx").tag == "en"
    assert all(known(tag) is language for tag, language in languages().items())


def test_what_the_pages_speak_is_among_them_as_its_folder_names_it() -> None:
    assert "ar" not in languages()
    arabic = Tongue(tag="ar", own_name="العربية", name="Arabic", direction="rtl")
    speech.learn({"en": speech.ENGLISH, "ar": arabic, "es": Tongue(tag="es", own_name="Castellano", name="Spanish")})
    assert list(languages()) == ["es", "vi", "hmn", "lo", "km", "zh-Hans", "zh-Hant", "my", "to", "ar"]
    assert languages()["es"].own_name == "Castellano"
    assert (known("ar").direction, known("km").direction, near("arabik")) == ("rtl", "ltr", "ar")
    assert look_up(["ar-EG"], languages()) == "ar"
    assert [one.tag for one in offered({"ar": {"title": "x"}, "so": {"title": "y"}})] == ["en", "ar"]


def test_an_added_language_goes_before_what_another_tag_stands_for() -> None:
    assert look_up(["zh-TW"], ["zh-Hant", "zh-TW"]) == "zh-TW"
    assert look_up(["mww"], ["hmn", "mww"]) == "mww"


def test_what_is_not_installed_comes_last_and_is_not_lost() -> None:
    said = {"xx": {"title": "x"}, "km": {"title": "y"}, "es": {}, "vi": {"title": "z"}}
    assert list(in_order(said)) == ["vi", "km", "xx"]


def test_the_ones_that_always_are_have_the_names_of_their_folders() -> None:
    always = dict(languages())
    speech.learn(read([TRANSLATIONS]))
    assert {tag: languages()[tag] for tag in always} == always

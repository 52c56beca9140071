"""A campaign's page in other languages: chosen by link or browser, marked word by word, written by staff."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import sample_campaign, sample_legislators
from tests.web.staff_pages import StaffBrowser, hire, revision, signed_in, staff_app
from tests.web.supporter_pages import SupporterBrowser, words

PAGE = "/campaigns/ab969"
STAYS = "The letter itself stays in the language in which the campaign wrote it"
STAYS_IN_SPANISH = "La carta misma queda en el idioma en que la campaña la escribió"
TITLE = "Que no vuelva la policía armada"


@pytest.fixture
def translated(site: Flask, database: Database) -> SupporterBrowser:
    """A supporter of a campaign that is translated in part."""
    change(
        database,
        stage="Senate Education Committee",
        translations={
            "es": {"title": TITLE, "summary": "Por **qué**.", "privacy_line": "A nadie más."},
            "hmn": {"title": "Txhob coj tub ceev xwm rov qab"},
        },
    )
    return SupporterBrowser(site)


def change(database: Database, **columns: object) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        for name, value in columns.items():
            setattr(campaign, name, value)


def marked(text: str) -> list[tuple[str, str]]:
    """Language and text of every marked part, links to languages left out."""
    body = re.sub(r'<nav class="languages".*?</nav>', "", text.partition("<body")[2], flags=re.DOTALL)
    return re.findall(r'<(?:h1|p|div|span|strong)[^>]* lang="([^"]+)"[^>]*>(.*?)</(?:h1|div|span|strong|p)>', body)


def test_without_translations_the_page_has_a_choice_and_the_campaigns_words_none(
    supporter: SupporterBrowser, database: Database
) -> None:
    change(database, stage="Senate Education Committee")
    page = supporter.get(PAGE)
    assert "Where the bill stands: Senate Education Committee" in words(page)
    assert 'aria-label="Language of this page"' in page.text
    assert STAYS not in words(page)
    assert "Senate Education Committee" in words(supporter.get("/"))
    assert marked(page.text) == []
    spanish = marked(supporter.get(f"{PAGE}?lang=es").text)
    assert ("en", "Senate Education Committee") in spanish
    assert {tag for tag, _ in spanish} == {"en"}


def test_a_link_shows_the_page_in_a_language_and_marks_what_is_in_it(translated: SupporterBrowser) -> None:
    plain = translated.get(PAGE)
    assert '<a href="/campaigns/ab969?lang=es" lang="es">Español</a>' in plain.text
    assert 'lang="en" aria-current="true">English</a>' in plain.text
    assert marked(plain.text) == []
    page = translated.get(f"{PAGE}?lang=es")
    assert '<html lang="es">' in page.text
    assert 'lang="es" aria-current="true">Español</a>' in page.text
    assert marked(page.text) == [
        ("en", "This is a sample."),
        ("es", TITLE),
        ("en", "School safety"),
        ("es", "<p>Por <strong>qué"),
        ("en", "Senate Education Committee"),
        ("es", "A nadie más."),
    ]
    assert STAYS_IN_SPANISH in words(page)
    assert "School safety" in words(page)  # as it is in the campaign's own words


def test_the_language_is_remembered_to_the_receipt_and_for_staff(
    translated: SupporterBrowser, database: Database
) -> None:
    translated.get(f"{PAGE}?lang=es")
    page = translated.begin()
    assert translated.path.endswith("/legislators")
    assert f'Paso 2 de 3: <span lang="es">{TITLE}</span>' in page.text
    assert f'href="{PAGE}/legislators?lang=hmn"' in page.text
    page = translated.submit(lower="77")
    assert f'Paso 2 de 3: <span lang="es">{TITLE}</span>' in page.text
    assert '<p class="hint" lang="es">A nadie más.</p>' in page.text
    assert '<nav class="languages"' not in page.text  # a link would lose what they write here
    assert STAYS_IN_SPANISH in words(page)
    assert "I ask you to vote no on AB 969." in words(page)
    page = translated.send()
    assert f'Paso 3 de 3: <span lang="es">{TITLE}</span>' in page.text
    with database.read() as session:
        assert session.scalars(select(Action.language)).all() == ["es"]


def test_a_letter_in_another_language_than_the_receipt_says_so(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    plain = supporter.send()
    assert '<pre class="letter"><strong>Subject: ' in plain.text
    for tag, subject, own in (("es", "Asunto: ", 'lang="es"'), ("ar", "الموضوع: ", 'lang="ar" dir="auto"')):
        there = f'lang="en"{" dir=" + chr(34) + "auto" + chr(34) if tag == "ar" else ""}'
        page = supporter.get(f"{plain.request.path}?lang={tag}")
        assert f'<pre class="letter" {there}><strong {own}>{subject}' in page.text
        assert '<pre class="letter">' not in page.text


def test_another_campaign_is_read_in_its_own_words(translated: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="other", title="Another", translations={"es": {"title": "Otra"}})
    translated.get(f"{PAGE}?lang=es")
    assert '<h1 lang="es">Otra</h1>' in translated.get("/campaigns/other").text
    assert TITLE in translated.get(PAGE).text


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", TITLE),
        ("en-US,es;q=0.9", "Keep armed police out"),
        ("fr,mww;q=0.5", "Txhob coj tub ceev xwm"),
        ("es;q=0", "Keep armed police out"),
        ("km", "Keep armed police out"),
        (";;,q=", "Keep armed police out"),
    ],
)
def test_the_browser_asks_for_the_first_view_and_a_link_wins(
    translated: SupporterBrowser, header: str, title: str
) -> None:
    def seen(path: str) -> str:
        return translated.client.get(path, base_url="http://127.0.0.1:8000", headers={"Accept-Language": header}).text

    assert f"{title}" in re.findall(r"<h1.*?</h1>", seen(PAGE))[0]
    assert "<h1>Keep armed police" in seen(f"{PAGE}?lang=en")
    assert "<h1>Keep armed police" in seen(PAGE)
    assert '<h1 lang="hmn">' in seen(f"{PAGE}?lang=hmn")
    assert '<h1 lang="hmn">' in seen(f"{PAGE}?lang=<script>")


def test_no_link_stands_over_what_was_refused(translated: SupporterBrowser) -> None:
    translated.get(f"{PAGE}?lang=es")
    page = translated.submit(name="Mai Example", email="wrong", zip="53703")
    assert page.status_code == 400
    assert '<nav class="languages"' not in page.text
    assert f'<h1 lang="es">{TITLE}</h1>' in page.text


def test_a_closed_campaign_says_so_with_its_translated_title(translated: SupporterBrowser, database: Database) -> None:
    change(database, status="closed")
    assert f'“<span lang="es">{TITLE}</span>” ya no admite cartas' in translated.get(f"{PAGE}?lang=es").text


def test_staff_write_a_translation_and_see_what_is_missing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    anna = signed_in(staff_app(settings, tmp_path), "anna@example.org")
    home = "/staff/campaigns/ab969"
    assert "Translations there is none yet" in words(anna.get(home))
    page = anna.get(f"{home}/translations/km")
    assert '<input type="text" id="title" name="title" value="" size="50" lang="km">' in page.text
    assert "School safety" in words(page)
    typed = {"title": "ចំណងជើង", "bill_title": "", "stage": "", "deadline_label": "", "summary": "**ហេតុអ្វី**"}
    seen = revision(page)
    shown = anna.post(f"{home}/translations/km", **typed, revision=seen, go="preview")
    assert '<div class="preview-page" lang="km">' in shown.text
    assert "<strong>ហេតុអ្វី</strong>" in shown.text
    wrong = anna.post(f"{home}/translations/km", **{**typed, "title": "x" * 201}, revision=seen, go="save")
    assert wrong.status_code == 422
    assert "Title of the campaign: It has 201 characters; at most 200 fit." in words(wrong)
    done = anna.post(f"{home}/translations/km", **typed, revision=seen, go="save")
    assert (done.status_code, done.location) == (303, f"{home}/translations")
    listed = words(anna.get(done.location))
    lacks = "without the bill in plain words, notice, what becomes of supporters' data"
    assert f"Khmer ( ខ្មែរ ): {lacks}" in listed
    assert "Spanish ( Español ): not begun" in listed
    assert f"Khmer: {lacks}" in words(anna.get(home))
    overtaken = anna.post(f"{home}/translations/km", **{**typed, "title": "x"}, revision=seen, go="save")
    assert overtaken.status_code == 409
    assert "ចំណងជើង" in overtaken.text
    with database.read() as session:
        assert session.scalars(select(Campaign.translations)).one() == {
            "km": {"title": "ចំណងជើង", "summary": "**ហេតុអ្វី**"}
        }


def test_staff_are_told_which_translation_is_older_than_the_original(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(
            session,
            status="paused",
            translations={"es": {"title": TITLE, "summary": "Por qué."}},
            translated_from={"es": {"title": "Keep the police out", "summary": "Why so."}},
        )
    anna = signed_in(staff_app(settings, tmp_path), "anna@example.org")
    home = "/staff/campaigns/ab969"
    sentence = "older than the original: title, what the page says"
    assert sentence in words(anna.get(f"{home}/translations"))
    assert sentence in words(anna.get(home))
    assert "Translations older than the original stand on the page" in words(anna.get(f"{home}/changes/publish"))
    assert "Translations older" not in words(anna.get(f"{home}/changes/close"))
    assert "Spanish is translated from older words" in words(anna.get("/staff/"))
    page = anna.get(f"{home}/translations/es")
    assert "Then Now Keep the police out Keep armed police out of" in words(page)
    typed = {"title": TITLE, "summary": "Por qué.", "bill_title": "", "stage": "", "deadline_label": ""}
    wrong = anna.post(
        f"{home}/translations/es", **{**typed, "stage": "x" * 201}, fits="title", revision=revision(page), go="save"
    )
    assert 'value="title" checked' in wrong.text
    done = anna.post(f"{home}/translations/es", **typed, fits="title", revision=revision(page), go="save")
    assert done.status_code == 303
    assert "older than the original: what the page says" in words(anna.get(f"{home}/translations"))


def test_an_unknown_language_has_no_page(settings: Settings, database: Database, tmp_path: Path) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        sample_campaign(session)
    anna: StaffBrowser = signed_in(staff_app(settings, tmp_path), "anna@example.org")
    assert anna.get("/staff/campaigns/ab969/translations/xx").status_code == 404
    assert anna.get("/staff/campaigns/none/translations/km").status_code == 404

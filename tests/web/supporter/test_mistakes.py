"""Mistakes are told by pages that are fetched; tabs and the Back button find what became of what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.actions import Action, Draft
from actionmail.db.engine import Database
from tests.samples import NOW, sample_call, sample_petition
from tests.web.staff_pages import at
from tests.web.supporter_pages import WHO, SupporterBrowser, problems, title, words

SIGNER = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "consent": "y"}


def at_the_start(browser: SupporterBrowser) -> dict[str, str]:
    browser.get("/campaigns/ab969")
    return {**WHO, "email": "mai"}


def at_the_choice(browser: SupporterBrowser) -> dict[str, str]:
    browser.begin()
    return {"lower": "99"}


def at_the_letter(browser: SupporterBrowser) -> dict[str, str]:
    browser.to_letter()
    return {"go": "send", "consent": "", "personal": "My own words."}


def at_the_preview(browser: SupporterBrowser) -> dict[str, str]:
    browser.to_letter()
    return {"go": "preview", "personal": "x" * 2_001}


def at_a_petition(browser: SupporterBrowser) -> dict[str, str]:
    browser.get("/campaigns/clemency")
    return {**SIGNER, "zip": "537"}


@pytest.fixture
def pages(site: Flask, database: Database, supporter: SupporterBrowser) -> SupporterBrowser:
    with database.write() as session:
        sample_petition(session)
        sample_call(session, slug="call")
    return supporter


@pytest.mark.parametrize("to_page", [at_the_start, at_the_choice, at_the_letter, at_the_preview, at_a_petition])
def test_a_mistake_is_told_by_a_page_that_can_be_fetched_again(
    pages: SupporterBrowser, to_page: Callable[[SupporterBrowser], dict[str, str]]
) -> None:
    typed = to_page(pages)
    answer = pages.post(pages.path, **typed)
    assert answer.status_code == 303
    for _ in range(2):  # Reload, or Back
        page = pages.get(answer.location)
        assert page.status_code == 400
        assert title(page).startswith("Error: ")
        assert "There is a problem" in problems(page)
        kept = {name: value for name, value in typed.items() if name in pages.fields and name not in {"go", "lower"}}
        assert kept == {name: pages.fields[name] for name in kept}
    plain = pages.get(pages.path)
    assert (plain.status_code, problems(plain)) == (200, "")


def test_a_caller_s_mistake_is_told_so_too(pages: SupporterBrowser) -> None:
    pages.get("/campaigns/call")
    answer = pages.post("/campaigns/call/caller", name="Mai Example", city="", zip="537")
    assert answer.status_code == 303
    page = pages.get(answer.location)
    assert (page.status_code, pages.fields["name"], pages.fields["zip"]) == (400, "Mai Example", "537")
    assert "five digits" in problems(page)
    assert "Mai Example" not in pages.get("/campaigns/call").text


def test_once_it_is_mended_the_page_of_a_mistake_tells_none(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    mistaken = supporter.post("/campaigns/ab969", **{**WHO, "email": "mai"}).location
    supporter.get(mistaken)
    supporter.submit(email="mai@example.org")
    assert supporter.path == "/campaigns/ab969/legislators"
    back = supporter.get(mistaken)
    assert (back.status_code, supporter.fields["email"]) == (200, "mai@example.org")
    supporter.get("/campaigns/ab969/legislators")
    supporter.submit(lower="77")
    mistaken = supporter.post(supporter.path, go="send", personal="My own words.").location
    supporter.get(mistaken)
    supporter.submit(go="preview")
    back = supporter.get(mistaken)
    assert (back.status_code, supporter.fields["personal"]) == (200, "My own words.")


def test_more_than_is_kept_is_told_at_once(pages: SupporterBrowser, database: Database) -> None:
    pages.get("/campaigns/clemency")
    page = pages.post("/campaigns/clemency", **SIGNER, comment="x" * 120_000)
    assert page.status_code == 400
    assert pages.fields["comment"] == "x" * 120_000
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_letter_longer_than_is_kept_is_told_at_once(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    page = supporter.post(supporter.path, go="send", consent="y", personal="My own words. " * 3_000)
    assert page.status_code == 400
    assert "2,000 characters at most" in problems(page)
    assert supporter.fields["personal"] == "My own words. " * 3_000
    with database.read() as session:
        assert "My own words" not in str(session.scalars(select(Draft.values)).one())


def test_what_was_mistaken_is_deleted_once_it_is_sent_and_was_never_another_campaign_s(
    pages: SupporterBrowser, database: Database
) -> None:
    pages.get("/campaigns/clemency")
    pages.submit(**{**SIGNER, "email": "mai"})
    assert title(pages.submit(email="mai@example.org")).startswith("You signed")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
    pages.get("/campaigns/clemency")  # and again, by a key of its own
    pages.submit(**{**SIGNER, "email": "tou"})
    assert title(pages.submit(email="tou@example.org")).startswith("You signed")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
        assert session.scalar(select(func.count()).select_from(Action)) == 2


def test_back_from_the_receipt_leads_to_it_and_the_first_page_says_so(supporter: SupporterBrowser, site: Flask) -> None:
    supporter.to_letter()
    supporter.send()
    receipt = supporter.path
    for step in ("letter", "legislators"):
        assert supporter.get(f"/campaigns/ab969/{step}").location == receipt
    first = supporter.get("/campaigns/ab969")
    assert "A letter was written in this browser a while ago: see what became of it" in words(first)
    assert f'href="{receipt}"' in first.text
    assert supporter.fields["name"] == ""
    stranger = SupporterBrowser(site)
    assert receipt not in stranger.get("/campaigns/ab969").text
    assert stranger.get("/campaigns/ab969/letter").location == "/campaigns/ab969"


def test_a_receipt_is_offered_for_half_an_hour_and_not_after_erasing(supporter: SupporterBrowser, site: Flask) -> None:
    later = [NOW]
    at(site, lambda: later[0])
    supporter.to_letter()
    supporter.send()
    receipt = supporter.path
    later[0] = NOW + timedelta(minutes=29)
    assert receipt in supporter.get("/campaigns/ab969").text
    later[0] = NOW + timedelta(minutes=31)
    assert receipt not in supporter.get("/campaigns/ab969").text
    supporter.to_letter(email="bo@example.org")
    supporter.send()
    supporter.get(f"{supporter.path}/erasure")
    supporter.submit()
    assert "/receipts/" not in supporter.get("/campaigns/ab969").text


def test_a_petition_s_page_knows_its_receipt_too(pages: SupporterBrowser) -> None:
    pages.get("/campaigns/clemency")
    pages.submit(**SIGNER)
    receipt = pages.path
    page = pages.get("/campaigns/clemency")
    assert "Somebody took part in this browser a while ago" in words(page)
    assert f'href="{receipt}"' in page.text


def test_another_tab_is_led_to_what_was_sent(supporter: SupporterBrowser, site: Flask, database: Database) -> None:
    supporter.begin()
    other_tab, path = supporter.fields, supporter.path
    supporter.submit(lower="77")
    letter_of_other_tab = supporter.fields
    supporter.send()
    receipt = supporter.path
    for address, fields in ((path, {**other_tab, "lower": "77"}), ("/campaigns/ab969/letter", letter_of_other_tab)):
        supporter.fields = fields
        answer = supporter.post(address, go="send", consent="y")
        assert (answer.status_code, answer.location) == (303, receipt)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 1


def test_what_another_tab_changed_is_not_sent_unseen(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    mais = supporter.fields
    supporter.begin(zip="53704", name="Bo Example")  # the other tab
    supporter.get("/campaigns/ab969/letter")
    supporter.fields = mais
    page = supporter.send(personal="My own words.")
    assert page.status_code == 409
    assert "was changed meanwhile, in another tab" in problems(page)
    assert supporter.fields["personal"] == "My own words."
    assert "Bo Example" in words(page)
    supporter.send()
    with database.read() as session:
        assert session.scalars(select(Action.name)).all() == ["Bo Example"]


def test_where_another_tab_changed_the_address_the_page_says_so_and_keeps_ones_words(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    letter = supporter.fields
    supporter.begin(zip="53703", name="Bo Example")  # the other tab, where legislators are still to be chosen
    supporter.fields = letter
    page = supporter.post("/campaigns/ab969/letter", go="send", consent="y", personal="My own words.")
    assert page.status_code == 409
    assert "was changed meanwhile, in another tab" in words(page)
    assert "not at hand any more" not in words(page)
    assert "My own words." in page.text
    assert letter["whose"] not in page.text  # of all that was posted, only what somebody typed is to be copied
    supporter.get("/campaigns/ab969/legislators")
    supporter.submit(lower="77")
    assert supporter.fields["personal"] == "My own words."
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 0


def test_a_mistake_tells_nothing_to_whoever_has_only_its_address(supporter: SupporterBrowser, site: Flask) -> None:
    supporter.get("/campaigns/ab969")
    told: Any = supporter.post("/campaigns/ab969", **{**WHO, "email": "mai"}).location
    assert "mai" not in told.replace("/campaigns", "")
    page = SupporterBrowser(site).get(told)
    assert (page.status_code, problems(page)) == (200, "")

"""A toolkit's page, its file, and who came by its links."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.refusals import ChangeRefused
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.campaigns.sources import LISTED, by_source
from actionmail.flows.campaigns.toolkits import uses
from actionmail.flows.staff import Role
from actionmail.gateways.pictures.reencoding import reencode
from tests.pictures import png
from tests.samples import NOW, sample_action, sample_campaign, sample_petition, sample_toolkit
from tests.web.staff_pages import hire
from tests.web.supporter_pages import BASE, SupporterBrowser, words

SIGNER = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "consent": "y"}
TEXTS = {"email": "Look & <see>", "sms": "Sign", "x": "Sign it.", "op_ed": "Dear editor,\n\nlook."}


@pytest.fixture
def kit(site: Flask, database: Database) -> int:
    with database.write() as session:
        sample_petition(session)
        details = {**TEXTS, "share": "clemency", "hashtags": ["#Clemency"], "pictures": []}
        translations = {"es": {"x": "Firmen."}}
        return sample_toolkit(session, details, translations=translations).id


def an_author(database: Database) -> Author:
    return Author(id=hire(database, "anna@example.org", Role.AUTHOR).id, email="anna@example.org")


def with_picture(database: Database, number: int, by: Author | None = None) -> str:
    by = by or an_author(database)
    prepared = pictures.prepare(png(), {"en": "Riders at a stop.", "es": "En la parada."}, reencode=reencode)
    with database.write() as session:
        shown = pictures.add(session, prepared, by=by, now=NOW)
        campaign = session.get_one(Campaign, number)
        campaign.details = {**campaign.details, "pictures": [shown.large.sha256, "0" * 64]}
        return shown.large.sha256


def test_each_text_stands_ready_to_be_copied_with_its_link_and_length(kit: int, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/ride")
    link = "http://127.0.0.1:8000/campaigns/clemency?source=x"
    assert f"Sign it. #Clemency {link}</textarea>" in page.text
    assert f'data-copy="Sign it. #Clemency {link}"' in page.text
    assert page.text.count("readonly") == 6  # e-mail, SMS, X, link, hashtags, op-ed
    # "Sign it. #Clemency " and 23 for the link
    assert "42 of 280 characters, as they are counted there." in words(page)
    assert "which is 1 message." in words(page)
    assert "https://x.com/intent/post?" in page.text
    assert "Look &amp; &lt;see&gt;" in page.text
    assert "A second chance after long sentences" in words(page)
    assert "/campaigns/clemency/cards/en/" in page.text
    assert "<form" not in page.text


def test_in_another_language_text_and_link_are_that_languages(kit: int, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/ride?lang=es")
    assert "Firmen. #Clemency" in page.text
    assert 'lang="es">\nFirmen.' in page.text


def test_without_a_campaign_to_be_seen_it_shares_itself(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one().status = "draft"
    assert "/campaigns/ride?source=x" in supporter.get("/campaigns/ride").text


def test_a_picture_comes_with_words_to_paste_and_one_that_is_missing_is_left_out(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    sha256 = with_picture(database, kit)
    page = supporter.get("/campaigns/ride")
    assert f"/pictures/{sha256}.png" in page.text
    assert "Riders at a stop.</textarea>" in page.text
    assert "0" * 64 not in page.text
    assert supporter.get("/campaigns/ride?lang=es").text.count("En la parada.") == 3


def test_all_of_it_comes_as_one_file_and_the_same_bytes_each_time(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    sha256 = with_picture(database, kit)
    first = supporter.get("/campaigns/ride/toolkit.zip")
    assert first.headers["Content-Disposition"] == 'attachment; filename="ride.zip"'
    assert first.mimetype == "application/zip"
    archive = zipfile.ZipFile(BytesIO(first.data))
    assert archive.testzip() is None
    names = ["email", "sms", "x", "hashtags", "link", "op-ed"]
    assert archive.namelist() == [
        *(f"texts/{name}.txt" for name in names),
        "pictures/Riders-at-a-stop.png",
        "pictures/Riders-at-a-stop.alt.txt",
    ]
    assert archive.read("texts/op-ed.txt") == b"Dear editor,\r\n\r\nlook.\r\n"
    assert archive.read("texts/email.txt").startswith(b"Subject: A second chance after long sentences\r\n\r\nLook")
    with database.read() as session:
        stored = pictures.file_content(session, sha256)
    assert stored
    assert archive.read("pictures/Riders-at-a-stop.png") == stored.content
    again = supporter.get("/campaigns/ride/toolkit.zip")
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    seen = {"If-None-Match": first.headers["ETag"]}
    known = supporter.client.get("/campaigns/ride/toolkit.zip", headers=seen, base_url=BASE)
    assert (known.status_code, known.data) == (304, b"")


@pytest.mark.parametrize("change", [{"hashtags": ["#Other"]}, {"x": "Other."}, {"op_ed": "Other."}, {"share": ""}])
def test_another_toolkit_is_another_version(
    kit: int, supporter: SupporterBrowser, database: Database, change: dict[str, Any]
) -> None:
    before = supporter.get("/campaigns/ride/toolkit.zip").headers["ETag"]
    assert supporter.get("/campaigns/ride/toolkit.zip?lang=es").headers["ETag"] != before
    with database.write() as session:
        campaign = session.get_one(Campaign, kit)
        campaign.details = {**campaign.details, **change}
    assert supporter.get("/campaigns/ride/toolkit.zip").headers["ETag"] != before


def test_only_a_toolkit_that_can_be_seen_has_such_a_file(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    assert supporter.get("/campaigns/clemency/toolkit.zip").status_code == 404
    assert supporter.get("/campaigns/none/toolkit.zip").status_code == 404
    for status, answer in (("scheduled", 404), ("draft", 404), ("closed", 200)):
        with database.write() as session:
            session.get_one(Campaign, kit).status = status
        assert supporter.get("/campaigns/ride/toolkit.zip").status_code == answer
    assert "Sign it. #Clemency" in supporter.get("/campaigns/ride").text


def test_nothing_can_be_posted_to_it(kit: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get("/campaigns/clemency")
    assert supporter.post("/campaigns/ride", **SIGNER).status_code == 405
    with database.read() as session:
        assert session.scalars(select(Action)).all() == []


def test_a_picture_that_a_toolkit_shows_is_not_deleted(kit: int, database: Database) -> None:
    by = an_author(database)
    with_picture(database, kit, by)
    with pytest.raises(ChangeRefused) as refused, database.write() as session:
        pictures.remove(session, 1, uses=uses, by=by, now=NOW)
    assert refused.value.problem.values == {"titles": ["Tell others"]}


# -- by which link they came


def source_of_last(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(Action.source).order_by(Action.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x", "x"),
        ("Rally_2022-03", "Rally_2022-03"),
        ("a" * 40, "a" * 40),
        ("a" * 41, ""),
        ("", ""),
        ("<b>", ""),
        ("a b", ""),
        ("x\n", ""),
        ("é", ""),
        ("x\0", ""),
    ],
)
def test_a_signature_keeps_by_which_link_its_signer_came(
    kit: int, supporter: SupporterBrowser, database: Database, typed: str, kept: str
) -> None:
    page = supporter.client.get("/campaigns/clemency", query_string={"source": typed}, base_url=BASE)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers or "source" not in page.headers["Set-Cookie"]
    supporter._seen("/campaigns/clemency", page)
    assert supporter.fields.get("source", "") == kept
    supporter.submit(**SIGNER)
    assert source_of_last(database) == kept


def test_a_source_survives_an_error_and_a_choice_of_language(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        petition = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        petition.translations = {"es": {"title": "Otra"}}
    assert "?lang=es&amp;source=sms" in supporter.get("/campaigns/clemency?source=sms").text
    assert supporter.submit(**{**SIGNER, "zip": ""}).status_code == 400
    supporter.submit(**SIGNER)
    assert source_of_last(database) == "sms"


def test_a_letter_keeps_it_over_its_steps(supporter: SupporterBrowser, database: Database) -> None:
    supporter.get("/campaigns/ab969?source=bluesky")
    supporter.submit(name="Mai Example", email="mai@example.org", zip="53704")
    supporter.send()
    assert source_of_last(database) == "bluesky"


def test_a_source_that_is_posted_is_looked_at_as_well(
    kit: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/clemency")
    supporter.submit(**SIGNER, source="x" * 5_000)
    assert source_of_last(database) == ""


def test_what_counts_is_counted_by_source_and_rare_codes_together(database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        other = sample_petition(session)
        for number, source in enumerate(["x", "x", "", "sms", *(f"c{n:02}" for n in range(LISTED))]):
            sample_action(session, campaign, source=source, idempotency_key=f"k{number}")
        sample_action(session, campaign, source="x", invalid_at=NOW, idempotency_key="i")
        sample_action(session, other, source="x", idempotency_key="o")
        counts = by_source(session, campaign.id)
    assert counts.listed[0] == ("x", 2)
    assert ("", 1) in counts.listed
    assert (len(counts.listed), counts.other_codes, counts.others) == (LISTED, 3, 3)
    assert counts.is_told

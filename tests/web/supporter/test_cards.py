"""What networks are told of a campaign's page, and the card that they fetch."""

from __future__ import annotations

from html.parser import HTMLParser

from flask import Flask

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from tests.pictures import decoded
from tests.samples import sample_campaign
from tests.web.supporter_pages import BASE, SupporterBrowser

TITLE = 'Say "no" & <b>mean</b> it'


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("property") or values.get("name")
        if tag == "meta" and name:
            assert name not in self.values
            self.values[name] = values.get("content") or ""


def change(database: Database, **columns: object) -> None:
    with database.write() as session:
        campaign = session.get_one(Campaign, 1)
        for name, value in columns.items():
            setattr(campaign, name, value)


def test_a_link_to_a_campaign_is_shown_with_its_title_and_card(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, title=TITLE, summary="**No** to [it](https://example.org/).\n\nSecond. " + "word " * 90)
    tags = Tags(supporter.get("/campaigns/ab969").text).values
    assert tags["og:title"] == TITLE
    assert tags["og:url"] == f"{BASE}/campaigns/ab969"
    assert tags["og:description"].startswith("No to it. Second. word")
    assert tags["og:description"].endswith("word…") and len(tags["og:description"]) <= 200
    assert (tags["og:site_name"], tags["og:locale"], tags["twitter:card"]) == (
        "Example Org",
        "en_US",
        "summary_large_image",
    )
    assert tags["og:image:alt"] == f"Oppose AB 969. {TITLE}. Example Org"
    assert tags["og:image"].startswith(f"{BASE}/campaigns/ab969/cards/en/")
    answer = site.test_client().get(tags["og:image"].removeprefix(BASE), base_url=BASE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert decoded(answer.data).size == (int(tags["og:image:width"]), int(tags["og:image:height"])) == (1200, 630)


def test_another_title_has_another_card_and_old_links_lead_to_it(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    before = Tags(supporter.get("/campaigns/ab969").text).values["og:image"].removeprefix(BASE)
    change(database, title="Safe schools")
    after = Tags(supporter.get("/campaigns/ab969").text).values["og:image"].removeprefix(BASE)
    assert before != after
    client = site.test_client()
    moved = client.get(before, base_url=BASE)
    assert (moved.status_code, moved.location) == (302, after)
    assert "immutable" not in moved.headers["Cache-Control"]


def test_a_translation_has_tags_and_a_card_of_its_own(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, translations={"km": {"title": "សាលារៀន"}})
    tags = Tags(supporter.get("/campaigns/ab969?lang=km").text).values
    assert (tags["og:title"], tags["og:locale"]) == ("សាលារៀន", "km_KH")
    assert tags["og:url"] == f"{BASE}/campaigns/ab969?lang=km"
    card = tags["og:image"].removeprefix(BASE)
    assert "/cards/km/" in card
    assert site.test_client().get(card, base_url=BASE).status_code == 200
    assert site.test_client().get(card.replace("/km/", "/es/"), base_url=BASE).status_code == 404


def test_what_nobody_may_see_has_no_card(site: Flask, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="draft", status="draft")
    for slug in ("draft", "nothing"):
        assert site.test_client().get(f"/campaigns/{slug}/cards/en/x.png", base_url=BASE).status_code == 404

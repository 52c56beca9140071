"""The feeds' addresses: their types, what stands in them, and no answer sent twice to a reader who has it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from datetime import date, datetime, timedelta

import feedparser
import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from tests.pictures import keep_picture
from tests.samples import sample_petition
from tests.web.supporter_pages import BASE

TYPES = {
    "/news.atom": "application/atom+xml; charset=utf-8",
    "/news.json": "application/feed+json; charset=utf-8",
    "/sitemap.xml": "application/xml; charset=utf-8",
}
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def petition(site: Flask, database: Database, now: datetime) -> None:
    """Beside the letter: a petition with a picture."""
    with database.write() as session:
        keep_picture(session, now)
        sample_petition(
            session,
            posted_on=date(2022, 2, 14),
            categories=["Justice"],
            summary="**Let** them [ask](https://example.org).",
            picture="door.png",
            picture_id=1,
            picture_alt="A door.",
        )


def change(database: Database, slug: str, **columns: object) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
        for name, value in columns.items():
            setattr(campaign, name, value)


@pytest.mark.parametrize("path", TYPES)
def test_each_is_served_with_its_type_and_not_twice_to_the_same_reader(
    petition: None, site: Flask, database: Database, now: datetime, path: str
) -> None:
    client = site.test_client()
    first = client.get(path, base_url=BASE)
    assert (first.status_code, first.headers["Content-Type"]) == (200, TYPES[path])
    assert first.headers["Last-Modified"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    for have in ("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"):
        again = client.get(path, base_url=BASE, headers={have[0]: first.headers[have[1]]})
        assert (again.status_code, again.data) == (304, b"")
    change(database, "clemency", title="Two", updated_at=now + timedelta(minutes=1))
    for have in ("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"):
        assert client.get(path, base_url=BASE, headers={have[0]: first.headers[have[1]]}).status_code == 200


@pytest.mark.parametrize("path", TYPES)
def test_a_reader_who_asks_by_date_learns_of_a_post_that_is_gone(
    petition: None, site: Flask, database: Database, now: datetime, path: str
) -> None:
    client = site.test_client()
    first = client.get(path, base_url=BASE)
    change(database, "clemency", status="archived", updated_at=now + timedelta(minutes=1))
    again = client.get(path, base_url=BASE, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200
    assert "clemency" not in again.text


def test_the_feed_has_the_posts_with_picture_and_text(petition: None, site: Flask) -> None:
    read = feedparser.parse(site.test_client().get("/news.atom", base_url=BASE).data)
    assert not read.bozo
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{BASE}/news.atom"]
    newest, oldest = read.entries
    assert newest.link == f"{BASE}/campaigns/ab969"
    assert (oldest.title, oldest.author) == ("A second chance after long sentences", "Example Justice Network")
    assert oldest.published == "2022-02-14T05:00:00Z"  # midnight in New York
    assert [tag.term for tag in oldest.tags] == ["Justice"]
    assert oldest.summary == "Let them ask."
    assert '<a href="https://example.org" rel="noopener noreferrer">ask</a>' in oldest.content[0].value
    (picture,) = [link for link in oldest.links if link.rel == "enclosure"]
    served = site.test_client().get(picture.href.removeprefix(BASE), base_url=BASE)
    assert (int(picture.length), picture.type, picture.title) == (len(served.data), "image/png", "A door.")
    assert f'<img alt="A door." height="30" src="{picture.href}" width="60"' in oldest.content[0].value


def test_a_posts_number_stays_when_it_gets_another_title_and_day(
    petition: None, site: Flask, database: Database
) -> None:
    def ids() -> list[str]:
        return [item["id"] for item in json.loads(site.test_client().get("/news.json", base_url=BASE).data)["items"]]

    before = ids()
    change(database, "clemency", title="Another", posted_on=date(2020, 1, 1))
    assert ids() == before
    assert len(set(before)) == 2


def test_a_feed_is_narrowed_as_the_list_is(petition: None, site: Flask) -> None:
    address = "/news.atom?search=chance&state=NY"
    read = feedparser.parse(site.test_client().get(address, base_url=BASE).data)
    assert [entry.link for entry in read.entries] == [f"{BASE}/campaigns/clemency"]
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{BASE}{address}"]
    assert [link.href for link in read.feed.links if link.rel == "alternate"] == [f"{BASE}/?search=chance&state=NY"]


def test_the_sitemap_names_what_is_public_and_robots_name_the_sitemap(
    petition: None, site: Flask, database: Database
) -> None:
    with database.write() as session:
        sample_petition(session, slug="draft", status="draft")
        sample_petition(session, slug="by-link", listed=False)
        sample_petition(session, slug="over", status="closed")
    client = site.test_client()
    root = ElementTree.fromstring(client.get("/sitemap.xml", base_url=BASE).data)
    paths = [(node.text or "").removeprefix(BASE) for node in root.iter(LOC)]
    assert paths == ["/", "/privacy", "/campaigns/ab969", "/campaigns/over", "/campaigns/clemency"]
    robots = client.get("/robots.txt", base_url=BASE)
    assert robots.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = robots.text.splitlines()
    assert lines[-1] == f"Sitemap: {BASE}/sitemap.xml"
    assert {"Disallow: /staff/", "Disallow: /receipts/"} <= set(lines)
    assert "Set-Cookie" not in robots.headers


def test_feeds_without_a_post_are_feeds(site: Flask, database: Database) -> None:
    change(database, "ab969", listed=False)
    read = feedparser.parse(site.test_client().get("/news.atom", base_url=BASE).data)
    assert (read.bozo, read.entries) == (False, [])
    assert json.loads(site.test_client().get("/news.json", base_url=BASE).data)["items"] == []

"""The feeds' addresses: their types, what stands in them, and no answer sent twice to a reader who has it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import date, datetime, timedelta
from html import unescape

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


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "{http://www.w3.org/2005/Atom}"
XHTML_LINK = "{http://www.w3.org/1999/xhtml}link"


@pytest.fixture
def translated(petition: None, database: Database) -> None:
    """The petition in Spanish and in part in Khmer; the letter in no other language; a draft in Lao."""
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        campaign.translations = {
            "es": {"title": "Otra oportunidad", "summary": "**Que** pregunten.", "picture_alt": "Una puerta."},
            "km": {"title": "ឱកាសទីពីរ"},
        }
        sample_petition(session, slug="draft", status="draft", translations={"lo": {"title": "ໂອກາດ"}})


def entries(site: Flask, address: str) -> tuple[ElementTree.Element, dict[str, ElementTree.Element]]:
    """The feed, and its entries by the path of their page; a parser of others finds no fault in it."""
    answer = site.test_client().get(address, base_url=BASE)
    assert answer.status_code == 200
    assert not feedparser.parse(answer.data).bozo
    root = ElementTree.fromstring(answer.data)
    found = {}
    for entry in root.iter(f"{ATOM}entry"):
        (page,) = [link for link in entry.iter(f"{ATOM}link") if link.get("rel") == "alternate"]
        found[(page.get("href") or "").removeprefix(BASE)] = entry
    return root, found


def test_there_is_a_feed_in_each_language_that_something_is_translated_into(translated: None, site: Flask) -> None:
    root, by_page = entries(site, "/news.atom?lang=es-MX")
    assert root.get(XML_LANG) == "es"
    assert {
        (link.get("rel"), link.get("hreflang"), (link.get("href") or "").removeprefix(BASE))
        for link in root.findall(f"{ATOM}link")
    } == {
        ("self", None, "/news.atom?lang=es"),
        ("alternate", None, "/?lang=es"),
        ("alternate", "en", "/news.atom"),
        ("alternate", "km", "/news.atom?lang=km"),
    }
    spanish, english = by_page["/campaigns/clemency?lang=es"], by_page["/campaigns/ab969"]
    assert spanish.findtext(f"{ATOM}title") == "Otra oportunidad"
    assert spanish.findtext(f"{ATOM}summary") == "Que pregunten."
    assert spanish.get(XML_LANG) is None  # as the feed
    assert [link.get("title") for link in spanish.iter(f"{ATOM}link") if link.get("rel") == "enclosure"] == [
        "Una puerta."
    ]
    assert english.get(XML_LANG) == "en"
    assert "Otra oportunidad" in site.test_client().get("/campaigns/clemency?lang=es", base_url=BASE).text


def test_of_a_translation_in_part_each_word_says_its_language(translated: None, site: Flask) -> None:
    _, by_page = entries(site, "/news.atom?lang=km")
    khmer = by_page["/campaigns/clemency?lang=km"]
    title = khmer.find(f"{ATOM}title")
    assert title is not None
    assert (khmer.get(XML_LANG), title.get(XML_LANG), title.text) == ("en", "km", "ឱកាសទីពីរ")


def test_a_post_has_another_number_in_each_language_and_keeps_its_old_one(translated: None, site: Flask) -> None:
    def ids(address: str) -> set[str]:
        items = json.loads(site.test_client().get(address, base_url=BASE).data)["items"]
        return {item["id"] for item in items if "/clemency" in item["url"]}

    own = ids("/news.json")
    assert own == ids("/news.json?lang=en") == ids("/news.json?lang=lo") == ids("/news.json?lang=%00")
    (spanish,) = ids("/news.json?lang=es")
    assert spanish == f"{next(iter(own))}/es"


def test_a_json_feed_says_its_language_and_that_of_what_is_in_another(translated: None, site: Flask) -> None:
    feed = json.loads(site.test_client().get("/news.json?lang=es&state=NY", base_url=BASE).data)
    assert (feed["language"], feed["feed_url"]) == ("es", f"{BASE}/news.json?state=NY&lang=es")
    assert [(item["title"], item.get("language")) for item in feed["items"]] == [("Otra oportunidad", None)]
    both = json.loads(site.test_client().get("/news.json?lang=es", base_url=BASE).data)
    assert [item.get("language") for item in both["items"]] == ["en", None]


def test_the_list_names_itself_and_its_feeds_in_each_language(translated: None, site: Flask) -> None:
    page = site.test_client().get("/?state=NY", base_url=BASE).text
    for tag, address in ("en", "/?state=NY"), ("es", "/?state=NY&amp;lang=es"), ("x-default", "/?state=NY"):
        assert f'<link rel="alternate" hreflang="{tag}" href="{BASE}{address}">' in page
    assert (
        'type="application/atom+xml" hreflang="es" title="Español: Example Org" '
        f'href="{BASE}/news.atom?state=NY&amp;lang=es"' in page
    )
    assert 'hreflang="lo"' not in page
    assert "Otra oportunidad" in site.test_client().get("/?lang=es", base_url=BASE).text


def test_the_sitemap_has_each_page_in_each_language_and_all_name_all(translated: None, site: Flask) -> None:
    root = ElementTree.fromstring(site.test_client().get("/sitemap.xml", base_url=BASE).data)
    listed = {}
    for entry in root:
        address = (entry.findtext(LOC) or "").removeprefix(BASE)
        links = entry.findall(XHTML_LINK)
        listed[address] = {link.get("hreflang"): (link.get("href") or "").removeprefix(BASE) for link in links}
    page = "/campaigns/clemency"
    alternates = {"en": page, "es": f"{page}?lang=es", "km": f"{page}?lang=km", "x-default": page}
    assert {address: links for address, links in listed.items() if address.startswith(page)} == {
        page: alternates,
        f"{page}?lang=es": alternates,
        f"{page}?lang=km": alternates,
    }
    assert listed["/campaigns/ab969"] == listed["/privacy"] == {}
    assert set(listed["/?lang=es"]) == {"en", "es", "km", "x-default"}


def test_who_reads_the_list_in_a_language_goes_on_in_it(translated: None, site: Flask) -> None:
    page = site.test_client().get("/?lang=es", base_url=BASE).text
    inner = [
        unescape(address)
        for address in re.findall(r'href="(/(?:\?[^"]*)?)"', page.split("<main")[1].split("</main")[0])
    ]
    assert inner
    assert all("lang=es" in address for address in inner)
    assert '<input type="hidden" name="lang" value="es">' in page
    for tag, address in ("en", "/"), ("es", "/?lang=es"), ("x-default", "/"):
        assert f'<link rel="alternate" hreflang="{tag}" href="{BASE}{address}">' in page
    lao = site.test_client().get("/?lang=lo", base_url=BASE).text  # in which the pages speak, and no campaign does
    assert "lang=lo" not in lao.split("<main")[1].split("</main")[0]
    assert 'hreflang="lo"' not in lao


def test_a_posts_own_page_names_its_languages(translated: None, site: Flask) -> None:
    client = site.test_client()
    for address in "/campaigns/clemency", "/campaigns/clemency?lang=km":
        page = client.get(address, base_url=BASE).text
        for tag, query in ("en", ""), ("es", "?lang=es"), ("km", "?lang=km"), ("x-default", ""):
            assert f'<link rel="alternate" hreflang="{tag}" href="{BASE}/campaigns/clemency{query}">' in page
    assert 'rel="alternate" hreflang' not in client.get("/campaigns/ab969", base_url=BASE).text


def test_where_nothing_is_translated_no_language_is_named(petition: None, site: Flask) -> None:
    client = site.test_client()
    assert "hreflang" not in client.get("/", base_url=BASE).text
    for path in TYPES:
        assert "hreflang" not in client.get(path, base_url=BASE).text

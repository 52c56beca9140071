"""Feeds as readers get them: read back by a parser of others, and held against the rules of each format."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import feedparser
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.feeds import (
    MOST_ADDRESSES,
    Feed,
    FeedPicture,
    FeedPost,
    SitemapPage,
    atom,
    json_feed,
    post_id,
    sitemap,
)
from actionmail.rules.campaigns.page_text import as_html
from actionmail.rules.replacing import replace

SITE = "https://act.example.org"
HOUR = datetime(2022, 2, 18, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
SINCE = datetime(2022, 1, 1, tzinfo=UTC)
FEED = Feed(
    title='Actions & news of <Example> "Org"',
    home_url=f"{SITE}/",
    feed_url=f"{SITE}/news.atom",
    author="Example Org",
    since=SINCE,
)
ATOM = "{http://www.w3.org/2005/Atom}"
PICTURE = FeedPicture(url=f"{SITE}/pictures/a.jpg", media_type="image/jpeg", size=1234, alternative='A "door" & <more>')
FULL = FeedPost(
    id=post_id("act.example.org", date(2022, 1, 1), "ab969"),
    url=f"{SITE}/campaigns/ab969?lang=es&source=feed",
    title="Police & <schools>: ខ្មែរ, မြန်မာ, 中文 👍🏽",
    published=HOUR,
    updated=HOUR + timedelta(hours=1),
    author="Example Org & Friends",
    summary="Say <no> & mean it.",
    html=str(as_html("**No** to <script>alert(1)</script> & [more](https://example.org/?a=1&b=2)")),
    categories=("Schools", 'Law & "order"'),
    picture=PICTURE,
)
BARE = FeedPost(
    id="tag:act.example.org,2022-01-01:news-1",
    url=f"{SITE}/news/1",
    title="Read",
    published=HOUR - timedelta(days=3),
    updated=HOUR - timedelta(days=3),
    author="Example Org",
)

# The rules of jsonfeed.org/version/1.1 as a schema: required and optional keys, their types, and no others.
_AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": {"type": "string"}, "url": {"type": "string"}, "avatar": {"type": "string"}},
        "additionalProperties": False,
    },
}
_URL = {"type": "string", "pattern": "^https://"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
RULES: dict[str, Any] = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": _URL,
        "feed_url": _URL,
        "icon": _URL,
        "authors": _AUTHORS,
        "language": {"type": "string"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": _URL,
                    "title": {"type": "string"},
                    "content_html": {"type": "string"},
                    "content_text": {"type": "string"},
                    "summary": {"type": "string"},
                    "image": _URL,
                    "date_published": _DATE,
                    "date_modified": _DATE,
                    "authors": _AUTHORS,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "language": {"type": "string"},
                },
            },
        },
    },
}


def test_atom_says_to_another_parser_what_the_posts_say() -> None:
    read = feedparser.parse(atom(FEED, [FULL, BARE]).content)
    assert (read.bozo, read.version) == (False, "atom10")
    assert (read.feed.title, read.feed.id, read.feed.author) == (
        'Actions & news of <Example> "Org"',
        f"{SITE}/",
        "Example Org",
    )
    full, bare = read.entries
    assert (full.id, full.link, full.author) == (FULL.id, FULL.url, FULL.author)
    assert full.published_parsed[:6] == (2022, 2, 18, 15, 0, 0)
    assert full.updated_parsed[:6] == (2022, 2, 18, 16, 0, 0)
    assert [tag.term for tag in full.tags] == ["Schools", 'Law & "order"']
    assert [(link.href, link.type, link.length) for link in full.enclosures] == [
        (PICTURE.url, "image/jpeg", "1234")
    ]  # fmt: skip
    assert "<strong>No</strong>" in full.content[0].value
    assert "<script" not in full.content[0].value
    assert 'href="https://example.org/?a=1&amp;b=2"' in full.content[0].value
    assert (bare.id, bare.title, "content" in bare, "tags" in bare) == (BARE.id, "Read", False, False)


def test_atom_has_what_rfc_4287_demands_once_each() -> None:
    root = ElementTree.fromstring(atom(FEED, [FULL, BARE]).content)
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):  # 4.1.1, 4.1.2
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert len(element.findall(f"{ATOM}link[@rel='alternate']")) == 1
        assert element.find(f"{ATOM}author/{ATOM}name") is not None
    links = [link.get("href") for link in root.findall(f"{ATOM}link[@rel='self']")]
    assert links == [FEED.feed_url]
    first = root.find(f"{ATOM}entry")
    assert first is not None
    assert first.findtext(f"{ATOM}title") == FULL.title
    assert first.findtext(f"{ATOM}summary") == "Say <no> & mean it."
    assert first.findtext(f"{ATOM}published") == "2022-02-18T15:00:00Z"
    assert root.findtext(f"{ATOM}updated") == "2022-02-18T16:00:00Z"
    content = first.find(f"{ATOM}content")
    assert content is not None and content.get("type") == "html" and content.text == FULL.html


def test_json_feed_keeps_to_its_rules() -> None:
    read = json.loads(json_feed(FEED, [FULL, BARE]).content)
    jsonschema.validate(read, RULES)
    full, bare = read["items"]
    assert (full["title"], full["content_html"], full["summary"]) == (FULL.title, FULL.html, FULL.summary)
    assert (full["image"], full["tags"]) == (PICTURE.url, list(FULL.categories))
    assert (full["date_published"], full["date_modified"]) == ("2022-02-18T15:00:00Z", "2022-02-18T16:00:00Z")
    assert bare["content_text"] == ""
    assert "title" in bare and "tags" not in bare


def test_the_rules_refuse_what_breaks_them() -> None:
    read = json.loads(json_feed(FEED, [FULL]).content)
    for broken in ({"version": "1"}, {"items": [{"id": "x"}]}, {"authors": [{}]}, {"favourite": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**read, **broken}, RULES)


def test_a_feed_without_posts_is_one_too() -> None:
    document = atom(FEED, [])
    assert feedparser.parse(document.content).bozo is False
    assert document.modified == SINCE
    empty = json.loads(json_feed(FEED, []).content)
    jsonschema.validate(empty, RULES)
    assert empty["items"] == []


@given(st.text(max_size=40))
def test_whatever_stands_in_a_post_both_feeds_can_be_read(text: str) -> None:
    post = replace(FULL, title=text, summary=text, author=text, categories=(text,))
    root = ElementTree.fromstring(atom(FEED, [post]).content)
    title = root.findtext(f"{ATOM}entry/{ATOM}title") or ""
    assert len(title) == len(text.replace("\r\n", "\n"))
    jsonschema.validate(json.loads(json_feed(FEED, [post]).content), RULES)


def test_what_xml_cannot_hold_is_shown_as_a_mark() -> None:
    root = ElementTree.fromstring(atom(FEED, [replace(BARE, title="a\x00b\x0bc\ud800d\uffffe\tf")]).content)
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "a\ufffdb\ufffdc\ufffdd\ufffde\tf"


def test_another_language_is_marked_at_its_post() -> None:
    posts = [replace(BARE, language="km"), BARE]
    marks = [entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in
             ElementTree.fromstring(atom(FEED, posts).content).findall(f"{ATOM}entry")]  # fmt: skip
    assert marks == ["km", None]
    assert [item.get("language") for item in json.loads(json_feed(FEED, posts).content)["items"]] == ["km", None]


def test_the_same_posts_are_the_same_bytes_and_another_word_is_not() -> None:
    for write in (atom, json_feed):
        assert write(FEED, [FULL]).etag == write(FEED, [FULL]).etag
        assert write(FEED, [FULL]).etag != write(FEED, [replace(FULL, title="Other")]).etag


def test_a_sitemap_lists_addresses_with_their_last_change() -> None:
    pages = [SitemapPage(url=FULL.url, updated=FULL.updated), SitemapPage(url=f"{SITE}/privacy")]
    document = sitemap(pages, since=SINCE)
    root = ElementTree.fromstring(document.content)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert root.tag == f"{space}urlset"
    found = [(url.findtext(f"{space}loc"), url.findtext(f"{space}lastmod")) for url in root]
    assert found == [(FULL.url, "2022-02-18T16:00:00Z"), (f"{SITE}/privacy", None)]
    assert document.modified == datetime(2022, 2, 18, 16, tzinfo=UTC)
    many = [SitemapPage(url=f"{SITE}/{number}") for number in range(MOST_ADDRESSES + 1)]
    assert len(ElementTree.fromstring(sitemap(many, since=SINCE).content)) == MOST_ADDRESSES


def test_an_id_is_a_tag_uri() -> None:
    assert FULL.id == "tag:act.example.org,2022-01-01:ab969"
    assert urlsplit(FULL.id).scheme == "tag"

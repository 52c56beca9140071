"""The feeds' addresses: their types, and no answer sent twice to a reader who has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from flask import Flask

from actionmail.rules.campaigns.feeds import Feed, FeedPost, SitemapPage
from actionmail.settings import Settings
from actionmail.web.supporter import feeds
from tests.web.application import open_app
from tests.web.supporter_pages import BASE

DAY = datetime(2022, 2, 18, 15, 0, 0, 500, tzinfo=UTC)
POST = FeedPost(
    id="tag:act.example.org,2022-01-01:1",
    url="https://act.example.org/news/1",
    title="One",
    published=DAY,
    updated=DAY,
    author="Example Org",
)
TYPES = {
    "/news.atom": "application/atom+xml; charset=utf-8",
    "/news.json": "application/feed+json; charset=utf-8",
    "/sitemap.xml": "application/xml; charset=utf-8",
}


class Desk:
    """Who reads the posts."""

    def __init__(self) -> None:
        self.posts = [POST]

    def __call__(self, address: str) -> feeds.News:
        feed = Feed(title="News", home_url=f"{BASE}/", feed_url=address, author="Example Org", since=DAY)
        pages = [SitemapPage(url=post.url, updated=post.updated) for post in self.posts]
        return feeds.News(feed=feed, posts=self.posts, pages=pages)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def app(site_settings: Settings, desk: Desk) -> Flask:
    app = open_app(site_settings)
    app.register_blueprint(feeds.blueprint(desk))
    return app


@pytest.mark.parametrize("path", TYPES)
def test_each_is_served_with_its_type_and_not_twice_to_the_same_reader(app: Flask, desk: Desk, path: str) -> None:
    client = app.test_client()
    first = client.get(path, base_url=BASE)
    assert (first.status_code, first.headers["Content-Type"]) == (200, TYPES[path])
    assert first.headers["Last-Modified"] == "Fri, 18 Feb 2022 15:00:00 GMT"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    for have in ("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"):
        again = client.get(path, base_url=BASE, headers={have[0]: first.headers[have[1]]})
        assert (again.status_code, again.data) == (304, b"")
    desk.posts = [replace(POST, url="https://act.example.org/news/2", title="Two", updated=DAY + timedelta(minutes=1))]
    changed = client.get(path, base_url=BASE, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_the_feed_names_its_own_address(app: Flask) -> None:
    read = feedparser.parse(app.test_client().get("/news.atom", base_url=BASE).data)
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{BASE}/news.atom"]

"""The news for feed readers and search engines, wired to whoever reads the posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.rules.campaigns import feeds
from actionmail.rules.campaigns.feeds import Document, Feed, FeedPost, SitemapPage
from actionmail.web.platform.context import services

_MINUTES = 5  # that a reader may keep it unasked


@dataclass(frozen=True, kw_only=True)
class News:
    """What the feeds show. `since` of `feed` is when the list of posts last lost one, or began."""

    feed: Feed
    posts: Sequence[FeedPost]
    pages: Sequence[SitemapPage]


def blueprint(read: Callable[[str], News]) -> Blueprint:
    """`/news.atom`, `/news.json` and `/sitemap.xml`; `read` gets the absolute address of what is asked for."""
    bp = Blueprint("feeds", __name__)

    @bp.get("/news.atom")
    def atom() -> ResponseReturnValue:
        news = read(_own_address())
        return _answer(feeds.atom(news.feed, news.posts))

    @bp.get("/news.json")
    def json_feed() -> ResponseReturnValue:
        news = read(_own_address())
        return _answer(feeds.json_feed(news.feed, news.posts))

    @bp.get("/sitemap.xml")
    def sitemap() -> ResponseReturnValue:
        news = read(_own_address())
        return _answer(feeds.sitemap(news.pages, since=news.feed.since))

    return bp


def _own_address() -> str:
    return f"{services().settings.base_url}{url_for(request.endpoint or '')}"


def _answer(document: Document) -> Response:
    """304 where the reader has it already: by its ETag, or else by its date. Any site's reader may have it."""
    response = Response(document.content, content_type=document.media_type)
    response.set_etag(document.etag)
    response.last_modified = document.modified
    response.headers["Cache-Control"] = f"public, max-age={_MINUTES * 60}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response

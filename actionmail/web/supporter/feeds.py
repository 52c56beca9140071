"""The news for feed readers and search engines: two feeds, narrowed as the list is, and what may be found where."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.rules.campaigns import feeds
from actionmail.rules.campaigns.feeds import Document
from actionmail.web.platform.context import services
from actionmail.web.supporter import feed_posts

_MINUTES = 5  # that a reader may keep it unasked
# What no search engine is to ask for: a receipt's address is its key, and staff pages are nobody else's.
_NOT_SEARCHED = ("/staff/", "/receipts/", "/confirmations/", "/api/")


bp = Blueprint("feeds", __name__)


@bp.get("/news.atom")
def atom() -> ResponseReturnValue:
    return _answer(feeds.atom(*feed_posts.read()))


@bp.get("/news.json")
def json_feed() -> ResponseReturnValue:
    return _answer(feeds.json_feed(*feed_posts.read()))


@bp.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    listed, since = feed_posts.pages()
    return _answer(feeds.sitemap(listed, since=since))


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    lines = ["User-agent: *", *(f"Disallow: {request.script_root}{path}" for path in _NOT_SEARCHED)]
    lines.append(f"Sitemap: {services().settings.origin}{url_for('.sitemap')}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


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

"""The news for feed readers and search engines: Atom (RFC 4287), JSON Feed 1.1, and a sitemap (sitemaps.org).

Pure functions from posts to bytes. The same posts give the same bytes, so that their hash can be the answer's ETag.
"""

from __future__ import annotations

import hashlib
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import regex
from msgspec import Struct

ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
JSON_TYPE: Final = "application/feed+json; charset=utf-8"
SITEMAP_TYPE: Final = "application/xml; charset=utf-8"
MOST_ADDRESSES: Final = 50_000  # of one sitemap
_ATOM: Final = "http://www.w3.org/2005/Atom"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
# What XML 1.0 cannot hold, however it is written (section 2.2).
_NOT_XML: Final = regex.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")

ElementTree.register_namespace("", _ATOM)


class FeedPicture(Struct, frozen=True, kw_only=True):
    """A picture of a post: an absolute address, and what it shows."""

    url: str
    media_type: str
    size: int  # bytes
    alternative: str


class FeedPost(Struct, frozen=True, kw_only=True):
    """One post. Instants are aware. `url` is absolute, `id` stays the same whatever becomes of address and title.

    `html` is a fragment whose markup is ours (`page_text.as_html`), with absolute links; `summary` is plain text.
    `language` is a BCP 47 tag, "" for that of the feed; `title_language` is given where the title is in another one.
    """

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    author: str
    summary: str = ""
    html: str = ""
    categories: tuple[str, ...] = ()
    picture: FeedPicture | None = None
    language: str = ""
    title_language: str = ""


class Feed(Struct, frozen=True, kw_only=True):
    """Of what the posts are: absolute addresses of the page that lists them, and of the feed itself.

    `others` are the same posts in other languages: the tag of each, and the address of its feed.
    """

    title: str
    home_url: str
    feed_url: str
    author: str
    since: datetime  # when it lost a post last, or began: it was updated then at the earliest
    language: str = "en"
    icon_url: str = ""
    others: tuple[tuple[str, str], ...] = ()


class SitemapPage(Struct, frozen=True, kw_only=True):
    """`alternates` are the page in each of its languages, itself among them: tag, and absolute address."""

    url: str  # absolute
    updated: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()


class Document(Struct, frozen=True, kw_only=True):
    """What is served: `modified` is the last change of what stands in it, to the second."""

    content: bytes
    media_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]


def post_id(host: str, begun: date, key: str) -> str:
    """A tag URI (RFC 4151) that stays when the post is moved: `begun` is a day on which the host was the site's own."""
    return f"tag:{host},{begun.isoformat()}:{key}"


def atom(feed: Feed, posts: Sequence[FeedPost]) -> Document:
    """The feed as Atom, the posts in their order."""
    root = ElementTree.Element(_a("feed"), {f"{{{_XML}}}lang": feed.language})
    _text(root, "id", feed.home_url)
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(_modified(feed, posts)))
    ElementTree.SubElement(root, _a("link"), {"rel": "self", "type": "application/atom+xml", "href": feed.feed_url})
    ElementTree.SubElement(root, _a("link"), {"rel": "alternate", "type": "text/html", "href": feed.home_url})
    for tag, url in feed.others:
        other = {"rel": "alternate", "type": "application/atom+xml", "hreflang": tag, "href": url}
        ElementTree.SubElement(root, _a("link"), other)
    _person(root, feed.author)
    if feed.icon_url:
        _text(root, "icon", feed.icon_url)
    for post in posts:
        _entry(root, post)
    return Document(content=_bytes(root), media_type=ATOM_TYPE, modified=_modified(feed, posts))


def _entry(root: ElementTree.Element, post: FeedPost) -> None:
    entry = ElementTree.SubElement(root, _a("entry"))
    if post.language:
        entry.set(f"{{{_XML}}}lang", post.language)
    _text(entry, "id", post.id)
    title = _text(entry, "title", post.title)
    if post.title_language:
        title.set(f"{{{_XML}}}lang", post.title_language)
    _text(entry, "published", _instant(post.published))
    _text(entry, "updated", _instant(post.updated))
    ElementTree.SubElement(entry, _a("link"), {"rel": "alternate", "type": "text/html", "href": post.url})
    _person(entry, post.author)
    for category in post.categories:
        ElementTree.SubElement(entry, _a("category"), {"term": _xml(category)})
    if post.summary:
        _text(entry, "summary", post.summary)
    if post.html:
        _text(entry, "content", post.html).set("type", "html")
    if post.picture:
        picture = post.picture
        attributes = {"rel": "enclosure", "type": picture.media_type, "href": picture.url}
        attributes |= {"length": str(picture.size), "title": _xml(picture.alternative)}
        ElementTree.SubElement(entry, _a("link"), attributes)


def json_feed(feed: Feed, posts: Sequence[FeedPost]) -> Document:
    """The feed as JSON Feed 1.1, the posts in their order."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.feed_url,
        "icon": feed.icon_url,
        "authors": [{"name": feed.author}] if feed.author else [],
        "language": feed.language,
    }
    content = {**_given(whole), "items": [_item(post) for post in posts]}
    return Document(
        content=json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace"),
        media_type=JSON_TYPE,
        modified=_modified(feed, posts),
    )


def _item(post: FeedPost) -> dict[str, Any]:
    """One of `content_html` and `content_text` has to be there, were it empty."""
    content = {"content_html": post.html} if post.html else {"content_text": post.summary}
    optional: dict[str, Any] = {
        "summary": post.summary,
        "image": post.picture.url if post.picture else "",
        "authors": [{"name": post.author}] if post.author else [],
        "tags": list(post.categories),
        "language": post.language,
    }
    return {
        "id": post.id,
        "url": post.url,
        "title": post.title,
        **content,
        "date_published": _instant(post.published),
        "date_modified": _instant(post.updated),
        **_given(optional),
    }


def sitemap(pages: Iterable[SitemapPage], *, since: datetime) -> Document:
    """The first 50,000 of the pages, which is as many as one may have. `since` is told where no page tells more."""
    root = ElementTree.Element("urlset", {"xmlns": _SITEMAP, "xmlns:xhtml": _XHTML})
    modified = since
    for page in list(pages)[:MOST_ADDRESSES]:
        entry = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(entry, "loc").text = page.url
        if page.updated:
            ElementTree.SubElement(entry, "lastmod").text = _instant(page.updated)
            modified = max(modified, page.updated)
        for tag, url in page.alternates:
            ElementTree.SubElement(entry, "xhtml:link", {"rel": "alternate", "hreflang": tag, "href": url})
    return Document(content=_bytes(root), media_type=SITEMAP_TYPE, modified=_whole_seconds(modified))


def _a(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _text(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _a(name))
    element.text = _xml(text)
    return element


def _person(parent: ElementTree.Element, name: str) -> None:
    author = ElementTree.SubElement(parent, _a("author"))
    _text(author, "name", name)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _bytes(root: ElementTree.Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _modified(feed: Feed, posts: Sequence[FeedPost]) -> datetime:
    return _whole_seconds(max(feed.since, *(post.updated for post in posts)) if posts else feed.since)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _instant(moment: datetime) -> str:
    """As RFC 3339 wants it: "2022-02-18T15:00:00Z"."""
    return _whole_seconds(moment).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The news as feeds and sitemap tell it: with absolute addresses, in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import request, url_for
from markupsafe import Markup

from actionmail.flows.campaigns import campaign_pictures, news
from actionmail.rules.campaigns.feeds import MOST_ADDRESSES, Feed, FeedPicture, FeedPost, SitemapPage, post_id
from actionmail.rules.campaigns.page_text import as_html
from actionmail.rules.campaigns.translations import OWN, known, look_up
from actionmail.rules.speech import gettext
from actionmail.web.platform.context import services
from actionmail.web.platform.languages import addresses, in_language
from actionmail.web.supporter.cards import plain_description
from actionmail.web.supporter.news import at, in_tongue, narrowing
from actionmail.web.supporter.post_pictures import PostPicture, post_picture

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.web.platform.languages import Reading

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)  # said of a site on which nothing ever stood


def read() -> tuple[Feed, list[FeedPost]]:
    """The newest posts of what the address asks for, which is narrowed as the list is, in the language that it asks for
    as far as each post is translated.
    """
    wanted, base, endpoint = narrowing(), services().settings.origin, request.endpoint or ""
    with services().database.read() as db:
        posts = news.posts(db, wanted).posts
        pictures = campaign_pictures.of_campaigns(db, posts)
        sizes = campaign_pictures.sizes_in_bytes(db, [picture.large.sha256 for picture in pictures.values()])
        since = news.last_lost(db) or _BEGAN
        tags = news.languages(db)
    tag = look_up([request.args.get("lang", "")], tags) or OWN.tag
    feed = Feed(
        title=gettext("Actions and news of %(organisation)s", organisation=services().settings.organisation),
        home_url=base + at(wanted, in_tongue(tag)),
        feed_url=base + at(wanted, in_tongue(tag), endpoint=endpoint),
        author=services().settings.organisation,
        since=since,
        language=tag,
        others=tuple((other, base + at(wanted, in_tongue(other), endpoint=endpoint)) for other in tags if other != tag),
    )
    written = []
    for campaign in posts:
        read_so = in_language(campaign, tag)
        written.append(_post(campaign, read_so, post_picture(campaign, read_so, pictures), sizes))
    return feed, written


def pages() -> tuple[list[SitemapPage], datetime]:
    """Every page that may be found, in each of its languages, and since when there may be fewer."""
    base = services().settings.origin
    with services().database.read() as db:
        posts = news.addresses(db, most=MOST_ADDRESSES)
        tags = news.languages(db)
        since = news.last_lost(db) or _BEGAN
    listed = _in_each(base + url_for("supporter.home"), tags)
    listed.append(SitemapPage(url=base + url_for("supporter.privacy")))
    for post in posts:
        url = base + url_for("supporter.who", slug=post.slug)
        listed += _in_each(url, post.languages, post.updated_at)
    return listed, since


def _in_each(url: str, tags: Sequence[str], updated: datetime | None = None) -> list[SitemapPage]:
    """A page once for each language that it can be read in, and each names all of them."""
    alternates = addresses(url, tags)
    urls = dict.fromkeys(address for _, address in alternates) or [url]
    return [SitemapPage(url=each, updated=updated, alternates=alternates) for each in urls]


def _post(campaign: Campaign, read_so: Reading, picture: PostPicture | None, sizes: Mapping[str, int]) -> FeedPost:
    base = services().settings.origin
    day = campaign.day or campaign.created_at.date()
    published = datetime.combine(day, time(), ZoneInfo(campaign.timezone))
    title, summary, tag = read_so.words["title"], read_so.words["summary"], read_so.language.tag
    is_own = tag == OWN.tag or tag not in campaign.translations
    key = f"posts/{campaign.id}" if is_own else f"posts/{campaign.id}/{tag}"
    page = url_for("supporter.who", slug=campaign.slug, lang=None if is_own else tag)
    language, title_language = summary.lang or OWN.tag, title.lang or OWN.tag
    return FeedPost(
        id=post_id(urlsplit(base).hostname or "", campaign.created_at.date(), key),
        url=base + page,
        title=title.text,
        published=published,
        updated=max(published, campaign.updated_at),
        author=campaign.organisation,
        summary=plain_description(summary.text),
        html=_image(picture) + _turned(as_html(summary.text), language),
        categories=tuple(campaign.categories),
        picture=_feed_picture(picture, sizes) if picture else None,
        language=language if language != tag else "",
        title_language=title_language if title_language != language else "",
    )


def _turned(html: Markup, tag: str) -> Markup:
    """What reads from right to left says so: readers know no direction from a feed's `lang`."""
    language = known(tag)
    if language.direction == "ltr":
        return html
    return Markup('<div lang="{}" dir="{}">{}</div>').format(language.tag, language.direction, html)


def _image(picture: PostPicture | None) -> Markup:
    if picture is None:
        return Markup("")
    large, src = picture.shown.large, services().settings.origin + picture.src
    return Markup('<p><img src="{}" alt="{}" width="{}" height="{}"></p>').format(
        src, picture.alternative, large.width, large.height
    )


def _feed_picture(picture: PostPicture, sizes: Mapping[str, int]) -> FeedPicture:
    large = picture.shown.large
    return FeedPicture(
        url=services().settings.origin + picture.src,
        media_type=large.media_type,
        size=sizes[large.sha256],
        alternative=picture.alternative,
    )

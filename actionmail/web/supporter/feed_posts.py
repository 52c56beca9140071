"""The news as feeds and sitemap tell it: with absolute addresses, in the campaigns' own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import request, url_for
from markupsafe import Markup

from actionmail.flows.campaigns import campaign_pictures, news
from actionmail.rules.campaigns.feeds import MOST_ADDRESSES, Feed, FeedPicture, FeedPost, SitemapPage, post_id
from actionmail.rules.campaigns.page_text import as_html
from actionmail.rules.campaigns.translations import OWN
from actionmail.web.platform.context import services
from actionmail.web.platform.languages import in_language
from actionmail.web.supporter.cards import plain_description
from actionmail.web.supporter.news import at, narrowing
from actionmail.web.supporter.post_pictures import PostPicture, post_picture

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)  # said of a site on which nothing ever stood


def read() -> tuple[Feed, list[FeedPost]]:
    """The newest posts of what the address asks for, which is narrowed as the list is."""
    wanted, base = narrowing(), services().settings.base_url
    with services().database.read() as db:
        posts = news.posts(db, wanted).posts
        pictures = campaign_pictures.of_campaigns(db, posts)
        sizes = campaign_pictures.sizes_in_bytes(db, [picture.large.sha256 for picture in pictures.values()])
        since = news.last_lost(db) or _BEGAN
    feed = Feed(
        title=f"Actions and news of {services().settings.organisation}",
        home_url=base + at(wanted, {}),
        feed_url=base + at(wanted, {}, endpoint=request.endpoint or ""),
        author=services().settings.organisation,
        since=since,
        language=OWN.tag,
    )
    written = []
    for campaign in posts:
        written.append(_post(campaign, post_picture(campaign, in_language(campaign, OWN.tag), pictures), sizes))
    return feed, written


def pages() -> tuple[list[SitemapPage], datetime]:
    """Every page that may be found, and since when there may be fewer."""
    base = services().settings.base_url
    with services().database.read() as db:
        addresses = news.addresses(db, most=MOST_ADDRESSES - 2)
        since = news.last_lost(db) or _BEGAN
    listed = [SitemapPage(url=base + url_for("supporter.home")), SitemapPage(url=base + url_for("supporter.privacy"))]
    for slug, updated in addresses:
        listed.append(SitemapPage(url=base + url_for("supporter.who", slug=slug), updated=updated))
    return listed, since


def _post(campaign: Campaign, picture: PostPicture | None, sizes: Mapping[str, int]) -> FeedPost:
    base = services().settings.base_url
    day = campaign.day or campaign.created_at.date()
    published = datetime.combine(day, time(), ZoneInfo(campaign.timezone))
    return FeedPost(
        id=post_id(urlsplit(base).hostname or "", campaign.created_at.date(), f"posts/{campaign.id}"),
        url=base + url_for("supporter.who", slug=campaign.slug),
        title=campaign.title,
        published=published,
        updated=max(published, campaign.updated_at),
        author=campaign.organisation,
        summary=plain_description(campaign.summary),
        html=_image(picture) + as_html(campaign.summary),
        categories=tuple(campaign.categories),
        picture=_feed_picture(picture, sizes) if picture else None,
    )


def _image(picture: PostPicture | None) -> Markup:
    if picture is None:
        return Markup("")
    large, src = picture.shown.large, services().settings.base_url + picture.src
    return Markup('<p><img src="{}" alt="{}" width="{}" height="{}"></p>').format(
        src, picture.alternative, large.width, large.height
    )


def _feed_picture(picture: PostPicture, sizes: Mapping[str, int]) -> FeedPicture:
    large = picture.shown.large
    return FeedPicture(
        url=services().settings.base_url + picture.src,
        media_type=large.media_type,
        size=sizes[large.sha256],
        alternative=picture.alternative,
    )

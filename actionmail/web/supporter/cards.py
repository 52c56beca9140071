"""How a campaign's link looks where it is shared: the tags that networks read, and the card that they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from actionmail.flows.campaigns.reading import campaign_page
from actionmail.rules.campaigns.cards import HEIGHT, WIDTH, CardWords, clusters
from actionmail.rules.campaigns.page_text import as_html
from actionmail.rules.campaigns.translations import OWN, offered
from actionmail.rules.replacing import replace
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter.pictures import alone, for_ever

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.web.platform.languages import Reading
    from actionmail.web.supporter.post_pictures import PostPicture

bp = Blueprint("cards", __name__)

_DESCRIPTION: Final = 200  # characters: more of it no network shows
_POSITIONS: Final = {"support": "Support", "oppose": "Oppose"}
# As Open Graph writes them; Facebook knows no Hmong and no Tongan.
_LOCALES: Final[Mapping[str, str]] = {
    "en": "en_US",
    "es": "es_LA",
    "vi": "vi_VN",
    "lo": "lo_LA",
    "km": "km_KH",
    "zh-Hans": "zh_CN",
    "zh-Hant": "zh_TW",
    "my": "my_MM",
}


class SocialPage(Struct, frozen=True, kw_only=True):
    """What the tags say of a page; addresses are absolute. `picture_alternative` is what its picture shows."""

    title: str
    description: str
    url: str
    site: str
    picture_url: str
    picture_alternative: str
    locale: str = ""
    picture_width: int = WIDTH
    picture_height: int = HEIGHT
    alternates: tuple[tuple[str, str], ...] = ()  # the page in each of its languages


def social_page(campaign: Campaign, reading: Reading, picture: PostPicture | None = None) -> SocialPage:
    """Of a campaign as it is read in one language, which is that of the link, with its own picture or its card."""
    words, language = reading.words, reading.language.tag
    card = card_words(campaign, reading)
    base, slug = services().settings.origin, campaign.slug
    lang = None if language == OWN.tag else language
    page = SocialPage(
        title=words["title"].text,
        description=plain_description(words["summary"].text),
        url=base + url_for("supporter.who", slug=slug, lang=lang),
        site=services().settings.organisation,
        picture_url=base
        + url_for(
            "cards.card",
            slug=slug,
            language=language if language in campaign.translations else OWN.tag,
            version=card.version,
        ),
        picture_alternative=". ".join(filter(None, (card.label, words["title"].text, card.organisation))),
        locale=_LOCALES.get(language, ""),
        alternates=languages.addresses(
            base + url_for("supporter.who", slug=slug), [choice.tag for choice in offered(campaign.translations)]
        ),
    )
    if picture is None:
        return page
    large = picture.shown.large
    return replace(
        page,
        picture_url=base + picture.src,
        picture_alternative=picture.alternative,
        picture_width=large.width,
        picture_height=large.height,
    )


def card_words(campaign: Campaign, reading: Reading) -> CardWords:
    """What stands on the campaign's card in this language."""
    titles = dict.fromkeys((reading.words["title"].text, campaign.title))
    position = campaign.position if campaign.position in _POSITIONS else ""
    label = f"{_POSITIONS[position]} {campaign.bill}" if position else campaign.bill
    return CardWords(
        titles=tuple(titles), label=label, position=position, organisation=campaign.organisation
    )  # fmt: skip


def plain_description(markdown: str) -> str:
    """The beginning of a page's text without its markup, ending at a word."""
    text = as_html(markdown).replace("</p>", " ").replace("<br>", " ").striptags()
    if len(text) <= _DESCRIPTION:
        return text
    cut = text[:_DESCRIPTION].rpartition(" ")[0]
    return f"{cut or ''.join(clusters(text[:_DESCRIPTION])[:-1])}…"


@bp.get("/campaigns/<slug>/cards/<language>/<version>.png")
@limiter.limit(POST_LIMIT)
def card(slug: str, language: str, version: str) -> ResponseReturnValue:
    """The card of a campaign that can be seen; of an older version the way to today's."""
    with services().database.read() as db:
        campaign = campaign_page(db, slug)
    if campaign is None or language not in [choice.tag for choice in offered(campaign.translations)]:
        abort(404)
    words = card_words(campaign, languages.in_language(campaign, language))
    if version != words.version:
        return redirect(url_for(".card", slug=slug, language=language, version=words.version), 302)
    return for_ever(alone(services().draw_card(words), "image/png"), version)

"""A toolkit's page: what can be shared where, and what can be taken away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import url_for
from msgspec import Struct

from actionmail.flows.campaigns import toolkits
from actionmail.flows.campaigns.reading import details_of
from actionmail.rules.campaigns.kinds.toolkit import share_text
from actionmail.rules.campaigns.pictures import ENDINGS, ShownPicture
from actionmail.rules.campaigns.sharing import Length, Network, ShareText, length_on, posted, share_link, with_source
from actionmail.rules.campaigns.toolkit_zip import ToolkitPicture, ToolkitText
from actionmail.rules.campaigns.translations import OWN, Words
from actionmail.rules.speech import gettext, lazy, ngettext
from actionmail.web.platform import languages
from actionmail.web.supporter.cards import SocialPage, social_page
from actionmail.web.supporter.kinds.kind import Kind, Texts
from actionmail.web.supporter.words import SHARE_LABELS, network_name

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.web.platform.languages import Reading

ARTICLES: Final[Mapping[str, str]] = {"op_ed": lazy("Sample op-ed"), "phone_tree": lazy("Phone tree")}
PLAIN_SOURCE: Final = "link"  # of a link that is copied alone


class SharedPost(Struct, frozen=True, kw_only=True):
    """One text for one network: `text` as it is posted, with hashtags and link; `address` opens the network with it."""

    network: str
    label: str
    network_name: str
    lang: str
    text: str
    subject: str
    address: str
    length: str
    is_too_long: bool


class Article(Struct, frozen=True, kw_only=True):
    """A longer text to take away. `name` is that of its file."""

    name: str
    heading: str
    words: Words


class Kit(Struct, frozen=True, kw_only=True):
    """All that a toolkit offers in one language. `shown` is how networks show the link."""

    posts: Sequence[SharedPost]
    articles: Sequence[Article]
    hashtags: str
    link: str
    card: SocialPage
    pictures: Sequence[ShownPicture]
    language: str
    zip_address: str

    @property
    def card_address(self) -> str:
        """The card on this site, whatever name the site is open under."""
        return urlsplit(self.card.picture_url).path

    @property
    def etag(self) -> str:
        """Another one tells that something in the file is another."""
        parts = [[text.name, text.text] for text in self.texts()]
        pictures = [[picture.large.sha256, picture.alternative(self.language)] for picture in self.pictures]
        return hashlib.sha256(json.dumps([parts, pictures]).encode()).hexdigest()[:32]

    def texts(self) -> list[ToolkitText]:
        """As files, in the order of the page."""
        texts = []
        for post in self.posts:
            head = f"Subject: {post.subject}\n\n" if post.network == Network.EMAIL else ""
            texts.append(ToolkitText(name=post.network, text=head + post.text))
        if self.hashtags:
            texts.append(ToolkitText(name="hashtags", text=self.hashtags))
        texts.append(ToolkitText(name="link", text=self.link))
        texts.extend(ToolkitText(name=article.name, text=article.words.text) for article in self.articles)
        return texts

    def files(self, read: Callable[[str], bytes]) -> list[ToolkitPicture]:
        """The pictures as files, each `read` by its hash once it is needed."""
        files = []
        for picture in self.pictures:
            alternative, sha256 = picture.alternative(self.language), picture.large.sha256
            ending = ENDINGS[picture.large.media_type]
            later = partial(read, sha256)
            files.append(ToolkitPicture(name=alternative, ending=ending, alternative=alternative, read=later))
        return files


def kit_of(session: Session, campaign: Campaign, reading: Reading) -> Kit:
    """What this campaign offers a reader."""
    toolkit, details = toolkits.toolkit_of(session, campaign), details_of(campaign)
    tag = reading.language.tag
    card = social_page(toolkit.shares, languages.in_language(toolkit.shares, tag))
    posts = []
    for network in Network:
        words = reading.words[network.value]
        if words.text:
            shared = share_text(network, title=card.title, text=words.text, tags=details["hashtags"], link=card.url)
            posts.append(_post(network, shared, words.lang))
    articles = []
    for name, heading in ARTICLES.items():
        if reading.words[name].text:
            articles.append(Article(name=name.replace("_", "-"), heading=heading, words=reading.words[name]))
    lang = None if tag == OWN.tag else tag
    return Kit(
        posts=posts,
        articles=articles,
        hashtags=" ".join(details["hashtags"]),
        link=with_source(card.url, PLAIN_SOURCE),
        card=card,
        pictures=toolkit.pictures,
        language=tag,
        zip_address=url_for("supporter.toolkit_file", slug=campaign.slug, lang=lang),
    )


def _post(network: Network, shared: ShareText, lang: str) -> SharedPost:
    text = posted(shared, with_source(shared.link, network.value))
    length = length_on(network, text)
    return SharedPost(
        network=network.value,
        label=str(SHARE_LABELS[network]),
        network_name=network_name(network),
        lang=lang,
        text=text,
        subject=shared.title if network is Network.EMAIL else "",
        address=share_link(network, shared),
        length=_length_words(network, length),
        is_too_long=not length.fits,
    )


def _length_words(network: Network, length: Length) -> str:
    used = ngettext("%(count)s character", "%(count)s characters", length.used)
    if network is Network.SMS:
        parts = ngettext("%(count)s message", "%(count)s messages", length.parts)
        return gettext("%(characters)s, which is %(messages)s", characters=used, messages=parts)
    if not length.most:
        return used
    if not length.fits:
        more = f"{length.used - length.most:,}"
        return gettext(
            "%(characters)s, %(more)s more than fit there. Shorten it before you post it", characters=used, more=more
        )
    return gettext(
        "%(count)s of %(most)s characters, as they are counted there", count=f"{length.used:,}", most=length.most
    )


def _shown(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    return {"kit": kit_of(session, campaign, languages.reading(campaign))}


KIND: Final = Kind(
    code="toolkit",
    name=lazy("Toolkit"),
    act=lazy("Share it"),
    shown=_shown,
    texts=Texts(
        closed=lazy("“%(campaign)s” is over. What was shared stays here to be read."),
    ),
)

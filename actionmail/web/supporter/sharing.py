"""A campaign's link as it is passed on: one press for each network, a text to copy, and a picture for a phone's camera.

All of them are plain links to the networks, and nothing of theirs is on our pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from msgspec import Struct

from actionmail.rules.campaigns.sharing import Network, ShareText, posted, share_links, with_source
from actionmail.rules.speech import gettext
from actionmail.web.platform.context import services
from actionmail.web.platform.kept import made_for_pages
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.pictures import alone
from actionmail.web.supporter.step import public_campaign
from actionmail.web.supporter.words import SHARE_LABELS

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

bp = Blueprint("sharing", __name__)
_QR: Final = "qr"  # the sources of what no network's address carries
_COPY: Final = "copy"
_SIGNAL: Final = "signal"  # it has no address that opens it with a text: the text is copied
_NATIVE: Final = "share"
_PHONE = "M6 3h4l1 5-2 2a12 12 0 0 0 5 5l2-2 5 1v4c0 2-1 3-3 3C10 21 3 13 3 6c0-2 1-3 3-3z"
_ICONS: Final[Mapping[Network, str]] = {
    Network.EMAIL: "M3 5h18v14H3zM3 6l9 7 9-7",
    Network.SMS: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
    Network.WHATSAPP: _PHONE,
    Network.FACEBOOK: "M9 5a3 3 0 1 0 .01 0zM3 20v-2c0-3 3-5 6-5s6 2 6 5v2zM16 6a3 3 0 0 1 0 6M18 14c2 .6 3 2 3 4v2",
    Network.BLUESKY: (
        "M12 11C10 7 6 4 3 4c0 6 1 8 5 8-4 0-4 6 0 7 2 0 3-2 4-5 1 3 2 5 4 5 4-1 4-7 0-7 4 0 5-2 5-8-3 0-7 3-9 7z"
    ),
    Network.MASTODON: "M4 5h16v10H9v2c2 2 6 2 9 1M8 14V9c0-3 4-3 4 0v3M12 12V9c0-3 4-3 4 0v5",
    Network.X: "M5 4l14 16M19 4L5 20",
}


class Way(Struct, frozen=True, kw_only=True):
    """One network: what stands on its button, and where that leads."""

    label: str
    icon: str
    address: str


class Share(Struct, frozen=True, kw_only=True):
    """`link` is the campaign's own. `copied` and `for_signal` are whole texts to paste; `native` is for the device's
    own way to share, with `title` and `text`.
    """

    link: str
    title: str
    text: str
    ways: Sequence[Way]
    copied: str
    for_signal: str
    native: str
    qr: str


def shared(campaign: Campaign) -> Share:
    """What is offered to whoever would pass the campaign on."""
    link = services().settings.origin + url_for("supporter.who", slug=campaign.slug)
    words = ShareText(title=campaign.title, text=_text(campaign), link=link)
    ways = []
    for network, address in share_links(words).items():
        ways.append(Way(label=str(SHARE_LABELS[network]), icon=_ICONS[network], address=address))
    return Share(
        link=link,
        title=words.title,
        text=words.text,
        ways=ways,
        copied=posted(words, with_source(link, _COPY)),
        for_signal=posted(words, with_source(link, _SIGNAL)),
        native=with_source(link, _NATIVE),
        qr=url_for("sharing.qr", slug=campaign.slug),
    )


class PassingOn(Struct, frozen=True, kw_only=True):
    """What a page shows of it: the section with the networks, and the card with the picture for a phone's camera."""

    share: Markup
    qr: Markup


def passing_on(campaign: Campaign) -> PassingOn:
    """The same as parts of a page."""

    def part(name: str) -> Markup:
        def make() -> Markup:
            page = render_template(f"supporter/{name}.html", share=shared(campaign))
            return Markup(page)  # noqa: S704  # of a template of ours

        return made_for_pages(campaign, name, make)

    return PassingOn(share=part("_share"), qr=part("_qr"))


def _text(campaign: Campaign) -> str:
    kind = kind_of(campaign.kind)
    act = str(kind.act)
    act = f"{act[:1].lower()}{act[1:]}"
    if kind.has_steps:
        return gettext("%(campaign)s: %(act)s about %(bill)s.", campaign=campaign.title, act=act, bill=campaign.bill)
    return f"{campaign.title}: {act}."


@bp.get("/campaigns/<slug>/qr.svg")
def qr(slug: str) -> ResponseReturnValue:
    """The campaign's link for a phone's camera, on a screen or on paper."""
    with services().database.read() as db:
        if public_campaign(db, slug) is None:
            abort(404)
    link = services().settings.origin + url_for("supporter.who", slug=slug)
    response = alone(_drawn(with_source(link, _QR)), "image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@lru_cache(maxsize=256)
def _drawn(link: str) -> bytes:
    """With a quiet zone, and light squares behind it, so that it can be read on dark pages too."""
    import segno  # here, since it takes its time and few processes draw

    to = BytesIO()
    segno.make(link, error="m").save(to, kind="svg", scale=4, border=4, light="#fff", svgclass=None, lineclass=None)
    return to.getvalue()

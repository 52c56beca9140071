"""Sharing a link: the address that opens each network with the text filled in, and how long a text may be there.

Plain links: nothing of the networks is loaded, and nobody is told anything before a person presses one. Where a link
leads from is told by its `source`, a short code in the campaign's own address.

What each network takes, as seen in November 2026:

- Bluesky: docs.bsky.app/docs/advanced-guides/intent-links; 300 grapheme clusters.
- Mastodon: docs.joinmastodon.org/user/posting; 500 characters, of which any link takes 23. Its servers are many, so
  share.joinmastodon.org asks for the reader's own; it reads the text behind "#", which no server is sent.
- X: docs.x.com, "Counting characters", and `config/v3.json` of twitter-text; 280, most letters outside of the Latin
  ones count two, an emoji two, and any link 23.
- WhatsApp: faq.whatsapp.com, "How to use click to chat". Facebook takes a link and no text.
- SMS: 3GPP TS 23.038; RFC 5724 for `sms:`. Mail: RFC 6068.
- Signal has no address that takes a text (its `sgnl://` opens groups and calls), so it has none here: people copy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import regex
from msgspec import Struct

SOURCE: Final = "source"  # the parameter of a campaign's address
LONGEST_SOURCE: Final = 40  # characters
_SOURCE_CODE: Final = regex.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_SOURCE}}}")


class Network(StrEnum):
    """Where a link can be shared; the value is the source code that its links carry."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    FACEBOOK = "facebook"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    X = "x"


class ShareText(Struct, frozen=True, kw_only=True):
    """What is shared: `link` is absolute; `title` is the subject of a mail; `text` does not hold the link."""

    title: str
    text: str
    link: str


class Length(Struct, frozen=True, kw_only=True):
    """How long a text is by a network's own count. `most` is 0 where it knows no limit.

    `parts` are the messages that are paid for, 1 everywhere but for SMS.
    """

    used: int
    most: int
    parts: int = 1

    @property
    def fits(self) -> bool:
        return not self.most or self.used <= self.most


def with_source(link: str, source: str) -> str:
    """The same address with `source` in its query, in the place of one that is there."""
    parts = urlsplit(link)
    others = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] != SOURCE]
    query = "&".join([*others, urlencode({SOURCE: source}, quote_via=quote)])
    return urlunsplit(parts._replace(query=query))


def source_of(text: str) -> str:
    """The code by which somebody came, as an address or a form has it; "" for whatever is none."""
    return text if _SOURCE_CODE.fullmatch(text) else ""


def share_link(network: Network, words: ShareText) -> str:
    """The address that opens the network with text and link filled in; the link carries the network as its source."""
    link = with_source(words.link, network.value)
    whole = posted(words, link)
    match network:
        case Network.EMAIL:
            return f"mailto:?{_query(subject=words.title, body=_mail_lines(whole))}"
        case Network.SMS:
            return f"sms:?{_query(body=whole)}"
        case Network.WHATSAPP:
            return f"https://wa.me/?{_query(text=whole)}"
        case Network.FACEBOOK:
            return f"https://www.facebook.com/sharer/sharer.php?{_query(u=link)}"
        case Network.BLUESKY:
            return f"https://bsky.app/intent/compose?{_query(text=whole)}"
        case Network.MASTODON:
            return f"https://share.joinmastodon.org/#{_query(text=whole)}"
        case Network.X:
            return f"https://x.com/intent/post?{_query(text=words.text, url=link)}"


def share_links(words: ShareText) -> dict[Network, str]:
    """The address for every network."""
    return {network: share_link(network, words) for network in Network}


def posted(words: ShareText, link: str) -> str:
    """Text and link as they are posted."""
    return f"{words.text} {link}".strip()


def _query(**parts: str) -> str:
    return urlencode(parts, quote_via=quote, safe="")


def _mail_lines(text: str) -> str:
    """With the line ends that RFC 6068 wants in a body."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


# -- lengths

MOST: Final[Mapping[Network, int]] = {Network.BLUESKY: 300, Network.MASTODON: 500, Network.X: 280}
_LINK: Final = 23  # what a link of any length takes at X and Mastodon
_URL: Final = regex.compile(r"https?://[^\s]++")
# A flag first: for each of its letters `\X` looks back to where the run of them begins.
_CLUSTER: Final = regex.compile(r"\p{Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=SpacingMark}\u200d]*+|\X")
_EMOJI: Final = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")
# Code points that X counts once; all others count twice.
_LIGHT: Final = (range(0, 4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("\f^{}\\[~]|€")


def length_on(network: Network, text: str) -> Length:
    """How long `text` is, its links in it, by the count of the network."""
    if network is Network.SMS:
        return sms_length(text)
    count = {Network.X: _weight, Network.MASTODON: _mastodon}.get(network, graphemes)
    return Length(used=count(text), most=MOST.get(network, 0))


def graphemes(text: str) -> int:
    """Grapheme clusters (UAX #29): what people call characters."""
    return len(_CLUSTER.findall(text))


def sms_length(text: str) -> Length:
    """In units of the message's alphabet, with how many of one message, and how many messages that makes.

    7 bits: 160, or 153 of each of several; else 16 bits, 70 or 67. A pair is never parted.
    """
    is_short = all(character in _GSM or character in _GSM_TWICE for character in text)
    units = [2 if character in _GSM_TWICE or ord(character) > 0xFFFF else 1 for character in text]
    alone, each = (160, 153) if is_short else (70, 67)
    used = sum(units)
    if used <= alone:
        return Length(used=used, most=0)
    parts, room = 1, each
    for unit in units:
        if unit > room:
            parts, room = parts + 1, each
        room -= unit
    return Length(used=used, most=0, parts=parts)


def _mastodon(text: str) -> int:
    return graphemes(_URL.sub("", text)) + _LINK * len(_URL.findall(text))


def _weight(text: str) -> int:
    """X's count, by `config/v3.json`, after NFC: links 23, an emoji 2 however it is made up."""
    rest = unicodedata.normalize("NFC", _URL.sub("", text))
    weight = _LINK * len(_URL.findall(text))
    for cluster in _CLUSTER.findall(rest):
        if _is_emoji(cluster):
            weight += 2
        else:
            weight += sum(map(_sign_weight, cluster))
    return weight


def _sign_weight(sign: str) -> int:
    return 1 if any(ord(sign) in span for span in _LIGHT) else 2


def _is_emoji(cluster: str) -> bool:
    """Whether it is drawn as one: "©" alone is a letter, and so is a digit without its keycap."""
    return len(cluster) > 1 and bool(_EMOJI.search(cluster))

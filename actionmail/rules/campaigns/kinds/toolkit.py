"""A toolkit: what supporters tell others, network by network, with pictures and longer texts to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import regex

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.kinds.kind import DetailsError, Kind
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.sharing import Network, ShareText, length_on

NETWORKS: Final = tuple(network.value for network in Network)  # each the key of its text
ARTICLES: Final = ("op_ed", "phone_tree")
MOST_HASHTAGS: Final = 10
LONGEST_HASHTAG: Final = 60
MOST_PICTURES: Final = 20
# Where hashtags mean something, they are posted along.
_TAGGED: Final = frozenset({Network.FACEBOOK, Network.BLUESKY, Network.MASTODON, Network.X})
# The room that a text leaves for the link: Bluesky counts every character of it, and an installation's own address is
# not known to a file. X and Mastodon count 23 for any.
LINK_ROOM: Final = 80
_ANY_LINK: Final = "https://example.org/".ljust(LINK_ROOM, "x")
_HASHTAG: Final = regex.compile(r"#[\p{L}\p{M}\p{N}_]+")
_SHA256: Final = regex.compile(r"[0-9a-f]{64}")


def hashtags(value: Any) -> list[str]:
    """Each with its "#", letters and digits of any script, and not digits alone. Raises CampaignValueError."""
    checks.is_a(list, value)
    if len(value) > MOST_HASHTAGS:
        raise CampaignValueError("value.too-many-names", most=MOST_HASHTAGS)
    for tag in value:
        is_good = _HASHTAG.fullmatch(checks.line(LONGEST_HASHTAG)(tag))
        if not is_good or all(sign.isdigit() or sign in "#_" for sign in tag):
            raise CampaignValueError("toolkit.no-hashtag")
    return _each_once(value)


def pictures(value: Any) -> list[str]:
    """Each by the hash in the address of its larger size. Raises CampaignValueError."""
    checks.is_a(list, value)
    if len(value) > MOST_PICTURES:
        raise CampaignValueError("value.too-many-names", most=MOST_PICTURES)
    for sha256 in value:
        if not _SHA256.fullmatch(checks.text(sha256)):
            raise CampaignValueError("toolkit.no-picture")
    return _each_once(value)


def _each_once(names: Sequence[str]) -> list[str]:
    if len({name.casefold() for name in names}) != len(names):
        raise CampaignValueError("value.name-twice")
    return list(names)


def _optional_slug(value: Any) -> str:
    """ "" is the toolkit's own page."""
    return "" if value == "" else checks.slug(value)


def share_text(network: Network, *, title: str, text: str, tags: Sequence[str], link: str) -> ShareText:
    """What is posted there: the text, and its hashtags where they mean something."""
    if network in _TAGGED:
        text = " ".join([text, *tags]).strip()
    return ShareText(title=title, text=text, link=link)


def _fit(details: Mapping[str, Any]) -> None:
    """Raises DetailsError for a text that is too long for its network, and where there is nothing to share."""
    if not any(details.get(key) for key in (*NETWORKS, *ARTICLES, "pictures")):
        raise DetailsError(NETWORKS[0], "toolkit.empty")
    for network in Network:
        if text := details.get(network.value):
            shared = share_text(network, title="", text=text, tags=details["hashtags"], link=_ANY_LINK)
            length = length_on(network, f"{shared.text} {shared.link}")
            if not length.fits:
                key = network.value
                raise DetailsError(key, "toolkit.too-long", network=key, used=length.used, most=length.most)


_TEXT: Final = (checks.optional_paragraphs, "")
_TEXTS: Final = dict.fromkeys((*NETWORKS, *ARTICLES), _TEXT)

KIND: Final = Kind(
    code="toolkit",
    table={
        "share": (_optional_slug, ""),  # the campaign whose page is shared
        "hashtags": (hashtags, []),
        **_TEXTS,
        "pictures": (pictures, []),
    },
    words=_TEXTS,
    fit=_fit,
)

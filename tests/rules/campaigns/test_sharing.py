"""Links that open a network with the words in it, whatever stands in them, and lengths as each network counts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.sharing import (
    Length,
    Network,
    ShareText,
    graphemes,
    length_on,
    share_link,
    share_links,
    sms_length,
    with_source,
)
from tests.growth import LINEAR, growth

LINK = "https://act.example.org/campaigns/ab969"
HOSTILE = "Say \"no\" & 100% +1 #schools?\nbody=x&subject=y 'ok' <b> ខ្មែរ 👍🏽"
WORDS = ShareText(title="No to AB 969", text=HOSTILE, link=LINK)
FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇺🇸"


def carried(address: str) -> dict[str, list[str]]:
    parts = urlsplit(address)
    return parse_qs(parts.query or parts.fragment, strict_parsing=True)


@pytest.mark.parametrize("network", Network)
def test_text_and_link_arrive_as_they_are_with_the_network_as_the_source(network: Network) -> None:
    address = share_link(network, WORDS)
    link = f"{LINK}?source={network.value}"
    assert address.isascii() and " " not in address and "+" not in address
    values = carried(address)
    expected: dict[Network, dict[str, list[str]]] = {
        Network.FACEBOOK: {"u": [link]},
        Network.X: {"text": [HOSTILE], "url": [link]},
        Network.EMAIL: {"subject": ["No to AB 969"], "body": [f"{HOSTILE} {link}".replace("\n", "\r\n")]},
        Network.SMS: {"body": [f"{HOSTILE} {link}"]},
    }
    assert values == expected.get(network, {"text": [f"{HOSTILE} {link}"]})


def test_every_network_has_an_address_of_a_scheme_that_is_safe() -> None:
    places = {network: re.split("[?#]", address)[0] for network, address in share_links(WORDS).items()}
    assert places == {
        Network.EMAIL: "mailto:",
        Network.SMS: "sms:",
        Network.WHATSAPP: "https://wa.me/",
        Network.FACEBOOK: "https://www.facebook.com/sharer/sharer.php",
        Network.BLUESKY: "https://bsky.app/intent/compose",
        Network.MASTODON: "https://share.joinmastodon.org/",
        Network.X: "https://x.com/intent/post",
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_one_value_of_the_address(text: str) -> None:
    address = share_link(Network.BLUESKY, ShareText(title=text, text=f"x{text}x", link=LINK))
    assert unquote(address.partition("?text=")[2]) == f"x{text}x {LINK}?source=bluesky"
    assert address.count("&") == 0 and address.count("=") == 1


@pytest.mark.parametrize(
    ("link", "marked"),
    [
        (LINK, f"{LINK}?source=x"),
        (f"{LINK}?lang=es", f"{LINK}?lang=es&source=x"),
        (f"{LINK}?source=email&lang=es#who", f"{LINK}?lang=es&source=x#who"),
        (f"{LINK}?sources=1", f"{LINK}?sources=1&source=x"),
    ],
)
def test_a_source_stands_once_in_the_address(link: str, marked: str) -> None:
    assert with_source(link, "x") == marked


GRAPHEMES = [("", 0), ("abc", 3), (FAMILY, 1), (FLAG, 1), ("e\u0301", 1), ("\r\n", 1), ("👍🏽👍", 2), ("한국", 2)]


@pytest.mark.parametrize(("text", "count"), GRAPHEMES)
def test_bluesky_counts_what_people_call_characters(text: str, count: int) -> None:
    assert graphemes(text) == count
    assert length_on(Network.BLUESKY, text) == Length(used=count, most=300)


# As twitter-text 3.1.0 counts them: what stands before U+1100 once, the rest and emoji twice, any link 23.
WEIGHTS = [
    ("Hello", 5),
    ("Nguyễn", 7),  # Vietnamese vowels with two marks are far behind the other Latin letters
    ("不", 2),
    ("ខ្មែរ", 10),
    ("မြန်မာ", 6),  # below U+1100, where counting once ends
    ("ລາວ", 3),
    (FAMILY, 2),
    (FLAG, 2),
    ("👍", 2),
    ("👍🏽", 2),
    ("1️⃣", 2),
    ("©", 1),
    ("“a”—b", 5),
    ("e\u0301", 1),
    (f"{LINK}/very/long?with=many&words=1", 23),
    (f"See {LINK} now", 31),
]


@pytest.mark.parametrize(("text", "weight"), WEIGHTS)
def test_x_weighs_letters_by_their_script(text: str, weight: int) -> None:
    assert length_on(Network.X, text) == Length(used=weight, most=280)


def test_the_limit_itself_still_fits() -> None:
    assert length_on(Network.X, "不" * 140).fits
    assert not length_on(Network.X, "不" * 140 + "a").fits
    assert length_on(Network.BLUESKY, FAMILY * 300).fits
    assert not length_on(Network.BLUESKY, FAMILY * 301).fits
    assert length_on(Network.MASTODON, "a" * 476 + " " + LINK).fits
    assert not length_on(Network.MASTODON, "a" * 477 + " " + LINK).fits
    assert length_on(Network.WHATSAPP, "a" * 9_000).fits


SMS = [
    ("", 0, 1),
    ("a" * 160, 160, 1),
    ("a" * 161, 161, 2),
    ("a" * 306, 306, 2),
    ("a" * 307, 307, 3),
    ("€" * 80, 160, 1),
    ("€" * 81, 162, 2),
    ("a" * 152 + "€" + "a" * 152, 306, 3),  # the euro's pair is not parted, and leaves a place empty
    ("á" * 70, 70, 1),  # not of the 7-bit alphabet
    ("á" * 71, 71, 2),
    ("à" * 160, 160, 1),
    ("👍" * 35, 70, 1),
    ("👍" * 36, 72, 2),
    ("ខ" * 134, 134, 2),
    ("👍" * 67, 134, 3),  # 33 pairs of 67 places
]


@pytest.mark.parametrize(("text", "units", "parts"), SMS)
def test_a_message_by_telephone_is_counted_in_its_alphabet(text: str, units: int, parts: int) -> None:
    assert sms_length(text) == Length(used=units, most=0, parts=parts)


@pytest.mark.parametrize("piece", ["https://", "a", FAMILY, "🇺", "\u0301", "h", "://x "])
def test_counting_takes_time_in_proportion(piece: str) -> None:
    def count(text: str) -> None:
        for network in Network:
            length_on(network, text)

    assert growth(count, piece * 2_000, piece * 4_000) < LINEAR

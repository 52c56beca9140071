"""The languages that a campaign's page can be translated into, and which words of it a reader sees.

A translation need not be whole: for each word that it leaves out the campaign's own stands.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from actionmail.rules import speech
from actionmail.rules.speech import ENGLISH, Tongue


class Language(Struct, frozen=True, kw_only=True):
    """A language by its BCP 47 tag: its own name, for who reads it, and the English one, for staff.

    `direction` is "ltr" or "rtl".
    """

    tag: str
    own_name: str
    name: str
    direction: str = "ltr"


OWN: Final = Language(tag="en", own_name="English", name="English")  # of the campaign's own words, and of the pages
# In every installation, and in this order before those that it has folders of.
_ALWAYS: Final[Mapping[str, Language]] = {
    tag: Language(tag=tag, own_name=own_name, name=name)
    for tag, own_name, name in (
        ("es", "Español", "Spanish"),
        ("vi", "Tiếng Việt", "Vietnamese"),
        ("hmn", "Hmoob", "Hmong"),
        ("lo", "ລາວ", "Lao"),
        ("km", "ខ្មែរ", "Khmer"),
        ("zh-Hans", "简体中文", "Simplified Chinese"),
        ("zh-Hant", "繁體中文", "Traditional Chinese"),
        ("my", "မြန်မာ", "Burmese"),
        ("to", "Lea faka-Tonga", "Tongan"),
    )
}
# What of every campaign is translated, by its keys in a file; its kind adds words (`kinds.own_words`).
WORDS: Final = (
    "title",
    "bill_title",
    "stage",
    "summary",
    "notice",
    "deadline_label",
    "privacy_line",
    "picture_alt",
    "outcome",
    "thanks",
)
# What browsers ask for besides the tags themselves: regions of Chinese, and the two large kinds of Hmong.
_ASKED_AS: Final = {
    **dict.fromkeys(("zh", "zh-cn", "zh-sg"), "zh-Hans"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo"), "zh-Hant"),
    **dict.fromkeys(("mww", "hnj"), "hmn"),
}

Translations = Mapping[str, Mapping[str, str]]  # by tag, then by word; only what is translated


class Words(Struct, frozen=True):
    """Some words of a campaign. `lang` is the tag of their language, "" for the campaign's own."""

    text: str
    lang: str = ""


def languages() -> Mapping[str, Language]:
    """Those that a campaign can be translated into, by tag: besides some that always are, each one that the pages speak
    here (`speech.learn`), as its folder names it.
    """
    return _with(tuple(speech.known().values()))


@lru_cache(maxsize=8)
def _with(tongues: tuple[Tongue, ...]) -> Mapping[str, Language]:
    spoken = {
        tongue.tag: Language(tag=tongue.tag, own_name=tongue.own_name, name=tongue.name, direction=tongue.direction)
        for tongue in tongues
        if tongue.tag != ENGLISH.tag
    }
    return MappingProxyType({**_ALWAYS, **spoken})


def known(tag: str) -> Language:
    """The language of a tag that was asked for or kept; the campaign's own where no campaign is translated into it."""
    return languages().get(tag, OWN)


def name_of(tag: str) -> str:
    """The English name of the language of a tag that was kept; the tag where it is not installed any more."""
    return OWN.name if tag == OWN.tag else languages()[tag].name if tag in languages() else tag


def not_installed(translations: Mapping[str, object]) -> list[str]:
    """The tags of what is kept in a language that is not installed any more, and so offered to nobody."""
    return [tag for tag in translations if tag != OWN.tag and tag not in languages()]


def in_order(translations: Translations) -> dict[str, Mapping[str, str]]:
    """Those that have words, in the order of the languages; those that are not installed any more come last."""
    tags = dict.fromkeys((*languages(), *translations))
    return {tag: translations[tag] for tag in tags if translations.get(tag)}


def offered(translations: Translations) -> list[Language]:
    """The languages in which a page can be read, the campaign's own first; only that where nothing is translated."""
    return [OWN, *(language for tag, language in languages().items() if translations.get(tag))]


def read_in(own: Mapping[str, str], translations: Translations, tag: str) -> dict[str, Words]:
    """Every word of the page for a reader of `tag`."""
    translation = translations.get(tag, {})
    words = {}
    for key, text in own.items():
        words[key] = Words(translation[key], tag) if translation.get(key) else Words(text)
    return words


def missing(own: Mapping[str, str], translation: Mapping[str, str]) -> list[str]:
    """What the campaign says and the translation does not."""
    return [key for key, text in own.items() if text and not translation.get(key)]


def made_from(
    own: Mapping[str, str],
    translations: Translations,
    *,
    before: Translations,
    known: Translations,
    fitting: Collection[tuple[str, str]] = (),
) -> dict[str, dict[str, str]]:
    """The campaign's own words from which each translated one was made, by tag and word.

    One that is new or not as it was `before` was made from those of now; so count those of `fitting`, each a tag and a
    word, which somebody compared and left as they are. The others keep what is `known`.
    """
    made: dict[str, dict[str, str]] = {}
    for tag, words in translations.items():
        made[tag] = {}
        for key, text in words.items():
            is_fresh = (tag, key) in fitting or text != before.get(tag, {}).get(key)
            made[tag][key] = own[key] if is_fresh else known.get(tag, {}).get(key, own[key])
    return made


def outdated(own: Mapping[str, str], made: Mapping[str, str]) -> dict[str, str]:
    """Which words of one language were made from other words than the campaign's own of now, and from which."""
    return {key: made[key] for key, text in own.items() if key in made and made[key] != text}


def look_up(asked: Iterable[str], tags: Collection[str]) -> str:
    """The first language of `asked`, the best first, that is among `tags`; "" where none is.

    Each is shortened from its end until it is known (RFC 4647, 3.4): "es-MX" will do with "es".
    """
    for wish in asked:
        parts = wish.lower().split("-")[:4]
        for length in range(len(parts), 0, -1):
            name = "-".join(parts[:length])
            known_tag = next((tag for tag in tags if tag.lower() == name), _ASKED_AS.get(name, ""))
            if known_tag in tags:
                return known_tag
    return ""


def near(tag: str) -> str:
    """The tag that somebody may have meant who wrote an unknown one, or the name of a language; "" for none."""
    names = {}
    for language in languages().values():
        names[language.name.lower()] = language.tag
        names[language.tag.lower()] = language.tag
    matches = difflib.get_close_matches(tag.lower().replace("_", "-")[:40], names, n=1)
    return names[matches[0]] if matches else ""

"""The languages that a campaign's page can be translated into, and which words of it a reader sees.

A translation need not be whole: for each word that it leaves out the campaign's own stands.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language by its BCP 47 tag: its own name, for who reads it, and the English one, for staff."""

    tag: str
    own_name: str
    name: str


OWN: Final = Language(tag="en", own_name="English", name="English")  # of the campaign's own words, and of the pages
LANGUAGES: Final[Mapping[str, Language]] = {
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
    **{tag.lower(): tag for tag in (OWN.tag, *LANGUAGES)},
    **dict.fromkeys(("zh", "zh-cn", "zh-sg"), "zh-Hans"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo"), "zh-Hant"),
    **dict.fromkeys(("mww", "hnj"), "hmn"),
}

Translations = Mapping[str, Mapping[str, str]]  # by tag, then by word; only what is translated


@dataclass(frozen=True)
class Words:
    """Some words of a campaign. `lang` is the tag of their language, "" for the campaign's own."""

    text: str
    lang: str = ""


def known(tag: str) -> Language:
    """The language of a tag that was kept with an action: where it is not of the table, the campaign's own."""
    return LANGUAGES.get(tag, OWN)


def offered(translations: Translations) -> list[Language]:
    """The languages in which a page can be read, the campaign's own first; only that where nothing is translated."""
    return [OWN, *(language for tag, language in LANGUAGES.items() if translations.get(tag))]


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
            tag = _ASKED_AS.get(name) or next((tag for tag in tags if tag.lower() == name), "")
            if tag in tags:
                return tag
    return ""


def near(tag: str) -> str:
    """The tag that somebody may have meant who wrote an unknown one, or the name of a language; "" for none."""
    names = {}
    for language in LANGUAGES.values():
        names[language.name.lower()] = language.tag
        names[language.tag.lower()] = language.tag
    matches = difflib.get_close_matches(tag.lower().replace("_", "-")[:40], names, n=1)
    return names[matches[0]] if matches else ""

"""The catalogues of the languages that we speak, and how templates say a sentence.

A language is a folder (docs/translating.md). All are read once, when a process starts.
"""

from __future__ import annotations

import gettext as catalogues
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.value_checks import language
from actionmail.rules.speech import ENGLISH, ISOLATES, Calendar, Tongue, filled, gettext, ngettext, spoken
from actionmail.settings_reading import SettingsError

_FOLDER: Final = "translations"
TRANSLATIONS: Final = Path(__file__).parents[2] / _FOLDER  # that come with us
CATALOGUE: Final = Path("LC_MESSAGES") / "messages.mo"
ABOUT: Final = "language.toml"
_BDI: Final = ("<bdi>", "</bdi>")  # does what the marks do, which are spelled as their numbers in braille


# Under static/fonts, a stylesheet each: of scripts that not every device has letters for.
FONTS: Final = frozenset({"khmer", "lao", "myanmar"})


class TongueError(SettingsError):
    """A folder of a language that cannot be used; `str()` says which, and why."""


def read(folders: Iterable[Path]) -> Mapping[str, Tongue]:
    """Every language that has a folder in one of `folders`, English first; a later folder goes before an earlier one.

    Raises TongueError.
    """
    tongues = {ENGLISH.tag: ENGLISH}
    for folder in folders:
        for about in sorted(folder.glob(f"*/{ABOUT}")):
            if (about.parent / CATALOGUE).exists():
                tongues[about.parent.name] = _read(about)
    return tongues


def of_installation(data_dir: Path) -> Mapping[str, Tongue]:
    """Those that come with us, and those that an installation adds in its data folder. Raises TongueError."""
    return {**_ours(), **read([data_dir / _FOLDER])}


@cache
def _ours() -> Mapping[str, Tongue]:
    """Those that come with us, which stay the same while a process runs, whatever applications are made in it."""
    return read([TRANSLATIONS])


def _read(about: Path) -> Tongue:
    try:
        description = tomllib.loads(about.read_text(encoding="utf-8"))
        with (about.parent / CATALOGUE).open("rb") as file:
            messages = catalogues.GNUTranslations(file)
        calendar = Calendar(**description["calendar"]) if "calendar" in description else None
        return Tongue(
            tag=_tag(about.parent.name),
            own_name=description["own_name"],
            name=description["name"],
            direction=description.get("direction", "ltr"),
            babel=description.get("babel", ""),
            is_reviewed=description.get("reviewed", False),
            calendar=calendar,
            and_words=description.get("and", "{}, {}"),
            messages=messages,
            font=_font(description),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise TongueError(f"A language cannot be read: {about.parent}: {error!r}") from error


def _tag(name: str) -> str:
    """As it is kept with what somebody did in this language."""
    try:
        return language(name)
    except CampaignValueError:
        raise ValueError(f"{name!r} is no language's tag such as so, zh-Hans or fa-AF") from None


def _font(description: Mapping[str, Any]) -> str:
    name = description.get("font", "")
    if name and name not in FONTS:
        raise ValueError(f"font = {name!r} is none of {sorted(FONTS)}")
    return str(name)


# In templates. What is said there may have markup in it, whose values are escaped; and a sentence that stands alone in
# an element is marked as English where the language has none for it, which cannot be done within an attribute.


def element(message: str, /, **values: object) -> Markup:
    """A sentence within an element of the page."""
    tongue = spoken()
    if not values:
        return _plain(tongue, str.__str__(message))
    translation = tongue.find(message)
    return _marked_up(translation, str.__str__(message), values, tongue)


@lru_cache(maxsize=4096)
def _plain(tongue: Tongue, message: str) -> Markup:
    """Of a sentence of the code, of which there are not many, so each is looked up and marked once."""
    return _marked_up(tongue.find(message), message, {}, tongue)


def elements(singular: str, plural: str, count: int, /, **values: object) -> Markup:
    tongue = spoken()
    translation = tongue.find_plural(singular, plural, count)
    return _marked_up(translation, singular if count == 1 else plural, {"count": f"{count:,}", **values}, tongue)


def attribute(message: str, /, **values: object) -> str:
    """A sentence within an attribute, or given to a macro: it has no markup, and is escaped where it stands."""
    return gettext(message, **values)


def title(message: str, /, **values: object) -> Markup:
    """A sentence within the page's title: no element can stand there."""
    english = str.__str__(message)
    return _filled(spoken().find(message) or english, english, values, ISOLATES)


def attributes(singular: str, plural: str, count: int, /, **values: object) -> str:
    return ngettext(singular, plural, count, **values)


def of_language(tag: str) -> Markup:
    """The attributes of an element whose words are of this language, not of the page's; none for ""."""
    if not tag:
        return Markup("")
    direction = "auto" if spoken().direction == "rtl" else translations.known(tag).direction
    return Markup(' lang="{}"{}').format(tag, "" if direction == "ltr" else Markup(' dir="{}"').format(direction))


def _marked_up(translation: str | None, english: str, values: Mapping[str, Any], tongue: Tongue) -> Markup:
    text = _filled(translation or english, english, values, _BDI)
    if translation is None and tongue is not ENGLISH:
        return Markup('<span lang="en" dir="ltr">{}</span>').format(text)
    return text


def _filled(translation: str, english: str, values: Mapping[str, Any], isolates: tuple[str, str]) -> Markup:
    # Of the code or a catalogue, never of a visitor.
    return filled(Markup(translation), Markup(english), values, isolates)  # noqa: S704


TEMPLATE_WORDS: Final = {
    "_": element,
    "_n": elements,
    "_a": attribute,
    "_an": attributes,
    "_t": title,
    "spoken": spoken,
    "of_language": of_language,
}

"""The languages in which we speak ourselves: their catalogues, and which of them is spoken at this moment.

A sentence stands in the code in English, marked; `gettext` says it in the language that is spoken now, or in English
where that has no words for it. A language is a folder (docs/translating.md). All are read once, when a process starts.
"""

from __future__ import annotations

import gettext as catalogues
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup, escape

TRANSLATIONS: Final = Path(__file__).parents[2] / "translations"  # that come with us
CATALOGUE: Final = Path("LC_MESSAGES") / "messages.mo"
ABOUT: Final = "language.toml"


class TongueError(ValueError):
    """A folder of a language that cannot be used; which, and why."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """How a language writes days that Babel does not know. `day` and its like are patterns as CLDR writes them."""

    months: Sequence[str]
    weekdays: Sequence[str]  # Monday first
    day: str
    weekday_day: str
    weekday_date: str
    month: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Tongue:
    """A language of the pages. `babel` is Babel's name for it, "" where Babel does not know it."""

    tag: str
    own_name: str
    name: str
    direction: str = "ltr"
    babel: str = ""
    is_reviewed: bool = True
    calendar: Calendar | None = None
    and_words: str = "{}, {}"  # between the last two of a list; only where Babel does not know it
    messages: catalogues.NullTranslations | None = field(default=None, repr=False)

    def find(self, message: str) -> str | None:
        """The message in this language; None where it has no words for it."""
        if self.messages is None:
            return None
        said = self.messages.gettext(message)
        return None if said is message else said

    def find_plural(self, one: str, many: str, count: int) -> str | None:
        if self.messages is None:
            return None
        said = self.messages.ngettext(one, many, count)
        return None if said is one or said is many else said


ENGLISH: Final = Tongue(tag="en", own_name="English", name="English", babel="en_US")
_spoken: ContextVar[Tongue] = ContextVar("spoken", default=ENGLISH)


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


def _read(about: Path) -> Tongue:
    try:
        told = tomllib.loads(about.read_text(encoding="utf-8"))
        with (about.parent / CATALOGUE).open("rb") as file:
            messages = catalogues.GNUTranslations(file)
        calendar = Calendar(**told["calendar"]) if "calendar" in told else None
        return Tongue(
            tag=about.parent.name,
            own_name=told["own_name"],
            name=told["name"],
            direction=told.get("direction", "ltr"),
            babel=told.get("babel", ""),
            is_reviewed=told.get("reviewed", False),
            calendar=calendar,
            and_words=told.get("and", "{}, {}"),
            messages=messages,
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise TongueError(f"{about.parent}: {error!r}") from error


def spoken() -> Tongue:
    """The language that is spoken at this moment."""
    return _spoken.get()


def speak(tongue: Tongue) -> None:
    """Speak it from now on, in this request or this thread."""
    _spoken.set(tongue)


@contextmanager
def speaking(tongue: Tongue) -> Iterator[None]:
    """Speak it for a while."""
    before = _spoken.set(tongue)
    try:
        yield
    finally:
        _spoken.reset(before)


def mark(message: str) -> str:
    """The message as it is, marked to be translated: whoever uses it gives it to `gettext`."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """The sentence in the language that is spoken; `values` fill its %(name)s."""
    said = _spoken.get().find(message) or str.__str__(message)
    return said % values if values else said


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """The same of a sentence with a number in it, by the language's own rule. `%(count)s` is the number."""
    said = _spoken.get().find_plural(one, many, count) or (one if count == 1 else many)
    return said % {"count": f"{count:,}", **values}


class Lazy(str):
    """A sentence that is said in the language which is spoken when it is shown, made when none was yet.

    It is the English sentence; `str()` of it, a format and a template say it in the language of the moment.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __html__(self) -> str:
        return escape(str(self))


def lazy(message: str) -> str:
    """A sentence for a table or a form that is made before anybody reads it."""
    return Lazy(message)


# In templates. What is said there may have markup in it, whose values are escaped; and a sentence that stands alone in
# an element is marked as English where the language has none for it, which cannot be done within an attribute.


def element(message: str, /, **values: object) -> Markup:
    """A sentence within an element of the page."""
    tongue = _spoken.get()
    said = tongue.find(message)
    return _marked_up(said, str.__str__(message), values, tongue)


def elements(one: str, many: str, count: int, /, **values: object) -> Markup:
    tongue = _spoken.get()
    said = tongue.find_plural(one, many, count)
    return _marked_up(said, one if count == 1 else many, {"count": f"{count:,}", **values}, tongue)


def attribute(message: str, /, **values: object) -> str:
    """A sentence within an attribute, or given to a macro: it has no markup, and is escaped where it stands."""
    return gettext(message, **values)


def title(message: str, /, **values: object) -> Markup:
    """A sentence within the page's title: no element can stand there."""
    return _filled(_spoken.get().find(message) or str.__str__(message), values)


def attributes(one: str, many: str, count: int, /, **values: object) -> str:
    return ngettext(one, many, count, **values)


def _marked_up(said: str | None, english: str, values: Mapping[str, Any], tongue: Tongue) -> Markup:
    text = _filled(said or english, values)
    if said is None and tongue is not ENGLISH:
        return Markup('<span lang="en" dir="ltr">{}</span>').format(text)
    return text


def _filled(said: str, values: Mapping[str, Any]) -> Markup:
    text = Markup(said)  # noqa: S704  # of the code or a catalogue, never of a visitor
    return text % values if values else text


TEMPLATE_WORDS: Final = {
    "_": element,
    "_n": elements,
    "_a": attribute,
    "_an": attributes,
    "_t": title,
    "spoken": spoken,
}

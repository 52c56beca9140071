"""Sentences in the language that is spoken at this moment.

A sentence stands in the code in English, marked; `gettext` says it in the language that is spoken now, or in English
where that has no words for it. Whoever answers somebody decides which language that is (`web.platform.languages`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations
from types import MappingProxyType
from typing import Final, TypeVar

from markupsafe import escape
from msgspec import Struct


class Calendar(Struct, frozen=True, kw_only=True):
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
    messages: NullTranslations | None = field(default=None, repr=False)
    font: str = ""  # the script for which its pages bring letters: a stylesheet in static/fonts

    def find(self, message: str) -> str | None:
        """The message in this language; None where it has no words for it."""
        if self.messages is None:
            return None
        translation = self.messages.gettext(message)
        return None if translation is message else translation

    def find_plural(self, singular: str, plural: str, count: int) -> str | None:
        if self.messages is None:
            return None
        translation = self.messages.ngettext(singular, plural, count)
        return None if translation is singular or translation is plural else translation


ENGLISH: Final = Tongue(tag="en", own_name="English", name="English", babel="en_US")
_Text = TypeVar("_Text", bound=str)
_spoken: ContextVar[Tongue] = ContextVar("spoken", default=ENGLISH)
_known: ContextVar[Mapping[str, Tongue]] = ContextVar("known", default=MappingProxyType({}))
# What is put into a sentence, and markup, in which nothing is isolated.
_PUT_IN: Final = re.compile(r"<[^<>]*>|%\((\w+)\)s")
_BARE: Final = frozenset({"link", "url", "address", "email"})  # mail programs take a mark beside one for a part of it
_NUMBER: Final = re.compile(r"[\d.,]*")
ISOLATES: Final = ("\u2068", "\u2069")  # first strong isolates, of Unicode Standard Annex 9


def spoken() -> Tongue:
    """The language that is spoken at this moment."""
    return _spoken.get()


def speak(tongue: Tongue) -> None:
    """Speak it from now on, in this request or this thread."""
    _spoken.set(tongue)


def learn(tongues: Mapping[str, Tongue]) -> None:
    """The languages, by tag, in which this request or this process can speak to somebody who is not here."""
    _known.set(tongues)


def known() -> Mapping[str, Tongue]:
    """Those that were learned; none where nobody taught any."""
    return _known.get()


def as_kept(tag: str) -> AbstractContextManager[None]:
    """Speak to somebody in the language in which they acted; in English where it is not known any more."""
    return speaking(_known.get().get(tag, ENGLISH))


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
    english = str.__str__(message)
    return filled(_spoken.get().find(message) or english, english, values)


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> str:
    """The same of a sentence with a number in it, by the language's own rule. `%(count)s` is the number."""
    english = singular if count == 1 else plural
    return filled(
        _spoken.get().find_plural(singular, plural, count) or english, english, {"count": f"{count:,}", **values}
    )


def filled(
    sentence: _Text, english: _Text, values: Mapping[str, object], isolates: tuple[str, str] = ISOLATES
) -> _Text:
    """`sentence` with its %(name)s filled; `english` where that cannot be done: anybody may write a catalogue.

    `isolates` stand before and behind a value that would be turned.
    """
    if not values:
        return sentence
    if _spoken.get().direction == "rtl":
        sentence = type(sentence)(_isolated(str.__str__(sentence), values, isolates))
    try:
        return sentence % values  # type: ignore[return-value]  # of the same kind as `sentence`
    except (KeyError, TypeError, ValueError):
        return english % values  # type: ignore[return-value]


def _isolated(sentence: str, values: Mapping[str, object], isolates: tuple[str, str]) -> str:
    """For a page that reads from right to left: with `isolates` around values that would be turned."""
    before, behind = isolates

    def around(placeholder: re.Match[str]) -> str:
        is_turned = placeholder[1] and placeholder[1] not in _BARE and _turns(str(values.get(placeholder[1], "")))
        return f"{before}{placeholder[0]}{behind}" if is_turned else placeholder[0]

    return _PUT_IN.sub(around, sentence)


def _turns(text: str) -> bool:
    """Whether it reads otherwise amid Arabic, as "608 555 0100" or "2 E Main St" would, group by group from the right.
    A number alone does not, and what has a word of that direction in it belongs to the sentence.
    """
    return not _NUMBER.fullmatch(text) and not any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)


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

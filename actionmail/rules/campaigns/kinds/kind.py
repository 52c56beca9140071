"""What a kind of action is, as far as rules go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from msgspec import Struct, field

from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.campaigns.value_checks import Columns


class DetailsError(ValueError):
    """Why a kind's details do not fit together: at `key`, or at the key of one of its `row`s (`number` from 0).

    Of a row within another, "day.sessions", the number is a tuple: (2, 0) is the first session of the third day.
    """

    def __init__(
        self, key: str, code: str, /, *, row: str = "", number: int | tuple[int, ...] = 0, **values: Any
    ) -> None:
        self.key = key
        self.row = row
        self.numbers = number if isinstance(number, tuple) else (number,)
        self.problem = Problem(code, values)
        super().__init__(f"{self.field}: {self.problem}")

    @property
    def field(self) -> str:
        """The form's: "day-2-sessions-0-to", or the key alone."""
        if not self.row:
            return self.key
        names = zip(self.row.split("."), self.numbers, strict=True)
        return "-".join([*(f"{name}-{number}" for name, number in names), self.key])

    def number_in_file(self, details: Mapping[str, Any]) -> int:
        """Which of all tables of the row's name it is, from 0, as a file has them one after another."""
        tables, number = [details], 0
        for name, own in zip(self.row.split("."), self.numbers, strict=True):
            number = sum(len(table[name]) for table in tables[:number]) + own
            tables = list(chain.from_iterable(table[name] for table in tables))
        return number


def lists_in(rows: Mapping[str, Columns], row: str = "") -> list[tuple[str, str]]:
    """Key and whole name of each list of tables that stands right in a row, or in the kind's own table."""
    prefix = f"{row}." if row else ""
    inner = [(name.removeprefix(prefix), name) for name in rows if name.startswith(prefix)]
    return [(key, name) for key, name in inner if "." not in key]


def row_word(row: str, key: str, name: str) -> str:
    """What a translation calls a word of a row: "day-midwest-text" is the text of the day whose key is midwest."""
    return f"{row}-{key}-{name}"


def _fits(details: Mapping[str, Any]) -> None:
    """Nothing to compare."""


def _everywhere(details: Mapping[str, Any]) -> bool:
    return False


def _none(details: Mapping[str, Any]) -> Sequence[str]:
    return ()


def _as_given(before: Mapping[str, Any], after: Mapping[str, Any], is_public: bool, now: datetime) -> dict[str, Any]:
    """Nothing to remember."""
    return dict(after)


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of action. `code` is its name in the database, and that of its table in a campaign's file.

    `requires` are the common keys that may be empty for other kinds. `table` is what its own table holds, `rows`
    the lists of tables in that: `[[days.day]]`, and as "day.sessions" those in a row: `[[days.day.sessions]]`.
    `signed` are those keys of `table` to which people put their names, so that they stay as they are from then on.
    `words` are those of `table` that a page shows and a translation may hold, `unpublished` those that staff alone
    see, and `row_words` those of rows, which then have a `key` (see `row_word`). `fit` gets all of the details, each of
    them checked alone, and raises DetailsError where they do not go together. `remember` gives the details to save,
    from those before and after, whether supporters saw them before, and the moment: what it adds under keys of its own
    is in no file and on no page. `needs_state` says of the details whether the campaign must have a state, and
    `chambers` in which of its chambers the supporter's own legislators are looked up.
    """

    code: str
    requires: tuple[str, ...] = ()
    table: Columns = field(default_factory=dict)
    rows: Mapping[str, Columns] = field(default_factory=dict)
    signed: tuple[str, ...] = ()
    words: Columns = field(default_factory=dict)
    unpublished: tuple[str, ...] = ()
    row_words: Mapping[str, Columns] = field(default_factory=dict)
    fit: Callable[[Mapping[str, Any]], None] = _fits
    needs_state: Callable[[Mapping[str, Any]], bool] = _everywhere
    chambers: Callable[[Mapping[str, Any]], Sequence[str]] = _none
    remember: Callable[[Mapping[str, Any], Mapping[str, Any], bool, datetime], dict[str, Any]] = _as_given
    writes_letters: bool = False  # to legislators: with chambers, targets and letters
    keeps_names: bool = True  # of who acts, so that somebody could act in another person's name
    is_act: bool = True  # False: there is nothing to do on its page but to read

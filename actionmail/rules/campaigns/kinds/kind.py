"""What a kind of action is, as far as rules go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.campaigns.value_checks import Columns


class DetailsError(ValueError):
    """Why a kind's details do not fit together: at `key`, or at the key of one of its `row`s (`number` from 0)."""

    def __init__(self, key: str, code: str, *, row: str = "", number: int = 0, **values: Any) -> None:
        self.key = key
        self.row = row
        self.number = number
        self.problem = Problem(code, values)
        super().__init__(f"{row}{number if row else ''}.{key}: {self.problem}")


def _fits(details: Mapping[str, Any]) -> None:
    """Nothing to compare."""


def _everywhere(details: Mapping[str, Any]) -> bool:
    return False


def _none(details: Mapping[str, Any]) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of action. `code` is its name in the database, and that of its table in a campaign's file.

    `requires` are the common keys that may be empty for other kinds. `table` is what its own table holds, `rows` the
    lists of tables in that: `[[days.day]]`. `words` are those of `table` that a page shows and a translation may hold.
    `fit` gets all of the details, each of them checked alone, and raises DetailsError where they do not go together.
    `needs_state` says of the details whether the campaign must have a state, and `chambers` in which of its chambers
    the supporter's own legislators are looked up.
    """

    code: str
    requires: tuple[str, ...] = ()
    table: Columns = field(default_factory=dict)
    rows: Mapping[str, Columns] = field(default_factory=dict)
    words: Columns = field(default_factory=dict)
    fit: Callable[[Mapping[str, Any]], None] = _fits
    needs_state: Callable[[Mapping[str, Any]], bool] = _everywhere
    chambers: Callable[[Mapping[str, Any]], Sequence[str]] = _none
    writes_letters: bool = False  # to legislators: with chambers, targets and letters
    keeps_names: bool = True  # of who acts, so that somebody could act in another person's name
    is_act: bool = True  # False: there is nothing to do on its page but to read

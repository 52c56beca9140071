"""What a kind of action is, as far as staff write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wtforms import Form

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


def _as_typed(form: Any) -> dict[str, Any]:
    return dict(form.data)


def _as_kept(details: Mapping[str, Any]) -> dict[str, Any]:
    return dict(details)


def _nothing(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of action. `name` stands in lists: "Petition"; `about` says when to choose it.

    `form` has a field for each key of its table in `rules.campaigns.kinds`, None where that has none; `heading` and
    `hint` stand above it. `typed` are the values of the filled form, under the keys of the file, and `shown` what the
    fields show of what is saved. `on_page` gives its template what that needs besides the campaign. `word_names` are
    what staff call the words that it adds to a page, and `sentences` what is wrong with its details, by code.
    """

    code: str
    name: str
    about: str
    form: type[Form] | None = None
    heading: str = ""
    hint: str = ""
    typed: Callable[[Any], dict[str, Any]] = _as_typed
    shown: Callable[[Mapping[str, Any]], dict[str, Any]] = _as_kept
    on_page: Callable[[Session, Campaign], Mapping[str, Any]] = _nothing
    word_names: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[str, str | Callable[..., str]] = field(default_factory=dict)

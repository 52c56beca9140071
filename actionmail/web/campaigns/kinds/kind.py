"""What a kind of action is, as far as staff write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from wtforms import Form

from actionmail.rules.campaigns.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.choices import Choices


def _as_typed(form: Any) -> dict[str, Any]:
    return dict(form.data)


def _as_kept(details: Mapping[str, Any]) -> dict[str, Any]:
    return dict(details)


def _nothing(form: Any, choices: Choices | None, campaign: Campaign) -> None:
    """No field's choices depend on the campaign."""


def _no_notes(details: Mapping[str, Any]) -> list[Problem]:
    return []


def _no_fields(details: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _no_more(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    return {}


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of action. `name` stands in lists: "Petition"; `about` says when to choose it.

    `form` has a field for each key of its table in `rules.campaigns.kinds`, None where that has none; `heading` and
    `hint` stand above it. `typed` are the values of the filled form, under the keys of the file, and `shown` what the
    fields show of what is saved; `notes` is what to look at in it, and may be left. `offer` puts the choices of the
    campaign's state, None where it has no state, to the form's fields. `details_words` is what an action's details say,
    for the list of who took part. `on_page` gives its template what that needs besides the campaign. `word_names` are
    what staff call the words that it adds to a page, `row_word_names` those of rows ("day.text", with the row's {key}),
    and `word_fields` the fields in which the latter are translated, by the word's name. `sentences` say what is wrong
    with its details, by code.
    """

    code: str
    name: str
    about: str
    form: type[Form] | None = None
    heading: str = ""
    hint: str = ""
    typed: Callable[[Any], dict[str, Any]] = _as_typed
    shown: Callable[[Mapping[str, Any]], dict[str, Any]] = _as_kept
    offer: Callable[[Any, Choices | None, Campaign], None] = _nothing
    notes: Callable[[Mapping[str, Any]], list[Problem]] = _no_notes
    details_words: Callable[[Mapping[str, Any]], str] = lambda details: ""
    on_page: Callable[[Session, Campaign], Mapping[str, Any]] = _no_more
    word_names: Mapping[str, str] = field(default_factory=dict)
    row_word_names: Mapping[str, str] = field(default_factory=dict)
    word_fields: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _no_fields
    sentences: Mapping[str, str | Callable[..., str]] = field(default_factory=dict)

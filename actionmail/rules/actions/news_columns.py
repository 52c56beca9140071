"""Supporters who asked for news, in the columns that other programs import. docs/exports.md names their sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from actionmail.rules.csv_export import Cell


class Subscriber(Struct, frozen=True, kw_only=True):
    """`name` as they typed it; `us_state` is two letters; `agreed_at` an instant in UTC, ISO 8601."""

    name: str
    email: str
    city: str
    us_state: str
    zip_code: str
    language: str
    source: str
    campaign: str  # slug
    agreed_at: str


Read = Callable[[Subscriber], Cell]


class Columns(Struct, frozen=True, kw_only=True):
    """One program's: the heads of its columns, and what stands in each."""

    code: str
    columns: tuple[tuple[str, Read], ...]

    @property
    def head(self) -> Sequence[str]:
        return [head for head, _ in self.columns]

    def row(self, subscriber: Subscriber) -> Sequence[Cell]:
        return [read(subscriber) for _, read in self.columns]


def first_name(subscriber: Subscriber) -> str:
    """All but the last word of the name. Who writes the family name first has to be mended by hand."""
    words = subscriber.name.split()
    return " ".join(words[:-1]) if len(words) > 1 else subscriber.name


def last_name(subscriber: Subscriber) -> str:
    """The last word of a name of several."""
    words = subscriber.name.split()
    return words[-1] if len(words) > 1 else ""


_OURS: Final[tuple[tuple[str, Read], ...]] = (
    ("Language", lambda subscriber: subscriber.language),
    ("Campaign", lambda subscriber: subscriber.campaign),
    ("Source", lambda subscriber: subscriber.source),
    ("Agreed at", lambda subscriber: subscriber.agreed_at),
)
PLAIN: Final = Columns(
    code="plain",
    columns=(
        ("email", lambda subscriber: subscriber.email),
        ("name", lambda subscriber: subscriber.name),
        ("city", lambda subscriber: subscriber.city),
        ("us_state", lambda subscriber: subscriber.us_state),
        ("zip", lambda subscriber: subscriber.zip_code),
        ("language", lambda subscriber: subscriber.language),
        ("campaign", lambda subscriber: subscriber.campaign),
        ("source", lambda subscriber: subscriber.source),
        ("agreed_at", lambda subscriber: subscriber.agreed_at),
    ),
)
ACTION_NETWORK: Final = Columns(
    code="action-network",
    columns=(
        ("Email", lambda subscriber: subscriber.email),
        ("First name", first_name),
        ("Last name", last_name),
        ("City", lambda subscriber: subscriber.city),
        ("State", lambda subscriber: subscriber.us_state),
        ("ZIP/Postal code", lambda subscriber: subscriber.zip_code),
        ("Country", lambda _: "US"),
        *_OURS,
    ),
)
EVERY_ACTION: Final = Columns(
    code="everyaction",
    columns=(
        ("First Name", first_name),
        ("Last Name", last_name),
        ("Email", lambda subscriber: subscriber.email),
        ("City", lambda subscriber: subscriber.city),
        ("State", lambda subscriber: subscriber.us_state),
        ("Zip", lambda subscriber: subscriber.zip_code),
        *_OURS,
    ),
)
MAILCHIMP: Final = Columns(
    code="mailchimp",
    columns=(
        ("Email Address", lambda subscriber: subscriber.email),
        ("First Name", first_name),
        ("Last Name", last_name),
        ("City", lambda subscriber: subscriber.city),
        ("State", lambda subscriber: subscriber.us_state),
        ("Zip Code", lambda subscriber: subscriber.zip_code),
        *_OURS,
    ),
)
COLUMNS: Final[Mapping[str, Columns]] = MappingProxyType(
    {columns.code: columns for columns in (PLAIN, ACTION_NETWORK, EVERY_ACTION, MAILCHIMP)}
)

"""The shapes of acting by a partner's own form: what it asks, what it sends, and what it is told."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[str, Meta(max_length=400)]
LongText = Annotated[str, Meta(max_length=20_000)]


class Edit(Struct, kw_only=True, forbid_unknown_fields=True):
    """One letter in the supporter's own words; "" leaves the campaign's."""

    number: Annotated[int, Meta(ge=1, le=100)]
    subject: Line = ""
    body: LongText = ""


class Typed(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody typed and ticked. What its kind does not ask is left out."""

    token: Annotated[str, Meta(max_length=400, description="Of the form: it holds for a day, and for one action.")]
    name: Line = ""
    email: Line = ""
    asked: Annotated[str, Meta(max_length=400, description="The e-mail address again, once it was asked about.")] = ""
    zip: Line = ""
    street: Line = ""
    city: Line = ""
    state: Annotated[str, Meta(max_length=2, description="Where a ZIP code lies in several.")] = ""
    phone: Line = ""
    seats: Annotated[
        dict[str, Annotated[str, Meta(max_length=100)]],
        Meta(max_length=10, description="The answers to the questions, by chamber."),
    ] = {}
    personal: LongText = ""
    letters: Annotated[list[Edit], Meta(max_length=100)] = []
    details: Annotated[
        dict[str, bool | LongText], Meta(max_length=20, description="What the kind asks besides, by the fields' names.")
    ] = {}
    consent: Annotated[
        str, Meta(max_length=2_000, description="The words that were agreed to, as they were given.")
    ] = ""
    updates: bool = False
    quote: bool = False
    seen: Annotated[str, Meta(max_length=200, description="Of the letters that were shown.")] = ""
    source: Annotated[str, Meta(max_length=100)] = ""
    homepage: Annotated[str, Meta(max_length=400, description="Of a field that nobody sees; always empty.")] = ""
    work: Annotated[str, Meta(max_length=4_000, description="The answer to a challenge.")] = ""
    by_mail: Annotated[bool, Meta(description="Confirmed by mail, in place of that work.")] = False


class FieldShape(Struct, kw_only=True, forbid_unknown_fields=True):
    """One field as the page has it. `type` is text, textarea, checkbox or select."""

    name: str
    label: str
    type: str
    options: list[list[str]]


class FormShape(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a campaign's form asks. For letters `consent` is "": it comes with them."""

    kind: str
    token: str
    fields: list[FieldShape]
    consent: str
    privacy: str


class Choice(Struct, kw_only=True, forbid_unknown_fields=True):
    value: str
    label: str


class ChamberQuestion(Struct, kw_only=True, forbid_unknown_fields=True):
    """A chamber of which the ZIP code does not tell the district."""

    chamber: str
    legend: str
    choices: list[Choice]


class ShownLetter(Struct, kw_only=True, forbid_unknown_fields=True):
    """One letter as it would go; its beginning and end stay as they are."""

    number: int
    to: list[str]
    subject: str
    opening: str
    body: str
    closing: str


class ShownLetters(Struct, kw_only=True, forbid_unknown_fields=True):
    """The letters of this supporter; none while there are questions."""

    questions: list[ChamberQuestion]
    letters: list[ShownLetter]
    consent: str
    consent_with_quote: str
    seen: str


class Taken(Struct, kw_only=True, forbid_unknown_fields=True):
    """An action that was taken. `waits` is "", or for what it waits: "confirmation", "staff"."""

    receipt: str
    waits: str


class NotTaken(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why it was not (RFC 9457), with a sentence for each field, and a challenge where a browser has to work first."""

    type: str
    title: str
    status: int
    detail: str
    error: str
    fields: dict[str, str] = {}
    challenge: str = ""

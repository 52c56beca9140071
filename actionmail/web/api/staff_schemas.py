"""The shapes of what programs of the staff read, from which their part of the OpenAPI description is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from actionmail.rules.delivery.reasons import ActorKind
from actionmail.rules.delivery.states import State

USUAL: Final = 50  # of one page
MOST: Final = 200
_SCOPED = "Only with the scope read:supporters."
StateCode = Annotated[str, Meta(description="Where it stands.", extra_json_schema={"enum": [*State]})]
Personal = Annotated[str, Meta(description=_SCOPED)] | UnsetType
Cursor = Annotated[
    str | None,
    Meta(description="Give it back as `cursor`, with the same filters, for what comes next; null at the end."),
]


class StaffLetter(Struct, kw_only=True, forbid_unknown_fields=True):
    """One letter to one legislator."""

    id: int
    made_at: datetime
    updated_at: datetime
    campaign: Annotated[str, Meta(description="The slug of its campaign.")]
    letter: Annotated[str, Meta(description="The name of the campaign's letter that it was made of.")]
    legislator: Annotated[str, Meta(description="The legislator's key in the roster.")]
    target_name: Annotated[str, Meta(description="As the legislator was called then.")]
    us_state: str
    chamber: str
    district: str
    party: str
    recipient: Annotated[str, Meta(description="The legislator's address; empty where there was none.")]
    state: StateCode
    attempts: int
    next_attempt_at: datetime | None
    expires_at: datetime
    possible_duplicate: Annotated[bool, Meta(description="It may have arrived twice.")]
    message_id: Annotated[str, Meta(description="Its Message-ID (RFC 5322).")]
    sha256: Annotated[str, Meta(description="Of the bytes that are sent.")]
    action: Annotated[int, Meta(description="The number of the supporter's action; letters of one share it.")]
    subject: Personal = UNSET
    supporter: Personal = UNSET
    email: Personal = UNSET


class Change(Struct, kw_only=True, forbid_unknown_fields=True):
    """One step of a letter's history."""

    at: datetime
    before: Annotated[str, Meta(description="Empty at its beginning.", extra_json_schema={"enum": ["", *State]})]
    after: StateCode
    actor: Annotated[
        str, Meta(description="What kind of hand did it; no name.", extra_json_schema={"enum": [*ActorKind]})
    ]
    reason: Annotated[str, Meta(description="A code; empty where the states say all.")]
    attempt: int
    phase: Annotated[str, Meta(description="How far the conversation with the mail server was.")]
    smtp_code: int | None
    enhanced: Annotated[str, Meta(description="RFC 3463.")]
    queue_id: Annotated[str, Meta(description="The mail server's own name for it.")]
    text: Annotated[str, Meta(description=f"The words of the mail server, or of staff. {_SCOPED}")] | UnsetType = UNSET


class LetterPage(Struct, kw_only=True, forbid_unknown_fields=True):
    """Letters, newest first: by when they were accepted or came back where the filter is about that."""

    letters: list[StaffLetter]
    next: Cursor


class LetterHistory(Struct, kw_only=True, forbid_unknown_fields=True):
    """One letter and all that happened to it."""

    letter: StaffLetter
    history: list[Change]


class Supporter(Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody, as they acted once: who acted several times stands in several rows."""

    action: int
    at: datetime
    campaign: Annotated[str, Meta(description="The slug.")]
    name: str
    email: str
    phone: str
    street: str
    city: str
    state: str
    zip: str
    language: str
    source: Annotated[str, Meta(description="The code in the link by which they came.")]
    wants_updates: Annotated[bool, Meta(description="Whether they asked for news.")]
    consent_text: Annotated[str, Meta(description="What they agreed to, as they read it.")]
    counts: Annotated[bool, Meta(description="False where they took it back, or staff found that it does not count.")]


class SupporterPage(Struct, kw_only=True, forbid_unknown_fields=True):
    """Supporters, by their newest action first."""

    supporters: list[Supporter]
    next: Cursor

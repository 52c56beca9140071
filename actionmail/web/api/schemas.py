"""The shapes of the JSON door, from which its OpenAPI description is made: what can be asked, and all that is answered.

Strict on purpose: every answer is converted to its type before it leaves, so nothing goes out that is not named here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Confidence = Literal["high", "medium", "low"]
Yes = Annotated[bool, Meta(extra_json_schema={"const": True})]


class Question(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `/lookup` can be asked, as the parameters of its address."""

    zip: Annotated[str, Meta(max_length=20, description="A ZIP code or ZIP+4.")]
    state: Annotated[
        str, Meta(max_length=2, description="Two letters; without them a ZIP code of several states names all.")
    ] = ""
    street: Annotated[
        str,
        Meta(
            max_length=200,
            description="House number and street, for an exact answer. It goes to the configured geocoder.",
        ),
    ] = ""
    city: Annotated[str, Meta(max_length=120, description="Helps where a ZIP code has two streets of one name.")] = ""
    congress: Annotated[str, Meta(max_length=1, description="1: the members of Congress too.")] = ""


class Problem(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why there is no answer (RFC 9457)."""

    type: Annotated[str, Meta(description='Always "about:blank": the status says what kind it is.')]
    title: str
    status: int
    detail: Annotated[str, Meta(description="A sentence that can be shown to a person.")]
    error: Annotated[str, Meta(description="The same sentence, where it stood before there was `detail`.")]


class Picture(Struct, kw_only=True, forbid_unknown_fields=True):
    """A post's picture, the larger of its two sizes."""

    url: str
    alt: Annotated[str, Meta(description="What it shows, for who cannot see it.")]
    width: Annotated[int, Meta(description="In points.")]
    height: int


class Campaign(Struct, kw_only=True, forbid_unknown_fields=True):
    """One post of the news."""

    slug: str
    kind: Annotated[str, Meta(description="What is done on its page: letter, petition, news, …")]
    title: str
    url: Annotated[str, Meta(description="Its page.")]
    is_open: Annotated[bool, Meta(description="Whether it can be acted on now.")]
    posted_on: Annotated[date | None, Meta(description="Its day in the news, where it has one.")]
    state: Annotated[str, Meta(description="Two letters; empty for the whole country.")]
    organisation: str
    organisation_url: Annotated[str, Meta(description="Empty where there is none.")]
    categories: list[str]
    deadline: Annotated[datetime | None, Meta(description="Until when it can be acted on.")]
    picture: Picture | None
    count: Annotated[
        int,
        Meta(
            description="How many acted, as its page says: signatures, approved organisations, calls that were made "
            "(how those went is on no page, and not here), letters' writers."
        ),
    ]
    goal: Annotated[int | None, Meta(description="How many are hoped for.")]
    then: Annotated[list[str], Meta(description="The slugs of what is offered after it.")]
    details: Annotated[dict[str, Any], Meta(description="What only its kind has, under the keys of its table.")]


class Campaigns(Struct, kw_only=True, forbid_unknown_fields=True):
    """A page of the news, newest first."""

    campaigns: list[Campaign]
    page: int
    pages: int


class Signer(Struct, kw_only=True, forbid_unknown_fields=True):
    """An organisation under a statement, as its page shows it."""

    organisation: str
    website: Annotated[str, Meta(description="Empty where it gave none.")]
    city: str
    state: Annotated[str, Meta(description="Two letters; empty where it is not known.")]


class Signers(Struct, kw_only=True, forbid_unknown_fields=True):
    """A page of a statement's organisations, in the order of the statement's own page."""

    signers: list[Signer]
    count: Annotated[int, Meta(description="Of all pages.")]
    page: int
    pages: int


class Legislator(Struct, kw_only=True, forbid_unknown_fields=True):
    title: str
    name: Annotated[str, Meta(description="(vacant) for a vacant seat.")]
    party: str
    status: Literal["sitting", "vacant"]
    website: (
        Annotated[str, Meta(description="Contact form or page of somebody without an e-mail address.")] | UnsetType
    ) = UNSET
    phone: Annotated[str, Meta(description="Phone of somebody without an e-mail address.")] | UnsetType = UNSET


class SpecialElection(Struct, kw_only=True, forbid_unknown_fields=True):
    """An election to a seat out of its turn, whose winner is not there yet."""

    election: date
    first_day: Annotated[date, Meta(description="When whoever is elected takes office, where known.")] | UnsetType = (
        UNSET
    )
    source: Annotated[str, Meta(description="Where it can be read.")]


class Candidate(Struct, kw_only=True, forbid_unknown_fields=True):
    district: str
    share: Annotated[float, Meta(description="Of the ZIP code's residents; 1 for an address.")]
    method: Annotated[
        Literal["block", "pop", "area", "near", "radius", "around", "centroid", "list", "state", "address"],
        Meta(
            description="block: exact for the ZIP code's Census area; pop, area: estimated by it; near: just beside "
            "it; radius, around, centroid: guesses from one point; list, state: of Congress, from a list without "
            "shares or as the whole state; "
            "address: told by the street."
        ),
    ]
    legislators: list[Legislator]
    special_election: (
        Annotated[SpecialElection, Meta(description="The next one to this seat, where one is known.")] | UnsetType
    ) = UNSET


class Candidates(Struct, kw_only=True, forbid_unknown_fields=True):
    """Per chamber; us_upper and us_lower where congress=1 asks for them."""

    upper: list[Candidate] | UnsetType = UNSET
    lower: list[Candidate] | UnsetType = UNSET
    legislature: list[Candidate] | UnsetType = UNSET
    us_upper: list[Candidate] | UnsetType = UNSET
    us_lower: list[Candidate] | UnsetType = UNSET


class Basis(Struct, kw_only=True, forbid_unknown_fields=True):
    method: Annotated[
        Literal["zip", "zip-guess", "state", "boundary", "geocoder", "openstates", "none"],
        Meta(description="What told the district; state: everybody in the state has the same; none: nothing did."),
    ]
    data_version: Annotated[str, Meta(description="Of what told it; empty where that has no versions.")]
    confidence: Annotated[
        Confidence,
        Meta(description="high: the sources agree; medium: only one could tell; low: a person must choose."),
    ]


class ChamberTrail(Struct, kw_only=True, forbid_unknown_fields=True):
    boundary: Annotated[str, Meta(description="What our boundaries say.")] | UnsetType = UNSET
    geocoder: Annotated[str, Meta(description="What the geocoder's own districts say.")] | UnsetType = UNSET
    openstates: Annotated[str, Meta(description="What Open States says.")] | UnsetType = UNSET
    border_metres: Annotated[int, Meta(description="How near another district is.")] | UnsetType = UNSET
    disagreement: Yes | UnsetType = UNSET
    outside_zip: Yes | UnsetType = UNSET
    other_zip: (
        Annotated[Yes, Meta(description="The address was found in another ZIP code than the one given.")] | UnsetType
    ) = UNSET


class Trail(Struct, kw_only=True, forbid_unknown_fields=True):
    """What each source said, and where they disagree."""

    matches: Annotated[int, Meta(description="Places with this address.")] | UnsetType = UNSET
    chambers: dict[str, ChamberTrail] | UnsetType = UNSET
    found_by: (
        Annotated[
            Literal["census", "nominatim", "pelias", "points", "file"], Meta(description="Which geocoder answered.")
        ]
        | UnsetType
    ) = UNSET
    exactness: (
        Annotated[
            Literal["house", "range", "interpolated", "street", "area", "uncertain"],
            Meta(description="How its point answers to the address; what is none of the first two asks."),
        ]
        | UnsetType
    ) = UNSET
    point_version: Annotated[str, Meta(description="Of the file of points that has it.")] | UnsetType = UNSET
    warnings: (
        Annotated[
            list[str],
            Meta(
                description="What was not used, a code and its values: layer_of_other_year with the chamber, the "
                "layer's year and ours; layer_error with the house; openstates_not_used with the reason."
            ),
        ]
        | UnsetType
    ) = UNSET


class Settled(Struct, kw_only=True, forbid_unknown_fields=True):
    """How one chamber's district is settled, or what is still to settle it."""

    by: Annotated[
        Literal["zip", "state", "street", "street_decides", "choice_decides", "newer_districts", "unknown"],
        Meta(
            description="zip, state, street: settled by it; street_decides: open until a street is given; "
            "choice_decides: open although one was; newer_districts: open, and a street would not tell; "
            "unknown: nothing told."
        ),
    ]
    words: Annotated[str, Meta(description="The same in words that can be shown to a person.")]


class Answer(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who it may be, and how sure that is."""

    zip: str
    state: str
    method: Literal["zip", "zip-guess", "address"]
    basis: Annotated[dict[str, Basis], Meta(description="Per chamber of the candidates, what its districts rest on.")]
    confidence: Annotated[Confidence, Meta(description="That of the least sure chamber.")]
    certain: Annotated[bool, Meta(description="If false, a person must choose among the candidates.")]
    settled: Annotated[dict[str, Settled], Meta(description="Per chamber of the candidates.")]
    explanation: str
    note: Annotated[str, Meta(description="Why the street was of no use; empty where it was, or none was given.")]
    data_version: str
    as_of: date
    candidates: Candidates
    incomplete: Annotated[
        list[str],
        Meta(
            description="The chambers whose districts are newer than our lines. Their candidates are no more than the "
            "likely ones: a person must be able to choose any seat of the chamber."
        ),
    ]
    trail: Trail


class Answers(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of a ZIP code that lies in several states, where none was named and no street decides: one of each."""

    zip: str
    states: list[str]
    certain: Annotated[bool, Meta(description="Never: a person must say in which state they live.")]
    answers: list[Answer]

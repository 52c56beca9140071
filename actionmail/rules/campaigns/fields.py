"""The fields of a letter: the blanks that are filled for each supporter and each of their legislators."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from actionmail.rules.roster import titles


class Field(Struct, frozen=True, kw_only=True):
    """A blank in a letter. `per_legislator`: differs among the targets of one action. Not `required`: may be empty."""

    example: str
    per_legislator: bool = False
    required: bool = True


COMMITTEE: Final = "committee"  # only in letters for the members of committees
FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "salutation": Field(example="Dear Assemblymember Wicks,", per_legislator=True),
        "legislator_title": Field(example="Assemblymember", per_legislator=True),
        "legislator_short_title": Field(example="Asm.", per_legislator=True),
        "legislator_name": Field(example="Buffy Wicks", per_legislator=True),
        "legislator_last_name": Field(example="Wicks", per_legislator=True),
        "legislator_district": Field(example="14", per_legislator=True),
        "chamber_name": Field(example="California State Assembly", per_legislator=True),
        COMMITTEE: Field(example="Assembly Committee on Transportation", per_legislator=True),
        "supporter_name": Field(example="Mai Example"),
        "address": Field(example="12 Sample Street\nBerkeley, CA 94703"),
        "street": Field(example="12 Sample Street", required=False),
        "city": Field(example="Berkeley", required=False),
        "state": Field(example="California"),
        "zip": Field(example="94703"),
        "place": Field(example="Berkeley 94703"),
        "bill": Field(example="SB 1161"),
        "bill_title": Field(example="Safer rides on public transit"),
        "session": Field(example="2021-2022"),
        "position": Field(example="support"),
        "campaign_title": Field(example="Make every ride a safe ride"),
        "organisation": Field(example="Example Community Group"),
    }
)


class LegislatorFields(Struct, frozen=True, kw_only=True):
    """What a letter says of the one who gets it. `state` is two letters; `committee` one of the letter's, or ""."""

    state: str
    chamber: str
    name: str
    family_name: str
    district: str
    committee: str = ""


class SupporterFields(Struct, frozen=True, kw_only=True):
    """What a letter says of the one who writes. `street` and `city` may be empty; `state` is two letters."""

    name: str
    zip_code: str
    state: str
    street: str = ""
    city: str = ""


class CampaignFields(Struct, frozen=True, kw_only=True):
    """What a letter says of what it is about."""

    bill: str
    bill_title: str
    session: str
    position: str
    title: str
    organisation: str

    @classmethod
    def of(cls, columns: Mapping[str, str]) -> CampaignFields:
        """Those among a campaign's columns."""
        return cls(
            bill=columns["bill"],
            bill_title=columns["bill_title"],
            session=columns["session"],
            position=columns["position"],
            title=columns["title"],
            organisation=columns["organisation"],
        )


def field_values(legislator: LegislatorFields, supporter: SupporterFields, campaign: CampaignFields) -> dict[str, str]:
    """A value for every one of FIELDS."""
    return {**legislator_values(legislator), **supporter_values(supporter), **campaign_values(campaign)}


def legislator_values(legislator: LegislatorFields) -> dict[str, str]:
    """A value for each field that differs among the targets."""
    state, chamber = legislator.state, legislator.chamber
    last_name = legislator.family_name.strip() or legislator.name.strip()
    return {
        "salutation": titles.salutation(state, chamber, last_name),
        "legislator_title": titles.title(state, chamber),
        "legislator_short_title": titles.short_title(state, chamber),
        "legislator_name": legislator.name,
        "legislator_last_name": last_name,
        "legislator_district": legislator.district,
        "chamber_name": titles.chamber_name(state, chamber),
        COMMITTEE: legislator.committee,
    }


def supporter_values(supporter: SupporterFields) -> dict[str, str]:
    """A value for each field that is the supporter's."""
    street, city = supporter.street.strip(), supporter.city.strip()
    last_line = f"{city}, {supporter.state} {supporter.zip_code}".removeprefix(", ")
    return {
        "supporter_name": supporter.name,
        "address": f"{street}\n{last_line}" if street else last_line,
        "street": street,
        "city": city,
        "state": titles.STATES.get(supporter.state, supporter.state),
        "zip": supporter.zip_code,
        "place": f"{city} {supporter.zip_code}".strip(),
    }


def campaign_values(campaign: CampaignFields) -> dict[str, str]:
    """A value for each field that is the campaign's."""
    return {
        "bill": campaign.bill,
        "bill_title": campaign.bill_title,
        "session": campaign.session,
        "position": campaign.position,
        "campaign_title": campaign.title,
        "organisation": campaign.organisation,
    }

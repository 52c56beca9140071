"""How a chamber's districts became known, how sure that is, and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SURE, PROBABLE, UNSURE = "high", "medium", "low"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """How one chamber's districts became known."""

    method: str  # "zip", "zip-guess", "state" (the whole of it), "boundary", "geocoder", "openstates"; "none" told it
    data_version: str  # of the dataset that told it; "" where the source has no versions or none was needed
    confidence: str  # SURE: the sources agree; PROBABLE: only one could tell; UNSURE: the supporter decides


class DoubtCode(StrEnum):
    """Each reason to ask, with the values that come with it."""

    NEAR_BORDER = "near_border"  # district (beyond the border), metres
    DISAGREEMENT = "disagreement"  # source, district, other_source, other_district
    OTHER_YEAR = "other_year"  # year (of the map, which nothing could check)
    SEVERAL_PLACES = "several_places"
    OUTSIDE_ZIP = "outside_zip"  # zip, district
    NEWER_MAP = "newer_map"  # first_election: of districts that the tables do not have
    OLDER_CONGRESS = "older_congress"  # congress (of the districts), sitting (of the members in the roster)
    OTHER_ZIP = "other_zip"  # zip, found_zip, found_by
    ROUGH_POINT = "rough_point"  # found_by, exactness


NEWER = (DoubtCode.NEWER_MAP, DoubtCode.OLDER_CONGRESS)  # no line that we have decides, whatever is looked up


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why one chamber's district is not certain. `values` are text, as a draft keeps them."""

    code: DoubtCode
    state: str
    chamber: str
    values: Mapping[str, str] = field(default_factory=dict)

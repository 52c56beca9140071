"""Why a campaign or a letter is not to be had or cannot be changed: typed, with codes; the doors have the words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from actionmail.rules.campaigns.campaign_form import Faults
from actionmail.rules.campaigns.matrix import Matrix
from actionmail.rules.campaigns.problems import Problem


class UnknownCampaign(LookupError):
    """There is no campaign with this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class UnknownVersion(LookupError):
    """The campaign has no such version of a letter; with version 0, no such letter in use."""

    def __init__(self, slug: str, name: str, version: int = 0) -> None:
        super().__init__(slug, name, version)
        self.slug = slug
        self.name = name
        self.version = version


class ChangeRefused(ValueError):
    """A campaign cannot be changed so, now. `matrix` is set where it is why."""

    def __init__(self, code: str, *, matrix: Matrix | None = None, **values: Any) -> None:
        self.problem = Problem(code, values)
        self.matrix = matrix
        super().__init__(str(self.problem))


class FormRefused(ValueError):
    """What was typed cannot be saved: problems by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class Seen(StrEnum):
    """What somebody had before them when a colleague changed it."""

    PAGE = "page"
    TRANSLATION = "translation"  # or the words that it is made from
    LETTERS = "letters"
    CAMPAIGN = "campaign"


class Overtaken(ValueError):
    """`by`, or somebody where it is "", changed `what` since it was read. `stored` is what is saved now, by field."""

    def __init__(self, stored: Mapping[str, Any], by: str, what: Seen = Seen.PAGE) -> None:
        super().__init__(what.value)
        self.stored = stored
        self.by = by
        self.what = what

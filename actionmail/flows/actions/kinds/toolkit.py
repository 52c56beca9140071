"""Nothing is taken of who shares a toolkit: who comes by its links is counted where they act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actionmail.flows.actions.kinds.kind import Kind
from actionmail.flows.actions.refusals import CampaignClosed

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.actions.taking import Press


def _nobody(campaign: Campaign, press: Press) -> None:
    """Raises CampaignClosed."""
    raise CampaignClosed


KIND: Final = Kind(code="toolkit", check=_nobody)

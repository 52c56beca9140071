"""Nothing is done on a post that is only read."""

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


KIND: Final = Kind(code="news", check=_nobody)

"""Where a campaign stands at this moment: how long it is open, and how many took part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import get_template_attribute
from markupsafe import Markup

from actionmail.rules.campaigns.countdown import Left, left_until
from actionmail.web.platform.context import services
from actionmail.web.platform.kept import kept_part
from actionmail.web.supporter.kinds import kind_of

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.web.platform.languages import Reading


def left(campaign: Campaign) -> Left | None:
    """How long it still is open."""
    return left_until(campaign.closes_at, campaign.timezone, now=services().clock())


def standing(campaign: Campaign, count: int, reading: Reading) -> Markup:
    """Both as they stand on its page, in the language in which that is read."""
    return kept_part(
        campaign,
        get_template_attribute("supporter/_standing.html", "standing"),
        campaign,
        reading,
        left(campaign),
        bool(count or campaign.goal),
        reached=min(count, campaign.goal or 0),
        counted=kind_of(campaign.kind).counted(count),
    )

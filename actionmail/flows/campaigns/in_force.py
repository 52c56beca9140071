"""The campaigns that the public sees, with their pictures and whom they write to: kept in the process between requests.

Every request that uses one first asks the database for the version of all content (`content.version`), or reads it with
something else; what was kept under another version is dropped. So a change holds from the next request on, in every
process, and no clock decides it. See docs/decisions/in-force.md.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from typing import Any

from msgspec import Struct, field

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import brands, campaign_pictures, content, reading, recipients
from actionmail.flows.campaigns.brands import Look
from actionmail.flows.campaigns.recipients import Targets
from actionmail.rules.campaigns.pictures import ShownPicture


class InForce(Struct, frozen=True, kw_only=True):
    """One campaign as it was at one version. Shared by all requests, so nobody changes anything in it.

    `pictures` has the campaign's own, by its number. `made` is for whoever makes something of it for everybody alike:
    a few things, by what else they hang on; they go with it.
    """

    campaign: Campaign
    targets: Targets
    pictures: Mapping[int, ShownPicture]
    look: Look
    made: dict[Hashable, Any] = field(default_factory=dict)


class CampaignsInForce:
    """What this process keeps. It grows with the campaigns that are asked for, and starts anew at every change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._kept: dict[str, InForce] = {}

    def get(self, slug: str, version: int) -> InForce | None:
        """The campaign under this slug as of `version`, which the caller has just read, or newer; None for none.

        Only of what is committed: whoever changes content in a transaction of their own reads it there.
        """
        with self._lock:
            if version != self._version:
                self._kept.clear()
                self._version = version
            in_force = self._kept.get(slug)
            if in_force is None:
                in_force = self._read(slug)
            return in_force

    def last(self, slug: str) -> InForce | None:
        """As it was when somebody last asked; None where nobody did. It may have changed since: it decides nothing."""
        return self._kept.get(slug)

    def _read(self, slug: str) -> InForce | None:
        """Read it, and keep it under the version that was read before it."""
        with self._database.read_apart() as session:
            version = content.version(session)
            if version != self._version:
                self._kept.clear()
                self._version = version
            campaign = reading.campaign_page(session, slug)
            if campaign is None:
                return None
            in_force = InForce(
                campaign=campaign,
                targets=recipients.targets_of(session, campaign),
                pictures=campaign_pictures.of_campaigns(session, [campaign]),
                look=brands.look_of(session, campaign),
            )
        self._kept[slug] = in_force
        return in_force

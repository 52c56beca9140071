"""What staff read of a campaign whose targets are about to change."""

from __future__ import annotations

from actionmail.flows.campaigns.turnovers import TargetsChange
from actionmail.rules.wording import and_join

_HOUSES = {
    "upper": "the upper house",
    "lower": "the lower house",
    "us_upper": "the US Senate",
    "us_lower": "the US House",
}


def targets_change(change: TargetsChange) -> str:
    """On which day whom it writes to changes, and what has to be done before."""
    parts = []
    if change.going or change.coming:
        going = f"{change.going} of those it writes to {'goes' if change.going == 1 else 'go'}"
        coming = f"{change.coming} {'comes' if change.coming == 1 else 'come'}"
        parts.append(f"On {change.day.isoformat()}, {going} and {coming}.")
    else:
        parts.append(f"On {change.day.isoformat()} those elected take office.")
    if change.unknown:
        houses = and_join([_HOUSES.get(chamber, "the legislature") for chamber in change.unknown])
        parts.append(f"Those elected to {houses} are not in the roster: import a newer one before.")
    parts.append("Letters that wait for somebody who goes are not sent to them.")
    return " ".join(parts)

"""`render_matrix` over everybody of the roster as if of one state, in this build or an older one: its CPU seconds.

python matrix.py CAMPAIGN.toml LEGISLATORS.csv, in the root of the build; the fastest of five.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

try:
    from actionmail.rules.campaigns.campaign_file import read_campaign
    from actionmail.rules.campaigns.matrix import render_matrix
    from actionmail.rules.campaigns.targets import Target
except ImportError:  # before the rooms
    from actionmail.rules.campaign_file import read_campaign
    from actionmail.rules.matrix import Target, render_matrix


def main(campaign: str, legislators: str) -> None:
    columns, letters = read_campaign(Path(campaign).read_text(), source="sample")
    with Path(legislators).open(encoding="utf-8", newline="") as file:
        people = [_target(row, columns["state"]) for row in csv.DictReader(file) if row["status"] == "sitting"]
    times = []
    for _ in range(5):
        begun = time.process_time()
        filled = render_matrix(columns, letters, people).rendered
        times.append(time.process_time() - begun)
    print(json.dumps({"cpu": min(times), "legislators": len(people), "filled": filled}))


def _target(row: dict[str, str], state: str) -> Target:
    return Target(
        key=row["key"],
        state=state,
        chamber="upper" if row["chamber"] == "upper" else "lower",
        district=row["district"],
        name=row["name"],
        family_name=row["family_name"],
        party=row["party"],
        committees=frozenset(),
        has_address=bool(row["email"]),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env bash
# One ZIP code of 42,789 is in the time zone "Napakiak".
#
# zipcodes 3.0.0 and tzdata 2025.3 (PyPI); run on 2026-11-29.
# Guess: `timezone` is a name that every library of time zones knows, or empty where the post goes to ships and bases.
# Seen:  99634, a village in Alaska, has the village's own name, so `ZoneInfo(...)` ends in an error for its people only. All
#        other names are known. Its neighbours are in America/Anchorage and America/Nome.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check zipcodes==3.0.0 tzdata==2025.3
"$folder/venv/bin/python" - <<'PYTHON'
import collections
import zoneinfo

import zipcodes

KNOWN = zoneinfo.available_timezones()
ROWS = zipcodes.list_all()
strange = [(row["zip_code"], row["city"], row["timezone"]) for row in ROWS if row["timezone"] and row["timezone"] not in KNOWN]
near = collections.Counter(row["timezone"] for row in ROWS if row["county"] == "Bethel Census Area")
print(len(ROWS), "ZIP codes; of no known zone:", *strange, "- in the same county:", dict(near))
assert strange == [("99634", "Napakiak", "Napakiak")], strange
PYTHON

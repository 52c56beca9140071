#!/usr/bin/env bash
# South Africa is one of the states.
#
# openstates-metadata 2026.9.1; run on 2026-11-28.
# Guess: `STATES_BY_ABBR` holds the fifty states, the District of Columbia and the territories; `fips` is two digits.
# Seen:  two more: "US" and "ZA", South Africa, whose `fips` is "SF", a code of another FIPS standard (10-4, countries).
#        The capital of the District of Columbia is the text "None", and its executive an "Office of the Governor". A loop over
#        the states has to leave out what stands in `INTERNATIONAL_ABBRS` and US.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check openstates-metadata==2026.9.1 us==4.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import us
from openstates_metadata import INTERNATIONAL_ABBRS, STATES_BY_ABBR

known = {state.abbr for state in us.STATES_AND_TERRITORIES} | {"DC"}
others = {abbr: (state.name, state.fips) for abbr, state in STATES_BY_ABBR.items() if abbr not in known}
capital = STATES_BY_ABBR["DC"].capital
print(len(STATES_BY_ABBR), "states, among them", others, "- international:", INTERNATIONAL_ABBRS, "- capital of DC:", repr(capital))
assert others == {"US": ("United States", "00"), "ZA": ("South Africa", "SF")}, others
assert capital == "None"
assert STATES_BY_ABBR["DC"].executive_name == "Office of the Governor"
PYTHON

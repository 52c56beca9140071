#!/usr/bin/env bash
# "Fairfax" in a column of counties becomes a city of 24,000 people.
#
# addfips 0.4.2; run on 2026-11-28.
# Guess: `get_county_fips("Fairfax", state="VA")` is Fairfax County, 51059, as "Jefferson" is Jefferson County in Kentucky.
# Seen:  51600, the independent city of Fairfax. Where a county and a county-equivalent city bear one name (Fairfax, Richmond
#        and Roanoke in Virginia, Baltimore in Maryland, St. Louis in Missouri), the bare name is the city's; nothing says
#        that it was ambiguous. With "County" behind it every one is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check addfips==0.4.2
"$folder/venv/bin/python" - <<'PYTHON'
from addfips import AddFIPS

# State, name, what the bare name gives, and what the county is.
EXPECTED = [
    ("KY", "Jefferson", "21111", "21111"),
    ("VA", "Fairfax", "51600", "51059"),
    ("VA", "Richmond", "51760", "51159"),
    ("VA", "Roanoke", "51770", "51161"),
    ("MD", "Baltimore", "24510", "24005"),
    ("MO", "St. Louis", "29510", "29189"),
]
codes = AddFIPS()
for state, name, bare, county in EXPECTED:
    seen = codes.get_county_fips(name, state=state), codes.get_county_fips(f"{name} County", state=state)
    print(f"{name}, {state}: {seen[0]}; {name} County: {seen[1]}")
    assert seen == (bare, county), seen
PYTHON

#!/usr/bin/env bash
# "W180N8085 Town Hall Rd" is found as "8085 Town Hall Rd", another house or none.
#
# pyap 0.3.1 (PyPI), beside usaddress 0.5.16; run on 2026-11-30.
# Guess: a house number of Wisconsin's grid, as around Milwaukee and in the country, is found whole, or the address is not found.
# Seen:  around Milwaukee, where a number has both halves of the grid, pyap leaves out all but the last digits and reports the rest as the
#        address. One with a single letter ("N1234 County Road K") is not found, nor is a county road with an ordinary number. usaddress has
#        each number whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check pyap==0.3.1 usaddress==0.5.16
"$folder/venv/bin/python" - <<'PYTHON'
import pyap
import usaddress

for line, seen in [
    ("W180N8085 Town Hall Rd, Menomonee Falls, WI 53051", ["8085 Town Hall Rd, Menomonee Falls, WI 53051"]),
    ("S75W17301 Janesville Rd, Muskego, WI 53150", ["17301 Janesville Rd, Muskego, WI 53150"]),
    ("N1234 County Road K, Fond du Lac, WI 54937", []),
    ("7234 County Road KK, Portage, WI 53901", []),
    ("1234 N 12th St, Milwaukee, WI 53205", ["1234 N 12th St, Milwaukee, WI 53205"]),
]:
    found = [str(address) for address in pyap.parse(f"I live at {line} and vote.", country="US")]
    number = usaddress.tag(line)[0]["AddressNumber"]
    print(f"{line}: pyap {found}, usaddress {number}")
    assert found == seen, found
    assert number == line.split()[0], number
PYTHON

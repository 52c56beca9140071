#!/usr/bin/env bash
# Where a supporter lives in Miami is a decision of a court in Virginia or Georgia.
#
# eyecite 2.7.8; run on 2026-11-29.
# Guess: citations of courts are found in a letter where courts are cited; "710 SE 12 Street", a house, is not one, for the word
#        behind it, and for S.E. and N.W. being written with full stops in reports of law.
# Seen:  volume 710 of the South Eastern Reporter, page 12, with or without full stops, and so for the other corners of the
#        compass; a house on South Third Street is in the Southern Reporter. Whoever links citations in letters and statements
#        links the addresses of cities that number their streets by quarters; "12th" is no page.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check eyecite==2.7.8
"$folder/venv/bin/python" - <<'PYTHON'
from eyecite import get_citations

EXPECTED = {
    "I live at 710 SE 12 Street, Miami, FL 33131.": ["710 S.E. 12"],
    "I live at 1425 N.W. 2 Avenue, Miami, FL 33136.": ["1425 N.W. 2"],
    "I live at 12 So. 3 Street.": ["12 So. 3"],
    "I live at 710 SE 12th Street, Portland, OR 97214.": [],
    "I live at 710 Main Street, Miami, FL 33131.": [],
    "The bill is H.R. 1234, or S. 12.": [],
}
for text, expected in EXPECTED.items():
    seen = [citation.corrected_citation() for citation in get_citations(text)]
    print(text, "-", *seen)
    assert seen == expected, seen
PYTHON

#!/usr/bin/env bash
# A parser of names moves a Vietnamese middle name, and half of a Hmong given name, into the family name.
#
# nameparser 2.6.0; run on 2026-11-28.
# Guess: of "Minh Van Nguyen" (as written in the United States) the family name is Nguyen; of "Mai La Vang" it is Vang.
# Seen:  "Van Nguyen" and "La Vang": `van` and `la` are particles of Dutch and Spanish family names wherever they stand
#        before the last word. "Minh Thi Nguyen" and "Pa Houa Yang" come out right, so a test with those does not show it.
#        A salutation by family name greets a person by a name that is not theirs; one field for the whole name does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check nameparser==2.6.0
"$folder/venv/bin/python" - <<'PYTHON'
from nameparser import HumanName

EXPECTED = {
    "Minh Van Nguyen": "Van Nguyen",
    "Mai La Vang": "La Vang",
    "Minh Thi Nguyen": "Nguyen",
    "Pa Houa Yang": "Yang",
}
for name, family_name in EXPECTED.items():
    parsed = HumanName(name)
    print(f"{name}: first {parsed.first!r}, middle {parsed.middle!r}, last {parsed.last!r}")
    assert parsed.last == family_name, parsed
PYTHON

#!/usr/bin/env bash
# Of two people with the same family name one is a person and the other a corporation.
#
# probablepeople 0.5.6, which tells persons and organisations in lists of names; run on 2026-11-30.
# Guess: a first name and a family name that thousands have are a person; if Hmong names are not known, then none of them.
# Seen:  with Vang, Xiong or Moua all are persons; with Thao, as common, it goes by the first name: four of eight are corporations, without a
#        doubt being told.
#        (The names here are put together from common ones.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check probablepeople==0.5.6
"$folder/venv/bin/python" - <<'PYTHON'
import probablepeople

FIRST = ("Kao", "See", "Nou", "Ge", "Mai", "Pa", "Bee", "Yer")


def kinds(family):
    return {first: probablepeople.tag(f"{first} {family}")[1] for first in FIRST}


for family in ("Vang", "Xiong", "Moua", "Thao"):
    print(family, kinds(family))
for family in ("Vang", "Xiong", "Moua"):
    assert set(kinds(family).values()) == {"Person"}
assert [first for first, kind in kinds("Thao").items() if kind == "Corporation"] == ["Kao", "See", "Nou", "Ge"]
PYTHON

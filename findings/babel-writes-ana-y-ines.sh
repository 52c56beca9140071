#!/usr/bin/env bash
# In Spanish "Ana e Inés" is listed as "Ana y Inés", and "Ana e Íñigo" as "Ana y Íñigo".
#
# Babel 2.19.0 (PyPI), beside Intl.ListFormat of Node.js 20 (ICU); run on 2026-11-30.
# Guess: CLDR's lists know that "y" becomes "e" before the sound of i (Inés, Hilda, but not Hiatt), and "o" becomes "u" before that of o.
# Seen:  the rule is not in CLDR's data but in ICU's code, so Babel, which has the data alone, never does it. ICU looks at the letters I and O
#        alone: Íñigo and Óscar, whose letter has an accent, and Yvonne, whose I is written Y, keep "y" and "o".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Babel==2.19.0
"$folder/venv/bin/python" - <<'PYTHON'
from babel.lists import format_list

for name, style, seen in [
    ("Inés", "standard", "Ana y Inés"),
    ("Hilda", "standard", "Ana y Hilda"),
    ("Íñigo", "standard", "Ana y Íñigo"),
    ("Olga", "or", "Ana o Olga"),
]:
    found = format_list(["Ana", name], style=style, locale="es")
    print("Babel:", found)
    assert found == seen, found
PYTHON
cat >"$folder/list.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");

const LISTS = [
  ["conjunction", "Inés", "Ana e Inés"],
  ["conjunction", "Hilda", "Ana e Hilda"],
  ["conjunction", "Hiatt", "Ana y Hiatt"],
  ["conjunction", "Íñigo", "Ana y Íñigo"],
  ["conjunction", "Yvonne", "Ana y Yvonne"],
  ["disjunction", "Olga", "Ana u Olga"],
  ["disjunction", "Óscar", "Ana o Óscar"],
];
for (const [type, name, seen] of LISTS) {
  const found = new Intl.ListFormat("es", { type }).format(["Ana", name]);
  console.log("ICU:", found);
  assert.equal(found, seen);
}
JAVASCRIPT
node "$folder/list.cjs"

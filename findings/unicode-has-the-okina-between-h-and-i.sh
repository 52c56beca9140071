#!/usr/bin/env bash
# In alphabetical order, in English, ʻAna and ʻOhana stand between Hope and Iris.
#
# pyuca 1.2 (PyPI; Unicode's table 9.0.0); Intl.Collator of Node.js 20 or newer (CLDR's table); run on 2026-11-29.
# Guess: the ʻokina (U+02BB), the letter of Hawaiian and Tongan, is ignored or stands behind Z.
# Seen:  Unicode's default table has it as a letter of its own behind H, since it is the sign of a breath; so have CLDR's root and
#        English. With an apostrophe (U+2018) in its place the same name is the first of the list. Only Tongan's own order has it last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check pyuca==1.2
"$folder/venv/bin/python" - <<'PYTHON'
from pyuca import Collator

seen = sorted(["ʻAna", "Amy", "Hope", "Iris", "Zoe", "ʻOhana", "‘Ana"], key=Collator().sort_key)
print("pyuca:", *seen)
assert seen == ["‘Ana", "Amy", "Hope", "ʻAna", "ʻOhana", "Iris", "Zoe"], seen
PYTHON
node - <<'NODE'
const assert = require("node:assert");
const sorted = (language) => ["ʻAna", "Amy", "Hope", "Iris", "Zoe", "ʻOhana"].sort(new Intl.Collator(language).compare);
console.log("Node.js, English:", ...sorted("en"));
console.log("Node.js, Tongan:", ...sorted("to"));
assert.deepStrictEqual(sorted("en"), ["Amy", "Hope", "ʻAna", "ʻOhana", "Iris", "Zoe"]);
assert.deepStrictEqual(sorted("to"), ["Amy", "Hope", "Iris", "Zoe", "ʻAna", "ʻOhana"]);
NODE

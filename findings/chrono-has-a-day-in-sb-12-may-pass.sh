#!/usr/bin/env bash
# "SB 12 may pass" holds a date: the twelfth of May.
#
# chrono-node 2.10.3 (npm), dateparser 1.5.0 (PyPI), beside compromise-dates 3.9.0 (npm) and datefinder 1.0.0 (PyPI); run on 2026-11-30.
# Guess: no date; "may" without a capital is a verb, and the number is the bill's.
# Seen:  chrono-node reads "12 may" as 12 May, by its strict rules too; by the others a committee that sat is Saturday. dateparser's search_dates
#        has 12 May too, and some day of May for "5 sat in". The other two find no day.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" chrono-node@2.10.3 compromise@14.17.0 compromise-dates@3.9.0
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check dateparser==1.5.0 datefinder==1.0.0
cat >"$folder/find.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const chrono = require("chrono-node");
const nlp = require("compromise");
nlp.plugin(require("compromise-dates"));

const NOW = new Date("2026-03-04T12:00:00Z");
const TEXTS = {
  "SB 12 may pass": ["12 may", "12 may"],
  "HB 7 may cost you": ["7 may", "7 may"],
  "AB 5 sat in committee": ["sat", ""],
  "Please vote no on SB 12": ["", ""],
};
for (const [text, [casual, strict]] of Object.entries(TEXTS)) {
  const found = chrono.parse(text, NOW);
  console.log("chrono-node:", text, "|", ...found.map((one) => `${one.text} is ${one.start.date().toDateString()}`));
  assert.equal(found.map((one) => one.text).join(), casual);
  assert.equal(chrono.strict.parse(text, NOW).map((one) => one.text).join(), strict);
  assert.ok(nlp(text).dates().get().every((one) => one.start === null));
}
assert.deepEqual(chrono.parse("SB 12 may pass", NOW)[0].start.date().getMonth(), 4);
JAVASCRIPT
node "$folder/find.cjs"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import datefinder
from dateparser.search import search_dates

TEXTS = {"SB 12 may pass": "12 may", "HB 7 may cost you": "7 may", "AB 5 sat in committee": "5 sat in", "Please vote no on SB 12": None}
for text, seen in TEXTS.items():
    found = search_dates(text, languages=["en"])
    print("dateparser:", text, "|", found and [f"{words} is {moment:%B}" for words, moment in found])
    assert (found and found[0][0]) == seen, found
    assert not list(datefinder.find_dates(text)), text
PYTHON

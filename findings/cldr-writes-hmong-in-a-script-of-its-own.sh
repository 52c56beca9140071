#!/usr/bin/env bash
# White Hmong is taken to be written in Nyiakeng Puachue letters, not in Latin ones.
#
# Intl.Locale of Node.js 20 (ICU's likely subtags) and langcodes 3.5.1 with language_data 1.4.0 (PyPI); run on 2026-11-30.
# Guess: where nothing is said, `mww` is in Latin letters, as its Romanized Popular Alphabet is on signs, ballots and school letters in the United States.
# Seen:  the likely subtags of `mww` and of `hnj` have the script Hmnp, which is a few decades old and in few fonts; of `hmn` they have Latn. A page
#        marked `mww-Latn`, which is only more exact, is then 50 away from a reader of `mww`: by langcodes no match for it, nor the other way round.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check langcodes==3.5.1 language_data==1.4.0
cat >"$folder/script.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");

for (const [language, script] of [["mww", "Hmnp"], ["hnj", "Hmnp"], ["hmn", "Latn"], ["mww-Latn", "Latn"]]) {
  const found = new Intl.Locale(language).maximize().script;
  console.log("ICU:", language, found);
  assert.equal(found, script);
}
JAVASCRIPT
node "$folder/script.cjs"
"$folder/venv/bin/python" - <<'PYTHON'
from langcodes import Language, closest_match, tag_distance

for language, script in [("mww", "Hmnp"), ("hnj", "Hmnp"), ("hmn", "Latn")]:
    found = Language.get(language).maximize().script
    print("langcodes:", language, found)
    assert found == script, found
print("mww-Latn for a reader of mww:", tag_distance("mww", "mww-Latn"), *closest_match("mww", ["mww-Latn"]))
assert closest_match("mww", ["mww-Latn"])[0] == closest_match("mww-Latn", ["mww"])[0] == "und"
assert closest_match("vi", ["vi-Latn"])[0] == "vi-Latn"
PYTHON

#!/usr/bin/env bash
# Dee Ma has no surname, but a degree.
#
# humanparser 2.7.0 (npm), beside parse-full-name 1.2.7 (npm) and nameparser 2.6.0 (PyPI); run on 2026-12-01.
# Guess: the last of two words is the surname; "Ma", one of the commonest of Chinese, Vietnamese and Hmong ones, is no Master of Arts there.
# Seen:  humanparser has "Ma" in its list of what may follow a name, in any case and even as the only word after the first: the surname is
#        empty, the suffix "Ma"; with a title that it does not know, such as "Rep.", the first name takes its place: `Rep. Dee`. "Ma, Dee" has no surname
#        either. The other two have it right. (Do, Ba and Cao, which are abbreviations of degrees too, all three have right.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" humanparser@2.7.0 parse-full-name@1.2.7
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check nameparser==2.6.0
cat >"$folder/names.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const { parseName } = require("humanparser");
const { parseFullName } = require("parse-full-name");

const NAMES = {
  "Dee Ma": ["Dee", "", "Ma"],
  "Ma, Dee": ["Dee", "", "Ma"],
  "Rep. Dee Ma": ["Rep.", "Dee", "Ma"],
  "Anh Do": ["Anh", "Do", undefined],
  "Lan Cao": ["Lan", "Cao", undefined],
};
for (const [name, seen] of Object.entries(NAMES)) {
  const { firstName, lastName, suffix } = parseName(name);
  console.log(`${name}: first ${firstName}, last ${lastName || "none"}, suffix ${suffix || "none"}`);
  assert.deepEqual([firstName, lastName, suffix], seen);
  if (seen[2]) assert.equal(parseFullName(name).last, "Ma");
}
JAVASCRIPT
node "$folder/names.cjs"
"$folder/venv/bin/python" - <<'PYTHON'
from nameparser import HumanName

for name in ("Dee Ma", "Ma, Dee", "Rep. Dee Ma"):
    found = HumanName(name)
    print(f"nameparser: {name}: last {found.last}")
    assert (found.first, found.last, found.suffix) == ("Dee", "Ma", "")
PYTHON

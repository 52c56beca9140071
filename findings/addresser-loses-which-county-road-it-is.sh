#!/usr/bin/env bash
# An address on County Road KK comes back as one on "County Rd".
#
# addresser 1.1.22 and parse-address 1.1.2 (npm), usaddress 0.5.16 (PyPI) beside them; run on 2026-11-30.
# Guess: roads with a letter, as Wisconsin's counties have them, numbered state roads, and streets whose kind comes first are
#        read whole, or refused.
# Seen:  addresser leaves out what follows the kind of street and reports no error: "7234 County Rd", "7234 State Rd",
#        "1200 Avenue" (of the Americas). parse-address reads these; it takes the E of "County Road E" for east, and the "E" of
#        Washington's E Street too. usaddress reads all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check usaddress==0.5.16
npm install --silent --no-audit --no-fund --prefix "$folder" addresser@1.1.22 parse-address@1.1.2
cat >"$folder/look.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const addresser = require("addresser");
const parser = require("parse-address");

const LINES = {
  "7234 County Road KK, Portage, WI 53901": ["7234 County Rd", "County Road KK"],
  "7234 State Road 16, Portage, WI 53901": ["7234 State Rd", "State Road 16"],
  "1200 Avenue of the Americas, New York, NY 10036": ["1200 Avenue", "Avenue of the Americas"],
};
for (const [address, [line, street]] of Object.entries(LINES)) {
  const found = addresser.parseAddress(address).addressLine1;
  const other = parser.parseLocation(address).street;
  console.log(address, "|", found, "|", other);
  assert.equal(found, line);
  assert.equal(other, street);
}
assert.equal(parser.parseLocation("123 County Road E, Madison, WI 53703").suffix, "E");
assert.equal(parser.parseLocation("100 E Street SW, Washington, DC 20024").prefix, "E");
JAVASCRIPT
node "$folder/look.cjs"
"$folder/venv/bin/python" - <<'PYTHON'
import usaddress

for address, name in [
    ("7234 County Road KK, Portage, WI 53901", "KK"),
    ("7234 State Road 16, Portage, WI 53901", "16"),
    ("123 County Road E, Madison, WI 53703", "E"),
]:
    found = usaddress.tag(address)[0]
    print(found["StreetNamePreType"], found["StreetName"])
    assert found["StreetName"] == name
PYTHON

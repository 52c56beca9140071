#!/usr/bin/env bash
# A legislator's address label, "Room 412, State Capitol", is read as two.
#
# vcard4 4.0.5 and vcf 2.1.2 (npm), beside vobject 0.9.9 (PyPI); run on 2026-12-01.
# Guess: what stands in quotes is one value (RFC 6350, 3.3), a text has its escapes undone (3.4), and an organisation may say how it sorts (6.6.4).
# Seen:  vcard4 cuts LABEL at its comma, though not GEO, which has one too, and refuses a card whose ORG has SORT-AS, as an unknown parameter. vcf
#        hands texts over as they stand in the file, "Calls\, letters\nand visits". vobject reads all of it right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" vcard4@4.0.5 vcf@2.1.2
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check vobject==0.9.9
cd "$folder"
sed 's/$/\r/' >card.vcf <<'VCARD'
BEGIN:VCARD
VERSION:4.0
FN:Kou Xiong
N:Xiong;Kou;;;
ADR;GEO="geo:43.0747,-89.3841";LABEL="Room 412, State Capitol":;;Room 412\, State Capitol;Madison;WI;53703;USA
NOTE:Calls\, letters\nand visits
END:VCARD
VCARD
sed '/^END/i ORG;SORT-AS="Assembly":Wisconsin State Assembly\r' card.vcf >sorted.vcf
cat >read.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { parse } = require("vcard4");
const Vcf = require("vcf");

const card = readFileSync("card.vcf", "utf8");
const fields = Object.fromEntries(parse(card).parsedVcard.map((field) => [field.property, field]));
console.log("vcard4:", fields.ADR.parameters, fields.ADR.value.streetAddress, "|", fields.NOTE.value);
assert.deepEqual(fields.ADR.parameters.LABEL, ["Room 412", " State Capitol"]);
assert.equal(fields.ADR.parameters.GEO, "geo:43.0747,-89.3841");
assert.equal(fields.NOTE.value, "Calls, letters\nand visits");
assert.throws(() => parse(readFileSync("sorted.vcf", "utf8")), /SORT-AS/);
const note = new Vcf().parse(card).get("note").valueOf();
console.log("vcf:", note);
assert.equal(note, "Calls\\, letters\\nand visits");
JAVASCRIPT
node read.cjs
venv/bin/python - <<'PYTHON'
import vobject

card = vobject.readOne(open("sorted.vcf", newline="").read())
print("vobject:", card.adr.params, repr(card.note.value), card.org.value)
assert card.adr.params == {"GEO": ["geo:43.0747,-89.3841"], "LABEL": ["Room 412, State Capitol"]}
assert card.note.value == "Calls, letters\nand visits"
PYTHON

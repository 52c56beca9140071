#!/usr/bin/env bash
# A DMARC record in a zone file is read as "v=DMARC1", and nothing more.
#
# zone-file 1.0.0 and @fungible-systems/zone-file 2.0.0 (npm), beside dnspython 2.9.2 (PyPI); run on 2026-11-30.
# Guess: a semicolon inside quotes belongs to the text (RFC 1035, 5.1); SPF, DKIM and DMARC records come out as they stand in the file.
# Seen:  both cut every line at its first semicolon before they look at quotes. SPF, which has none, is whole; DMARC has lost its policy and its
#        address, DKIM its key. Neither reports an error, and both write such a record whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" zone-file@1.0.0 @fungible-systems/zone-file@2.0.0
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check dnspython==2.9.2
cd "$folder"
cat >example.zone <<'ZONE'
$ORIGIN example.org.
$TTL 3600
@ IN SOA ns1.example.org. admin.example.org. 2026113001 3600 600 86400 3600
@ IN NS ns1.example.org.
@ IN TXT "v=spf1 ip4:192.0.2.10 -all"
_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
mail._domainkey IN TXT "v=DKIM1; k=ed25519; " "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
ZONE
cat >read.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");

const zone = readFileSync("example.zone", "utf8");
const SPF = "v=spf1 ip4:192.0.2.10 -all";
for (const name of ["zone-file", "@fungible-systems/zone-file"]) {
  const { makeZoneFile, parseZoneFile } = require(name);
  const [spf, dmarc, dkim] = parseZoneFile(zone).txt.map((record) => record.txt);
  console.log(name, "|", spf, "|", dmarc, "|", dkim);
  assert.equal(spf, SPF);
  assert.equal(dmarc, "v=DMARC1");
  assert.equal(dkim, "v=DKIM1");
  const whole = "v=DMARC1; p=reject";
  assert.ok(makeZoneFile({ $ttl: 3600, txt: [{ name: "_dmarc", txt: whole }] }, "{$ttl}\n{txt}\n").includes(`"${whole}"`));
}
JAVASCRIPT
node read.cjs
venv/bin/python - <<'PYTHON'
import dns.zone

(record,) = dns.zone.from_file("example.zone").find_rdataset("_dmarc", "TXT")
print("dnspython |", record)
assert str(record) == '"v=DMARC1; p=reject; rua=mailto:dmarc@example.org"'
PYTHON

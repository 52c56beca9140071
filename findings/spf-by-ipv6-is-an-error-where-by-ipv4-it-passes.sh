#!/usr/bin/env bash
# A sender that its domain names with `ip6:` is a permanent error of SPF, since three hosts named before it have IPv4 alone.
#
# pyspf 2.0.14 (PyPI), which Postfix's policy server for SPF asks, beside mailauth 4.13.3 (npm, needs Node.js 20); run on 2026-11-30.
# Guess: `a:` with a host that has no address of the sender's kind does not match, and the next term is asked.
# Seen:  pyspf asks AAAA alone for a sender with IPv6, takes each answer without one for a void lookup (RFC 7208, 4.6.4, which lets no more than two be),
#        and ends with "permerror" at the third, before `ip6:`. With two such hosts it passes, and with IPv4 the same record does. mailauth asks A as
#        well before it calls a lookup void, and passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check pyspf==2.0.14 dnspython==2.9.2
npm install --silent --no-audit --no-fund --prefix "$folder" mailauth@4.13.3
cd "$folder"
cat >ask.py <<'PYTHON'
import spf

HOSTS = {"one.example.org": "192.0.2.1", "two.example.org": "192.0.2.2", "three.example.org": "192.0.2.3"}


def result(hosts, address):
    record = "v=spf1 " + " ".join(f"a:{host}" for host in hosts) + " ip6:2001:db8::10 -all"
    told = {("example.org", "TXT"): (record.encode(),), **{(host, "A"): at for host, at in HOSTS.items()}}

    def answer(name, kind, *_, **__):
        found = told.get((name.rstrip(".").lower(), kind))
        return [((name, kind), found)] if found else []

    spf.DNSLookup = answer
    return spf.check2(i=address, s="letters@example.org", h="mail.example.org")


three, two = list(HOSTS), list(HOSTS)[:2]
for hosts, address, seen in [
    (three, "192.0.2.3", "pass"),
    (three, "2001:db8::10", "permerror"),
    (two, "2001:db8::10", "pass"),
]:
    found, why = result(hosts, address)
    print(f"pyspf: {len(hosts)} hosts, {address}: {found}, {why}")
    assert found == seen
PYTHON
venv/bin/python ask.py
cat >ask.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { spf } = require("mailauth/lib/spf");

const TOLD = {
  "example.org TXT": [["v=spf1 a:one.example.org a:two.example.org a:three.example.org ip6:2001:db8::10 -all"]],
  "one.example.org A": ["192.0.2.1"],
  "two.example.org A": ["192.0.2.2"],
  "three.example.org A": ["192.0.2.3"],
};
const resolver = async (name, kind) => {
  if (TOLD[`${name} ${kind}`]) return TOLD[`${name} ${kind}`];
  throw Object.assign(new Error("no such record"), { code: "ENODATA" });
};
(async () => {
  for (const ip of ["192.0.2.3", "2001:db8::10"]) {
    const { status } = await spf({ sender: "letters@example.org", ip, helo: "mail.example.org", mta: "mx.example.com", resolver });
    console.log(`mailauth: 3 hosts, ${ip}: ${status.result}`);
    assert.equal(status.result, "pass");
  }
})();
JAVASCRIPT
node ask.cjs

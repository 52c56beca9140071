#!/usr/bin/env bash
# A list of throwaway mail providers holds dallas.gov.
#
# burner-email-providers 1.0.67, disposable-email-domains 1.0.62 and freemail 1.7.0 beside it; run on 2026-11-30.
# Guess: none of the lists holds a domain under .gov, which only governments in the United States can have.
# Seen:  burner-email-providers holds dallas.gov, so whoever writes from there is turned away as nobody. The other two hold
#        nothing under .gov.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" burner-email-providers@1.0.67 \
    disposable-email-domains@1.0.62 freemail@1.7.0
cat >"$folder/look.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const fs = require("node:fs");
const { isEmailBurner: isBurner } = require("burner-email-providers");

const packages = `${__dirname}/node_modules`;
const lines = (file) => fs.readFileSync(`${packages}/${file}`, "utf8").split(/\s+/);
const lists = {
  "burner-email-providers": lines("burner-email-providers/emails.txt"),
  "disposable-email-domains": require("disposable-email-domains"),
  freemail: lines("freemail/data/disposable.txt"),
};
for (const [name, domains] of Object.entries(lists)) {
  const governments = domains.filter((domain) => domain.endsWith(".gov"));
  console.log(name, domains.length, governments);
  assert.deepEqual(governments, name === "burner-email-providers" ? ["dallas.gov"] : []);
}
assert.equal(isBurner("office@dallas.gov"), true);
JAVASCRIPT
node "$folder/look.cjs"

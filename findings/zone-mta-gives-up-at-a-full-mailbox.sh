#!/usr/bin/env bash
# A mailbox that is full for now (452), and a server that is short of space for now, are given up at the first try.
#
# zone-mta 3.10.3 (npm, needs Node.js 20), its rules as they come; run on 2026-11-30.
# Guess: a reply of 4xx is temporary (RFC 5321, 4.2.1) and leads to another try, whatever its words; the rules say which 5xx are worth one, too.
# Seen:  452 4.2.2 of a full mailbox and 452 4.3.1, which servers say while their own disk is short, are "reject" in its rules, as 5.2.2 is, and what
#        sends the letters then tries no more. Greylisting (450 4.7.1) and too many connections (421) are put off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" zone-mta@3.10.3
cat >"$folder/replies.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const bounces = require("zone-mta/lib/bounces");

const REPLIES = {
  "452 4.2.2 The recipient's inbox is out of storage space": "reject",
  "452 4.2.2 Mailbox over quota, try again later": "reject",
  "452 4.3.1 Insufficient system storage": "reject",
  "552 5.2.2 Mailbox over quota": "reject",
  "450 4.7.1 Greylisted, please try again later": "defer",
  "421 4.7.0 Too many connections, try again later": "defer",
};
for (const [reply, action] of Object.entries(REPLIES)) {
  const found = bounces.check(reply);
  console.log(found.action, "|", found.category, "|", reply);
  assert.equal(found.action, action, reply);
}
const sender = readFileSync(require.resolve("zone-mta/lib/sender"), "utf8");
assert.ok(sender.includes("bounces.check(err.response || err.message, err.category)"));
assert.ok(sender.includes("if (bounce.action !== 'reject' && deferredCount < deferTimes.length)"));
JAVASCRIPT
NODE_PATH="$folder/node_modules" node "$folder/replies.cjs"

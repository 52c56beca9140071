#!/usr/bin/env bash
# The same delivery report is read or not by whether it may hold addresses in other scripts.
#
# flufl.bounce 6.0.0 on the e-mail parser of Python 3.11 and newer; mailparser 3.14.2 (npm; needs Node.js 20); run on 2026-11-28.
# Guess: a report of type `message/global-delivery-status` (RFC 6533), which a server sends about a letter with an
#        internationalized address, is read like `message/delivery-status` (RFC 3464): the fields are the same.
# Seen:  Python's parser cuts the older type into its groups of fields and takes the newer for one embedded message, whose
#        body holds the recipient's group; flufl.bounce then finds no failure at all, even with an address in ASCII.
#        mailparser adds the older one's fields to the text and makes the newer an attachment. Whoever counts bounces with
#        either counts none from such servers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check flufl.bounce==6.0.0
npm install --silent --no-audit --no-fund --prefix "$folder" mailparser@3.14.2
cd "$folder"
venv/bin/python - <<'PYTHON'
import email
import pathlib

from flufl.bounce import all_failures

REPORT = """\
From: MAILER-DAEMON@example.org
To: org@example.org
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type={subtype}; boundary=B

--B
Content-Type: text/plain

Not delivered.

--B
Content-Type: message/{subtype}

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; pat@example.org
Action: failed
Status: 5.2.2

--B--
"""
found = {}
for subtype in ("delivery-status", "global-delivery-status"):
    report = REPORT.format(subtype=subtype)
    pathlib.Path(f"{subtype}.eml").write_text(report)
    message = email.message_from_string(report)
    groups = message.get_payload(1).get_payload()
    found[subtype] = len(groups), all_failures(message)[1]
    print(f"{subtype}: {len(groups)} group(s) of fields, failed: {sorted(found[subtype][1])}")
assert found["delivery-status"] == (2, {b"pat@example.org"}), found
assert found["global-delivery-status"] == (1, frozenset()), found
PYTHON
cat >read.js <<'JAVASCRIPT'
const assert = require('node:assert');
const fs = require('node:fs');
const { simpleParser } = require('mailparser');

async function main() {
  for (const subtype of ['delivery-status', 'global-delivery-status']) {
    const { text, attachments } = await simpleParser(fs.readFileSync(`${subtype}.eml`));
    const types = attachments.map((attachment) => attachment.contentType);
    console.log(`mailparser, ${subtype}: ${JSON.stringify(text.trim())}, attached: ${types.join() || 'nothing'}`);
    assert.equal(text.includes('5.2.2'), subtype === 'delivery-status');
    assert.equal(types.length, subtype === 'delivery-status' ? 0 : 1);
  }
}

main();
JAVASCRIPT
node read.js

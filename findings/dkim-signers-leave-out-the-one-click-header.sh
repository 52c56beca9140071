#!/usr/bin/env bash
# Two DKIM signers sign the unsubscribe link and leave the one-click header beside it unsigned.
#
# dkimpy 1.1.8 (PyPI), mailauth 4.13.3 and nodemailer 10.6.1 (npm; needs Node.js 20); run on 2026-11-28.
# Guess: who signs a letter to many without naming headers covers `List-Unsubscribe` and `List-Unsubscribe-Post`: RFC 8058,
#        section 4, wants both signed, and large mailboxes have asked for them since 2024.
# Seen:  nodemailer signs both. dkimpy and mailauth go by the headers that the RFCs of DKIM recommended in 2007 and 2011,
#        before the second existed: a signature that verifies, and no one-click unsubscribing where the mailbox follows
#        RFC 8058. Name the headers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check dkimpy==1.1.8 cryptography==46.0.3
npm install --silent --no-audit --no-fund --prefix "$folder" mailauth@4.13.3 nodemailer@10.6.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import pathlib
import re

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

LETTER = (
    b"From: Org <org@example.org>\r\nTo: pat@example.org\r\nSubject: Hearing\r\n"
    b"List-Unsubscribe: <https://example.org/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello\r\n"
)
key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
pathlib.Path("key.pem").write_bytes(key)
pathlib.Path("letter.eml").write_bytes(LETTER)
signature = dkim.sign(LETTER, b"s", b"example.org", key).decode()
signed = re.sub(r"\s", "", re.search(r"\bh=([^;]*)", signature)[1]).split(":")
print("dkimpy:    ", *signed)
assert "list-unsubscribe" in signed and "list-unsubscribe-post" not in signed, signed
PYTHON
cat >sign.js <<'JAVASCRIPT'
const assert = require('node:assert');
const fs = require('node:fs');
const { dkimSign } = require('mailauth/lib/dkim/sign');
const nodemailer = require('nodemailer');

const privateKey = fs.readFileSync('key.pem', 'utf8');
const headers = (signature) => /\bh=([^;]*)/.exec(signature)[1].replace(/\s/g, '').toLowerCase().split(':');

async function main() {
  const signatureData = [{ signingDomain: 'example.org', selector: 's', privateKey }];
  const byMailauth = headers((await dkimSign(fs.readFileSync('letter.eml'), { signatureData })).signatures);
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true });
  const sent = await transport.sendMail({
    from: 'Org <org@example.org>',
    to: 'pat@example.org',
    text: 'Hello',
    headers: { 'List-Unsubscribe': '<https://example.org/u/1>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    dkim: { domainName: 'example.org', keySelector: 's', privateKey },
  });
  const byNodemailer = headers(sent.message.toString());
  console.log('mailauth:  ', ...byMailauth);
  console.log('nodemailer:', ...byNodemailer);
  assert(byMailauth.includes('list-unsubscribe') && !byMailauth.includes('list-unsubscribe-post'));
  assert(byNodemailer.includes('list-unsubscribe') && byNodemailer.includes('list-unsubscribe-post'));
}

main();
JAVASCRIPT
node sign.js

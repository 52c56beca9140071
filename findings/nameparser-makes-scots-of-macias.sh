#!/usr/bin/env bash
# ANA MACIAS, as a form in capitals has her, is greeted as Ana MacIas.
#
# nameparser 2.6.0 and namecase 1.1.2 (npm; needs Node.js 20) beside it; run on 2026-11-29.
# Guess: `capitalize()` knows Mac and Mc of Scotland and Ireland, and that Spanish and Portuguese names begin so too.
# Seen:  every name that begins with "mac" and has three letters or more behind it gets a second capital, family name or given
#        name: MacIas, MacHado, MacIel, MacArena. namecase knows Macias and Machado as exceptions, and has the others the same.
#        Names that come in mixed letters are left.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check nameparser==2.6.0
npm install --silent --no-audit --no-fund --prefix "$folder" namecase@1.1.2
cd "$folder"
printf '%s\n' 'ANA MACIAS' 'ANA MACHADO' 'ANA MACIEL' 'MACARENA LOPEZ' 'ANA MACY' 'ANA MACLEAN' 'Ana Macias' >names.txt
cat >names.py <<'PYTHON'
from nameparser import HumanName

for line in open("names.txt"):
    name = HumanName(line.strip())
    name.capitalize()
    print("nameparser:", name)
PYTHON
cat >names.js <<'JAVASCRIPT'
const fs = require('node:fs');
const namecase = require('namecase');

for (const name of fs.readFileSync('names.txt', 'utf8').trim().split('\n')) console.log('namecase:', namecase(name));
JAVASCRIPT
{
    venv/bin/python names.py
    node names.js
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
nameparser: Ana MacIas
nameparser: Ana MacHado
nameparser: Ana MacIel
nameparser: MacArena Lopez
nameparser: Ana Macy
nameparser: Ana MacLean
nameparser: Ana Macias
namecase: Ana Macias
namecase: Ana Machado
namecase: Ana MacIel
namecase: MacArena Lopez
namecase: Ana Macy
namecase: Ana MacLean
namecase: Ana Macias
SEEN

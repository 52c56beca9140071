#!/usr/bin/env bash
# "a 8th District": the library for English articles has none for numbers that begin with a vowel.
#
# inflect 7.6.0, beside indefinite 2.5.2 (npm; needs Node.js 20); run on 2026-11-30.
# Guess: what is known for "an H.F. 3434" and "an SB 12" knows "an 8th", "an 11th" and "an 18th" too; its Perl original is known for such cases.
# Seen:  inflect reads the letters of bills and has "a" before every figure; indefinite has the figures right and the letters of bills with dots
#        wrong, with "a H.F. 3434" and "an U.S.". Neither can be given a sentence on bills and districts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check inflect==7.6.0
npm install --silent --no-audit --no-fund --prefix "$folder" indefinite@2.5.2
cd "$folder"
words=("8th District" "11th District" "18th District" "80th District" "SB 12" "AB 969" "H.F. 3434" "U.S. senator")
venv/bin/python - "${words[@]}" >inflect.txt <<'PYTHON'
import sys

import inflect

articles = inflect.engine()
for word in sys.argv[1:]:
    print(articles.a(word))
PYTHON
node -e "const indefinite = require('indefinite'); for (const word of process.argv.slice(1)) console.log(indefinite(word))" "${words[@]}" >indefinite.txt
paste inflect.txt indefinite.txt
diff inflect.txt - <<'SEEN'
a 8th District
a 11th District
a 18th District
a 80th District
an SB 12
an AB 969
an H.F. 3434
a U.S. senator
SEEN
diff indefinite.txt - <<'SEEN'
an 8th District
an 11th District
an 18th District
an 80th District
an SB 12
an AB 969
a H.F. 3434
an U.S. senator
SEEN

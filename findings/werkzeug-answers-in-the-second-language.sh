#!/usr/bin/env bash
# Who asks for American English, or else a little Spanish, gets the page in Spanish.
#
# werkzeug 3.1.9 and negotiator 1.0.0 (npm; needs Node.js 20) beside it; run on 2026-11-29.
# Guess: `accept_languages.best_match` takes the wish with the highest number first; en-US is served by a page in English, as
#        es-419 by one in Spanish, since that is how it answers when there is no second wish.
# Seen:  a language with a region is held against the pages' languages only after every other wish has been tried as it stands.
#        "en-US, es;q=0.1" gets Spanish and "es-419, en;q=0.1" English, though alone en-US gets English and es-419 Spanish.
#        Browsers that send the bare language behind the region ("es-MX, es;q=0.9") hide it. negotiator answers as one would
#        guess.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check werkzeug==3.1.9
npm install --silent --no-audit --no-fund --prefix "$folder" negotiator@1.0.0
cd "$folder"
cat >wishes.txt <<'TEXT'
en-US
es-419
en-US, es;q=0.1
es-419, en;q=0.1
vi-VN, en;q=0.1
es-MX, es;q=0.9, en;q=0.8
TEXT
cat >choose.py <<'PYTHON'
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

for wish in open("wishes.txt"):
    print(wish.strip(), "-", parse_accept_header(wish.strip(), LanguageAccept).best_match(["en", "es", "vi"]))
PYTHON
cat >choose.js <<'JAVASCRIPT'
const fs = require('node:fs');
const Negotiator = require('negotiator');

for (const wish of fs.readFileSync('wishes.txt', 'utf8').trim().split('\n')) {
  console.log(wish, '-', new Negotiator({ headers: { 'accept-language': wish } }).language(['en', 'es', 'vi']));
}
JAVASCRIPT
{
    echo werkzeug
    venv/bin/python choose.py
    echo negotiator
    node choose.js
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
werkzeug
en-US - en
es-419 - es
en-US, es;q=0.1 - es
es-419, en;q=0.1 - en
vi-VN, en;q=0.1 - en
es-MX, es;q=0.9, en;q=0.8 - es
negotiator
en-US - en
es-419 - es
en-US, es;q=0.1 - en
es-419, en;q=0.1 - es
vi-VN, en;q=0.1 - vi
es-MX, es;q=0.9, en;q=0.8 - es
SEEN

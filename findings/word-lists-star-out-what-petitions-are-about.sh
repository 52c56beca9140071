#!/usr/bin/env bash
# Two lists of bad words star out gay rights, a rape crisis center, "God bless" and a city of 64,000.
#
# better-profanity 0.7.0 (PyPI) and bad-words 4.1.5 (npm; needs Node.js 20); run on 2026-11-29.
# Guess: whole words are looked up, so Scunthorpe and the breast cancer bill are left alone, and what stays are insults.
# Seen:  breast cancer is. But both lists have God, the family name Wang and half the name of Coon Rapids, Minnesota, among
#        their words; the first gay, rape, slave, strip and opium too, the second Cox. Comments on a petition about any of these
#        come out with asterisks, and so do the names of people who sign and the town they sign from.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check better-profanity==0.7.0
npm install --silent --no-audit --no-fund --prefix "$folder" bad-words@4.1.5
cd "$folder"
cat >comments.txt <<'TEXT'
Fund breast cancer screening
I stand for gay rights
Keep our rape crisis center open
No slave labor in prisons
Stop strip mining
God bless you, Senator
Signed, Wang and Cox
Coon Rapids, Minnesota
TEXT
cat >censor.py <<'PYTHON'
from better_profanity import profanity

for comment in open("comments.txt"):
    print("better-profanity:", profanity.censor(comment.strip()))
PYTHON
cat >censor.js <<'JAVASCRIPT'
const fs = require('node:fs');
const { Filter } = require('bad-words');

const filter = new Filter();
for (const comment of fs.readFileSync('comments.txt', 'utf8').trim().split('\n')) console.log('bad-words:', filter.clean(comment));
JAVASCRIPT
{
    venv/bin/python censor.py
    node censor.js
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
better-profanity: Fund breast cancer screening
better-profanity: I stand for **** rights
better-profanity: Keep our **** crisis center open
better-profanity: No **** labor in prisons
better-profanity: Stop **** mining
better-profanity: **** bless you, Senator
better-profanity: Signed, **** and Cox
better-profanity: **** Rapids, Minnesota
bad-words: Fund breast cancer screening
bad-words: I stand for gay rights
bad-words: Keep our rape crisis center open
bad-words: No slave labor in prisons
bad-words: Stop strip mining
bad-words: *** bless you, Senator
bad-words: Signed, **** and ***
bad-words: **** Rapids, Minnesota
SEEN

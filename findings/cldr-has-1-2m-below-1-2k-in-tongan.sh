#!/usr/bin/env bash
# In Tongan "1.2m" people are twelve thousand, and "1.2k" are ten times as many.
#
# Babel 2.16.0, and the ICU of Node.js 20 or newer, both by CLDR; run on 2026-11-29.
# Guess: the short form of 12,345 signatures is 12.3k, in Latin letters as Tongan is written, or has an own word behind it.
# Seen:  "1.2m", for Tongan counts by mano, ten thousand, and kilu, a hundred thousand, and each is shortened to its first
#        letter: 1.2a is a thousand, 1.2m twelve thousand, 1.2k a hundred and twenty thousand; a million has a capital M. Right
#        in Tongan, and misread by everybody who reads a Tongan page beside an English one. The long form has the words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Babel==2.16.0
cd "$folder"
cat >count.py <<'PYTHON'
from babel.numbers import format_compact_decimal

for form in ("short", "long"):
    options = {"format_type": form, "locale": "to", "fraction_digits": 1}
    print(*(format_compact_decimal(number, **options) for number in (1234, 12345, 123456, 1234567)), sep=" | ")
PYTHON
cat >count.js <<'JAVASCRIPT'
for (const compactDisplay of ['short', 'long']) {
  const format = new Intl.NumberFormat('to', { notation: 'compact', compactDisplay, maximumFractionDigits: 1 });
  console.log([1234, 12345, 123456, 1234567].map((number) => format.format(number)).join(' | '));
}
JAVASCRIPT
for program in "venv/bin/python count.py" "node count.js"; do
    diff <($program | tee -a /dev/stderr) - <<'SEEN'
1.2a | 1.2m | 1.2k | 1.2M
1.2 afe | 1.2 mano | 1.2 kilu | 1.2 miliona
SEEN
done

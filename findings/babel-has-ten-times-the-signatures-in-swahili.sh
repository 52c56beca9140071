#!/usr/bin/env bash
# 1,234 people have signed; in Swahili it says twelve thousand.
#
# Babel 2.16.0, and the ICU of Node.js 20 or newer beside it; run on 2026-11-29.
# Guess: `format_compact_decimal(1234, format_type="long", locale="sw")` is "elfu 1", one thousand, as ICU writes from the same
#        CLDR.
# Seen:  "elfu 12". 12,345 are "elfu 1234" and 1,234,567 "milioni 12". Babel tells by the zeros of CLDR's pattern how many
#        figures to leave before the point, and Swahili's patterns have them twice, once for numbers below zero. Of CLDR's
#        languages Swahili alone has such patterns; in Kenya's variant the short ones are right, so a test there shows nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Babel==2.16.0
cd "$folder"
cat >count.py <<'PYTHON'
from babel.numbers import format_compact_decimal

for language in ("en", "vi", "sw"):
    counts = [format_compact_decimal(number, format_type="long", locale=language) for number in (1234, 12345, 1234567)]
    print("Babel:", language, *counts, sep=" | ")
PYTHON
cat >count.js <<'JAVASCRIPT'
for (const language of ['en', 'vi', 'sw']) {
  const format = new Intl.NumberFormat(language, { notation: 'compact', compactDisplay: 'long', maximumFractionDigits: 0 });
  console.log(['ICU:', language, ...[1234, 12345, 1234567].map((number) => format.format(number))].join(' | '));
}
JAVASCRIPT
{
    venv/bin/python count.py
    node count.js
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
Babel: | en | 1 thousand | 12 thousand | 1 million
Babel: | vi | 1 nghìn | 12 nghìn | 1 triệu
Babel: | sw | elfu 12 | elfu 1234 | milioni 12
ICU: | en | 1 thousand | 12 thousand | 1 million
ICU: | vi | 1 nghìn | 12 nghìn | 1 triệu
ICU: | sw | elfu 1 | elfu 12 | milioni 1
SEEN

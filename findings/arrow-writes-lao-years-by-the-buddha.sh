#!/usr/bin/env bash
# A hearing on 3 December 2026 is announced in Lao for the year 2569.
#
# arrow 1.4.0 and Babel 2.16.0 beside it; run on 2026-11-29.
# Guess: `format("D MMMM YYYY", locale="lo")` has 2026. Laos counts years as the rest of the world does, and CLDR, by which
#        Babel writes, has the Gregorian calendar for Lao.
# Seen:  2569. The locale was made after the Thai one, with whose Buddhist years it came along; Khmer has no locale. In a page
#        of which another part is written by Babel or a browser, two years stand for one day, and no option turns it off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check arrow==1.4.0 Babel==2.16.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime

import arrow
from babel.dates import format_date

DAY = datetime.date(2026, 12, 3)
for language, year in (("lo", "2569"), ("vi", "2026"), ("es", "2026")):
    by_arrow = arrow.get(DAY).format("D MMMM YYYY", locale=language)
    by_babel = format_date(DAY, "d MMMM y", locale=language)
    print(f"{language}: arrow {by_arrow!r}, Babel {by_babel!r}")
    assert by_arrow.endswith(year), by_arrow
    assert by_babel.endswith("2026"), by_babel
PYTHON

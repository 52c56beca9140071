#!/usr/bin/env bash
# "The committee votes in two hours" reads, in Amharic, "in two seconds".
#
# arrow 1.4.0 and Babel 2.16.0 beside it; run on 2026-11-29.
# Guess: `humanize(locale="am")` names seconds, minutes, hours and days each by its word.
# Seen:  hours to come are called seconds from two on. One hour is right, hours that are past are right, and so are minutes and
#        days, so a test of one or of the past shows nothing. Babel writes hours in all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check arrow==1.4.0 Babel==2.16.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime

import arrow
from babel.dates import format_timedelta

SECOND, HOUR = "ሰከን", "ሰዓ"  # how the words begin, whatever their endings
EXPECTED = [(-2, HOUR), (1, HOUR), (2, SECOND), (20, SECOND)]
now = arrow.get(2026, 11, 29, 12)
for hours, word in EXPECTED:
    by_arrow = now.shift(hours=hours).humanize(now, locale="am")
    by_babel = format_timedelta(datetime.timedelta(hours=hours), locale="am", threshold=1, add_direction=True)
    print(f"{hours} hours: arrow {by_arrow!r}, Babel {by_babel!r}")
    assert [begin for begin in (SECOND, HOUR) if begin in by_arrow] == [word], by_arrow
    assert SECOND not in by_babel, by_babel
    assert HOUR in by_babel, by_babel
assert SECOND in now.shift(seconds=50).humanize(now, locale="am")
PYTHON

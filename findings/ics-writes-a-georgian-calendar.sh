#!/usr/bin/env bash
# A calendar that is read and written again says that it is Georgian.
#
# ics 0.7.3 and icalendar 7.3.2 (PyPI); run on 2026-11-28.
# Guess: a file without CALSCALE comes out without it, or with its default and only registered value, GREGORIAN (RFC 5545,
#        section 3.7.1).
# Seen:  `CALSCALE:GEORGIAN` is added to what was read. A calendar made in Python has no such line, and one that had
#        GREGORIAN keeps it, so a round trip of either does not show it. icalendar reads the line without complaint; a
#        reader may by the RFC's grammar refuse it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check ics==0.7.3 icalendar==7.3.2
"$folder/venv/bin/python" - <<'PYTHON'
import icalendar
import ics

EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//hearings//EN\r\n{}END:VCALENDAR\r\n"


def calscale(written):
    return [line.strip() for line in written.splitlines() if line.startswith("CALSCALE")]


written = ics.Calendar(EMPTY.format("")).serialize()
named = ics.Calendar(EMPTY.format("CALSCALE:GREGORIAN\r\n")).serialize()
made = ics.Calendar().serialize()
print("none given:", *calscale(written), "- GREGORIAN given:", *calscale(named), "- made anew:", *calscale(made))
assert calscale(written) == ["CALSCALE:GEORGIAN"]
assert calscale(named) == ["CALSCALE:GREGORIAN"]
assert calscale(made) == []
assert icalendar.Calendar.from_ical(written)["CALSCALE"] == "GEORGIAN"
PYTHON

#!/usr/bin/env bash
# A hearing at nine in Chicago is read as nine in Greenwich.
#
# ics 0.7.3 (PyPI), icalendar 7.3.2 beside it; run on 2026-11-28.
# Guess: the VTIMEZONE in the file says what its name means, whatever the name is (RFC 5545, section 3.6.5); Outlook's
#        "Central Standard Time" is read as icalendar reads it.
# Seen:  ics looks for the name in the system's zones and, finding none, takes UTC without a word, past the rules that stand
#        in the same file; written again, the time is `090000Z`, six hours early. With "America/Chicago" as the name it is
#        right, so a file from Google or Apple does not show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check ics==0.7.3 icalendar==7.3.2
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import timedelta

import icalendar
import ics

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.org//hearings//EN
BEGIN:VTIMEZONE
TZID:{zone}
BEGIN:STANDARD
DTSTART:20251102T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20250309T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20261128T000000Z
DTSTART;TZID={zone}:20261203T090000
SUMMARY:Hearing
END:VEVENT
END:VCALENDAR
"""
CHICAGO, GREENWICH = timedelta(hours=-6), timedelta(0)
for zone, expected in (("America/Chicago", CHICAGO), ("Central Standard Time", GREENWICH), ("Capitol", GREENWICH)):
    text = CALENDAR.format(zone=zone).replace("\n", "\r\n")
    (event,) = ics.Calendar(text).events
    (beside,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    print(f"{zone}: ics {event.begin.isoformat()}, icalendar {beside.start.isoformat()}")
    assert event.begin.utcoffset() == expected, event.begin
    assert beside.start.utcoffset() == CHICAGO, beside.start
    assert ("DTSTART:20261203T090000Z" in ics.Calendar(text).serialize()) == (expected == GREENWICH)
PYTHON

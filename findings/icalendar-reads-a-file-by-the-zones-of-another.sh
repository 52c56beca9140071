#!/usr/bin/env bash
# What a calendar file says depends on which other file the process has read before it.
#
# icalendar 7.3.2 and vobject 0.9.9 (PyPI); run on 2026-11-29.
# Guess: a TZID is a name within its file (RFC 5545, section 3.8.3.1: unique within an iCalendar object), so two files, each with
#        its own VTIMEZONE "Capitol", are each read by their own rules, in whatever order.
# Seen:  in both libraries the first VTIMEZONE of a name holds for as long as the process lives. The second file's nine o'clock
#        is the first file's, three hours off; alone it is read rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check vobject==0.9.9 icalendar==7.3.2
cat >"$folder/read.py" <<'PYTHON'
import sys
from zoneinfo import ZoneInfo

import icalendar
import vobject

FILE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.org//hearings//EN
BEGIN:VTIMEZONE
TZID:Capitol
BEGIN:STANDARD
DTSTART:20250101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTAMP:20261128T000000Z
DTSTART;TZID=Capitol:20261203T090000
SUMMARY:Hearing
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
FILES = {"Washington": FILE.format(offset="-0500"), "Sacramento": FILE.format(offset="-0800")}


def utc(moment):
    return f"{moment.astimezone(ZoneInfo('UTC')):%H:%M}"


for name in sys.argv[1:]:
    ours = vobject.readOne(FILES[name]).vevent.dtstart.value
    theirs = icalendar.Calendar.from_ical(FILES[name]).walk("VEVENT")[0].decoded("DTSTART")
    print(f"{name}: vobject {utc(ours)}, icalendar {utc(theirs)}")
PYTHON
run() { "$folder/venv/bin/python" "$folder/read.py" "$@"; }
diff <(run Sacramento | tee /dev/stderr) - <<'SEEN'
Sacramento: vobject 17:00, icalendar 17:00
SEEN
diff <(run Washington Sacramento | tee /dev/stderr) - <<'SEEN'
Washington: vobject 14:00, icalendar 14:00
Sacramento: vobject 14:00, icalendar 14:00
SEEN
diff <(run Sacramento Washington | tee /dev/stderr) - <<'SEEN'
Sacramento: vobject 17:00, icalendar 17:00
Washington: vobject 17:00, icalendar 17:00
SEEN

#!/usr/bin/env bash
# Noon in Phoenix and noon in Denver are one moment once vobject has written them, and New York's is another for who reads it.
#
# vobject 0.9.9 and icalendar 7.3.2 beside it (PyPI); run on 2026-11-29.
# Guess: an event in ZoneInfo("America/Phoenix") is written with that name as its TZID, as icalendar does, and read back as it was.
# Seen:  the TZID is what the zone is called in winter: "MST" for both of them, so the one VTIMEZONE of the file, Denver's,
#        moves Phoenix by an hour in summer (the other way round, Denver if Phoenix comes first). "EST" for New York is a
#        name of IANA's too, of a zone without summer: icalendar, which reads zones that it knows by their names, takes
#        16:00 UTC for 17:00.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check vobject==0.9.9 icalendar==7.3.2
cat >"$folder/write.py" <<'PYTHON'
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import icalendar
import vobject

calendar = vobject.iCalendar()
for zone in sys.argv[1:]:
    event = calendar.add("vevent")
    event.add("uid").value = zone
    event.add("dtstart").value = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo(zone))
written = calendar.serialize()


def utc(moment):
    return f"{moment.astimezone(ZoneInfo('UTC')):%H:%M}"


by_icalendar = {event["UID"]: event["DTSTART"] for event in icalendar.Calendar.from_ical(written).walk("VEVENT")}
for event in vobject.readOne(written).vevent_list:
    zone = event.uid.value
    meant = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo(zone))
    theirs = by_icalendar[zone]
    print(zone, "as", theirs.params["TZID"], utc(meant), utc(event.dtstart.value), utc(theirs.dt))
PYTHON
run() { "$folder/venv/bin/python" "$folder/write.py" "$@"; }
echo "zone, TZID, meant in UTC, read by vobject, read by icalendar"
run America/Denver America/Phoenix | tee "$folder/west"
run America/New_York | tee "$folder/east"
diff "$folder/west" - <<'SEEN'
America/Denver as MST 18:00 18:00 19:00
America/Phoenix as MST 19:00 18:00 19:00
SEEN
diff "$folder/east" - <<'SEEN'
America/New_York as EST 16:00 16:00 17:00
SEEN

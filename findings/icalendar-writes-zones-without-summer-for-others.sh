#!/usr/bin/env bash
# With the VTIMEZONE that icalendar adds, other readers never have summer.
#
# icalendar 7.3.2 and vobject 0.9.9 and ical.js 2.2.1 beside it (PyPI, npm; needs Node.js 20); run on 2026-11-29.
# Guess: `add_missing_timezones` describes ZoneInfo("America/New_York") so that readers that go by the VTIMEZONE, and not by the name,
#        have the same moments all year. (The zone is renamed in the file, as nobody goes by a name that nobody knows.)
# Seen:  03:30 on the first of July is 08:30 UTC for both others, an hour off. The changes stand in one RDATE with 67 dates, which
#        RFC 5545 allows (section 3.8.5.2), and both read the first, of 1971. With a line for each date they read all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check icalendar==7.3.2 vobject==0.9.9
npm install --silent --no-audit --no-fund --prefix "$folder" ical.js@2.2.1
cd "$folder"
cat >write.py <<'PYTHON'
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import vobject

calendar = icalendar.Calendar()
calendar.add("version", "2.0")
calendar.add("prodid", "-//example.org//vigils//EN")
for month in (1, 7):
    event = icalendar.Event()
    event.add("uid", f"month {month}")
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
    event.add("dtstart", datetime(2026, month, 1, 3, 30, tzinfo=ZoneInfo("America/New_York")))
    calendar.add_component(event)
calendar.add_missing_timezones()
unfolded = calendar.to_ical().decode().replace("\r\n ", "")
listed = unfolded.replace("America/New_York", "Listed")
dates = lambda match: "\r\n".join("RDATE:" + date for date in match[1].split(","))
single = re.sub("RDATE:(.*)", dates, unfolded.replace("\r\n", "\n")).replace("\r", "").replace("\n", "\r\n")
single = single.replace("America/New_York", "Single")
for name, written in (("listed", listed), ("single", single)):
    open(f"{name}.ics", "w", newline="").write(written)
    for event in vobject.readOne(written).vevent_list:
        print(name, "vobject", event.uid.value, f"{event.dtstart.value.astimezone(UTC):%H:%M}")
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

for (const name of ['listed', 'single']) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(`${name}.ics`, 'utf8')));
  for (const component of calendar.getAllSubcomponents('vevent')) {
    const { uid, startDate } = new ICAL.Event(component);
    console.log(name, 'ical.js', uid, startDate.toJSDate().toISOString().slice(11, 16));
  }
}
JAVASCRIPT
venv/bin/python write.py | tee seen
node read.mjs | tee -a seen
diff seen - <<'SEEN'
listed vobject month 1 08:30
listed vobject month 7 08:30
single vobject month 1 08:30
single vobject month 7 07:30
listed ical.js month 1 08:30
listed ical.js month 7 08:30
single ical.js month 1 08:30
single ical.js month 7 07:30
SEEN

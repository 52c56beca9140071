#!/usr/bin/env bash
# A committee sits at nine and at two; one morning is called off, and the afternoon is gone as well.
#
# icalevents 0.3.1, beside recurring-ical-events 3.8.2 with icalendar 7.3.2 (PyPI), node-ical 0.26.1 and ical-expander 3.2.0 (npm); run on 2026-12-01.
# Guess: EXDATE takes out the one that begins at that moment (RFC 5545, 3.8.5.1).
# Seen:  icalevents keeps the day of each EXDATE and drops all that begins on it, so the session at two on 8 December is not there. Moving one of
#        two (RECURRENCE-ID) it does by the moment, and leaves the other. The other three leave out the morning alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check icalevents==0.3.1 icalendar==7.3.2 recurring-ical-events==3.8.2
npm install --silent --no-audit --no-fund --prefix "$folder" node-ical@0.26.1 ical-expander@3.2.0
cd "$folder"
sed 's/$/\r/' >sessions.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.org//sessions//EN
BEGIN:VEVENT
UID:sessions@example.org
DTSTAMP:20261101T000000Z
DTSTART:20261201T150000Z
DTEND:20261201T160000Z
SUMMARY:Committee
RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=15,20;BYMINUTE=0;COUNT=6
EXDATE:20261208T150000Z
END:VEVENT
BEGIN:VEVENT
UID:sessions@example.org
DTSTAMP:20261101T000000Z
RECURRENCE-ID:20261215T200000Z
DTSTART:20261215T213000Z
DTEND:20261215T223000Z
SUMMARY:Committee
END:VEVENT
END:VCALENDAR
CALENDAR
cat >read.py <<'PYTHON'
from datetime import UTC, datetime

import icalendar
import recurring_ical_events
from icalevents import icalevents

FIRST, LAST = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
calendar = open("sessions.ics", "rb").read()


def told(reader, starts):
    days = [f"{start:%d %H:%M}" for start in sorted(starts)]
    print(f"{reader}:", " | ".join(days))
    return days


RIGHT = ["01 15:00", "01 20:00", "08 20:00", "15 15:00", "15 21:30"]
by_icalevents = [event.start for event in icalevents.events(string_content=calendar, start=FIRST, end=LAST)]
assert told("icalevents", by_icalevents) == [start for start in RIGHT if start != "08 20:00"]
events = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar)).between(FIRST, LAST)
assert told("recurring-ical-events", [event.start for event in events]) == RIGHT
PYTHON
venv/bin/python read.py
cat >read.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const ical = require("node-ical");
const Expander = require("ical-expander");

const RIGHT = ["01T15:00", "01T20:00", "08T20:00", "15T15:00", "15T21:30"];
const calendar = readFileSync("sessions.ics", "utf8");
const [from, to] = [new Date("2026-12-01"), new Date("2027-01-01")];
const told = (reader, starts) => {
  const days = starts.map((start) => start.toISOString().slice(8, 16)).sort();
  console.log(`${reader}: ${days.join(" | ")}`);
  assert.deepEqual(days, RIGHT);
};
const event = Object.values(ical.sync.parseICS(calendar)).find(({ type }) => type === "VEVENT");
told("node-ical", ical.expandRecurringEvent(event, { from, to }).map(({ start }) => start));
const { events, occurrences } = new Expander({ ics: calendar, maxIterations: 100 }).between(from, to);
told("ical-expander", [...events, ...occurrences].map(({ startDate }) => startDate.toJSDate()));
JAVASCRIPT
node read.cjs

#!/usr/bin/env bash
# Naming the time zone moves a hearing by six hours, and how far depends on the server.
#
# ical-generator 10.2.0 and ical.js 2.2.1 to read it (npm; needs Node.js 20); run on 2026-11-29.
# Guess: an event with `start: new Date('2026-12-03T15:00:00Z')` and `timezone: 'America/Chicago'` is at 15:00 UTC, which is
#        written as nine o'clock in Chicago. A Date is a moment and a zone says how to show it.
# Seen:  the hour that the process's own zone has at that moment is written down with Chicago's name: 15:00 from a server on UTC,
#        which is 21:00 UTC; 16:00 from one in Berlin; nine only where the server is on Chicago's time, as a developer's
#        machine may be. Its documentation takes a given time for one of the zone, but a Date has no hours of its own. Without
#        `timezone` all write 15:00 UTC.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" ical-generator@10.2.0 ical.js@2.2.1
cd "$folder"
cat >write.mjs <<'JAVASCRIPT'
import ICAL from 'ical.js';
import ical from 'ical-generator';

for (const timezone of ['America/Chicago', undefined]) {
  const calendar = ical({ name: 'Hearings' });
  calendar.createEvent({ id: '1', summary: 'SB 12', start: new Date('2026-12-03T15:00:00Z'), timezone });
  const event = new ICAL.Component(ICAL.parse(calendar.toString())).getFirstSubcomponent('vevent');
  const start = event.getFirstProperty('dtstart');
  console.log(`server on ${process.env.TZ}:`, start.getParameter('tzid') || 'UTC', start.getFirstValue().toString());
}
JAVASCRIPT
for zone in UTC Europe/Berlin America/Chicago; do
    TZ=$zone node write.mjs
done | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
server on UTC: America/Chicago 2026-12-03T15:00:00
server on UTC: UTC 2026-12-03T15:00:00Z
server on Europe/Berlin: America/Chicago 2026-12-03T16:00:00
server on Europe/Berlin: UTC 2026-12-03T15:00:00Z
server on America/Chicago: America/Chicago 2026-12-03T09:00:00
server on America/Chicago: UTC 2026-12-03T15:00:00Z
SEEN

#!/usr/bin/env bash
# The event that names a time zone does not get it, and the event that names none does.
#
# node-ical 0.26.1 and ical.js 2.2.1 beside it (npm; needs Node.js 20); run on 2026-11-28.
# Guess: with one VTIMEZONE "Capitol" (US Central rules) in the file, 09:00 with `TZID=Capitol` is 15:00 UTC, and 09:00
#        without a zone is floating, the reader's own nine o'clock (RFC 5545, section 3.3.5), as ical.js has it.
# Seen:  the other way round. "Capitol" is no name of IANA's, so the first becomes the reader's own nine o'clock, with a
#        warning that says UTC; the second is moved to America/Chicago, found by comparing the rules of the VTIMEZONE, whether
#        or not an event uses it. Without a VTIMEZONE in the file it stays the reader's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" node-ical@0.26.1 ical.js@2.2.1
cd "$folder"
cat >read.mjs <<'JAVASCRIPT'
import assert from 'node:assert';
import ICAL from 'ical.js';
import ical from 'node-ical';

const ZONE = `\
BEGIN:VTIMEZONE
TZID:Capitol
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
`;
const event = (uid, zone) =>
  `BEGIN:VEVENT\nUID:${uid}\nDTSTAMP:20261128T000000Z\nDTSTART${zone}:20261203T090000\nSUMMARY:Vigil\nEND:VEVENT\n`;

function read(name, parts) {
  const begin = 'BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//vigils//EN\n';
  const text = [begin, ...parts, 'END:VCALENDAR\n'].join('').replaceAll('\n', '\r\n');
  const events = ical.sync.parseICS(text);
  const seen = {};
  for (const component of new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent')) {
    const { uid, startDate } = new ICAL.Event(component);
    seen[uid] = [events[uid].start.toISOString().slice(11, 16), startDate.toJSDate().toISOString().slice(11, 16)];
    console.log(`${name}, ${uid}: node-ical ${seen[uid][0]} UTC, ical.js ${seen[uid][1]} UTC`);
  }
  return seen;
}

assert.deepEqual(read('zone and both', [ZONE, event('named', ';TZID=Capitol'), event('floating', '')]), {
  named: ['12:00', '15:00'],
  floating: ['15:00', '12:00'],
});
assert.deepEqual(read('no zone', [event('floating', '')]), { floating: ['12:00', '12:00'] });
JAVASCRIPT
# The reader sits in Buenos Aires, three hours behind UTC all year.
TZ=America/Argentina/Buenos_Aires node read.mjs

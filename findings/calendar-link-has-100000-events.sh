#!/usr/bin/env bash
# Two hearings from one page, and the second takes the first one's place in the calendar.
#
# calendar-link 2.11.5 (npm; needs Node.js 20); run on 2026-11-29.
# Guess: each file has a UID of its own, which no other event of any site has (RFC 5545, section 3.8.4.7, "globally unique"; RFC
#        7986 asks for a UUID); a calendar program tells by it which event to replace.
# Seen:  the UID is a whole number below 100,000, drawn by chance, with no name of a site: of 2,000 events some 20 share one, of
#        400 two more likely than not, and every site that uses the library draws from the same numbers. The same event, asked
#        for twice, has two. An own UID can be given as `uid`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" calendar-link@2.11.5
cd "$folder"
cat >write.js <<'JAVASCRIPT'
const assert = require('node:assert');
const { ics } = require('calendar-link');

const uid = (event) => /^UID:(.*)$/m.exec(decodeURIComponent(ics(event)))[1].trim();
const HEARING = { title: 'Hearing on SB 12', start: '2026-12-03T09:00:00-06:00', duration: [1, 'hour'] };
const uids = [];
for (let number = 0; number < 2000; number += 1) uids.push(uid({ ...HEARING, title: `Hearing ${number}` }));
const shared = uids.length - new Set(uids).size;
console.log('UIDs such as', ...uids.slice(0, 3), '- of 2,000 events', shared, 'have one that another has');
assert(uids.every((each) => /^\d{1,5}$/.test(each)));
assert(shared > 0);
console.log('the same hearing twice:', uid(HEARING) === uid(HEARING) ? 'one UID' : 'two UIDs');
assert.strictEqual(uid({ ...HEARING, uid: 'sb12@example.org' }), 'sb12@example.org');
JAVASCRIPT
node write.js

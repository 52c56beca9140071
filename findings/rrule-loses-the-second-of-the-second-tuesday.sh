#!/usr/bin/env bash
# The council meets on the second Tuesday of the month; the page says "every month on Tuesday".
#
# rrule 2.8.1 (npm; needs Node.js 20); run on 2026-11-29.
# Guess: `toText()` says in words what a rule means, and `fromText()` reads such words; a rule that it has no words for gets a
#        mark, or none at all.
# Seen:  BYSETPOS, by which some programs write "the second Tuesday" and "the last weekday", is left out of the words though the
#        dates obey it; BYDAY=2TU, which means the same days, is told rightly. The other way, "the 1st and 3rd Tuesday" is read
#        as the first day of the month, when that is the third Tuesday, which it never is; "every year on January 12" loses the
#        day.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" rrule@2.8.1
cd "$folder"
cat >words.js <<'JAVASCRIPT'
const { RRule, rrulestr } = require('rrule');

const START = 'DTSTART:20261201T090000Z\nRRULE:';
const days = (rule) => {
  const dates = rrulestr(START + rule).between(new Date('2026-12-01'), new Date('2027-03-01'));
  return dates.map((day) => day.toISOString().slice(0, 10));
};
for (const rule of ['FREQ=MONTHLY;BYDAY=2TU', 'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1']) {
  console.log(rule, '-', rrulestr(`RRULE:${rule}`).toText(), '-', ...days(rule));
}
for (const words of ['every month on the 2nd Tuesday', 'every month on the 1st and 3rd Tuesday', 'every year on January 12']) {
  console.log(words, '-', RRule.fromText(words).toString());
}
JAVASCRIPT
diff <(node words.js | tee -a /dev/stderr) - <<'SEEN'
FREQ=MONTHLY;BYDAY=2TU - every month on the 2nd Tuesday - 2026-12-08 2027-01-12 2027-02-09
FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2 - every month on Tuesday - 2026-12-08 2027-01-12 2027-02-09
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 - every month on weekdays - 2026-12-31 2027-01-29 2027-02-26
every month on the 2nd Tuesday - RRULE:FREQ=MONTHLY;BYDAY=+2TU
every month on the 1st and 3rd Tuesday - RRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=+3TU
every year on January 12 - RRULE:FREQ=YEARLY;BYMONTH=1
SEEN

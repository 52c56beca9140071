#!/usr/bin/env bash
# In Khmer, Burmese and Arabic moment writes even an ISO date and a Unix time in the language's own digits.
#
# moment 2.31.0, dayjs 1.11.23 and date-fns 4.4.0 beside it; run on 2026-11-30.
# Guess: format("YYYY-MM-DD") and format("x") are for machines, `datetime` attributes and date fields, and stay in ASCII.
# Seen:  with the locale km they are "២០២៦-០៣-០៤" and Khmer digits, likewise in my, ar and hi, and format() without a pattern
#        too; in lo and vi, and from toISOString(), ASCII. The other two libraries write ASCII in Khmer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" moment@2.31.0 dayjs@1.11.23 date-fns@4.4.0
cat >"$folder/look.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const moment = require("moment");
const dayjs = require("dayjs");
const { format } = require("date-fns");
const { km } = require("date-fns/locale");
for (const locale of ["km", "my", "ar", "hi", "lo", "vi"]) require(`moment/locale/${locale}`);
require("dayjs/locale/km");

for (const locale of ["km", "my", "ar", "hi", "lo", "vi"]) {
  const day = moment.utc("2026-03-04T09:12:00Z").locale(locale);
  const [date, whole, unix] = [day.format("YYYY-MM-DD"), day.format(), day.format("x")];
  console.log(locale, date, whole, unix, day.toISOString());
  const isAscii = ["lo", "vi"].includes(locale);
  for (const text of [date, whole, unix]) assert.equal(/^[\x00-\x7f]+$/.test(text), isAscii, locale);
  assert.equal(day.toISOString(), "2026-03-04T09:12:00.000Z");
}
assert.equal(dayjs("2026-03-04").locale("km").format("YYYY-MM-DD"), "2026-03-04");
assert.equal(format(new Date(2026, 2, 4), "yyyy-MM-dd", { locale: km }), "2026-03-04");
JAVASCRIPT
node "$folder/look.cjs"

#!/usr/bin/env bash
# Wisconsin's offices are said to be closed on Tuesday, 15 February 2028, and on a primary in September.
#
# holidays 0.109 (PyPI) and date-holidays 3.37.0 (npm), beside workalendar 17.0.0 (PyPI); run on 2026-11-30.
# Guess: when asked for Wisconsin they give the nine days on which the state's offices are closed (Wis. Stat. 230.35 (4) (a)), or the legal
#        holidays of 995.20.
# Seen:  the first two have Susan B. Anthony's birthday as a public holiday: in the statutes it is a day on which schools speak of her (118.02),
#        and neither an office nor a school is closed. date-holidays has a primary on the second Tuesday in September of 2026; it is on the second in
#        August since 2012. workalendar has neither. Who counts working days up to an office's answer counts one too few.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check holidays==0.109 workalendar==17.0.0
npm install --silent --no-audit --no-fund --prefix "$folder" date-holidays@3.37.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime

import holidays
from workalendar.usa import Wisconsin

BIRTHDAY = datetime.date(2028, 2, 15)
days = holidays.US(subdiv="WI", years=2028)
print("holidays:", f"{BIRTHDAY:%A %d %B %Y}", days.get(BIRTHDAY), "| a working day:", days.is_working_day(BIRTHDAY))
assert "Susan B. Anthony" in days[BIRTHDAY] and not days.is_working_day(BIRTHDAY)
closed = BIRTHDAY in {day for day, _ in Wisconsin().holidays(2028)}
print("workalendar:", "closed" if closed else "open")
assert not closed
PYTHON
cat >"$folder/days.cjs" <<'JAVASCRIPT'
const assert = require("node:assert");
const Holidays = require("date-holidays");

const closed = (year) =>
  new Holidays("US", "WI").getHolidays(year).filter((day) => day.type === "public").map((day) => `${day.date.slice(0, 10)} ${day.name}`);
const birthday = closed(2028).find((day) => day.includes("Susan B. Anthony"));
const primary = closed(2026).find((day) => day.includes("Primary"));
console.log("date-holidays:", birthday, "|", primary);
assert.equal(birthday, "2028-02-15 Susan B. Anthony Day");
assert.equal(primary, "2026-09-08 Primary Election Day");
JAVASCRIPT
node "$folder/days.cjs"

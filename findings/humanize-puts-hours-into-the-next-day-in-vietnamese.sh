#!/usr/bin/env bash
# In Vietnamese everything that is to come in a few hours or minutes comes "in the coming day".
#
# humanize 4.17.0 and moment 2.30.1 (npm; needs Node.js 20) beside it; run on 2026-11-29.
# Guess: `naturaltime` of a moment two hours ahead is "2 giờ tới" or "2 giờ nữa", as of one past it is "2 giờ trước".
# Seen:  "2 giờ ngày tới", which reads as two o'clock of the coming day: the sentence for "from now" was made for days and is
#        put behind hours and minutes too, and with days it says "day" twice. The past is right in all, moment in both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check humanize==4.17.0
npm install --silent --no-audit --no-fund --prefix "$folder" moment@2.30.1
cd "$folder"
cat >words.py <<'PYTHON'
from datetime import timedelta

import humanize

humanize.i18n.activate("vi_VN")
for span in (timedelta(minutes=30), timedelta(hours=2), timedelta(days=3)):
    print(humanize.naturaltime(span), "-", humanize.naturaltime(-span))
PYTHON
cat >words.js <<'JAVASCRIPT'
const moment = require('moment');

moment.locale('vi');
for (const span of [{ minutes: 30 }, { hours: 2 }, { days: 3 }]) {
  const duration = moment.duration(span);
  console.log(moment.duration(-duration).humanize(true), '-', duration.humanize(true));
}
JAVASCRIPT
{
    echo humanize
    venv/bin/python words.py
    echo moment
    node words.js
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
humanize
30 phút trước - 30 phút ngày tới
2 giờ trước - 2 giờ ngày tới
3 ngày trước - 3 ngày ngày tới
moment
30 phút trước - 30 phút tới
2 giờ trước - 2 giờ tới
3 ngày trước - 3 ngày tới
SEEN

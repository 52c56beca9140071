#!/usr/bin/env bash
# "H.R. 1234 and 5 U.S.C. 552" cites volume 234 of a law report called "and", and no code of law.
#
# citation 0.9.0 (npm, of the makers of congress-legislators; needs Node.js 20); run on 2026-11-29.
# Guess: section 552 of title 5 of the United States Code is found in it, as it is in "see 5 U.S.C. 552"; a bill is no citation
#        and is passed over. Reports are known by their abbreviations, as U.S., F. 3d or P. 2d.
# Seen:  two numbers with one word or number between them are a report, whose name is that word. The bill's last figures are the
#        volume, the title of the code the page, and what is taken once is not looked at again: the law is gone. A telephone
#        number with spaces is a decision too. Asked for `types: ["usc"]` alone, it finds the law.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" citation@0.9.0
cd "$folder"
cat >find.js <<'JAVASCRIPT'
const citation = require('citation');

const list = (text, options) => citation.find(text, options).citations.map(({ type, match }) => `${type} "${match}"`).join(', ');
const TEXTS = [
  'see 5 U.S.C. 552',
  'H.R. 1234 and 5 U.S.C. 552',
  'S. 12 amends 5 U.S.C. 552',
  'bills 12 and 13',
  'Call 651 296 2146',
  '12 bills and 3 acts',
];
for (const text of TEXTS) {
  console.log(text, '-', list(text) || 'none', '- USC only:', list(text, { types: ['usc'] }) || 'none');
}
JAVASCRIPT
diff <(node find.js | tee -a /dev/stderr) - <<'SEEN'
see 5 U.S.C. 552 - usc "5 U.S.C. 552" - USC only: usc "5 U.S.C. 552"
H.R. 1234 and 5 U.S.C. 552 - reporter "234 and 5" - USC only: usc "5 U.S.C. 552"
S. 12 amends 5 U.S.C. 552 - reporter "12 amends 5" - USC only: usc "5 U.S.C. 552"
bills 12 and 13 - reporter "12 and 13" - USC only: none
Call 651 296 2146 - reporter "651 296 2146" - USC only: none
12 bills and 3 acts - none - USC only: none
SEEN

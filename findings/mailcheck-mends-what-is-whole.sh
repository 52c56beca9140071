#!/usr/bin/env bash
# "Did you mean gmx.edu?" is asked of everybody at the University of Minnesota.
#
# mailcheck 1.1.1 and @zootools/email-spell-checker 1.12.0 (npm; needs Node.js 20); run on 2026-11-29.
# Guess: a slip in a well-known provider's name is found (gmial.com), and a domain that is nobody's slip is left alone.
# Seen:  the part before the ending is compared with "gmail", "gmx" and the like by itself, and the ending is kept: umn.edu
#        becomes gmx.edu and mn.gov mail.gov, domains on neither list. q.com, which a telephone company gave its customers,
#        becomes a Chinese provider's qq.com; the Mexican live.com.mx loses its country. Whoever follows the advice gets no
#        letter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" mailcheck@1.1.1 @zootools/email-spell-checker@1.12.0
cd "$folder"
cat >check.js <<'JAVASCRIPT'
const mailcheck = require('mailcheck');
const spellChecker = require('@zootools/email-spell-checker');

const checker = spellChecker.default || spellChecker;
for (const domain of ['gmial.com', 'example.org', 'umn.edu', 'mn.gov', 'q.com', 'live.com.mx', 'yahoo.com.vn']) {
  const first = mailcheck.run({ email: `pat@${domain}`, suggested: ({ domain: better }) => better, empty: () => '-' });
  const second = checker.run({ email: `pat@${domain}` });
  console.log(domain, first, second ? second.domain : '-');
}
JAVASCRIPT
diff <(node check.js | tee -a /dev/stderr) - <<'SEEN'
gmial.com gmail.com gmail.com
example.org - -
umn.edu gmx.edu -
mn.gov mail.gov mail.gov
q.com qq.com qq.com
live.com.mx live.com live.com
yahoo.com.vn yahoo.com yahoo.com
SEEN

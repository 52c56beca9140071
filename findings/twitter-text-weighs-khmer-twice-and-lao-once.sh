#!/usr/bin/env bash
# On X a post in Khmer has room for half as many letters as one in Lao or Burmese, and Vietnamese vowels count two.
#
# twitter-text 3.1.0 (npm; needs Node.js 20), X's own library for the length of posts; run on 2026-11-29.
# Guess: letters of Latin script count one, as X's documentation is read; Lao, Burmese and Khmer are alike, and count two.
# Seen:  what counts one is whatever stands before U+1100: Lao and Burmese (with Greek, Cyrillic, Arabic and the scripts of
#        India) do, Khmer (U+1780) does not. Of Latin, the Vietnamese vowels with two marks stand at U+1EA0 and later, and count
#        two; writing the marks apart changes nothing, since the text is composed (NFC) before it is counted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" twitter-text@3.1.0
cd "$folder"
cat >count.js <<'JAVASCRIPT'
const assert = require('node:assert');
const twitter = require('twitter-text');

const seen = {};
for (const [language, text] of Object.entries({
  Hmong: 'Hmoob',
  Tongan: 'Lea faka-Tonga',
  Lao: 'ລາວ',
  Burmese: 'မြန်မာ',
  Khmer: 'ខ្មែរ',
  Vietnamese: 'Nguyễn',
  'Vietnamese, marks apart': 'Nguyễn'.normalize('NFD'),
})) {
  seen[language] = twitter.parseTweet(text).weightedLength;
  console.log(`${language}: ${text}: ${[...text].length} letters, counted as ${seen[language]}`);
}
assert.deepEqual(seen, {
  Hmong: 5,
  Tongan: 14,
  Lao: 3,
  Burmese: 6,
  Khmer: 10,
  Vietnamese: 7,
  'Vietnamese, marks apart': 7,
});
JAVASCRIPT
node count.js

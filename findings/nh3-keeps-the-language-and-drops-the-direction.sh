#!/usr/bin/env bash
# What cleans an organisation's HTML keeps `lang="ar"` and takes `dir="rtl"` away.
#
# nh3 0.3.8 (ammonia), feedparser 6.0.14 and DOMPurify 3.5.0 beside it; run on 2026-11-30.
# Guess: by default all keep both, which are harmless, or none.
# Seen:  nh3 keeps `lang` on every element and drops `dir` from all but `<bdo>`, so that an Arabic paragraph is still
#        called Arabic and stands from left to right. feedparser and DOMPurify keep both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check nh3==0.3.8 feedparser==6.0.14
npm install --silent --no-audit --no-fund --prefix "$folder" dompurify@3.5.0 jsdom@29.1.1
"$folder/venv/bin/python" - <<'PYTHON'
import feedparser
import nh3

text = '<p lang="ar" dir="rtl">x</p><bdo dir="rtl">y</bdo>'
cleaned = nh3.clean(text)
print("nh3:", cleaned)
assert cleaned == '<p lang="ar">x</p><bdo dir="rtl">y</bdo>'
feed = f'<rss version="2.0"><channel><item><description><![CDATA[{text}]]></description></item></channel></rss>'
summary = feedparser.parse(feed).entries[0].summary
print("feedparser:", summary)
assert 'lang="ar"' in summary and 'dir="rtl"' in summary
PYTHON
cat >"$folder/look.mjs" <<'JAVASCRIPT'
import assert from "node:assert";
import createDOMPurify from "dompurify";
import { JSDOM } from "jsdom";

const text = '<p lang="ar" dir="rtl">x</p>';
const cleaned = createDOMPurify(new JSDOM("").window).sanitize(text);
console.log("DOMPurify:", cleaned);
assert.equal(cleaned, text);
JAVASCRIPT
node "$folder/look.mjs"

#!/usr/bin/env bash
# "Please **vote** no" reaches a feed's reader as "Please no vote".
#
# rss-parser 3.13.0 (npm; needs Node.js 20), beside feedsmith 3.0.1 and fastfeedparser 0.6.5; run on 2026-11-30.
# Guess: the content of an Atom entry of type xhtml (RFC 4287, 3.1.1.3) comes out as the markup that went in.
# Seen:  rss-parser reads it into an object and writes it anew from that: all text of a paragraph first, then its elements. A bold word or a
#        link goes to the end of its paragraph, in `content` and in `contentSnippet`, without a word. The other two give it as it was, and so does
#        rss-parser where the content is escaped (type html).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" rss-parser@3.13.0 feedsmith@3.0.1
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check fastfeedparser==0.6.5
cd "$folder"
entry() {
    cat <<XML
<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>https://act.example.org/</id><title>News</title>
<updated>2026-03-04T00:00:00Z</updated><author><name>Example Group</name></author><entry><id>https://act.example.org/ab969</id>
<title>AB 969</title><updated>2026-03-04T00:00:00Z</updated><link href="https://act.example.org/ab969"/>$1</entry></feed>
XML
}
entry '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Please <strong>vote</strong> no</p></div></content>' >xhtml.xml
entry '<content type="html">&lt;p&gt;Please &lt;strong&gt;vote&lt;/strong&gt; no&lt;/p&gt;</content>' >html.xml
cat >read.mjs <<'JAVASCRIPT'
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import Parser from 'rss-parser';
import { parseFeed } from 'feedsmith';

const text = (markup) => markup.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ').trim();
const seen = {};
for (const kind of ['xhtml', 'html']) {
  const feed = readFileSync(`${kind}.xml`, 'utf8');
  const item = (await new Parser().parseString(feed)).items[0];
  seen[`rss-parser, ${kind}`] = item.contentSnippet.replace(/\s+/g, ' ');
  seen[`feedsmith, ${kind}`] = text(parseFeed(feed).feed.entries[0].content.value);
}
console.log(seen);
assert.deepEqual(seen, {
  'rss-parser, xhtml': 'Please novote',
  'feedsmith, xhtml': 'Please vote no',
  'rss-parser, html': 'Please vote no',
  'feedsmith, html': 'Please vote no',
});
JAVASCRIPT
node read.mjs
venv/bin/python - <<'PYTHON'
import re

import fastfeedparser

(entry,) = fastfeedparser.parse(open("xhtml.xml").read()).entries
text = re.sub("<[^>]*>", "", entry.content[0]["value"])
print("fastfeedparser, xhtml:", text)
assert text == "Please vote no"
PYTHON

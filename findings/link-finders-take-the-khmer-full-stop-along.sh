#!/usr/bin/env bash
# A link before a Khmer, Burmese, Chinese or Arabic sentence mark gets the mark into its address.
#
# linkify-it-py 2.0.3, bleach 6.2.0 and linkifyjs 4.4.0, autolinker 4.1.5 beside them; run on 2026-11-30.
# Guess: "https://example.org/act។" links to https://example.org/act in all of them, as "https://example.org/act." does.
# Seen:  all three link to https://example.org/act។, which nobody has, and the first and the last take "。我们" along too,
#        up to the next space; only behind a bare host name do they stop. autolinker stops at the mark.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check linkify-it-py==2.0.3 bleach==6.2.0
npm install --silent --no-audit --no-fund --prefix "$folder" linkifyjs@4.4.0 autolinker@4.1.5
"$folder/venv/bin/python" - <<'PYTHON'
import re

import bleach
from linkify_it import LinkifyIt

for mark in ".។။،。":
    text = f"https://example.org/act{mark} x"
    by_linkify = LinkifyIt().match(text)[0].url
    by_bleach = re.search('href="([^"]*)"', bleach.linkify(text))[1]
    print(mark, by_linkify, by_bleach)
    expected = "https://example.org/act" + ("" if mark == "." else mark)
    assert by_linkify == by_bleach == expected, mark
assert LinkifyIt().match("https://example.org/act。我们 x")[0].url.endswith("我们")
PYTHON
cat >"$folder/look.mjs" <<'JAVASCRIPT'
import assert from "node:assert";
import Autolinker from "autolinker";
import * as linkify from "linkifyjs";

for (const mark of ".។။،。") {
  const text = `https://example.org/act${mark} x`;
  const found = linkify.find(text)[0].value;
  const other = Autolinker.parse(text, {})[0].getMatchedText();
  console.log(mark, found, other);
  assert.equal(found, "https://example.org/act" + (mark === "." ? "" : mark));
  assert.equal(other, "https://example.org/act");
}
JAVASCRIPT
node "$folder/look.mjs"

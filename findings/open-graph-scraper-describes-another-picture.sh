#!/usr/bin/env bash
# The words for the third picture of a page are given to the first, and the second becomes the page's picture.
#
# open-graph-scraper 6.12.0 (npm, needs Node.js 20), beside extruct 0.18.0 (PyPI); run on 2026-12-01.
# Guess: a property belongs to the picture before it, and the first picture is the preferred one, as ogp.me shows of these very three (Arrays:
#        "the middle one has unspecified dimensions, and the last one is 1000px tall").
# Seen:  it gathers all pictures, all heights and all texts apart, and joins the first of each, the second of each: of pictures that do not each have
#        every property the third one's height is the second's, and its `og:image:alt` the first's, for whoever hears the page. Then it sorts by
#        size (GIF before all), so that the second comes first. extruct keeps the order of the page.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" open-graph-scraper@6.12.0
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check extruct==0.18.0
cd "$folder"
cat >page.html <<'HTML'
<!doctype html>
<html prefix="og: https://ogp.me/ns#"><head><title>AB 969</title>
<meta property="og:title" content="AB 969">
<meta property="og:type" content="website">
<meta property="og:url" content="https://example.com/">
<meta property="og:image" content="https://example.com/rock.jpg">
<meta property="og:image:width" content="300">
<meta property="og:image:height" content="300">
<meta property="og:image" content="https://example.com/rock2.jpg">
<meta property="og:image" content="https://example.com/rock3.jpg">
<meta property="og:image:height" content="1000">
<meta property="og:image:alt" content="The river behind the mill">
</head><body></body></html>
HTML
cat >read.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const ogs = require("open-graph-scraper");

ogs({ html: readFileSync("page.html", "utf8") }).then(({ result }) => {
  console.log("open-graph-scraper:", result.ogImage);
  assert.deepEqual(
    result.ogImage.map(({ url, width, height, alt }) => [url.slice(20), width, height, alt]),
    [
      ["rock2.jpg", undefined, "1000", undefined],
      ["rock.jpg", "300", "300", "The river behind the mill"],
      ["rock3.jpg", undefined, undefined, undefined],
    ],
  );
});
JAVASCRIPT
node read.cjs
venv/bin/python - <<'PYTHON'
import extruct

(found,) = extruct.extract(open("page.html").read(), syntaxes=["opengraph"])["opengraph"]
pictures = [(name, value) for name, value in found["properties"] if name.startswith("og:image")]
print("extruct:", *pictures, sep="\n  ")
assert pictures[-3:] == [
    ("og:image", "https://example.com/rock3.jpg"),
    ("og:image:height", "1000"),
    ("og:image:alt", "The river behind the mill"),
]
PYTHON

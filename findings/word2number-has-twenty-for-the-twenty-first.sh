#!/usr/bin/env bash
# The Twenty-First Middlesex district is number 20.
#
# word2number 1.1 and numerizer 0.2.4 (PyPI), beside text2num 3.1.0, number-parser 0.3.2 (PyPI) and words-to-numbers 1.5.1 (npm); run on 2026-12-01.
# Guess: who knows no ordinals says so, as of "Second Suffolk", or gives 21. Massachusetts numbers its districts so, and Ohio its General Assemblies.
# Seen:  word2number leaves out every word that it does not know, and "first" is one: the Twenty-First is 20, the Thirty-Seventh 30 and the One Hundred
#        Thirty-Sixth 130, each another district or assembly that there is. Only where nothing is left, as of "Second" and "Twentieth", it raises
#        ValueError. numerizer has 21st and 37th, but "100 36th". The other three have them right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check word2number==1.1 numerizer==0.2.4 text2num==3.1.0 number-parser==0.3.2
npm install --silent --no-audit --no-fund --prefix "$folder" words-to-numbers@1.5.1
cd "$folder"
cat >districts.json <<'JSON'
{"Twenty-First Middlesex": [20, "21st Middlesex", "21 Middlesex"],
 "Thirty-Seventh Middlesex": [30, "37th Middlesex", "37 Middlesex"],
 "One Hundred Thirty-Sixth General Assembly": [130, "100 36th General Assembly", "136 General Assembly"],
 "Second Suffolk": [null, "2nd Suffolk", "2 Suffolk"],
 "Twentieth Middlesex": [null, "20th Middlesex", "20 Middlesex"]}
JSON
cat >read.py <<'PYTHON'
import json

from number_parser import parse
from numerizer import numerize
from text_to_num import alpha2digit
from word2number.w2n import word_to_num


def number(name):
    try:
        return word_to_num(name)
    except ValueError:
        return None


for name, (word2number, by_numerizer, right) in json.load(open("districts.json")).items():
    print(f"{name}: word2number {number(name)}, numerizer {numerize(name)}, number-parser {parse(name)}, text2num {alpha2digit(name, 'en')}")
    assert (number(name), numerize(name), parse(name)) == (word2number, by_numerizer, right)
assert alpha2digit("Twenty-First Middlesex", "en") == "21st Middlesex"
assert alpha2digit("One Hundred Thirty-Sixth General Assembly", "en") == "136th General Assembly"
PYTHON
venv/bin/python -W ignore read.py
cat >read.cjs <<'JAVASCRIPT'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { wordsToNumbers } = require("words-to-numbers");

for (const [name, seen] of Object.entries(JSON.parse(readFileSync("districts.json", "utf8")))) {
  console.log(`${name}: words-to-numbers ${wordsToNumbers(name)}`);
  assert.equal(wordsToNumbers(name), seen[2]);
}
JAVASCRIPT
node read.cjs

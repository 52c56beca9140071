#!/usr/bin/env bash
# Mending the text of letters takes a letter out of Navajo words, and leaves its twin in Hawaiian ones.
#
# ftfy 6.3.1; run on 2026-11-29.
# Guess: `fix_text` mends what was decoded wrongly and makes curly quotes straight; letters of languages stay.
# Seen:  U+02BC, the letter that Navajo and other languages write for the glottal stop and for hard consonants, becomes a
#        straight quote, as if it were a curly one. Unicode calls it a letter, so words are cut there from then on: in searches,
#        in counts of words, in slugs. Its neighbour U+02BB, the Hawaiian and Tongan one, is left. `uncurl_quotes=False` keeps
#        both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check ftfy==6.3.1
"$folder/venv/bin/python" - <<'PYTHON'
import re

import ftfy

WORD = re.compile(r"\w+")
EXPECTED = {"Dinéʼ Bikéyah kʼad": "Diné' Bikéyah k'ad", "Hawaiʻi": "Hawaiʻi", "Tongaʻeiki": "Tongaʻeiki", "ໜັງສື": "ໜັງສື"}
for text, mended in EXPECTED.items():
    seen = ftfy.fix_text(text)
    print(ascii(text), "->", ascii(seen), "- words:", len(WORD.findall(text)), "->", len(WORD.findall(seen)))
    assert seen == mended, seen
    assert ftfy.fix_text(text, uncurl_quotes=False) == text, text
PYTHON

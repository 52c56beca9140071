#!/usr/bin/env bash
# A QR code of every second Khmer slogan says something in Japanese.
#
# segno 1.6.6, qrcode 8.2, zxing-cpp 3.1.1; run on 2026-11-30.
# Guess: a text that is not Latin goes in as UTF-8 bytes, all the more where `encoding="utf-8"` and `eci=True` are asked for.
# Seen:  segno looks for Kanji in the *bytes*. Those of Khmer letters in UTF-8 (E1 9E .. E1 9F ..) are, two by two, good Shift JIS, so a text
#        with an even number of them is written in Kanji mode, whatever is asked of encoding and ECI; a reader that follows ISO/IEC 18004
#        shows Japanese. With an odd number it is UTF-8 and right, so one test proves nothing. `mode="byte"` writes what was meant; qrcode
#        does by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
    segno==1.6.6 qrcode==8.2 zxing-cpp==3.1.1 pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import io

import qrcode
import segno
import zxingcpp
from PIL import Image

EVEN, ODD = "ប្រទេស", "ខ្មែរ"


def read(save):
    drawn = io.BytesIO()
    save(drawn)
    (code,) = zxingcpp.read_barcodes(Image.open(drawn).convert("L"))
    return code.text


def by_segno(text, **asked):
    code = segno.make(text, micro=False, **asked)
    return code.mode, read(lambda drawn: code.save(drawn, kind="png", scale=8, border=4))


default = by_segno(EVEN)
asked = by_segno(EVEN, encoding="utf-8", eci=True)
odd = by_segno(ODD)
bytewise = by_segno(EVEN, mode="byte", encoding="utf-8")
other = read(lambda drawn: qrcode.make(EVEN).save(drawn))
print(f"segno, {len(EVEN)} letters:", *default)
print(f"segno, {len(EVEN)} letters, UTF-8 and ECI asked for:", *asked)
print(f"segno, {len(ODD)} letters:", *odd)
print(f"segno, {len(EVEN)} letters, mode=byte:", *bytewise)
print(f"qrcode, {len(EVEN)} letters:", other)
assert default[0] == asked[0] == "kanji"
assert EVEN not in (default[1], asked[1])
assert odd == ("byte", ODD)
assert bytewise == ("byte", EVEN)
assert other == EVEN
PYTHON

#!/usr/bin/env bash
# A short text becomes another kind of symbol, which common readers do not read.
#
# segno 1.6.6, opencv-python-headless 5.0.0.93, zxing-cpp 3.1.1; run on 2026-11-28.
# Guess: `segno.make("tel:2024561111")` draws the square with three corners that everybody calls a QR code.
# Seen:  it draws a Micro QR code (M4, ISO/IEC 18004), one corner only, since the text fits; OpenCV's reader finds nothing
#        in it, zxing-cpp says "Micro QR Code". A web address is long enough to be drawn as everybody expects, so a test
#        with one does not show it. `micro=False` (or `segno.make_qr`) draws what was meant.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
    segno==1.6.6 opencv-python-headless==5.0.0.93 zxing-cpp==3.1.1 pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import io

import cv2
import numpy
import segno
import zxingcpp
from PIL import Image

TEXT = "tel:2024561111"


def seen(symbol):
    drawn = io.BytesIO()
    symbol.save(drawn, kind="png", scale=10, border=4)
    picture = numpy.array(Image.open(drawn).convert("L"))
    by_opencv = cv2.QRCodeDetector().detectAndDecode(picture)[0]
    kinds = [str(code.format) for code in zxingcpp.read_barcodes(picture) if code.text == TEXT]
    return symbol.designator, by_opencv, kinds


default, meant = seen(segno.make(TEXT)), seen(segno.make(TEXT, micro=False))
print("make(text):             ", *default)
print("make(text, micro=False):", *meant)
assert default == ("M4-L", "", ["Micro QR Code"]), default
assert meant == ("1-M", TEXT, ["QR Code"]), meant
assert not segno.make("https://act.example.org/campaigns/ab969").is_micro
PYTHON

#!/usr/bin/env bash
# A Spanish slogan in a QR code is read as half Chinese.
#
# ZBar 0.23 (Debian's libzbar0) by pyzbar 0.1.9, beside zxing-cpp 3.1.1; qrcode 8.2; run on 2026-11-30. Needs libzbar0, or fetches Debian's package.
# Guess: a reader takes bytes that are whole UTF-8 as UTF-8; what goes wrong, if anything, is text in Asian scripts.
# Seen:  ZBar guesses by the bytes, and has Vietnamese, Lao and Burmese right. Spanish comes back with Chinese characters for the inverted mark and
#        the enye; Chinese becomes Japanese. zxing-cpp has all of them right, and an ECI in the code settles it for ZBar too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! ldconfig -p | grep -q libzbar; then
    (cd "$folder" && apt-get download --quiet=2 libzbar0 libv4l-0 libv4lconvert0 libdbus-1-3 libx11-6 libjpeg62-turbo)
    for package in "$folder"/*.deb; do dpkg -x "$package" "$folder/root"; done
    ZBAR=$(find "$folder/root" -name 'libzbar.so.0' | head -1)
    LD_LIBRARY_PATH=$(dirname "$ZBAR")
    export ZBAR LD_LIBRARY_PATH
fi
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
    pyzbar==0.1.9 qrcode==8.2 segno==1.6.6 zxing-cpp==3.1.1 pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes.util
import io
import os

if "ZBAR" in os.environ:  # pyzbar asks for what is installed
    ctypes.util.find_library = lambda name: os.environ["ZBAR"]

import qrcode
import segno
import zxingcpp
from PIL import Image
from pyzbar.pyzbar import decode

SPANISH = "¡Escriba a su senador! Niñez"
CHINESE = "請投反對票"
OTHERS = ("Hãy bỏ phiếu chống", "ກະລຸນາລົງຄະແນນສຽງ", "ကန့်ကွက်ပါ")


def picture(text):
    drawn = io.BytesIO()
    qrcode.make(text).save(drawn)
    return Image.open(drawn).convert("L")


def by_zbar(image):
    (found,) = decode(image)
    return found.data.decode()


def by_zxing(image):
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


for text in (SPANISH, CHINESE, *OTHERS):
    print(f"{text}: ZBar {by_zbar(picture(text))}, zxing-cpp {by_zxing(picture(text))}")
assert by_zbar(picture(SPANISH)) == "癒Escriba a su senador! Ni簽ez"
assert by_zbar(picture(CHINESE)) != CHINESE
assert by_zxing(picture(SPANISH)) == SPANISH
assert by_zxing(picture(CHINESE)) == CHINESE
for text in OTHERS:
    assert by_zbar(picture(text)) == by_zxing(picture(text)) == text, text
drawn = io.BytesIO()
segno.make(SPANISH, micro=False, encoding="utf-8", eci=True).save(drawn, kind="png", scale=8, border=4)
assert by_zbar(Image.open(drawn).convert("L")) == SPANISH
PYTHON

#!/usr/bin/env bash
# A font cut down to the letters of a page can no longer write them.
#
# fontmin 2.0.3 (npm; needs Node.js 20), uharfbuzz 0.57.0, fontTools 4.68.0, Noto Sans Khmer of @expo-google-fonts 0.4.3; run on 2026-11-30.
# Guess: a tool that makes subsets of fonts for web pages keeps the rules by which their letters are joined.
# Seen:  fontmin leaves out GSUB (and GDEF), without a word. Every letter of the sentence is there, so a
#        test for missing letters passes; but Khmer subscripts stand beside their letter behind a visible sign, and the line is a fifth
#        wider. Latin text looks as before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" fontmin@2.0.3 @expo-google-fonts/noto-sans-khmer@0.4.3
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check fonttools==4.68.0 uharfbuzz==0.57.0
cd "$folder"
export TEXT='សូមបោះឆ្នោតប្រឆាំង'
cp node_modules/@expo-google-fonts/noto-sans-khmer/400Regular/NotoSansKhmer_400Regular.ttf whole.ttf
cat >cut.mjs <<'JAVASCRIPT'
import Fontmin from 'fontmin';

const font = new Fontmin().src('whole.ttf').use(Fontmin.glyph({ text: process.env.TEXT })).dest('cut');
await new Promise((done, failed) => font.run((error) => (error ? failed(error) : done())));
JAVASCRIPT
node cut.mjs
venv/bin/python - <<'PYTHON'
import os

import uharfbuzz
from fontTools.ttLib import TTFont

TEXT = os.environ["TEXT"]


def drawn(path):
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path)))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(TEXT)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    missing = [info for info in buffer.glyph_infos if info.codepoint == 0]
    return len(buffer.glyph_infos), sum(position.x_advance for position in buffer.glyph_positions), len(missing)


seen = {"whole": drawn("whole.ttf"), "fontmin": drawn("cut/whole.ttf")}
for name, (signs, width, missing) in seen.items():
    print(f"{name}: {signs} signs, {width} units wide, {missing} missing")
assert "GSUB" in TTFont("whole.ttf")
assert seen["fontmin"][0] == len(TEXT) > seen["whole"][0]
assert seen["fontmin"][1] > 1.2 * seen["whole"][1]
assert seen["fontmin"][2] == 0
assert "GSUB" not in TTFont("cut/whole.ttf")
PYTHON

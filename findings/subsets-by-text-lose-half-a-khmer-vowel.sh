#!/usr/bin/env bash
# A font that has every character of a Khmer word writes another word.
#
# fontTools 4.68.0 (pyftsubset) and HarfBuzz's own subset (uharfbuzz 0.57.0), Noto Sans Khmer of @expo-google-fonts 0.4.3 (npm); run on 2026-11-30.
# Guess: a subset made for a text (`--text`, layout rules kept and closed over) draws that text as the whole font does.
# Seen:  the vowels U+17BE, 17BF, 17C0, 17C4 and 17C5 stand on both sides of their letter; HarfBuzz draws the left side as U+17C1, which no
#        character of the text is. Neither tool keeps it, so the left half is left out, with no box for a missing letter: "o" is drawn as "a".
#        With U+17C1 named beside the text all is right; a longer text has it somewhere, so a test with one does not show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @expo-google-fonts/noto-sans-khmer@0.4.3
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check fonttools==4.68.0 uharfbuzz==0.57.0
cd "$folder"
export TEXT='បោះ'
cp node_modules/@expo-google-fonts/noto-sans-khmer/400Regular/NotoSansKhmer_400Regular.ttf whole.ttf
venv/bin/pyftsubset whole.ttf --text="$TEXT" --glyph-names --output-file=text.ttf
venv/bin/pyftsubset whole.ttf --text="$TEXT" --layout-features='*' --glyph-names --output-file=features.ttf
venv/bin/pyftsubset whole.ttf --text="$TEXT" --unicodes=17C1 --glyph-names --output-file=named.ttf
venv/bin/python - <<'PYTHON'
import os

import uharfbuzz

TEXT = os.environ["TEXT"]


def drawn(data):
    """Each sign's width, and how many are missing."""
    font = uharfbuzz.Font(uharfbuzz.Face(data))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(TEXT)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    assert all(info.codepoint for info in buffer.glyph_infos), "a letter is missing"
    return [position.x_advance for position in buffer.glyph_positions]


def by_harfbuzz():
    asked = uharfbuzz.SubsetInput()
    asked.unicode_set.update(map(ord, TEXT))
    return uharfbuzz.subset(uharfbuzz.Face(open("whole.ttf", "rb").read()), asked).blob.data


seen = {name: drawn(open(f"{name}.ttf", "rb").read()) for name in ("whole", "text", "features", "named")}
seen["HarfBuzz"] = drawn(by_harfbuzz())
for name, widths in seen.items():
    print(f"{name}: {len(widths)} signs, {widths}")
assert seen["named"] == seen["whole"]
assert seen["text"] == seen["features"] == seen["HarfBuzz"] == seen["whole"][1:]
PYTHON

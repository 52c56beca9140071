#!/usr/bin/env bash
# A line of Khmer begins with half of a letter.
#
# fpdf2 2.8.9, uharfbuzz 0.57.0 (PyPI); Noto Sans Khmer from @fontsource/noto-sans-khmer 5.3.0 (npm); run on 2026-11-28.
# Guess: with text shaping on, text without spaces is broken between the clusters that HarfBuzz shaped; a vowel or a subscript
#        never leaves its consonant (Unicode Standard Annex 14, rule LB9).
# Seen:  lines are broken between any two code points, before shaping: the next line begins with a vowel sign, or with the
#        sign that makes the following letter a subscript, which the font draws on a dotted circle. Khmer is written without
#        spaces between words, so every full line is at risk; a zero width space between words is obeyed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check fpdf2==2.8.9 uharfbuzz==0.57.0 fonttools==4.68.0
npm install --silent --no-audit --no-fund --prefix "$folder" @fontsource/noto-sans-khmer@5.3.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import unicodedata

from fontTools.ttLib import TTFont
from fpdf import FPDF

WORDS = ["ខ្ញុំ", "សូម", "ស្នើ", "ឱ្យ", "លោក", "គាំទ្រ", "ច្បាប់", "នេះ", "ព្រោះ", "វា", "ជួយ", "គ្រួសារ", "យើង", "នៅ", "ក្នុង", "ស្រុក"]
ZERO_WIDTH_SPACE = "\u200b"

font = TTFont("node_modules/@fontsource/noto-sans-khmer/files/noto-sans-khmer-khmer-400-normal.woff")
font.flavor = None
font.save("khmer.ttf")
pdf = FPDF()
pdf.add_page()
pdf.add_font("khmer", fname="khmer.ttf")
pdf.set_font("khmer", size=12)
pdf.set_text_shaping(True)


def torn(separator):
    """The signs that some line begins with, over several widths in millimetres."""
    signs = set()
    for width in range(40, 80):
        for line in pdf.multi_cell(width, text=separator.join(WORDS * 2), dry_run=True, output="LINES"):
            if line and unicodedata.category(line[0]) in ("Mn", "Mc"):
                signs.add(unicodedata.name(line[0]))
    return signs


bare, marked = torn(""), torn(ZERO_WIDTH_SPACE)
print("lines begin with:", *sorted(bare), sep="\n  ")
print("with zero width spaces:", *marked or ["none"])
assert "KHMER SIGN COENG" in bare and "KHMER VOWEL SIGN AA" in bare, bare
assert not marked, marked
PYTHON

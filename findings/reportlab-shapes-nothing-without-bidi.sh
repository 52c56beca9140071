#!/usr/bin/env bash
# Asked to shape Khmer, the canvas draws it letter by letter and says nothing.
#
# reportlab 5.1.0, uharfbuzz 0.57.0 (PyPI); Noto Sans Khmer from @fontsource/noto-sans-khmer 5.3.0 (npm); run on 2026-11-29.
# Guess: with uharfbuzz installed and a font registered as shapable, `drawString(..., shaping=True)` shapes, or fails.
# Seen:  for a text that runs from left to right, too, shaping happens only where the bidirectional library rlbidi is there; without
#        it the five characters of "district" are drawn as five glyphs, with a visible COENG. A Paragraph whose style has shaping=1
#        shapes in the same process, into four glyphs, and is read back with private-use characters in place of Khmer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check reportlab==5.1.0 uharfbuzz==0.57.0 \
    fonttools==4.68.0 pypdfium2==5.15.2
npm install --silent --no-audit --no-fund --prefix "$folder" @fontsource/noto-sans-khmer@5.3.0
cd "$folder"
venv/bin/python -W always - <<'PYTHON'
import re

import pypdfium2
from fontTools.ttLib import TTFont as Woff
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

DISTRICT = "ស្រុក"  # SA, COENG, RO, vowel U, KA: three letters to the eye

font = Woff("node_modules/@fontsource/noto-sans-khmer/files/noto-sans-khmer-khmer-400-normal.woff")
font.flavor = None
font.save("khmer.ttf")
pdfmetrics.registerFont(TTFont("khmer", "khmer.ttf", shapable=True))


def glyphs_and_text(draw):
    canvas = Canvas("out.pdf", pageCompression=0)
    canvas.setFont("khmer", 40)
    draw(canvas)
    canvas.save()
    with open("out.pdf", "rb") as file:
        glyphs = sum(len(re.findall(rb"\\\d{3}", shown)) for shown in re.findall(rb"\([^)]*\)", file.read()))
    with pypdfium2.PdfDocument("out.pdf") as document:
        return glyphs, "".join(document[0].get_textpage().get_text_range().split())


def with_canvas(canvas):
    canvas.drawString(50, 700, DISTRICT, shaping=True)


def with_paragraph(canvas):
    paragraph = Paragraph(DISTRICT, ParagraphStyle("khmer", fontName="khmer", fontSize=40, shaping=1))
    paragraph.wrapOn(canvas, 400, 100)
    paragraph.drawOn(canvas, 50, 500)


drawn, laid = glyphs_and_text(with_canvas), glyphs_and_text(with_paragraph)
print("drawString, shaping=True:", drawn[0], "glyphs, read back as", ascii(drawn[1]))
print("Paragraph, shaping=1:    ", laid[0], "glyphs, read back as", ascii(laid[1]))
assert drawn == (5, DISTRICT), drawn
assert laid[0] == 4 and "\ue000" in laid[1], laid
PYTHON

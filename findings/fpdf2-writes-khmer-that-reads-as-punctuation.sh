#!/usr/bin/env bash
# Khmer and Burmese that look right are copied, searched and read aloud with stray marks in every other word.
#
# fpdf2 2.8.9, uharfbuzz 0.57.0, pypdf 7.1.1, pypdfium2 5.15.2 (PyPI); Noto Sans Khmer and Myanmar from @fontsource/noto-sans-khmer
# and noto-sans-myanmar 5.3.0 (npm); run on 2026-11-29.
# Guess: text set with shaping on comes back as it was, as Latin does; at worst a sign stands on the wrong side of its letter.
# Seen:  where a vowel is drawn before its consonant, a character that was never in the text comes back with it: "$", a tab, a
#        control character, by the glyph's place in the font's subset. Two readers agree. Lao, which is drawn in the order
#        in which it is written, comes back whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check fpdf2==2.8.9 uharfbuzz==0.57.0 \
    fonttools==4.68.0 pypdf==7.1.1 pypdfium2==5.15.2
npm install --silent --no-audit --no-fund --prefix "$folder" @fontsource/noto-sans-khmer@5.3.0 \
    @fontsource/noto-sans-myanmar@5.3.0 @fontsource/noto-sans-lao@5.3.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import pypdf
import pypdfium2
from fontTools.ttLib import TTFont
from fpdf import FPDF

TEXTS = {"khmer": "គ្រួសារយើងនៅក្រុង", "myanmar": "ထောက်ခံပေးပါ", "lao": "ເພື່ອໃຫ້ສະພາ"}


def strangers(script, text):
    """What comes back and was never there, by both readers."""
    font = TTFont(f"node_modules/@fontsource/noto-sans-{script}/files/noto-sans-{script}-{script}-400-normal.woff")
    font.flavor = None
    font.save(f"{script}.ttf")
    pdf = FPDF()
    pdf.add_page()
    pdf.add_font(script, fname=f"{script}.ttf")
    pdf.set_font(script, size=12)
    pdf.set_text_shaping(True)
    pdf.cell(text=text)
    pdf.output("out.pdf")
    with pypdfium2.PdfDocument("out.pdf") as document:
        seen = document[0].get_textpage().get_text_range(), pypdf.PdfReader("out.pdf").pages[0].extract_text()
    return [sorted(set(back) - set(text) - set(" \r\n")) for back in seen]


found = {script: strangers(script, text) for script, text in TEXTS.items()}
for script, (pdfium, reader) in found.items():
    print(f"{script}: pdfium", ascii(pdfium), "pypdf", ascii(reader))
assert all(found["khmer"]) and all(found["myanmar"]), found
assert found["lao"] == [[], []], found
PYTHON

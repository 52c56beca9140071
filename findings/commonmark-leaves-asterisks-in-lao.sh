#!/usr/bin/env bash
# Bold text in Lao or Khmer that ends with a bracket or a full stop shows its asterisks.
#
# markdown-it-py 4.0.0 and marko 2.2.0 (CommonMark), Markdown 3.10 beside them; run on 2026-11-28.
# Guess: `**ກົດໝາຍ (SB 12)**ນີ້` has its first part in bold, as `**law (SB 12)** this` has.
# Seen:  `<p>**ກົດໝາຍ (SB 12)**ນີ້</p>` from both: by CommonMark 0.31.2, section 6.2, two asterisks after punctuation close
#        nothing when a letter follows, and these scripts set no space there. The full stops of Khmer and Burmese are
#        punctuation too. Markdown, which is older than CommonMark, writes bold. With a letter before the asterisks, or a
#        space behind them, all do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
    markdown-it-py==4.0.0 marko==2.2.0 Markdown==3.10
"$folder/venv/bin/python" - <<'PYTHON'
import markdown
import marko
from markdown_it import MarkdownIt

COMMONMARK = {"markdown-it-py": MarkdownIt().render, "marko": marko.convert}
TEXTS = {
    "**law (SB 12)** this": True,
    "**ກົດໝາຍ**ນີ້": True,
    "**ກົດໝາຍ (SB 12)** ນີ້": True,
    "**ກົດໝາຍ (SB 12)**ນີ້": False,
    "**សូមគាំទ្រច្បាប់នេះ។**យើង": False,
    "**ဥပဒေ။**ကျွန်ုပ်": False,
}
for text, expected in TEXTS.items():
    bold = {name: "<strong>" in render(text) for name, render in COMMONMARK.items()}
    print(text, "-", *(name for name in bold if bold[name]), "Markdown" if "<strong>" in markdown.markdown(text) else "")
    assert set(bold.values()) == {expected}, (text, bold)
    assert "<strong>" in markdown.markdown(text), text
PYTHON

#!/usr/bin/env bash
# A checker of translations finds fault with the end of every Khmer sentence, and with Lao for having no capitals.
#
# translate-toolkit 3.20.4 (pofilter, which Pootle and others ran); run on 2026-11-30.
# Guess: "សូមផ្ញើលិខិត។" for "Please send the letter." passes, as Chinese, Burmese and Amharic with their own full stops do.
# Seen:  `endpunc`, of the question with "?" too: its Khmer wants a no-break space before each mark, with which it passes. Lao
#        fails `startcaps` and `simplecaps`, though its script knows no capitals; Burmese, whose script has none either, passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check translate-toolkit==3.20.4
"$folder/venv/bin/python" - <<'PYTHON'
from translate.filters import checks
from translate.storage.po import pounit

SENTENCE = "Please send the letter."
EXPECTED = [
    ("km", SENTENCE, "សូមផ្ញើលិខិត។", {"endpunc"}),
    ("km", SENTENCE, "សូមផ្ញើលិខិត\u00a0។", set()),
    ("km", "Do you live here?", "តើលោកអ្នករស់នៅទីនេះទេ?", {"endpunc"}),
    ("lo", SENTENCE, "ກະລຸນາສົ່ງຈົດໝາຍ.", {"startcaps", "simplecaps"}),
    ("my", SENTENCE, "စာကို ပို့ပါ။", set()),
    ("zh_CN", SENTENCE, "请寄出这封信。", set()),
    ("am", SENTENCE, "እባክዎ ደብዳቤውን ይላኩ።", set()),
]
for language, source, target, expected in EXPECTED:
    unit = pounit(source)
    unit.target = target
    found = set(checks.StandardChecker(checks.CheckerConfig(targetlanguage=language)).run_filters(unit))
    print(language, target, found or "passes")
    assert found == expected, (language, found)
PYTHON

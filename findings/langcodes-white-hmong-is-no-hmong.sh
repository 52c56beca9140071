#!/usr/bin/env bash
# A reader of White Hmong is not offered Hmong.
#
# langcodes 3.5.1 with language-data 1.4.0 (CLDR's language matching); run on 2026-11-28.
# Guess: `mww` (Hmong Daw, White Hmong) matches a site's `hmn` (Hmong), as a member of a macrolanguage matches its whole:
#        Dari finds Persian and Cantonese finds Traditional Chinese.
# Seen:  no match in either direction, nor for `hnj` (Green Hmong). CLDR holds that `mww` in the United States is written
#        in Nyiakeng Puachue letters (Hmnp) and `hmn` in Latin ones, and has no row that joins them. A site in Hmong has to
#        keep a table of its own: mww, hnj and hmn are one audience where the text is in the Romanized Popular Alphabet.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check langcodes==3.5.1 language-data==1.4.0
"$folder/venv/bin/python" - <<'PYTHON'
import langcodes

for wanted, offered in (("prs", "fa"), ("yue", "zh-Hant"), ("mww", "hmn"), ("hnj", "hmn"), ("hmn", "mww")):
    best, distance = langcodes.closest_match(wanted, [offered, "en"])
    print(f"{wanted} among {offered}, en: {best} ({distance})")
    assert (best == offered) == (wanted in ("prs", "yue")), (wanted, best)
assert str(langcodes.Language.get("mww").maximize()) == "mww-Hmnp-US"
assert str(langcodes.Language.get("hmn").maximize()) == "hmn-Latn-US"
print("mww is", langcodes.Language.get("mww").maximize(), "and hmn is", langcodes.Language.get("hmn").maximize())
PYTHON

#!/usr/bin/env bash
# In Amharic most numbers above 1,099 have no words, though the year has.
#
# num2words 0.5.14; run on 2026-11-28.
# Guess: a language of the library says every whole number up to its stated maximum, as English does.
# Seen:  `lang="am"` says 0 to 1,099; of the numbers from there to 20,000 it says those whose hundreds are nought (2,026 among
#        them, so a test with a year does not show it) and raises TypeError for the other 17,100. A count of
#        signatures has to be tried at 1,100. From a million on, which it says, a Latin m stands before the Ethiopic word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check num2words==0.5.14
"$folder/venv/bin/python" - <<'PYTHON'
from num2words import num2words


def said(number, language):
    try:
        num2words(number, lang=language)
    except TypeError:
        return False
    return True


missing = {language: [number for number in range(20_001) if not said(number, language)] for language in ("en", "am")}
print("no words up to 20,000: English", len(missing["en"]), "- Amharic", len(missing["am"]), "- the first", missing["am"][0])
print("2,026:", num2words(2026, lang="am"), "- 1,000,000:", num2words(1_000_000, lang="am"))
assert missing["en"] == []
assert missing["am"] == [number for number in range(1_100, 20_001) if number % 1_000 >= 100]
assert num2words(1_000_000, lang="am") == "አንድ mሚሊዮን"
PYTHON

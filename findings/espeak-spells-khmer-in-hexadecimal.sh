#!/usr/bin/env bash
# The voice that comes with free screen readers reads a Khmer page as numbers in hexadecimal.
#
# eSpeak NG 1.52.0 (espeakng-loader 0.2.4, phonemizer-fork 3.3.2); run on 2026-11-30. NVDA and Orca speak with it unless told otherwise.
# Guess: it has a voice for Khmer and Lao, or says the letters' names, or is silent.
# Seen:  it has none for Khmer, Lao, Hmong, Somali and Tongan. An English voice reads "សូម" as "letter one seven nine F, letter
#        one seven B C, letter one seven nine eight" and calls no script; a Lao one is a "Lao letter" and then its number.
#        Hebrew letters have names, and Hindi words are read by the Hindi voice.
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
languages = {voice.language for voice in espeak.available_voices()}
print("no voice:", *sorted({"km", "lo", "hmn", "so", "to"} - languages))
assert languages & {"km", "lo", "hmn", "so", "to", "vi", "my", "hi"} == {"vi", "my", "hi"}
espeak.set_voice("en-us")


def spoken(text: str) -> str:
    """Phonemes without stress, a space between letters and words."""
    phonemes = espeak.text_to_phonemes(text)
    return "".join(phonemes.replace("__", " ").replace("_", "").translate({ord("ˈ"): "", ord("ˌ"): ""})).strip()


for text in ("ស", "សូម", "ດ", "ש"):
    print(text, spoken(text))
assert spoken("ស") == spoken("letter 1 7 9 f").replace("  ", " "), (spoken("ស"), spoken("letter 1 7 9 f"))
assert spoken("ש").endswith("ʃin")
PYTHON

#!/usr/bin/env bash
# In braille each telephone number on an Arabic page stands between '\x2068' and '\x2069', and each okina of a Hawaiian text is '\x02bb'.
#
# liblouis-bin 3.24.0-1 with its tables (needs Debian 12 on amd64 and its lists of packages), by which Orca and NVDA write; run on 2026-12-01.
# Guess: marks that are not seen and only keep a number in order, as Unicode's isolates have since 2013, are left out, at least by the tables of languages
#        from right to left; and a language's own table has every letter and mark of it.
# Seen:  what a table does not have is spelled as its number, eight cells long. The tables for Arabic, English, Spanish, Khmer, Burmese and Vietnamese
#        have no isolate, and no left-to-right mark; the Arabic one leaves out the other marks that are not seen, such as the zero-width space. No table
#        has U+02BB, the okina, not even the Hawaiian one; the Khmer one has no "៖", the colon, and the Spanish one neither "º" nor "ª" of "1.º".
#        The English one has no sign for numbers there: '\xjbbb', '\xbjfh'.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq liblouis-bin=3.24.0-1 liblouis20=3.24.0-1 liblouis-data=3.24.0-1 libyaml-0-2 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >write.py <<'PYTHON'
import os
import subprocess

TABLES = "root/usr/share/liblouis/tables"
WITH = {"LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu", "LOUIS_TABLEPATH": TABLES}


def cells(table, text):
    told = subprocess.run(
        ["root/usr/bin/lou_translate", "-f", f"unicode.dis,{table}"],
        input=f"{text}\n", capture_output=True, text=True, check=True, env=WITH,
    )
    return told.stdout.strip()


for table, text, seen in [
    ("ar-ar-g1.utb", "608", "⠼⠋⠚⠓"),
    ("ar-ar-g1.utb", "\u2068608\u2069", "⠄⡳⠭⠆⠴⠖⠦⠄⠼⠋⠚⠓⠄⡳⠭⠆⠴⠖⠔⠄"),
    ("en-ueb-g1.ctb", "\u2068608\u2069", "⠄⡳⠭⠃⠚⠋⠓⠄⠼⠋⠚⠓⠄⡳⠭⠃⠚⠋⠊⠄"),
    ("haw-us-g1.ctb", "ʻaʻole", "⠄⡳⠭⠚⠃⠃⠃⠄⠁⠄⡳⠭⠚⠃⠃⠃⠄⠕⠇⠑"),
    ("km-g1.utb", "សួរ៖", "⠎⠆⠗⠄⡳⠭⠁⠛⠙⠋⠄"),
    ("es-g1.ctb", "1.º", "⠼⠁⠄⠄⡳⠭⠴⠴⠃⠁⠄"),
]:
    print(table, ascii(text) if "\u2068" in text else text, cells(table, text))
    assert cells(table, text) == seen
marks = {"zero-width space": "\u200b", "left-to-right mark": "\u200e", "isolate": "\u2068", "okina": "ʻ"}
for table in "ar-ar-g1.utb", "en-ueb-g1.ctb", "es-g1.ctb", "km-g1.utb", "my-g1.utb", "vi-vn-g1.ctb":
    lacking = [name for name, mark in marks.items() if "⠄⡳⠭" in cells(table, f"a{mark}a")]
    print(table, "lacks:", ", ".join(lacking))
    assert lacking == ["left-to-right mark", "isolate", "okina"]
every = "".join(open(f"{TABLES}/{name}", errors="replace").read().lower() for name in os.listdir(TABLES))
assert "\\x02bb" not in every and "ʻ" not in every
PYTHON
python3 write.py

#!/usr/bin/env bash
# "Vote yes" for "Vote no": a translation that is marked as doubtful, and compiled and shown all the same.
#
# gettext-parser 10.0.0 and i18next-conv 16.0.0 (npm, need Node.js 20), beside po2json 0.4.5 (npm), Babel 2.19.0 and polib 1.2.0 (PyPI);
# run on 2026-12-01.
# Guess: what compiles a catalogue leaves out the fuzzy, which msgmerge writes where a sentence changed and nobody has looked at its translation since,
#        as msgfmt does unless it is told `--use-fuzzy`.
# Seen:  gettext-parser's mo.compile leaves out the obsolete and keeps the fuzzy, whose mark an .mo file cannot hold: from then on it is a translation
#        like any other. i18next-conv, which reads by it, writes it into the JSON of pages too, unless told `--skipUntranslated`. po2json, Babel and
#        polib leave it out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" gettext-parser@10.0.0 i18next-conv@16.0.0 po2json@0.4.5
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check Babel==2.19.0 polib==1.2.0
cd "$folder"
cat >es.po <<'CATALOGUE'
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Language: es\n"

#, fuzzy
#| msgid "Vote yes"
msgid "Vote no"
msgstr "Vote sí"

msgid "Send"
msgstr "Enviar"

#~ msgid "Old"
#~ msgstr "Viejo"
CATALOGUE
cat >compile.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { mo, po } from "gettext-parser";
import { gettextToI18next } from "i18next-conv";
import po2json from "po2json";

const catalogue = readFileSync("es.po");
writeFileSync("es.mo", mo.compile(po.parse(catalogue)));
const i18next = JSON.parse(await gettextToI18next("es", catalogue));
console.log("i18next-conv:", i18next);
assert.deepEqual(i18next, { "Vote no": "Vote sí", Send: "Enviar" });
const { "": _header, ...others } = po2json.parse(catalogue.toString(), { format: "mf" });
console.log("po2json:", others);
assert.deepEqual(others, { Send: "Enviar" });
JAVASCRIPT
node --no-deprecation compile.mjs
cat >read.py <<'PYTHON'
import gettext
import io

import polib
from babel.messages import mofile, pofile

by_babel = io.BytesIO()
mofile.write_mo(by_babel, pofile.read_po(open("es.po", "rb")))
compiled = {
    "gettext-parser": open("es.mo", "rb").read(),
    "Babel": by_babel.getvalue(),
    "polib": polib.pofile("es.po").to_binary(),
}
for name, file in compiled.items():
    said = gettext.GNUTranslations(io.BytesIO(file)).gettext
    print(f"{name}: {said('Vote no')}, {said('Send')}, {said('Old')}")
    assert said("Vote no") == ("Vote sí" if name == "gettext-parser" else "Vote no")
    assert (said("Send"), said("Old")) == ("Enviar", "Old")
PYTHON
venv/bin/python read.py

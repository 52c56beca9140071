#!/usr/bin/env bash
# A letter in Khmer is one sentence, however many full stops it has.
#
# sentencex 1.0.32 (PyPI, about 300 languages by its summary), sentencex 1.0.17 (npm), beside Intl.Segmenter of Node.js 20; run on 2026-11-30.
# Guess: a sentence ends with the mark that ends it in its language: "។" in Khmer as "။" in Burmese.
# Seen:  both sentencex, which know Burmese, Amharic, Hindi, Urdu and Lao, do not end a sentence at the Khmer full stop, with a space behind it or
#        before it; at "?" and "!" in Khmer they do. Intl.Segmenter, which has Unicode's property for it, does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check sentencex==1.0.32
npm install --silent --no-audit --no-fund --prefix "$folder" sentencex@1.0.17
cd "$folder"
cat >texts.json <<'JSON'
[["km", "ខ្ញុំរស់នៅទីនេះ។ សូមបោះឆ្នោតប្រឆាំង។ អរគុណ។", 1],
 ["km", "ខ្ញុំរស់នៅទីនេះ ។ សូមបោះឆ្នោតប្រឆាំង ។ អរគុណ ។", 1],
 ["km", "សួរ? ឆ្លើយ! បាន។", 3],
 ["my", "မင်္ဂလာပါ။ ကန့်ကွက်ပါ။", 2],
 ["am", "ሰላም። እባክዎ።", 2],
 ["hi", "मैं यहाँ रहता हूँ। कृपया विरोध करें।", 2],
 ["ur", "میں یہاں رہتا ہوں۔ شکریہ۔", 2],
 ["lo", "ຂ້ອຍອາໄສຢູ່ທີ່ນີ້. ກະລຸນາລົງຄະແນນ.", 2]]
JSON
venv/bin/python - <<'PYTHON'
import json

from sentencex import segment

for language, text, seen in json.load(open("texts.json")):
    found = list(segment(language, text))
    print("PyPI:", language, len(found), text)
    assert len(found) == seen, found
PYTHON
cat >sentences.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { segment } from "sentencex";

for (const [language, text, seen] of JSON.parse(readFileSync("texts.json", "utf8"))) {
  const found = segment(language, text).length;
  const unicode = [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].length;
  console.log(`npm: ${language} ${found}, Intl.Segmenter ${unicode}`);
  assert.equal(found, seen);
  if (language === "km") assert.equal(unicode, 3);
}
JAVASCRIPT
node sentences.mjs

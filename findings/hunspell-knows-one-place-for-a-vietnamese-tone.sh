#!/usr/bin/env bash
# "Sức khỏe", "hòa bình" and "ủy ban" (health, peace, committee), as many write them, are spelling mistakes.
#
# hunspell 1.7.1-1 with hunspell-vi 1:7.5.0-1 (needs Debian 12 on amd64 and its lists of packages); nspell 2.1.5 with dictionary-vi 3.0.0 (npm);
# run on 2026-11-30.
# Guess: both usages are in the dictionary, the older that puts the tone on the first vowel of oa, oe and uy, and the newer that puts it on the
#        second (hoà, khoẻ, uỷ); as both kỹ and kĩ are.
# Seen:  the newer alone, in both dictionaries: every syllable of the older is reported. Where a consonant ends the syllable, or after q,
#        the two usages agree, and so do the dictionaries (hoàng, quý).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq hunspell=1.7.1-1 libhunspell-1.7-0=1.7.1-1 hunspell-vi=1:7.5.0-1 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
npm install --silent --no-audit --no-fund --prefix "$folder" nspell@2.1.5 dictionary-vi@3.0.0
OLDER="hòa hóa tòa khỏe thủy tùy ủy hủy"
OTHERS="hoà hoá toà khoẻ thuỷ tuỳ uỷ huỷ hoàng quý kỹ kĩ"
wrong=$(printf '%s\n' $OLDER $OTHERS | LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/hunspell -i utf-8 -d "$folder/root/usr/share/hunspell/vi_VN" -l)
echo "hunspell reports:" $wrong
test "$(echo $wrong)" = "$OLDER"
cat >spell.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import dictionary from "dictionary-vi";
import nspell from "nspell";

const [older, others] = process.argv.slice(2).map((words) => words.split(" "));
const speller = nspell(dictionary);
const wrong = [...older, ...others].filter((word) => !speller.correct(word));
console.log("nspell reports:", ...wrong);
assert.deepEqual(wrong, older);
JAVASCRIPT
node spell.mjs "$OLDER" "$OTHERS"

#!/usr/bin/env bash
# A spam filter that learns from words learns none from a letter in Khmer.
#
# bogofilter 1.2.5-1+b2 (needs Debian 12 on amd64 and its lists of packages); run on 2026-11-30.
# Guess: a language without spaces between its words gives one long word for each sentence.
# Seen:  nothing at all of Khmer, Lao and Burmese, in the subject or in the text: what is longer than 30 octets is no word to it, unless it is told
#        another length, and ten of these letters are 30. Such a letter is judged by its other headers alone. With zero-width spaces between its words
#        Khmer gives none either, since they do not end a word; with spaces it gives its words, as Vietnamese and Spanish do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq bogofilter-bdb=1.2.5-1+b2 libdb5.3 libgsl27 libgslcblas0 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >write.py <<'PYTHON'
import pathlib
from email.message import EmailMessage

KHMER = "សូម បោះឆ្នោត ប្រឆាំង ច្បាប់ នេះ"
TEXTS = {
    "1-spanish": "Por favor vote en contra de este proyecto",
    "2-vietnamese": "Xin hãy bỏ phiếu chống dự luật này",
    "3-khmer": KHMER.replace(" ", ""),
    "4-khmer-zero-width": KHMER.replace(" ", "\u200b"),
    "5-khmer-spaces": KHMER,
    "6-lao": "ກະລຸນາລົງຄະແນນສຽງຄັດຄ້ານຮ່າງກົດໝາຍ",
    "7-burmese": "ဤဥပဒေကြမ်းကိုကန့်ကွက်ပါ",
}
for name, text in TEXTS.items():
    letter = EmailMessage()
    letter["From"] = "org@example.org"
    letter["Subject"] = text
    letter.set_content(text, cte="8bit")
    pathlib.Path(f"{name}.eml").write_bytes(bytes(letter))
PYTHON
python3 write.py
words() {
    LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/bogolexer-bdb -C -p "${@:2}" <"$1" | grep -v -e '^head:' -e '^from:' || true
}
for letter in *.eml; do
    echo "${letter%.eml}: $(words "$letter" | wc -l)"
done | tee -a /dev/stderr >seen
words 5-khmer-spaces.eml | tail -5
test "$(words 3-khmer.eml --max-token-len=200 | wc -l)" = 2
diff seen - <<'SEEN'
1-spanish: 12
2-vietnamese: 16
3-khmer: 0
4-khmer-zero-width: 0
5-khmer-spaces: 10
6-lao: 0
7-burmese: 0
SEEN

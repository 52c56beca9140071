#!/usr/bin/env bash
# A subject in Khmer that names a bill is marked as shouted, by two spam filters.
#
# spamassassin 4.0.1-1~deb12u1 and rspamd 3.4-1 with the rules and scores they bring (needs Debian 12 on amd64 and its lists of
# packages); run on 2026-11-29.
# Guess: "Subject is all capitals" is for "PLEASE SUPPORT SB 12"; a script that has no capitals is no shouting.
# Seen:  of "please support SB 12" in Khmer, Lao, Burmese, Korean or Arabic both look at S and B alone, which are capitals.
#        SpamAssassin adds 0.5 to a letter; rspamd 3.0 for 40 characters and more, less for shorter ones, of the 6 at which it
#        marks a letter. Without the bill's number, or with one word in small Latin letters beside it, neither adds any.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq spamassassin=4.0.1-1~deb12u1 libnetaddr-ip-perl libhtml-parser-perl libnet-dns-perl rspamd=3.4-1 libhyperscan5 \
    libluajit2-5.1-2 libluajit-5.1-2 libluajit2-5.1-common libunwind8 libsodium23 libicu72 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >write.py <<'PYTHON'
import pathlib
from email.message import EmailMessage

SUBJECTS = {
    "1-english": "Please support SB 12",
    "2-khmer": "សូមគាំទ្រច្បាប់ SB 12",
    "3-lao": "ຂໍໃຫ້ສະໜັບສະໜູນ SB 12",
    "4-burmese": "SB 12 ကို ထောက်ခံပေးပါ",
    "5-korean": "법안을 지지해 주세요 SB 12",
    "6-arabic": "يرجى دعم SB 12",
    "7-khmer-no-bill": "សូមគាំទ្រច្បាប់ នេះ",
    "8-khmer-small": "សូមគាំទ្រច្បាប់ bill SB 12",
}
for name, subject in SUBJECTS.items():
    letter = EmailMessage()
    letter["From"] = "Pat Smith via Org <letters@example.org>"
    letter["To"] = "rep@example.com"
    letter["Subject"] = subject
    letter["Date"] = "Sun, 29 Nov 2026 12:00:00 +0000"
    letter["Message-ID"] = "<20261129.120000@example.org>"
    letter.set_content("Please support this bill.\n")
    pathlib.Path(f"{name}.eml").write_bytes(letter.as_bytes())
    pathlib.Path(f"{name}.txt").write_text(subject)
PYTHON
python3 write.py
cat >shouted.lua <<'LUA'
local util = require "rspamd_util"
local file = io.open(os.getenv("SUBJECT_FILE"))
print(util.is_uppercase(file:read("*a")) and "shouted" or "not")
LUA
spamassassin_points() {
    HOME="$folder" perl -T -Iroot/usr/share/perl5 -Iroot/usr/lib/x86_64-linux-gnu/perl5/5.36 root/usr/bin/spamassassin \
        -L -x -t --siteconfigpath=root/etc/spamassassin --configpath=root/usr/share/spamassassin <"$1" 2>/dev/null |
        sed -n 's/^ *\([0-9.]*\) SUBJ_ALL_CAPS .*/\1/p' | head -1
}
by_rspamd() {
    SUBJECT_FILE="$1" LD_LIBRARY_PATH=root/usr/lib/rspamd:root/usr/lib/x86_64-linux-gnu root/usr/bin/rspamadm \
        --var=RULESDIR="$folder/root/usr/share/rspamd/rules" --var=LUALIBDIR="$folder/root/usr/share/rspamd/lualib" lua -b shouted.lua
}
grep -A 12 '^rspamd_config.SUBJ_ALL_CAPS' root/usr/share/rspamd/rules/subject_checks.lua | grep -e is_uppercase -e 40.0 -e 'score = 3.0' >rule
for letter in *.eml; do
    points=$(spamassassin_points "$letter")
    echo "${letter%.eml} SpamAssassin ${points:-none} rspamd $(by_rspamd "${letter%.eml}.txt")"
done | tee -a /dev/stderr >seen
test "$(wc -l <rule)" = 3
diff seen - <<'SEEN'
1-english SpamAssassin none rspamd not
2-khmer SpamAssassin 0.5 rspamd shouted
3-lao SpamAssassin 0.5 rspamd shouted
4-burmese SpamAssassin 0.5 rspamd shouted
5-korean SpamAssassin 0.5 rspamd shouted
6-arabic SpamAssassin 0.5 rspamd shouted
7-khmer-no-bill SpamAssassin none rspamd not
8-khmer-small SpamAssassin none rspamd not
SEEN

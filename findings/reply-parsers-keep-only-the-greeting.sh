#!/usr/bin/env bash
# Of a legislator's answer three libraries keep "Dear Pat,".
#
# email-reply-parser 0.5.12 and mail-parser-reply 1.36 (PyPI), email-reply-parser 2.3.7 (npm; needs Node.js 20); run on 2026-11-29.
# Guess: taking the quoted letter off an answer takes off lines with ">" and the line over them ("On ... Pat Smith wrote:"); an
#        answer that quotes nothing comes back whole.
# Seen:  a line that begins with "On" and, somewhere later, "wrote:" at a line's end are taken for the head of a quotation, no
#        matter what stands between them, how many lines, or whether a quotation follows. All from there to the end is gone: no
#        mark, no error. With "Last Monday" for "On Monday" all three keep the whole answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check email-reply-parser==0.5.12 mail-parser-reply==1.36
npm install --silent --no-audit --no-fund --prefix "$folder" email-reply-parser@2.3.7
cd "$folder"
for begin in On Last; do
    printf 'Dear Pat,\n\n%s Monday the committee met.\nThe chair wrote:\n\nWe will vote on SB 12 in May.\n\nRep. Smith' $begin >$begin.txt
done
cat >read.py <<'PYTHON'
import sys

from email_reply_parser import EmailReplyParser
from mailparser_reply import EmailReplyParser as MailParserReply

text = open(sys.argv[1]).read()
print("PyPI email-reply-parser:", EmailReplyParser.parse_reply(text).split())
print("PyPI mail-parser-reply:", MailParserReply(languages=["en"]).parse_reply(text=text).split())
PYTHON
cat >read.js <<'JAVASCRIPT'
const fs = require('node:fs');
const parser = require('email-reply-parser');
const Parser = parser.default || parser;
const words = new Parser().read(fs.readFileSync(process.argv[2], 'utf8')).getVisibleText().split(/\s+/).filter(Boolean);
console.log('npm email-reply-parser:', `[${words.map((word) => `'${word}'`).join(', ')}]`);
JAVASCRIPT
for begin in On Last; do
    echo "$begin Monday"
    venv/bin/python read.py $begin.txt
    node read.js $begin.txt
done | tee -a /dev/stderr >seen
whole="['Dear', 'Pat,', 'Last', 'Monday', 'the', 'committee', 'met.', 'The', 'chair', 'wrote:',"
whole+=" 'We', 'will', 'vote', 'on', 'SB', '12', 'in', 'May.', 'Rep.', 'Smith']"
diff seen - <<SEEN
On Monday
PyPI email-reply-parser: ['Dear', 'Pat,']
PyPI mail-parser-reply: ['Dear', 'Pat,']
npm email-reply-parser: ['Dear', 'Pat,']
Last Monday
PyPI email-reply-parser: $whole
PyPI mail-parser-reply: $whole
npm email-reply-parser: $whole
SEEN

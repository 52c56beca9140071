#!/usr/bin/env bash
# Who reads mail as plain text reads "Dear Rep. O'Neil,<br><br>please vote".
#
# yagmail 0.16.0, aiosmtpd 1.4.6 as the server; run on 2026-11-29.
# Guess: a text with line ends is sent as it is, and beside it as HTML with `<br>`.
# Seen:  the line ends are replaced before either is made, so the plain text is one line with `<br>` in it. The HTML beside it
#        is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check yagmail==0.16.0 aiosmtpd==1.4.6
cat >"$folder/send.py" <<'PYTHON'
import email
import socket

import yagmail
from aiosmtpd.controller import Controller

TEXT = "Dear Rep. O'Neil,\n\nplease vote for it.\n"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


class Server:
    letter = b""

    async def handle_DATA(self, server, session, envelope):
        self.letter = envelope.content
        return "250 OK"


server = Server()
controller = Controller(server, hostname="127.0.0.1", port=port)
controller.start()
sender = yagmail.SMTP("org@example.org", host="127.0.0.1", port=port, smtp_starttls=False, smtp_ssl=False, smtp_skip_login=True)
sender.send("rep@example.org", "SB 12", TEXT)
controller.stop()
for part in email.message_from_bytes(server.letter).walk():
    if part.get_content_maintype() == "text":
        print(part.get_content_subtype(), repr(part.get_payload(decode=True).decode()))
PYTHON
diff <("$folder/venv/bin/python" -W ignore "$folder/send.py" | tee -a /dev/stderr) - <<'SEEN'
plain "Dear Rep. O'Neil,<br><br>please vote for it.<br>"
html "<html><head></head><body><div>Dear Rep. O'Neil,<br><br>please vote for it.<br></div></body></html>"
SEEN

#!/usr/bin/env bash
# `sendmail -f bounces@example.org`, and failures go to the address in From all the same.
#
# ssmtp 2.64-11 and esmtp 1.2-18+b1 (need Debian 12 on amd64 and its lists of packages), as `sendmail`; aiosmtpd 1.4.6 as the server;
# run on 2026-11-30.
# Guess: what stands in for sendmail takes the envelope's sender from -f, or refuses the option; so failures come back where they are read.
# Seen:  ssmtp uses -f for letters without a From alone, as its manual says: of others the envelope has the address in From (FromLineOverride), or
#        else the account's name at this host. esmtp honours -f where the recipients are arguments; with -t, which takes them from the letter, it
#        takes the sender from there too. Neither says a word, and both end with 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
cd "$folder"
apt-get download -qq ssmtp=2.64-11 esmtp=1.2-18+b1 libesmtp6 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check aiosmtpd==1.4.6
cat >serve.py <<'PYTHON'
import pathlib
import socket
import threading

from aiosmtpd.controller import Controller


class Server:
    async def handle_DATA(self, server, session, envelope):
        with open("senders", "a") as senders:
            print(envelope.mail_from, file=senders)
        return "250 OK"


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
Controller(Server(), hostname="127.0.0.1", port=port).start()
pathlib.Path("port").write_text(str(port))
threading.Event().wait(120)
PYTHON
venv/bin/python serve.py &
server=$!
for _ in $(seq 100); do test -s port && break || sleep 0.1; done
printf 'mailhub=127.0.0.1:%s\nhostname=act.example.org\n' "$(cat port)" >own.conf
(cat own.conf; echo FromLineOverride=YES) >override.conf
printf 'hostname = 127.0.0.1:%s\n' "$(cat port)" >esmtprc
printf 'From: letters@example.org\nTo: rep@example.com\nSubject: AB 969\n\nHello\n' >letter
export LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu"
send() {
    echo "$*:" >>senders
    "$@" <letter 2>/dev/null
}
cp root/usr/sbin/ssmtp root/usr/bin/esmtp .
send ./ssmtp -Coverride.conf -f bounces@example.org rep@example.com
send ./ssmtp -Cown.conf -f bounces@example.org rep@example.com
send ./esmtp -C esmtprc -f bounces@example.org rep@example.com
send ./esmtp -C esmtprc -f bounces@example.org -t
diff <(sed "s/^$(id -un)@/account@/" senders | paste - - | tee -a /dev/stderr) - <<SEEN
./ssmtp -Coverride.conf -f bounces@example.org rep@example.com:	letters@example.org
./ssmtp -Cown.conf -f bounces@example.org rep@example.com:	account@act.example.org
./esmtp -C esmtprc -f bounces@example.org rep@example.com:	bounces@example.org
./esmtp -C esmtprc -f bounces@example.org -t:	letters@example.org
SEEN

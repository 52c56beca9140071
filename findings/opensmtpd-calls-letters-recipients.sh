#!/usr/bin/env bash
# A mail server that takes so many letters over a connection says "too many recipients" of the next, which has one, and goes on refusing.
#
# opensmtpd 6.8.0p2-4+b4 (needs Debian 12 on amd64, its lists of packages, and root, for a folder as its root directory); run on 2026-12-01.
# Guess: after `smtp limit max-mails` it says 421, of messages, and ends the connection (RFC 5321, 3.8); so the rest goes over a new one.
# Seen:  MAIL is answered 452 4.5.3, "Too many recipients: Too many messages sent", before any recipient was named. 4.5.3 is RFC 3463's for too many
#        recipients of one message, for which RFC 5321 (4.5.3.1.10) has the others sent in a further transaction. That gets the same answer, after
#        RSET too, and the connection stays open for as long as the client asks; over a new one the letter goes.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" && wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
mkdir packages
(cd packages && apt-get download -qq opensmtpd=6.8.0p2-4+b4 base-files libc6 libgcc-s1 zlib1g libssl3 libdb5.3 libevent-2.1-7 libcrypt1 libpam0g libaudit1 \
    libcap-ng0 2>/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
cat >root/etc/passwd <<'USERS'
root:x:0:0::/root:/bin/false
opensmtpd:x:64902:64902::/var/lib/opensmtpd/empty:/bin/false
opensmtpq:x:64903:64903::/var/lib/opensmtpd/empty:/bin/false
USERS
cut -d: -f1-3 root/etc/passwd | sed 's/$/:/' >root/etc/group
echo mail.example.org >root/etc/mailname
echo '127.0.0.1 localhost mail.example.org' >root/etc/hosts
echo nameserver 127.0.0.1 >root/etc/resolv.conf
cat >root/etc/smtpd.conf <<CONF
smtp limit max-mails 3
listen on 127.0.0.1 port $port
action "on" relay host "smtp://127.0.0.1:9"
match from any for any action "on"
CONF
mkdir -p root/dev root/run root/tmp root/var/run root/var/lib/opensmtpd/empty root/var/spool/smtpd/offline root/var/spool/smtpd/purge
mknod -m 666 root/dev/null c 1 3
chmod 711 root/var/spool/smtpd
chown 0:64903 root/var/spool/smtpd/offline
chmod 770 root/var/spool/smtpd/offline
chown 64903:0 root/var/spool/smtpd/purge
chmod 700 root/var/spool/smtpd/purge
chroot root /usr/sbin/smtpd -d -f /etc/smtpd.conf >log 2>&1 &
server=$!
cat >send.py <<'PYTHON'
import smtplib
import sys
import time


def connected():
    for _try in range(100):
        try:
            connection = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60)
        except OSError:
            time.sleep(0.1)
            continue
        connection.ehlo("client.example")
        return connection
    sys.exit(open("log").read())


def send(connection):
    for answer in (connection.mail("b@example.org"), connection.rcpt("rep@example.com"), connection.data(b"Subject: AB 969\r\n\r\nHello\r\n")):
        assert answer[0] == 250, answer


def told(what, answer):
    print(what, answer[0], answer[1].decode())


first = connected()
for _letter in range(3):
    send(first)
told("MAIL", first.mail("b@example.org"))
told("MAIL", first.mail("b@example.org"))
told("RSET", first.rset())
told("MAIL", first.mail("b@example.org"))
told("NOOP", first.noop())
second = connected()
told("a new connection: MAIL", second.mail("b@example.org"))
PYTHON
python3 send.py "$port" | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
MAIL 452 4.5.3 Too many recipients: Too many messages sent
MAIL 452 4.5.3 Too many recipients: Too many messages sent
RSET 250 2.0.0 Reset state
MAIL 452 4.5.3 Too many recipients: Too many messages sent
NOOP 250 2.0.0 Ok
a new connection: MAIL 250 2.0.0 Ok
SEEN

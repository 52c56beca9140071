#!/usr/bin/env bash
# A client that may have one connection at once, and five an hour, asks for a second in vain; then it does not get back in at all, and is told the same.
#
# postfix 3.7.11-0+deb12u1 (needs Debian 12 on amd64, its lists of packages, and root, for a folder as its root directory); run on 2026-12-01.
# Guess: a connection that is refused since another is open takes nothing from what smtpd_client_connection_rate_limit allows, and who came too often
#        is told so, in other words than who has too many open.
# Seen:  each refused one counts: the one that was let in and four others that were not are all that this hour has. Both limits are answered by the same
#        sentence, "too many connections", so a client cannot know whether closing one helps, or only waiting. (The manual limits "connection attempts";
#        "regardless of whether or not Postfix actually accepts those" it says of letters, recipients and AUTH alone.)
set -euo pipefail
folder=$(mktemp -d)
server=
stop() { test -z "$server" || { kill "$server" && wait "$server" || true; } 2>/dev/null; server=; }
trap 'stop; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
mkdir packages
(cd packages && apt-get download -qq postfix=3.7.11-0+deb12u1 libc6 libdb5.3 libicu72 libnsl2 libtirpc3 libsasl2-2 libssl3 libgcc-s1 libstdc++6 libgssapi-krb5-2 \
    libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 2>/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
printf '%s\n' root:x:0:0::/root:/bin/false postfix:x:64905:64905::/var/spool/postfix:/bin/false nobody:x:65534:65534::/:/bin/false >root/etc/passwd
printf '%s\n' root:x:0: postfix:x:64905: postdrop:x:64906: nogroup:x:65534: >root/etc/group
mkdir -p root/dev root/run root/tmp root/var/lib/postfix root/var/spool/postfix/{pid,private,public}
mknod -m 666 root/dev/null c 1 3
chown 64905 root/var/lib/postfix root/var/spool/postfix/{private,public}
chmod 700 root/var/spool/postfix/private
cat >root/etc/postfix/master.cf <<CONF
127.0.0.1:$port inet n - n - - smtpd
anvil unix - - n - 1 anvil
CONF
cat >ask.py <<'PYTHON'
import socket
import sys
import time


def greeting():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
    return connection, connection.makefile().readline().strip()


for _try in range(300):
    try:
        first, words = greeting()
        break
    except ConnectionRefusedError:  # it is not up yet
        time.sleep(0.1)
assert words.startswith("220"), words
print("the first:", words)
for _more in range(4):
    print("another beside it:", greeting()[1])
first.sendall(b"QUIT\r\n")
assert first.recv(1000).startswith(b"221")
first.close()
for _try in range(30):  # it takes a moment until the first counts no more
    again, words = greeting()
    if words.startswith("220"):
        break
    again.close()
    time.sleep(0.1)
print("one after it:", words)
PYTHON
with() {
    printf '%s\n' compatibility_level=3.6 myhostname=mail.example.org smtpd_client_event_limit_exceptions= anvil_rate_time_unit=1h local_recipient_maps= \
        smtpd_client_connection_count_limit=1 smtpd_client_connection_rate_limit="$1" >root/etc/postfix/main.cf
    chroot root /usr/lib/postfix/sbin/master -c /etc/postfix -d 2>>log &
    server=$!
    echo "$1 an hour, 4 refused:"
    python3 ask.py "$port"
    stop
}
{
    with 0
    with 40
    with 5
} | tee -a /dev/stderr >seen
sed -i 's/421 4.7.0 mail.example.org Error: too many connections from 127.0.0.1/too many/; s/220 mail.example.org ESMTP Postfix/welcome/' seen
diff seen - <<'SEEN'
0 an hour, 4 refused:
the first: welcome
another beside it: too many
another beside it: too many
another beside it: too many
another beside it: too many
one after it: welcome
40 an hour, 4 refused:
the first: welcome
another beside it: too many
another beside it: too many
another beside it: too many
another beside it: too many
one after it: welcome
5 an hour, 4 refused:
the first: welcome
another beside it: too many
another beside it: too many
another beside it: too many
another beside it: too many
one after it: too many
SEEN

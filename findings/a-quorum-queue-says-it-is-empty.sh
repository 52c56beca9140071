#!/usr/bin/env bash
# A quorum queue of RabbitMQ says that it is empty after it confirmed a message.
#
# rabbitmq-server 3.10.8-1.1+deb12u1 (needs Debian 12 on amd64, root, and its lists of packages), amqp 5.4.2; run on 2026-11-30.
# Guess: who published a message, was told by the broker that it has it (publisher confirms), and then asks for the queue's length on the
#        same channel, hears 1 of a quorum queue as of a classic one.
# Seen:  of a classic queue always 1. Of a quorum queue 0, most times, and 1 some hundredths of a second later: its length is told from a
#        count that is brought up to date on the side. Who adds a message only where none waits, or scales by the length, sees it late.
set -euo pipefail
folder=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
trap 'kill $(cat "$folder/pids") 2>/dev/null || true; sleep 2; rm -rf "$folder"' EXIT
cd "$folder"
: >pids
chmod 755 .
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check amqp==5.4.2 vine==5.1.0
apt-get download -qq rabbitmq-server=3.10.8-1.1+deb12u1 $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances rabbitmq-server dash coreutils | grep -E '^(erlang-[a-z0-9-]+|lib[a-z0-9.+-]+|zlib1g|dash|coreutils)$' | sort -u) 2>/dev/null
mkdir root
for package in *.deb; do dpkg -x "$package" root; done
mkdir -p root/tmp root/dev root/run root/root root/var/lib/rabbitmq/mnesia root/var/log/rabbitmq root/etc/rabbitmq
mknod -m 666 root/dev/null c 1 3
echo '127.0.0.1 localhost' >root/etc/hosts
echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
echo '[].' >root/etc/rabbitmq/enabled_plugins
cat >root/etc/rabbitmq/rabbitmq.conf <<CONF
listeners.tcp.1 = 127.0.0.1:$port
vm_memory_calculation_strategy = erlang
vm_memory_high_watermark.absolute = 400MB
disk_free_limit.absolute = 10MB
CONF
erts=/usr/lib/erlang/$(basename root/usr/lib/erlang/erts-*)/bin
home=/usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8
export HOME=/root LANG=C.UTF-8 ROOTDIR=/usr/lib/erlang BINDIR="$erts" EMU=beam PROGNAME=erl ERL_EPMD_PORT=$((port + 1)) ERL_EPMD_ADDRESS=127.0.0.1 \
    ERL_LIBS="$home/plugins" RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_DIST_PORT=$((port + 2)) RABBITMQ_HOME="$home" \
    RABBITMQ_PLUGINS_DIR="$home/plugins" RABBITMQ_MNESIA_BASE=/var/lib/rabbitmq/mnesia RABBITMQ_LOG_BASE=/var/log/rabbitmq \
    RABBITMQ_CONFIG_FILE=/etc/rabbitmq/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=/etc/rabbitmq/enabled_plugins
chroot root "$erts/epmd" -address 127.0.0.1 >epmd.log 2>&1 &
echo $! >>pids
chroot root "$erts/erlexec" -noinput -s rabbit boot -boot start_sasl +W w >rabbit.log 2>&1 &
echo $! >>pids
cat >ask.py <<'PYTHON'
import sys
import time

import amqp

ROUNDS = 20


def connected():
    end = time.monotonic() + 600
    while True:
        try:
            connection = amqp.Connection(f"127.0.0.1:{sys.argv[1]}", confirm_publish=True, connect_timeout=5, read_timeout=30)
            connection.connect()
            return connection
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def length(channel, name):
    return channel.queue_declare(name, passive=True).message_count


channel = connected().channel()
empty = {}
for kind in ("classic", "quorum"):
    empty[kind] = 0
    channel.queue_declare(kind, durable=True, auto_delete=False, arguments={"x-queue-type": kind})
    for _ in range(ROUNDS):
        channel.basic_publish_confirm(amqp.Message("x"), routing_key=kind)
        empty[kind] += length(channel, kind) == 0
        while length(channel, kind) == 0:
            time.sleep(0.01)
        while channel.basic_get(kind, no_ack=True) is None:
            time.sleep(0.01)
        while length(channel, kind):
            time.sleep(0.01)
    print(f"{kind}: of {ROUNDS} confirmed messages {empty[kind]} times the queue said right then that it has none")
sys.exit(not (empty["classic"] == 0 and empty["quorum"] > ROUNDS // 2))
PYTHON
env/bin/python ask.py "$port" || { tail -n 20 rabbit.log; exit 1; }

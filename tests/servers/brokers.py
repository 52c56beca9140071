"""A private RabbitMQ and a private Redis, which can be killed and come back with what they kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.ports import free_ports
from tests.servers.room import Room, room

RABBITMQ: Final = "rabbitmq"
RABBITMQ_PACKAGES: Final = ("rabbitmq-server", "libc6", "dash", "coreutils")
REDIS: Final = "redis"
REDIS_PACKAGES: Final = ("redis-server", "redis-tools", "libc6")
VALKEY_PACKAGES: Final = ("valkey-server", "valkey-tools", "libc6")  # the same to us; from Debian 13 on
PASSWORD: Final = "tinyhidden"  # of both; nothing may show it


def is_erlang(package: str) -> bool:
    return package.startswith(("lib", "zlib", "erlang"))


@dataclass(frozen=True, kw_only=True)
class Broker:
    """A running one, with the address that ACTIONMAIL_BROKER_URL takes."""

    url: str
    room: Room
    start: Callable[[], None]

    @contextmanager
    def away(self) -> Iterator[None]:
        """Killed meanwhile."""
        self.room.kill()
        try:
            yield
        finally:
            self.start()


@contextmanager
def private_redis() -> Iterator[Broker]:
    """Keeps what it has on its disk, as an installation's should. It is a Valkey where one was unpacked in its place.

    Raises NoServer with a sentence.
    """
    with room(REDIS) as this:
        has_valkey = (this.folder / "usr/bin/valkey-server").exists()
        program = "/usr/bin/valkey-server" if has_valkey else "/usr/bin/redis-server"
        command = (program, "--bind", "127.0.0.1", "--port", str(this.port), "--dir", "/var/tmp")
        options = ("--requirepass", PASSWORD, "--appendonly", "yes", "--appendfsync", "always", "--save", "")

        def start() -> None:  # Valkey does not start in a language that is not there
            this.start(*command, *options, greets=False, env={"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C"})

        start()
        yield Broker(url=f"redis://:{PASSWORD}@127.0.0.1:{this.port}/0", room=this, start=start)


@contextmanager
def private_rabbitmq() -> Iterator[Broker]:
    """As Debian has it, in one node. Raises NoServer with a sentence."""
    with room(RABBITMQ) as this:
        (epmd_port,) = free_ports(1)
        this.write(
            "etc/rabbitmq/rabbitmq.conf",
            f"listeners.tcp.1 = 127.0.0.1:{this.port}\ndefault_user = actionmail\ndefault_pass = {PASSWORD}\n"
            "default_vhost = actionmail\nloopback_users = none\ndisk_free_limit.absolute = 10MB\n"
            "vm_memory_calculation_strategy = erlang\nvm_memory_high_watermark.absolute = 400MB\n"  # there is no /proc
            "log.console = true\nlog.console.level = warning\nlog.file = false\n",
        )
        this.write("etc/rabbitmq/enabled_plugins", "[].\n")
        (erts,) = (this.folder / "usr/lib/erlang").glob("erts-*")
        (server,) = (this.folder / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")
        programs = Path("/") / erts.relative_to(this.folder) / "bin"
        home = Path("/") / server.relative_to(this.folder)
        environment = {
            **{"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"},
            **{"ROOTDIR": "/usr/lib/erlang", "BINDIR": str(programs), "EMU": "beam", "PROGNAME": "erl"},
            **{"ERL_EPMD_PORT": str(epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_LIBS": f"{home}/plugins"},
            **{"RABBITMQ_NODENAME": "rabbit@localhost", "RABBITMQ_DIST_PORT": str(this.office_port)},
            **{"RABBITMQ_HOME": str(home), "RABBITMQ_PLUGINS_DIR": f"{home}/plugins"},
            **{"RABBITMQ_MNESIA_BASE": "/var/lib/rabbitmq/mnesia", "RABBITMQ_LOG_BASE": "/var/log/rabbitmq"},
            **{"RABBITMQ_CONFIG_FILE": "/etc/rabbitmq/rabbitmq.conf", "RABBITMQ_PID_FILE": "/run/rabbitmq.pid"},
            "RABBITMQ_ENABLED_PLUGINS_FILE": "/etc/rabbitmq/enabled_plugins",
        }
        for name in ("var/lib/rabbitmq/mnesia", "var/log/rabbitmq"):
            (this.folder / name).mkdir(parents=True, exist_ok=True)
        this.start_unasked(f"{programs}/epmd", "-address", "127.0.0.1", env=environment)
        arguments = ("-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl", "+W", "w", "+S", "2")

        def start() -> None:
            this.start(f"{programs}/erlexec", *arguments, greets=False, env=environment)

        start()
        yield Broker(url=f"amqp://actionmail:{PASSWORD}@127.0.0.1:{this.port}/actionmail", room=this, start=start)

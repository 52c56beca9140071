"""`python -m tests.servers` brings mail servers, brokers, spam filters and promtool into .venv, where it can."""

from __future__ import annotations

import sys

from tests import debian
from tests.servers import brokers, courier, exim, opensmtpd, promtool, rspamd, spamassassin


def main() -> None:
    """What is missing then is said by the tests, which fail."""
    for server in (courier, exim, opensmtpd, rspamd):
        _bring(server.NAME, server.PACKAGES)
    _bring(spamassassin.NAME, spamassassin.PACKAGES, spamassassin.is_module)
    _bring(brokers.REDIS, brokers.REDIS_PACKAGES)
    _bring(brokers.RABBITMQ, brokers.RABBITMQ_PACKAGES, brokers.is_erlang)
    _bring(promtool.NAME, promtool.PACKAGES, promtool.alone)


def _bring(name: str, packages: tuple[str, ...], also: debian.Wanted = debian.is_library) -> None:
    try:
        debian.unpack(name, *packages, also=also)
    except debian.NotUnpacked as error:
        print(f"{name} could not be fetched: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()

"""`python -m tests.servers` brings Exim and OpenSMTPD into folders of the environment, where they can be had."""

from __future__ import annotations

import sys

from tests import debian
from tests.servers import exim, opensmtpd


def main() -> None:
    """What is missing then is said by the tests, which fail."""
    for name, packages in ((exim.NAME, exim.PACKAGES), (opensmtpd.NAME, opensmtpd.PACKAGES)):
        try:
            debian.unpack(name, *packages)
        except debian.NotUnpacked as error:
            print(f"{name} could not be fetched: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()

"""age and GnuPG, to whose keys backups are encrypted.

`python -m tests.encryption` installs what is missing where it can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess

ADVICE = "Without age and gpg encrypted backups cannot be tested; install them with: apt-get install age gnupg"


def is_there() -> bool:
    return all(shutil.which(program) for program in ("age", "age-keygen", "gpg", "gpgconf"))


def main() -> None:
    """As far as root can; what is missing then is said by the tests, which fail."""
    if not is_there() and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "age", "gnupg"]
        subprocess.run(install, env=environment, check=False, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    main()

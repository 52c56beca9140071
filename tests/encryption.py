"""age and GnuPG, to whose keys backups are encrypted.

`python -m tests.encryption` installs what is missing where it can be had.
"""

from __future__ import annotations

import shutil

from tests import debian

ADVICE = "Without age and gpg encrypted backups cannot be tested; install them with: apt-get install age gnupg"


def is_there() -> bool:
    return all(shutil.which(program) for program in ("age", "age-keygen", "gpg", "gpgconf"))


def main() -> None:
    """As far as root can; what is missing then is said by the tests, which fail."""
    if not is_there() and debian.may_install():
        debian.install("age", "gnupg")


if __name__ == "__main__":
    main()

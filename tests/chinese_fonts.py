"""Noto CJK, which papers in Chinese are set in.

`python -m tests.chinese_fonts` installs it where it is missing and can be had.
"""

from __future__ import annotations

from actionmail.gateways.documents.fonts import Fonts
from actionmail.settings import bundled
from tests import debian

ADVICE = "There is no Noto CJK, so papers in Chinese cannot be tested; install it with: apt-get install fonts-noto-cjk"


def are_there() -> bool:
    fonts = Fonts(bundled("data") / "fonts", "zh-Hans")
    fonts.for_cluster("玉")
    return not fonts.unprintable


def main() -> None:
    """As far as root can; what is missing then is said by the tests, which fail."""
    if not are_there() and debian.may_install():
        debian.install("fonts-noto-cjk")


if __name__ == "__main__":
    main()

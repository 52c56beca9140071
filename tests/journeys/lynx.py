"""Lynx, at a terminal that nobody sees, by a script of keys: each waits for the page that the one before asked for."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from pathlib import Path
from typing import Final

from tests.journeys.other_browsers import offline

_PATIENCE: Final = 120  # seconds without a word
_OPTIONS: Final = (
    "-accept_all_cookies",
    "-nocolor",
    "-nopause",
    "-tna",  # a key is a command until a field is opened, and text afterwards
    "-cfg=/dev/null",
    "-session=",
)


class Keys:
    """What is pressed, in order; each method gives the keys back, so that they can be told in a row."""

    def __init__(self) -> None:
        self.pressed: list[str] = []

    def find(self, text: str) -> Keys:
        """To the first field or link at or behind these words."""
        return self._key("/")._type(text)._key("^J")

    def write(self, text: str) -> Keys:
        """Into the field; then on to the next one."""
        return self._key("^J")._type(text)._key("^I")

    def press(self) -> Keys:
        return self._key("^J")

    def down(self) -> Keys:
        return self._key("Down Arrow")

    def save_and_quit(self, file: Path) -> Keys:
        """The page as text into a file, in place of the name that is offered, and the end."""
        return self._key("p")._key("^J")._key("^U")._type(str(file))._key("^J")._key("Q")

    def _type(self, text: str) -> Keys:
        for letter in text:
            self._key("<space>" if letter == " " else letter)
        return self

    def _key(self, name: str) -> Keys:
        self.pressed.append(f"key {name}\n")
        return self


def browse(program: str, url: str, keys: Keys, folder: Path) -> str:
    """The text of the page on which the keys end."""
    script, saved = folder / "keys", folder / "page.txt"
    script.write_text("".join(keys.save_and_quit(saved).pressed), encoding="utf-8")
    environment = {**offline(), "TERM": "vt100", "HOME": str(folder), "LINES": "40", "COLUMNS": "100"}
    command = [program, *_OPTIONS, f"-cmd_script={script}", url]
    ours, theirs = pty.openpty()
    lynx = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder)
    os.close(theirs)
    try:
        screens = _read_all(ours)
    finally:
        lynx.kill()
        lynx.wait()
        os.close(ours)
    assert saved.is_file(), f"the keys lead elsewhere: {screens[-2000:]!r}"
    return saved.read_text(encoding="utf-8", errors="replace")


def _read_all(terminal: int) -> bytes:
    """What it writes until it ends, or waits for a key that nobody presses."""
    screens = b""
    while select.select([terminal], [], [], _PATIENCE)[0]:
        try:
            screens += os.read(terminal, 65536)
        except OSError:  # how a terminal says that nobody is at its other end any more
            break
    return screens

"""What the peers share: the letter, one way to send it, and when each task began and ended."""

from __future__ import annotations

import json
import os
import smtplib
import struct
import time
from email.message import EmailMessage
from pathlib import Path

LETTER_OCTETS = 2048
LINE = "I am writing as a constituent, and I ask you to vote no on this bill."
BODY = "\n".join([LINE] * 22) + "\n"  # with its headers about LETTER_OCTETS


def letter(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Mai Example via Example Org <letters@act.example.org>"
    message["Reply-To"] = f"Mai Example <mai{number}@example.org>"
    message["To"] = f"rep.{number % 132}@legis.example"
    message["Subject"] = "Oppose AB 969 - a constituent in 53703"
    message["Message-ID"] = f"<am.{number:026d}@act.example.org>"
    message["Date"] = "Wed, 04 Mar 2026 09:12:05 -0600"
    message.set_content(BODY)
    return message


def send(number: int) -> None:
    """Build, connect, send: what a task that sends one letter does."""
    with smtplib.SMTP("127.0.0.1", int(os.environ["BENCH_PORT"]), local_hostname="act.example.org") as client:
        client.send_message(letter(number), from_addr=f"b+{number}@act.example.org")


class Stamps:
    """When each task began and ended, over all of a peer's processes (CLOCK_MONOTONIC is the machine's)."""

    SIZE = struct.calcsize("dd")

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def add(self, begun: float) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(struct.pack("dd", begun, time.monotonic()))

    def wait(self, count: int, timeout: float = 120) -> str:
        end = time.monotonic() + timeout
        while not self._path.exists() or self._path.stat().st_size < count * self.SIZE:
            if time.monotonic() > end:
                raise SystemExit(f"only {self._path.stat().st_size // self.SIZE} of {count} tasks were done")
            time.sleep(0.02)
        return self.result()

    def result(self) -> str:
        raw = self._path.read_bytes()
        pairs = [struct.unpack_from("dd", raw, i) for i in range(0, len(raw), self.SIZE)]
        return report(min(p[0] for p in pairs), max(p[1] for p in pairs), len(pairs))


def report(start: float, end: float, letters: int) -> str:
    return json.dumps({"start": start, "end": end, "letters": letters})


def sent(number: int) -> None:
    begun = time.monotonic()
    send(number)
    Stamps(os.environ["BENCH_STAMPS"]).add(begun)

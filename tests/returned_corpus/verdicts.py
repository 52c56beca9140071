"""What a returned mail may be: its kind, whom it is about, and what it says beyond its letter."""

from __future__ import annotations

DEAD = ("bounce", "mailbox", "suspect address")
FULL = ("full", "mailbox", "")
POLICY = ("bounce", "domain", "suspect domain")
CLOSED = ("bounce", "mailbox", "")
LATER = ("gave up", "nobody", "")
PACE = ("gave up", "mailbox", "")
SIZE = ("bounce", "letter", "")
UNCLEAR = ("bounce", "nobody", "")
OURS = ("bounce", "us", "")
DELAYED = ("delayed",)
MACHINE = ("auto reply",)
PERSON = ("reply",)
HELD = ("unknown",)
TOLD = ("feedback",)

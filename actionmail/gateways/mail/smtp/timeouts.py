"""How long a mail server may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long to wait, in seconds (RFC 5321 4.5.3.2), and how long to keep a connection."""

    connect: float = 30.0
    greeting: float = 300.0
    further: float = 5.0  # for a further connection to take letters: those that do wait meanwhile
    mail: float = 300.0
    ahead: float = 10.0  # for MAIL that was sent ahead, once what went before it is answered
    rcpt: float = 300.0
    data: float = 120.0
    final_dot: float = 600.0
    handover: float = 900.0  # everything that one `deliver` does
    connection_letters: int = 100
    connection_age: float = 300.0

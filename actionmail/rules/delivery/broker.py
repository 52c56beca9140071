"""What can be said of a broker: the program through which workers on several machines are woken."""

from __future__ import annotations


class BrokerAway(Exception):
    """It cannot be used now; `detail` is why, in its own or the system's words, without a password."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

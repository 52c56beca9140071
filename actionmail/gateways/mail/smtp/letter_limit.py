"""How many letters one server takes over a connection."""

from __future__ import annotations

from time import monotonic

_KNOWN_FOR = 3600.0  # seconds after which a connection is tried as if the server had said nothing


class LetterLimit:
    """`usual` until the server says that it takes fewer; shared by all connections to it."""

    def __init__(self, usual: int) -> None:
        self._usual = usual
        self._met = usual
        self.until = 0.0

    @property
    def is_known(self) -> bool:
        return monotonic() < self.until

    @property
    def letters(self) -> int:
        return self._met if self.is_known else self._usual

    def met(self, letters: int) -> None:
        """The server took no more after so many."""
        self._met, self.until = min(self.letters, letters), monotonic() + _KNOWN_FOR

    def was_none(self) -> None:
        """A connection that had carried nothing met the same answer: it was about something else."""
        self.until = 0.0

"""Reading a whole place of returned mail: each mail in a transaction of its own, and marked as done only after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.flows.delivery.inbound import Envelope, receive
from actionmail.flows.delivery.office_answers import keep_forward
from actionmail.flows.delivery.received import Kind, Received
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.rules.delivery.forwarding import House
from actionmail.settings import Keys


class Mail(Protocol):
    """One mail as it came. `key` is its place's own name for it."""

    @property
    def key(self) -> str: ...

    @property
    def raw(self) -> bytes: ...


class Place(Protocol):
    """Somewhere returned mail lies; see `gateways.mail.returned_mail`."""

    def new(self) -> Iterator[Mail]: ...

    def done(self, key: str) -> None: ...


class Reader(Struct, frozen=True, kw_only=True):
    """Who reads: with which `secret` the tokens were made, and in whose name answers are passed on."""

    write: WriteSessions
    clock: Callable[[], datetime]
    secret: Keys
    house: House

    def read(self, raw: bytes, *, recipient: str = "", sender: str | None = None) -> Received:
        """What one mail means, written down, an answer to be passed on with it."""
        now = self.clock()
        with self.write() as session:
            return self._receive(session, raw, recipient, sender, now)

    def read_all(self, place: Place, tell: Callable[[Received], None]) -> Counter[Kind]:
        """Every new mail of a place, how many of each kind. What is postponed stays new."""
        counts: Counter[Kind] = Counter()
        for mail in place.new():
            received = self.read(mail.raw)
            counts[received.kind] += 1
            tell(received)
            if received.kind is not Kind.POSTPONED:
                place.done(mail.key)
        return counts

    def _receive(self, session: Session, raw: bytes, recipient: str, sender: str | None, now: datetime) -> Received:
        return receive(
            session,
            raw,
            secret=self.secret,
            now=now,
            house=self.house,
            forward=lambda letter: keep_forward(session, letter, now=now),
            envelope=Envelope(recipient=recipient, sender=sender),
        )

"""The letters of one handover, and what became of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from actionmail.rules.delivery.states import Outcome, Parcel
from actionmail.rules.delivery.trouble import Trouble


class Work:
    """The parcels of one handover, shared by its connections."""

    def __init__(self, parcels: Iterable[Parcel]) -> None:
        self.waiting = deque(parcels)
        self.outcomes: dict[int, Outcome] = {}
        self.trouble: Trouble | None = None

    def take(self) -> Parcel | None:
        if self.trouble:
            return None
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def put_back(self, parcel: Parcel) -> None:
        self.waiting.appendleft(parcel)

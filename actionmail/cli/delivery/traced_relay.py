"""A relay whose answers stand in the letters' traces."""

from __future__ import annotations

import time
from collections.abc import Sequence

from actionmail.flows.delivery.worker import Relay
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble
from actionmail.web.platform.traces import LetterTraces


class TracedRelay:
    """Does what the other one does, and tells it."""

    def __init__(self, relay: Relay, traces: LetterTraces) -> None:
        self._relay = relay
        self._traces = traces

    def check(self) -> Trouble | None:
        return self._relay.check()

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        began = time.time_ns()
        done = self._relay.deliver(parcels)
        ended = time.time_ns()
        for parcel in parcels:
            if outcome := done.outcomes.get(parcel.id):
                self._traces.handed_over(parcel, outcome, began=began, ended=ended)
        return done

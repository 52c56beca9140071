"""A relay whose answers are counted for Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from actionmail.flows.delivery.worker import Relay
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble
from actionmail.web.platform.metrics import DeliveryCounters


class MeasuredRelay:
    """Does what the other one does, and counts."""

    def __init__(self, relay: Relay, counters: DeliveryCounters) -> None:
        self._relay = relay
        self._counters = counters

    def check(self) -> Trouble | None:
        trouble = self._relay.check()
        self._count_trouble(trouble)
        return trouble

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        began = perf_counter()
        done = self._relay.deliver(parcels)
        self._counters.window(perf_counter() - began)
        for outcome in done.outcomes.values():
            self._counters.count(outcome.state.value, outcome.code)
        self._count_trouble(done.trouble)
        return done

    def _count_trouble(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            self._counters.trouble(trouble.code.value)

"""A relay whose answers stand in the log, one line of JSON for each letter."""

from __future__ import annotations

from collections.abc import Sequence

from actionmail.cli.delivery.log import write_json
from actionmail.flows.delivery.worker import Relay
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble


class LoggedRelay:
    """Does what the other one does, and tells it. The server's words are left out: they may name the supporter."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def check(self) -> Trouble | None:
        return self._relay.check()

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        done = self._relay.deliver(parcels)
        for number, outcome in done.outcomes.items():
            write_json(
                "letter",
                letter=number,
                outcome=outcome.state.value,
                code=outcome.code,
                enhanced=outcome.enhanced,
                queue_id=outcome.queue_id,
            )
        return done

"""The sentences in which delivery's commands say what they cannot do."""

from __future__ import annotations

from datetime import timedelta

from actionmail.flows.delivery import ClockSkew, TablesMissing
from actionmail.flows.delivery.stops import Stop, UnknownScope
from actionmail.rules.delivery.rates import Scope

TABLES_MISSING = "The database's tables are missing or old; run `actionmail migrate`."


def why_a_worker_ends(error: ClockSkew | TablesMissing) -> str:
    """Why nothing is sent until a person has mended it."""
    if isinstance(error, TablesMissing):
        return TABLES_MISSING
    return f"{skew(error.skew)} Set both clocks right (NTP), then start again; until then nothing is sent from here."


def skew(by: timedelta) -> str:
    """How this machine's clock differs from the database's; `by` is positive where it is ahead."""
    way = "ahead of" if by > timedelta(0) else "behind"
    return f"This machine's clock is {abs(by).total_seconds():.0f} seconds {way} the database's."


def unknown_scope(error: UnknownScope) -> str:
    if error.scope is Scope.CAMPAIGN:
        return f"There is no campaign {error.name}."
    return f"There is no legislator with the number {error.name}."


def option_of(stop: Stop) -> str:
    """A stop in the words of the command that takes it away."""
    return f"--{stop.scope} {stop.name}".strip()

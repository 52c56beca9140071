"""The sentences in which delivery's commands say what they cannot do."""

from __future__ import annotations

from datetime import timedelta

from actionmail.cli import TABLES_ARE_OLD
from actionmail.flows.delivery import ClockSkew, TablesMissing
from actionmail.flows.delivery.received import Alert, AlertCode, Received
from actionmail.flows.delivery.stops import Stop, UnknownScope
from actionmail.rules.delivery.dkim import RSA_BITS, KeyFault, KeyRefused
from actionmail.rules.delivery.rates import Scope


def why_a_worker_ends(error: ClockSkew | TablesMissing) -> str:
    """Why nothing is sent until a person has mended it."""
    if isinstance(error, TablesMissing):
        return TABLES_ARE_OLD
    return f"{skew(error.skew)} Set both clocks right (NTP), then start again; until then nothing is sent from here."


def skew(by: timedelta) -> str:
    """How this machine's clock differs from the database's; `by` is positive where it is ahead."""
    way = "ahead of" if by > timedelta(0) else "behind"
    return f"This machine's clock is {abs(by).total_seconds():.0f} seconds {way} the database's."


def key_refused(error: KeyRefused) -> str:
    """Why letters cannot be signed with a key."""
    match error.fault:
        case KeyFault.SELECTOR:
            return f"{error.selector!r} cannot be a DKIM selector; use letters, digits, dots and hyphens."
        case KeyFault.NOT_PEM:
            return f"The DKIM key of {error.selector} is not an unencrypted private key in PEM form."
        case KeyFault.TOO_WEAK:
            return f"The DKIM key of {error.selector} must be RSA with at least {RSA_BITS} bits, or Ed25519."


def unknown_scope(error: UnknownScope) -> str:
    if error.scope is Scope.CAMPAIGN:
        return f"There is no campaign {error.name}."
    return f"There is no legislator with the number {error.name}."


def option_of(stop: Stop) -> str:
    """A stop in the words of the command that takes it away."""
    return f"--{stop.scope} {stop.name}".strip()


def line_of(received: Received) -> str:
    """What became of a mail that came back; names nobody."""
    if received.message is None:
        return f"{received.kind}: left alone"
    moved = f", {received.before} -> {received.after}" if received.before != received.after else ""
    extra = f" {received.status}" if received.status else ""
    passed_on = ", passed on" if received.forwarded else ""
    return f"{received.kind}{extra}: letter {received.message}{moved}{passed_on}"


def alert_words(alert: Alert) -> str:
    """What staff should look at."""
    letter = alert.message
    match alert.code:
        case AlertCode.ADDRESS_ON_HOLD:
            return f"The address of letter {letter} is on hold: two supporters' letters came back from it."
        case AlertCode.DOMAIN_STOPPED:
            return f"{alert.domain} sent letter {letter} back, refused by policy ({alert.detail}); it is stopped."
        case AlertCode.COMPLAINT:
            return f"{alert.domain} reports letter {letter} as {alert.detail}. Its campaign is stopped."
        case AlertCode.UNREADABLE:
            return f"Letter {letter}: A mail came back that cannot be read. {alert.detail}"

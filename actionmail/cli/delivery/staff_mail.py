"""Mail to the staff that a worker writes: handed over with no transaction open, to each at their own address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.delivery.supporter_mail import Relay
from actionmail.rules.delivery.states import Parcel, State
from actionmail.rules.staff.staff_letters import StaffLetter
from actionmail.settings import Settings


def hand_over(
    letters: Sequence[tuple[str, StaffLetter]],
    settings: Settings,
    relay: Relay,
    *,
    now: datetime,
    sign: Callable[[bytes], bytes] | None = None,
) -> set[str]:
    """The addresses whose letter the mail server took. One with other letters than a to z gets none.

    `sign` puts DKIM signatures before the bytes.
    """
    parcels = []
    for number, (email, letter) in enumerate(letters):
        if not email.isascii():
            continue
        raw = automatic_mail(settings, recipient=email, subject=letter.subject, text=letter.text, date=now)
        signed = sign(raw) if sign else raw
        parcels.append(Parcel(id=number, return_path=settings.from_address, recipient=email, raw=signed))
    if not parcels:
        return set()
    outcomes = relay.deliver(parcels).outcomes
    return {letters[number][0] for number, outcome in outcomes.items() if outcome.state is State.ACCEPTED}

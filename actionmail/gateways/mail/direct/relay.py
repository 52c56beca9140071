"""Letters shared out over the receiving domains' own servers."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Final

from actionmail.gateways.mail.direct.opening import Opening
from actionmail.gateways.mail.direct.routes import Routes
from actionmail.gateways.mail.direct.share import Share, Way
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.rules.delivery.states import Handover, Outcome, Parcel
from actionmail.rules.delivery.trouble import Trouble, TroubleCode

# Of many servers some are always away: less patience than with a relay before anything was said, and as much after.
TIMEOUTS: Final = Timeouts(connect=15.0, greeting=60.0)
CONNECTIONS: Final = 10
_PER_DOMAIN: Final = 2
_FEW: Final = 5  # letters for which one connection is enough
_REST: Final = 300.0  # seconds for which a domain that lets nobody in is not asked again
_DISTRUST: Final = 600.0  # seconds for which no domain's answering means that we are cut off


class MxRelay:
    """The receiving domains' servers, at most `connections` at once. Not to be shared between threads.

    `trust` is what MTA-STS checks certificates with (the system's, unless given). No connection is kept between
    handovers: a domain gets few letters at a time.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        connections: int = CONNECTIONS,
        timeouts: Timeouts = TIMEOUTS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        opening = Opening(hello=routes.own, timeouts=timeouts, trust=trust or ssl.create_default_context())
        self._way = Way(servers=routes.servers, opening=opening)
        self._timeouts = timeouts
        self._pool = ThreadPoolExecutor(connections)
        self._resting: dict[str, tuple[float, Outcome]] = {}
        self._cut_off: list[str] = []  # domains, where no sign was seen of any
        self._cut_off_until = 0.0
        self.connections = 0  # opened so far

    def check(self) -> Trouble | None:
        """Whether anybody answers again, where nobody did; else there is nothing to look at beforehand."""
        if not self._cut_off or monotonic() >= self._cut_off_until:
            return None
        end = monotonic() + self._timeouts.handover
        for domain in self._cut_off:
            if Share(domain, (), self._way).looks_reachable(end):
                self._cut_off = []
                return None
        return Trouble(code=TroubleCode.NO_WAY_OUT)

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        """Try each parcel once. Returns within `Timeouts.handover` seconds and a little; raises nothing expected."""
        end = monotonic() + self._timeouts.handover
        outcomes, awake = self._of_resting(parcels)
        shares = [Share(domain, letters, self._way) for domain, letters in _shares(awake)]
        list(self._pool.map(partial(Share.run, end=end), shares))
        self.connections += sum(share.connections for share in shares)
        if trouble := self._trouble(shares):
            return Handover(outcomes=outcomes, trouble=trouble, is_direct=True)
        for share in shares:
            outcomes |= share.outcomes
            if share.is_shut_out and share.outcomes:
                self._resting[share.domain] = monotonic() + _REST, next(iter(share.outcomes.values()))
        return Handover(outcomes=outcomes, is_direct=True)

    def close(self) -> None:
        self._pool.shutdown()

    def _of_resting(self, parcels: Sequence[Parcel]) -> tuple[dict[int, Outcome], list[Parcel]]:
        """What becomes of letters to domains that let nobody in just now, and the other letters."""
        now = monotonic()
        self._resting = {domain: resting for domain, resting in self._resting.items() if resting[0] > now}
        outcomes, awake = {}, []
        for parcel in parcels:
            if resting := self._resting.get(_domain(parcel)):
                outcomes[parcel.id] = resting[1]
            else:
                awake.append(parcel)
        return outcomes, awake

    def _trouble(self, shares: Sequence[Share]) -> Trouble | None:
        """Where several domains were asked and none gave a sign, it is more likely us."""
        domains = list(dict.fromkeys(share.domain for share in shares))
        if len(domains) < 2 or not all(share.is_cut_off for share in shares):
            return None
        self._cut_off, self._cut_off_until = domains[:3], monotonic() + _DISTRUST
        return Trouble(code=TroubleCode.NO_WAY_OUT)


def _shares(parcels: Sequence[Parcel]) -> list[tuple[str, list[Parcel]]]:
    """The letters by domain; two shares where a domain gets more than a few."""
    by_domain: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        by_domain.setdefault(_domain(parcel), []).append(parcel)
    shares = []
    for domain, letters in by_domain.items():
        step = _PER_DOMAIN if len(letters) > _FEW else 1
        for first in range(step):
            shares.append((domain, letters[first::step]))
    return shares


def _domain(parcel: Parcel) -> str:
    return parcel.recipient.rpartition("@")[2].lower()

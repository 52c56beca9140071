"""Letters shared out over kept connections."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder
from actionmail.gateways.mail.smtp.opening import Opening, opened
from actionmail.gateways.mail.smtp.session import Session
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.gateways.mail.smtp.work import Work
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.settings import RelayAddress

_LOSSES_IN_A_ROW = 3


class SmtpRelay:
    """The mail server at `address`, over at most `sessions` connections. Not to be shared between threads.

    `hello` is the name given in EHLO; `trust` is what TLS certificates are checked with (the system's, unless given).
    """

    def __init__(
        self,
        address: RelayAddress,
        *,
        hello: str,
        sessions: int = 1,
        timeouts: Timeouts | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._opening = Opening(
            address=address,
            hello=hello,
            timeouts=timeouts or Timeouts(),
            trust=trust or (ssl.create_default_context() if address.tls != "none" else None),
        )
        self._sessions: list[Session | None] = [None] * sessions
        self._pool = ThreadPoolExecutor(sessions) if sessions > 1 else None
        self._may_pipeline = True
        self.connections = 0  # opened so far

    def check(self) -> Trouble | None:
        """Whether the server lets us in right now; a connection that it did let in is kept for `deliver`."""
        try:
            self._session(0, monotonic() + self._opening.timeouts.handover)
        except OutOfOrder as error:
            return error.trouble
        return None

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        """Try each parcel once. Returns within `Timeouts.handover` seconds and a little; raises nothing expected."""
        work = Work(parcels)
        end = monotonic() + self._opening.timeouts.handover
        lanes = range(min(len(self._sessions), len(parcels)))
        if self._pool and len(lanes) > 1:
            for lane in [self._pool.submit(self._lane, index, work, end) for index in lanes]:
                lane.result()
        else:
            self._lane(0, work, end)
        return Handover(outcomes=work.outcomes, trouble=work.trouble)

    def close(self) -> None:
        """Take leave of the server."""
        for index, session in enumerate(self._sessions):
            if session:
                session.quit()
            self._sessions[index] = None
        if self._pool:
            self._pool.shutdown()

    def _lane(self, index: int, work: Work, end: float) -> None:
        """One connection's share: reopened where it was lost, given up after three losses in a row."""
        losses = 0
        while work.waiting and not work.trouble:
            losses = self._talk(index, work, end, losses)
            if losses >= _LOSSES_IN_A_ROW:
                work.trouble = Trouble(code=TroubleCode.HANGS_UP)
            if monotonic() >= end and work.waiting and not work.trouble:
                work.trouble = Trouble(code=TroubleCode.TOO_SLOW)

    def _talk(self, index: int, work: Work, end: float, losses: int) -> int:
        """Deliver over one connection until it ends; how many in a row were lost by then, `losses` before it."""
        try:
            session = self._session(index, end)
            session.run(work)
        except OutOfOrder as error:
            work.trouble = error.trouble
            self._drop(index)
            return losses
        except Lost as error:
            self._drop(index)
            if session.distrusts_pipelining:
                self._may_pipeline = False
            return (0 if session.was_useful else losses) + session.blame(work, error.loss)
        if session.is_worn:
            session.quit()
            self._sessions[index] = None
        return 0

    def _session(self, index: int, end: float) -> Session:
        """An open connection, kept or new. Raises OutOfOrder."""
        session = self._sessions[index]
        if session and not session.is_worn:
            session.begin(end, is_new=False)
            return session
        if session:
            session.quit()
            self._sessions[index] = None
        connection = opened(self._opening, end)
        self.connections += 1
        session = Session(connection, self._opening.timeouts, may_pipeline=self._may_pipeline)
        session.begin(end, is_new=True)
        self._sessions[index] = session
        return session

    def _drop(self, index: int) -> None:
        session = self._sessions[index]
        if session:
            session.connection.close()
        self._sessions[index] = None

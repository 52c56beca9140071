"""Letters shared out over kept connections."""

from __future__ import annotations

import ssl
from collections.abc import Generator, Sequence
from time import monotonic, sleep
from typing import Final

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder
from actionmail.gateways.mail.smtp.opening import Opening, opened
from actionmail.gateways.mail.smtp.session import Session
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.gateways.mail.smtp.turns import Talk, take_turns
from actionmail.gateways.mail.smtp.work import Work
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.settings import RelayAddress

CONNECTIONS: Final = 2  # while the server answers on one, there is work to do for the other
_LOSSES_IN_A_ROW = 3
_ENOUGH = 10  # letters for which a further connection is worth its opening
_FULL_FOR = 3600.0  # seconds for which a server that lets no more in is not asked again
_COUNTED_FOR = 0.5  # seconds for which a server may count a connection that is closed: Exim, until it reaps a process
_AT_THE_DOOR = frozenset({TroubleCode.UNWELCOME, TroubleCode.UNREACHABLE})


class SmtpRelay:
    """The mail server at `address`, over at most `connections` at once. Not to be shared between threads.

    `hello` is the name given in EHLO; `trust` is what TLS certificates are checked with (the system's, unless given).
    """

    def __init__(
        self,
        address: RelayAddress,
        *,
        hello: str,
        connections: int = CONNECTIONS,
        timeouts: Timeouts | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._opening = Opening(
            address=address,
            hello=hello,
            timeouts=timeouts or Timeouts(),
            trust=trust or (ssl.create_default_context() if address.tls != "none" else None),
        )
        self._most = connections
        self._open: set[Session] = set()
        self._idle: list[Session] = []  # those of them that nobody talks on
        self._room, self._room_until = connections, 0.0  # the server's, where it let no more in
        self._closed_at = float("-inf")  # when we last closed one
        self._may_pipeline = True
        self.connections = 0  # opened so far

    def check(self) -> Trouble | None:
        """Whether the server lets us in right now; a connection that it did let in is kept for `deliver`."""
        try:
            self._idle.append(self._session(monotonic() + self._opening.timeouts.handover))
        except OutOfOrder as error:
            return error.trouble
        return None

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        """Try each parcel once. Returns within `Timeouts.handover` seconds and a little; raises nothing expected."""
        work = Work(parcels)
        end = monotonic() + self._opening.timeouts.handover
        take_turns([self._lane(work, end) for _lane in range(self._lanes(len(parcels)))])
        return Handover(outcomes=work.outcomes, trouble=work.trouble)

    def close(self) -> None:
        """Take leave of the server."""
        for session in self._idle:
            self._leave(session)
        self._idle.clear()

    def _lanes(self, letters: int) -> int:
        """How many connections these are shared out over."""
        return max(1, min(self._room_now(), letters // _ENOUGH))

    def _has_room(self) -> bool:
        """For one more connection, or for who talks on an idle one."""
        return bool(self._idle) or len(self._open) < self._room_now()

    def _room_now(self) -> int:
        return self._room if monotonic() < self._room_until else self._most

    def _lane(self, work: Work, end: float) -> Talk:
        """One connection's share: reopened where it was lost, given up after three losses in a row.

        Over before that where the others are all that the server has room for: they take what is left.
        """
        losses = 0
        while work.waiting and not work.trouble and self._has_room():
            try:
                session = self._session(end)
            except OutOfOrder as error:
                self._give_up(work, error.trouble)
                return
            losses = yield from self._talk(session, work, losses)
            if losses >= _LOSSES_IN_A_ROW:
                self._give_up(work, Trouble(code=TroubleCode.HANGS_UP))
                return
            if monotonic() >= end and work.waiting and not work.trouble:
                work.trouble = Trouble(code=TroubleCode.TOO_SLOW)

    def _give_up(self, work: Work, trouble: Trouble) -> None:
        """Leave the letters to the other connections; without any, the server is out of order."""
        if self._open:
            self._is_full()
        else:
            work.trouble = work.trouble or trouble
            if trouble.code is TroubleCode.UNREACHABLE:  # it was away, and that was no want of room
                self._room_until = 0.0

    def _was_too_much(self) -> None:
        """A further connection failed before it served: there may be as many as are open yet, if any is."""
        if self._open:
            self._is_full()

    def _is_full(self) -> None:
        self._room, self._room_until = len(self._open), monotonic() + _FULL_FOR

    def _talk(self, session: Session, work: Work, losses: int) -> Generator[Connection, None, int]:
        """Deliver over one connection until it ends; how many in a row were lost by then, `losses` before it."""
        try:
            yield from session.talk(work)
        except OutOfOrder as error:
            self._drop(session)
            if session.is_on_trial:
                self._was_too_much()
            else:
                work.trouble = error.trouble
            return losses
        except Lost as error:
            self._drop(session)
            if session.is_on_trial:
                self._was_too_much()
            elif session.distrusts_pipelining:
                self._may_pipeline = False
            return (0 if session.was_useful else losses) + session.blame(work, error.loss)
        except BaseException:  # of another talk, perhaps, and this one stands in the middle of a letter
            self._drop(session)
            raise
        if session.is_worn:
            self._leave(session)
        else:
            self._idle.append(session)
        return 0

    def _session(self, end: float) -> Session:
        """An open connection, kept or new. Raises OutOfOrder."""
        while self._idle:
            session = self._idle.pop()
            if session.connection.has_news:
                self._drop(session)
            elif session.is_worn:
                self._leave(session)
            else:
                session.begin(end, is_new=False)
                return session
        connection = self._further(end) if self._open else self._only(end)
        self.connections += 1
        session = Session(connection, self._opening.timeouts, may_pipeline=self._may_pipeline)
        session.begin(end, is_new=True, is_further=bool(self._open))
        self._open.add(session)
        return session

    def _further(self, end: float) -> Connection:
        """One beside others, which wait meanwhile. Raises OutOfOrder."""
        return opened(self._opening, min(end, monotonic() + self._opening.timeouts.further))

    def _only(self, end: float) -> Connection:
        """One without others. Raises OutOfOrder."""
        try:
            return opened(self._opening, end)
        except OutOfOrder as error:
            if error.trouble.code not in _AT_THE_DOOR or monotonic() - self._closed_at > _COUNTED_FOR:
                raise
        sleep(_COUNTED_FOR)
        return opened(self._opening, end)

    def _leave(self, session: Session) -> None:
        session.quit()
        self._forget(session)

    def _drop(self, session: Session) -> None:
        session.connection.close()
        self._forget(session)

    def _forget(self, session: Session) -> None:
        self._open.discard(session)
        self._closed_at = monotonic()

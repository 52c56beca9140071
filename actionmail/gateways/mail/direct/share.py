"""One connection's share of a domain's letters: its servers one after the other, until each letter has its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from actionmail.gateways.mail.direct.opening import NotReached, Opening, Refused, Unopened, Unsafe, opened
from actionmail.gateways.mail.direct.routes import NoRoute
from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost
from actionmail.gateways.mail.smtp.letter_limit import LetterLimit
from actionmail.gateways.mail.smtp.session import Session
from actionmail.gateways.mail.smtp.work import Work
from actionmail.rules.delivery.domain_word import may_go_elsewhere, read_as_domains
from actionmail.rules.delivery.mx_routes import Server
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import Blame, Outcome, Parcel, Phase, Signal, State, lost, refused_here
from actionmail.rules.delivery.trouble import Loss, LossCode

_LOSSES_IN_A_ROW: Final = 3
_MOST_UNREACHED: Final = 6  # addresses of a domain that are tried in vain
_MOST_TALKS: Final = 2  # servers that are asked for the same letter
_CUT_OFF: Final = frozenset({Reason.NOBODY_ANSWERS, Reason.LOOKUP_FAILED})
_FOR_GOOD: Final = frozenset({Reason.NO_SUCH_DOMAIN, Reason.TAKES_NO_MAIL})

Servers = Callable[[str], Iterator[Server | NoRoute]]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How letters get to their domains, and what their hosts taught us.

    `one_by_one` are those that offer pipelining and do not take it; `limits` is of those that said how many letters
    they take over one connection.
    """

    servers: Servers
    opening: Opening
    one_by_one: set[str] = field(default_factory=set)
    limits: dict[str, LetterLimit] = field(default_factory=dict)

    def limit_of(self, host: str) -> LetterLimit:
        return self.limits.get(host) or LetterLimit(self.opening.timeouts.connection_letters)


class Share:
    """Letters to one domain that go over one connection at a time. `outcomes` has one for each once `run` is over."""

    def __init__(self, domain: str, parcels: Sequence[Parcel], way: Way) -> None:
        self.domain = domain
        self.outcomes: dict[int, Outcome] = {}
        self.connections = 0  # opened
        self._parcels = parcels
        self._way = way
        self._failures: list[Outcome] = []  # why servers got no letter
        self._talks = 0

    @property
    def is_shut_out(self) -> bool:
        """Whether no server of the domain let us in."""
        return not self._talks

    @property
    def is_cut_off(self) -> bool:
        """Whether there was no sign of the domain at all: that may be about us, too."""
        return self.is_shut_out and all(failure.reason in _CUT_OFF for failure in self._failures)

    def run(self, end: float) -> None:
        """Try each letter, before `end` on the monotonic clock."""
        try:
            self._ask_servers(end)
        except NoRoute as error:
            self._failures.append(_without_route(error))
        except Exception as error:  # what is on the wire was settled by then: `Session.run` sees to that
            self._failures.append(refused_here(Reason.PROGRAM_FAILED, type(error).__name__))
        untold = max(self._failures, key=_weight, default=lost(Phase.CONNECT, Loss(code=LossCode.NO_ANSWER)))
        for parcel in self._parcels:
            self.outcomes.setdefault(parcel.id, untold)

    def looks_reachable(self, end: float) -> bool:
        """Whether any server of the domain gives a sign of itself."""
        self._parcels = ()
        self.run(end)
        return not self.is_cut_off

    def _ask_servers(self, end: float) -> None:
        unreached = 0
        for server in self._way.servers(self.domain):
            if isinstance(server, NoRoute):
                self._failures.append(_without_route(server))
                continue
            for address in server.addresses:
                if self._talk(server, address, end):
                    break  # its other addresses are the same server
                unreached += 1
            if self._is_over(end) or unreached >= _MOST_UNREACHED:  # before the next one is looked up
                return

    def _is_over(self, end: float) -> bool:
        has_work = self._left() or (not self._parcels and not self._talks)
        return not has_work or self._talks >= _MOST_TALKS or monotonic() >= end

    def _left(self) -> list[Parcel]:
        """What has no answer yet, or one after which the next server may be asked."""
        left = []
        for parcel in self._parcels:
            outcome = self.outcomes.get(parcel.id)
            if outcome is None or may_go_elsewhere(outcome):
                left.append(parcel)
        return left

    def _talk(self, server: Server, address: str, end: float) -> bool:
        """Deliver what is left to this server, over one connection after the other; whether it let us in."""
        work = Work(self._left())
        try:
            return self._deliver(work, server, address, end)
        finally:
            self.outcomes |= work.outcomes  # whatever happens: what was answered was answered

    def _deliver(self, work: Work, server: Server, address: str, end: float) -> bool:
        losses, is_in = 0, False
        while (work.waiting or not self._parcels) and losses < _LOSSES_IN_A_ROW and monotonic() < end:
            try:
                connection = opened(server, address, self._way.opening, end)
            except Unopened as error:
                self._failures.append(_unopened(error, server))
                break
            self.connections += 1
            self._talks += not is_in
            is_in = True
            losses = self._say(connection, server, work, end, losses)
            if not self._parcels:
                break
        return is_in

    def _say(self, connection: Connection, server: Server, work: Work, end: float, losses: int) -> int:
        """The talk on one connection; how many in a row were lost by then, `losses` before it."""
        limit = self._way.limit_of(server.host)
        session = Session(
            connection,
            self._way.opening.timeouts,
            limit=limit,
            may_pipeline=server.host not in self._way.one_by_one,
            read=read_as_domains,
        )
        session.begin(end, is_new=True)
        try:
            session.run(work)
        except Lost as error:
            connection.close()
            if session.distrusts_pipelining:
                self._way.one_by_one.add(server.host)
            return (0 if session.was_useful else losses) + session.blame(work, error.loss)
        if limit.is_known:
            self._way.limits[server.host] = limit
        session.quit()
        return 0


def _weight(failure: Outcome) -> tuple[bool, bool, bool]:
    """What passes counts before what is for good, a server's word before ours, and anything before silence."""
    return failure.state is State.DEFERRED, failure.code is not None, failure.reason not in _CUT_OFF


def _without_route(error: NoRoute) -> Outcome:
    if error.reason in _FOR_GOOD:
        return _failed(error.reason, error.detail, state=State.HELD, signal=Signal.SUSPECT_DOMAIN)
    return _failed(error.reason, error.detail)


def _unopened(error: Unopened, server: Server) -> Outcome:
    if isinstance(error, Refused):
        return read_as_domains(Phase.CONNECT, error.code, error.words)
    if isinstance(error, Unsafe):
        return _failed(Reason.NO_SAFE_WAY, str(Loss(code=error.lack, detail=server.host)))
    why = error.why if isinstance(error, NotReached) else ""
    return _failed(Reason.NOBODY_ANSWERS, why if Loss.read(why) else f"{server.host}: {why}")


def _failed(reason: Reason, words: str, *, state: State = State.DEFERRED, signal: Signal = Signal.NONE) -> Outcome:
    blame = Blame.NOBODY if reason in _CUT_OFF else Blame.DOMAIN
    return Outcome(state=state, phase=Phase.CONNECT, reason=reason, text=words, blame=blame, signal=signal)

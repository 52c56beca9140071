"""One round of letters: claim, begin, hand over, record. A letter on which the program fails stops no other.

The first letters of a round are claimed before the mail server is asked whether it lets us in, and begun after. From
then on one transaction does three things: it records what became of one window of letters, claims the next, and notes
that their bodies begin. So a worker has at most one window in hand, and one commit is all that a window costs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct, field
from sqlalchemy.orm import Session

from actionmail.flows.delivery.claim import Claimed, claim, claim_and_begin
from actionmail.flows.delivery.persistence import ENDS_WORKER, Stopped, persist, place_of, survives
from actionmail.flows.delivery.pulses import beat
from actionmail.flows.delivery.record import accepted_lately, record, release, start_bodies
from actionmail.flows.delivery.recovery import expire, recover
from actionmail.flows.delivery.statements import listed, statements
from actionmail.flows.delivery.worker import Worker
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.shared_refusals import shared_refusal
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, State, refused_here
from actionmail.rules.delivery.trouble import Trouble, TroubleCode

_FIRST_WINDOW = 50
_REFUSED_BY_ALL = frozenset({TroubleCode.REFUSES_ALL, TroubleCode.REFUSED_EVERYWHERE})


class Round(Struct, frozen=True, kw_only=True):
    """What one round came to."""

    claimed: int = 0
    states: Mapping[State, int] = field(default_factory=dict)
    trouble: Trouble | None = None
    stopped: bool = False
    cursor: int = 0  # the target to go on after

    def __str__(self) -> str:
        tried = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.claimed} claimed: {tried or 'none tried'}"


def run_once(worker: Worker, *, limit: int | None = None, after: int = 0, earlier: Trouble | None = None) -> Round:
    """One round: recover, then claim, deliver and record, window by window, at most `limit` letters.

    Letters not tried go back without an attempt. `earlier` is what was out of order at the last round.
    Raises ClockSkew and TablesMissing, with no letter in hand.
    """
    limit = limit or worker.settings.batch
    try:
        claimed = _claimed(worker, min(limit, _FIRST_WINDOW, worker.settings.window), after)
    except Stopped:
        return Round(stopped=True)
    batch = _Batch(worker, claimed, limit, earlier)
    try:
        batch.deliver()
        batch.give_back()
    except Stopped:
        batch.stopped = True
    return Round(
        claimed=batch.claimed,
        states=batch.counts,
        trouble=batch.trouble,
        stopped=batch.stopped,
        cursor=batch.cursor,
    )


class _Begun(Struct, frozen=True, kw_only=True):
    """A window on its way: what the relay gets of each letter, or why it gets nothing; and what was claimed for it."""

    parcels: Mapping[int, Parcel | Outcome] = field(default_factory=dict)
    claimed: Claimed | None = None


class _Batch:
    """Letters that are ours: `rest` wait for their window, `results` are known and not yet recorded."""

    def __init__(self, worker: Worker, claimed: Claimed, limit: int, earlier: Trouble | None) -> None:
        self.counts: Counter[State] = Counter()
        self.trouble: Trouble | None = None
        self.stopped = False
        self.claimed, self.cursor = len(claimed.ids), claimed.cursor
        self._worker = worker
        self._limit = limit
        self._claimed_at = worker.clock()
        self._ends_at = self._claimed_at + worker.settings.round_lasts
        self._earlier = earlier.detail if earlier and earlier.code in _REFUSED_BY_ALL else ""
        self._rest = list(claimed.ids)
        self._results: dict[int, Outcome] = {}
        self._size = min(_FIRST_WINDOW, worker.settings.window)
        self._in_hand: frozenset[int] = frozenset()  # of which this turn is, before anything new is claimed
        self._is_again = False  # whether this turn's transaction was tried before

    def deliver(self) -> None:
        """Window by window, until none is due, the round is over, the relay is out of order, or it is time to stop."""
        if self._rest:
            self.trouble = self._worker.relay.check()  # before any body counts as begun
        while self._rest or self._results:
            window = self._next_window()
            parcels = self._turn(window)
            if not window and not parcels:
                break
            self._results = {id_: outcome for id_, outcome in parcels.items() if isinstance(outcome, Outcome)}
            self._hand_over([parcel for parcel in parcels.values() if isinstance(parcel, Parcel)])

    def give_back(self) -> None:
        """Whatever was not tried."""
        if self._rest:
            reason = Reason.GIVEN_BACK if self.trouble else Reason.TOLD_TO_STOP
            words = str(self.trouble or "")
            worker = self._worker
            back = partial(release, ids=self._rest, reason=reason, words=words, owner=worker.name)
            persist(worker, lambda session: back(session, now=worker.clock()))

    def _next_window(self) -> list[int]:
        """Of what is claimed already; none once it is time to stop, or to wait for the relay."""
        self.stopped = self.stopped or self._worker.wait(0)
        beat(self._worker, self.trouble)
        if self.trouble or self.stopped:
            return []
        window, self._rest = self._rest[: self._size], self._rest[self._size :]
        return window

    def _to_claim(self, window: Sequence[int]) -> int:
        """How many letters to claim for a window that is not claimed already."""
        is_over = self.trouble or self.stopped or self._worker.clock() >= self._ends_at
        return 0 if window or is_over else min(self._size, self._limit - self.claimed)

    def _turn(self, window: Sequence[int]) -> Mapping[int, Parcel | Outcome]:
        """Record the last window and begin the next one; its parcels, or why one cannot be sent."""
        to_claim, self._is_again = self._to_claim(window), False
        self._in_hand = frozenset((*window, *self._results, *self._rest))
        try:
            begun = persist(self._worker, partial(self._record_and_begin, window, self._results, to_claim))
        except ENDS_WORKER:
            raise
        except Exception as error:
            self._worker.complain(f"a window failed, its letters are taken one by one: {place_of(error)}", error)
            return self._one_by_one(window)
        self.counts.update(outcome.state for outcome in self._results.values())
        if begun.claimed is not None:
            self.claimed += len(begun.claimed.ids)
            self.cursor, self._claimed_at = begun.claimed.cursor, self._worker.clock()
        return begun.parcels

    def _one_by_one(self, window: Sequence[int]) -> dict[int, Parcel | Outcome]:
        """The same, each letter in a transaction of its own.

        What cannot be recorded stays leased, and then counts as ambiguous; what cannot be started is held.
        """
        for id_, outcome in self._results.items():
            write = partial(self._record_and_begin, [], {id_: outcome}, 0)
            if survives(self._worker, f"the answer to letter {id_} cannot be recorded", write):
                self.counts[outcome.state] += 1
        parcels: dict[int, Parcel | Outcome] = {}
        for id_ in window:
            start = partial(self._start_one, id_, parcels)
            if not survives(self._worker, f"letter {id_} cannot be started", start):
                parcels[id_] = refused_here(Reason.PROGRAM_FAILED)
        return parcels

    def _hand_over(self, parcels: Sequence[Parcel]) -> None:
        begun = self._worker.clock()
        if parcels:
            try:
                handover = self._worker.relay.deliver(parcels)
            except Exception as error:
                # Bodies may be on their way: these letters keep their leases, and count as ambiguous in the end.
                where = place_of(error)
                self._worker.complain(f"handing {len(parcels)} letters over failed: {where}", error)
                self.trouble = Trouble(code=TroubleCode.HANDOVER_FAILED, detail=where)
                return
            self.trouble = handover.trouble
            self._results |= self._about_letters(parcels, handover)
            self._rest += [parcel.id for parcel in parcels if parcel.id not in self._results]
        slow = (self._worker.clock() - begun).total_seconds() > self._worker.settings.window_seconds
        self._size = max(1, self._size // 2) if slow else min(self._size * 2, self._worker.settings.window)

    def _about_letters(self, parcels: Sequence[Parcel], handover: Handover) -> Mapping[int, Outcome]:
        """The outcomes that are about their letters: none, where the server refuses all alike and never took one."""
        recipients, outcomes = {parcel.id: parcel.recipient for parcel in parcels}, handover.outcomes
        refusal = shared_refusal(outcomes, recipients, earlier=self._earlier, is_direct=handover.is_direct)
        if not refusal or persist(self._worker, partial(accepted_lately, now=self._worker.clock())):
            return outcomes
        code = TroubleCode.REFUSED_EVERYWHERE if handover.is_direct else TroubleCode.REFUSES_ALL
        self.trouble = Trouble(code=code, detail=refusal)
        return {id_: outcome for id_, outcome in outcomes.items() if outcome.code is None}

    def _record_and_begin(
        self, window: Sequence[int], results: Mapping[int, Outcome], to_claim: int, session: Session
    ) -> _Begun:
        worker, now, claimed = self._worker, self._worker.clock(), None
        record(session, results, owner=worker.name, now=now, jitter=worker.jitter, claimed_at=self._claimed_at)
        if self._is_again:
            self._let_go(session, now)
        self._is_again = True
        ours = start_bodies(session, window, owner=worker.name, now=now, lease=worker.settings.window_lease)
        if to_claim:
            claimed = _claim_and_begin(worker, to_claim, self.cursor, session)
            ours = claimed.ids
        return _Begun(parcels=_parcels(session, ours, worker.sign), claimed=claimed)

    def _let_go(self, session: Session, now: datetime) -> None:
        """Give back what a transaction claimed whose commit was done, and whose answer was lost: nothing of it is sent.

        Of a worker killed at that moment it would count as ambiguous, since nobody else can know.
        """
        name = self._worker.name
        leased = {row.id for row in statements(session).leased.all(session, owner=name)}
        if unknown := leased.difference(self._in_hand):
            release(session, unknown, Reason.GIVEN_BACK, owner=name, now=now)

    def _start_one(self, id_: int, parcels: dict[int, Parcel | Outcome], session: Session) -> None:
        parcels |= self._record_and_begin([id_], {}, 0, session).parcels


def _claimed(worker: Worker, limit: int, after: int) -> Claimed:
    """Look after what was left behind, then claim; all in one transaction, unless something in it fails."""
    try:
        return persist(worker, partial(_recover_and_claim, worker, limit, after))
    except ENDS_WORKER:
        raise
    except Exception as error:
        worker.complain(f"claiming failed, its steps are taken one by one: {place_of(error)}", error)
    survives(worker, "what other workers left cannot be looked after", partial(_recover, worker))
    survives(worker, "letters whose time is over cannot be ended", partial(_expire, worker))
    return persist(worker, partial(_claim, worker, limit, after))


def _recover_and_claim(worker: Worker, limit: int, after: int, session: Session) -> Claimed:
    _recover(worker, session)
    _expire(worker, session)
    return _claim(worker, limit, after, session)


def _recover(worker: Worker, session: Session) -> None:
    if worker.measure(session):
        recover(session, actor=worker.actor, now=worker.clock())


def _expire(worker: Worker, session: Session) -> None:
    expire(session, actor=worker.actor, now=worker.clock())


def _claim(worker: Worker, limit: int, after: int, session: Session) -> Claimed:
    lease = worker.settings.claim_lease
    return claim(
        session, owner=worker.name, now=worker.clock(), limit=limit, lease=lease, limits=worker.limits, after=after
    )


def _claim_and_begin(worker: Worker, limit: int, after: int, session: Session) -> Claimed:
    lease = worker.settings.window_lease
    return claim_and_begin(
        session, owner=worker.name, now=worker.clock(), limit=limit, lease=lease, limits=worker.limits, after=after
    )


def _parcels(
    session: Session, ids: Collection[int], sign: Callable[[bytes], bytes] | None
) -> dict[int, Parcel | Outcome]:
    """What the relay gets of each letter, or why it gets nothing."""
    if not ids:
        return {}
    rows = statements(session).parcels.all(session, ids=listed(session, ids))
    parcels: dict[int, Parcel | Outcome] = {}
    for id_, return_path, recipient, message_id, sha256, raw in rows:
        try:
            if refusal := _why_not(raw, sha256):
                parcels[id_] = refusal
            else:
                signed = sign(raw) if sign else raw
                parcels[id_] = Parcel(
                    id=id_,
                    return_path=return_path,
                    recipient=recipient,
                    raw=signed,
                    envelope_id=message_id.strip("<>"),
                )
        except Exception as error:
            parcels[id_] = refused_here(Reason.PROGRAM_FAILED, place_of(error))
    return parcels


def _why_not(raw: bytes | None, sha256: str) -> Outcome | None:
    if raw is None:
        return refused_here(Reason.TEXT_GONE)
    if hashlib.sha256(raw).hexdigest() != sha256:
        return refused_here(Reason.NOT_AS_FROZEN)
    return None

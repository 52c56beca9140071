"""The talk about letters on one open connection: MAIL, RCPT, DATA, body, and with PIPELINING several at once."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Generator
from time import monotonic

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder
from actionmail.gateways.mail.smtp.letter_limit import LetterLimit
from actionmail.gateways.mail.smtp.letters import Letter, offer_of, written
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.gateways.mail.smtp.turns import Talk, take_turns
from actionmail.gateways.mail.smtp.work import Work
from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.connection_limits import may_be_of_connection
from actionmail.rules.delivery.states import Outcome, Phase, Signal, State, lost
from actionmail.rules.delivery.trouble import Loss, LossCode, TroubleCode

_OUT_OF_STEP = re.compile(r"synchroni[sz]ation|pipelin", re.IGNORECASE)
# What Exim takes beyond these over one connection waits for its next queue run (smtp_accept_queue_per_connection).
_EXIM_LETTERS = 10
_EXIM = re.compile(rb"\bExim\b", re.IGNORECASE)


class Session:
    """One open connection, and the letter that is on it."""

    def __init__(
        self,
        connection: Connection,
        timeouts: Timeouts,
        *,
        limit: LetterLimit,
        may_pipeline: bool,
        read: Callable[[Phase, int, str], Outcome] = classify,
    ) -> None:
        self.connection = connection
        self._read = read  # what an answer means: as a relay's word, unless given
        self.was_useful = False  # whether a letter was settled since `begin` by an answer other than a goodbye
        self.is_on_trial = False  # whether it may be one too many: no letter on it was answered for itself yet
        self.distrusts_pipelining = False
        self._timeouts = timeouts
        self._pipelining = may_pipeline and connection.has_extn("pipelining")
        self._offer = offer_of(connection)
        self._opened = monotonic()
        self._letters = 0
        self._limit = limit
        self._most_letters = _EXIM_LETTERS if _EXIM.search(connection.greeting) else timeouts.connection_letters
        self._has_carried = False  # whether a letter was accepted over it
        self._is_new = True
        self._answered = False
        self._current: Letter | None = None
        self._following: Letter | None = None
        self._was_ahead = False  # whether the opening of `_current` went out with what belongs to the one before it
        self._phase = Phase.MAIL
        self._refusal: Outcome | None = None

    def begin(self, end: float, *, is_new: bool, is_further: bool = False) -> None:
        """`is_further`: others are open; until a letter on it has its answer, what goes wrong is about that."""
        self.connection.deadline = end
        self.is_on_trial = is_further
        self.was_useful = self._answered = False
        self._is_new = is_new

    @property
    def is_worn(self) -> bool:
        if self._letters >= self._most_letters or self._letters >= self._limit.letters:
            return True
        return monotonic() - self._opened > self._timeouts.connection_age

    def run(self, work: Work) -> None:
        """Deliver until there is no more work or the connection is worn. Raises Lost or OutOfOrder."""
        take_turns([self.talk(work)])

    def talk(self, work: Work) -> Talk:
        """The same, with a pause at each answer that has to be waited for. Raises Lost or OutOfOrder."""
        try:
            yield from self._deliver(work)
        except (Lost, OutOfOrder):
            raise
        except Exception as error:  # of the letter on the wire nobody knows; the others go on elsewhere
            raise Lost(LossCode.PROGRAM_FAILED, type(error).__name__) from error

    def _deliver(self, work: Work) -> Talk:
        self._put_on(self._take(work))
        self._send_ahead(b"", self._current)
        while self._current:
            letter = self._current
            self._refusal = None
            if not self._is_body_asked_for():
                yield from self._ask_for_body(letter)
            if self._refusal is None:
                self._send_body(letter, work)
                outcome = self._read(Phase.BODY, *(yield from self._answer()))
                self._react_to_end(outcome, work)
            elif self._has_carried_enough():
                self._end(work)
                return
            else:
                outcome = self._refusal
                self._react_before(outcome, work)
                yield from self._reset(work)
            work.outcomes[letter.parcel.id] = outcome
            self._has_carried = self._has_carried or outcome.state is State.ACCEPTED
            self.is_on_trial = False
            self._refusal = None
            self._put_on(None)
            self._react_after(outcome, work)
            self.was_useful = True
            if self._following:
                self._put_on(self._following)
            else:
                self._put_on(self._take(work))
                self._send_ahead(b"", self._current)

    def _put_on(self, letter: Letter | None) -> None:
        self._was_ahead = letter is not None and letter is self._following
        if letter:
            self._following = None
        self._current = letter
        self._phase = Phase.MAIL

    def blame(self, work: Work, loss: Loss) -> int:
        """After Lost: settle the letter that was on the wire or put it back. Returns 1 if the server is to blame."""
        if self._following:
            work.put_back(self._following.parcel)
        letter, self._current, self._following = self._current, None, None
        if letter is None:
            return 1
        parcel = letter.parcel
        if self._phase is not Phase.BODY and self.is_on_trial:
            work.put_back(parcel)
            return 0
        if self._refusal is not None:
            work.outcomes[parcel.id] = self._refusal
            return 1
        went_stale = not self._is_new and not self._answered
        if self._phase is not Phase.BODY and (went_stale or self.distrusts_pipelining):
            work.put_back(parcel)
            return 0
        work.outcomes[parcel.id] = lost(self._phase, loss)
        return 1

    def quit(self) -> None:
        self.connection.timeout_now = min(5.0, self._timeouts.mail)
        self.connection.deadline = monotonic() + 5.0
        try:
            self.connection.quit()
        except (smtplib.SMTPException, OSError, Lost):
            self.connection.close()

    def _take(self, work: Work) -> Letter | None:
        """The next letter that this server can take at all; the others are settled on the way."""
        while not self.is_worn and (parcel := work.take()):
            letter = written(parcel, self._offer)
            if isinstance(letter, Letter):
                self._letters += 1
                return letter
            work.outcomes[parcel.id] = letter
        return None

    def _send_ahead(self, before: bytes, letter: Letter | None) -> None:
        """Send `before` and, where the server offers PIPELINING, the opening of `letter` with it."""
        if letter and self._pipelining:
            before += letter.opening
        if before:
            self.connection.timeout_now = self._timeouts.mail
            self.connection.send(before)

    def _is_body_asked_for(self) -> bool:
        """Whether the answers to MAIL, RCPT and DATA arrived with what was read last, and are the usual ones."""
        is_asked_for = self._pipelining and self.connection.skip_usual_answers()
        self._answered = self._answered or is_asked_for
        return is_asked_for

    def _ask_for_body(self, letter: Letter) -> Talk:
        """Have the transaction opened; who has enough of this connection may also end it, and nobody minds."""
        try:
            yield from self._open_transaction(letter)
        except Lost:
            if not self._has_carried_enough():
                raise

    def _has_carried_enough(self) -> bool:
        """Whether the server takes this letter, but over another connection.

        Only where this one carried a letter: so there is one less for each connection, and an end. Where it carried
        none, the words are about something else, and were so before.
        """
        if self._refusal is None or not may_be_of_connection(self._refusal):
            return False
        if not self._has_carried:
            self._limit.was_none()
        return self._has_carried

    def _end(self, work: Work) -> None:
        """Put the letter back, unanswered; the connection counts as worn from now on."""
        assert self._current is not None
        work.put_back(self._current.parcel)
        self._current = None
        self._most_letters = self._letters - 1
        self._limit.met(self._most_letters)

    def _open_transaction(self, letter: Letter) -> Talk:
        """MAIL, RCPT and DATA, or the reading of their answers; what was refused stands in `_refusal`."""
        commands = None if self._pipelining else letter.commands
        for step, phase in enumerate((Phase.MAIL, Phase.RCPT, Phase.DATA)):
            if self._refusal is not None and commands:
                return
            if self._refusal is None:
                self._phase = phase
            self.connection.timeout_now = self._wait_for(phase)
            if commands:
                self.connection.send(commands[step])
            try:
                code, words = yield from self._answer()
            except Lost:
                # Some servers offer PIPELINING and then drop what came early.
                self.distrusts_pipelining = self._pipelining and self._refusal is None
                raise
            if phase is Phase.DATA and code == 354:
                if self._refusal is not None:  # RFC 2920 3.1: nobody is left to send it to, and still it asks
                    self.connection.send(b".\r\n")
                    yield from self._answer()
            elif phase is Phase.DATA or not 200 <= code < 300:
                self._refusal = self._refusal or self._read(phase, code, words)
            if code in {421, -1}:
                raise Lost(LossCode.ANSWER_CLOSES, code)

    def _wait_for(self, phase: Phase) -> float:
        """Seconds for an answer. Courier throws away what arrives with the final dot, and would be waited for in vain:
        a server that got MAIL ahead has had the time of a whole body for it.
        """
        if phase is Phase.MAIL:
            return self._timeouts.ahead if self._was_ahead else self._timeouts.mail
        return self._timeouts.rcpt if phase is Phase.RCPT else self._timeouts.data

    def _send_body(self, letter: Letter, work: Work) -> None:
        self._phase = Phase.BODY
        self.connection.timeout_now = self._timeouts.final_dot
        self._following = self._take(work) if self._pipelining else None
        self.connection.send(letter.body + self._following.opening if self._following else letter.body)

    def _reset(self, work: Work) -> Talk:
        self._following = self._take(work) if self._pipelining else None
        self._send_ahead(b"RSET\r\n", self._following)
        self.connection.timeout_now = self._timeouts.mail
        code, _words = yield from self._answer()
        if code in {421, -1}:  # it hangs up: what was sent ahead meets a closed door, and is not to blame for it
            raise Lost(LossCode.ANSWER_CLOSES, code)

    def _answer(self) -> Generator[Connection, None, tuple[int, str]]:
        """The next answer. Raises Lost."""
        if not self.connection.has_answer:
            self.connection.expect()
            yield self.connection
            while not self.connection.take_in():
                yield self.connection
        code, words = self.connection.getreply()
        self._answered = True
        return code, words.decode("utf-8", "replace")

    def _react_before(self, refusal: Outcome, work: Work) -> None:
        """What a refusal says about more than this letter, as long as the letter is still on hand."""
        assert self._current is not None
        if self._pipelining and (refusal.trouble is TroubleCode.NOT_UNDERSTOOD or _OUT_OF_STEP.search(refusal.text)):
            self.distrusts_pipelining = True
            self._refusal = None
            raise Lost(LossCode.ONE_BY_ONE)
        if self._is_about_us(refusal):
            self._give_up(refusal, work)

    def _react_to_end(self, outcome: Outcome, work: Work) -> None:
        """A refusal of the whole letter that is about us: the server has not got it, and it was no try."""
        if self._is_about_us(outcome):
            if self._following:
                work.put_back(self._following.parcel)
                self._following = None
            self._give_up(outcome, work)

    def _is_about_us(self, outcome: Outcome) -> bool:
        """Whether the letter was no part of it. "Too fast" may mean too many connections, where there are others."""
        too_many = self.is_on_trial and outcome.signal is Signal.SLOW_RELAY
        return too_many or outcome.signal is Signal.PAUSE_RELAY

    def _give_up(self, outcome: Outcome, work: Work) -> None:
        assert self._current is not None
        work.put_back(self._current.parcel)
        self._current = None
        raise OutOfOrder(outcome.trouble or TroubleCode.OTHER_CREDENTIALS, _number(outcome))

    def _react_after(self, outcome: Outcome, work: Work) -> None:
        """What an answer says about more than this letter, now that the letter is settled."""
        if outcome.signal is Signal.PAUSE_WORKER:
            code = outcome.trouble or TroubleCode.NOT_UNDERSTOOD
        elif outcome.code in {421, -1}:
            raise Lost(LossCode.ANSWER_CLOSES, outcome.code)
        else:
            return
        if self._following:
            work.put_back(self._following.parcel)
            self._following = None
        raise OutOfOrder(code, outcome.code)


def _number(outcome: Outcome) -> str:
    return f"{outcome.code} {outcome.enhanced}".strip()

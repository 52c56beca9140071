"""What an answer means where letters go straight to the receiving domains' own servers.

The rows are those of `answer_table`, which were written for a relay's word: there a refusal before any recipient was
named is about us and every letter. A receiving domain's server speaks for its domain alone, so what it says stops
nothing but letters to that domain, and those only once several of them met it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from actionmail.rules.delivery.answer_row import BEFORE_RCPT
from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.states import Blame, Outcome, Phase, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode

# It is its own domain's server that passes nothing on to it, or that wants us to sign in.
_ITS_OWN: Final = frozenset({TroubleCode.NO_RELAYING, TroubleCode.OTHER_CREDENTIALS})


def read_as_domains(phase: Phase, code: int, text: str) -> Outcome:
    """What the answer `code text` of a receiving domain's own server means."""
    if phase not in BEFORE_RCPT:
        return _of_domain(classify(phase, code, text))
    # A block list or a missing PTR record is told in the greeting or at MAIL as well as at RCPT, by the same words.
    outcome = replace(_of_domain(classify(Phase.RCPT, code, text)), phase=phase)
    if outcome.blame is Blame.MAILBOX or outcome.state is State.FAILED:  # none was named yet
        return replace(outcome, state=_state(code), blame=Blame.DOMAIN, signal=_suspicion(code))
    return outcome


def _of_domain(outcome: Outcome) -> Outcome:
    if outcome.signal is Signal.SLOW_RELAY:
        return replace(outcome, signal=Signal.SLOW_DOMAIN)
    if outcome.signal not in {Signal.PAUSE_RELAY, Signal.PAUSE_WORKER}:
        return outcome
    if outcome.trouble is TroubleCode.SENDING_LIMIT:
        return replace(outcome, state=State.DEFERRED, signal=Signal.SLOW_DOMAIN)
    code = outcome.code or 0
    blame = Blame.DOMAIN if outcome.trouble in _ITS_OWN else Blame.US
    return replace(outcome, state=_state(code), blame=blame, signal=_suspicion(code))


def _state(code: int) -> State:
    return State.HELD if 500 <= code < 600 else State.DEFERRED


def _suspicion(code: int) -> Signal:
    return Signal.SUSPECT_DOMAIN if 500 <= code < 600 else Signal.NONE


def may_go_elsewhere(outcome: Outcome) -> bool:
    """Whether the domain's next server may be asked for this letter: nobody can have it yet (RFC 5321 5.1)."""
    if outcome.phase is Phase.BODY or outcome.state is not State.DEFERRED or outcome.blame is Blame.MAILBOX:
        return False
    return outcome.code is None or 400 <= outcome.code < 500

"""What a returned mail does to its letter: bounces, delays, reports of delivery, complaints, the unreadable."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.messages import FrozenLetter, Message
from actionmail.db.returns import Return
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import Note, ServerAnswer, Transition
from actionmail.flows.delivery.pauses import Refusal, note_fault, note_refusal, pause
from actionmail.flows.delivery.private_words import without_supporter
from actionmail.flows.delivery.received import Alert, AlertCode, Kind, Received
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import RETURNED_MAIL, PauseCause, PauseReason, Reason
from actionmail.rules.delivery.returned import AbuseReport, Bounce, Delayed, Delivered, Unknown
from actionmail.rules.delivery.states import MAILBOX_FULL_WAIT, Signal, State, may_follow, retry_delay


class ReturnedLetter(Struct, frozen=True, kw_only=True):
    """A letter of which a mail came back. Its row and its campaign's are locked; `before` is where it stood then."""

    session: Session
    message: Message
    before: State
    now: datetime

    def received(self, kind: Kind, *, status: str = "", alert: Alert | None = None) -> Received:
        return Received(
            kind=kind,
            message=self.message.id,
            before=self.before,
            after=State(self.message.state),
            status=status,
            alert=alert,
        )

    def note(self, reason: Reason, words: str = "", answer: ServerAnswer | None = None) -> None:
        """Write down what changes nothing."""
        entry = Note(actor=RETURNED_MAIL, reason=reason, words=words, answer=answer)
        message_state.note(self.session, self.message, entry, now=self.now)

    def blotted(self, words: str) -> str:
        """A stranger's words without what they repeat of the supporter: events stay for ever."""
        return without_supporter(words, self.session.get_one(Action, self.message.action_id))

    def alert(self, code: AlertCode, detail: str = "") -> Alert:
        return Alert(code=code, message=self.message.id, domain=self.message.domain, detail=detail)


def bounce(letter: ReturnedLetter, report: Bounce) -> Received:
    report = replace(report, text=letter.blotted(report.text))
    if not report.names_recipient:
        return _behind(letter, report)
    if report.is_full:
        return _mailbox_full(letter, report)
    if report.is_temporary:
        return _gave_up(letter, report)
    alert = _blame(letter, report)
    _came_back(letter, report)
    return letter.received(Kind.BOUNCE, status=report.status, alert=alert)


def _came_back(letter: ReturnedLetter, report: Bounce, reason: Reason = Reason.NONE) -> None:
    if may_follow(letter.before, State.BOUNCED):
        _move(letter, State.BOUNCED, report, reason)
    elif letter.before is State.AMBIGUOUS:
        _move(letter, State.HELD, report, Reason.REPORTED_BACK)
    else:
        letter.note(Reason.BACK_TOO_LATE, report.text, _answer(report))


def _behind(letter: ReturnedLetter, report: Bounce) -> Received:
    """An alias leads to whoever failed. Sent again it would reach everybody else behind it once more."""
    if report.is_full or report.is_temporary:
        letter.note(Reason.BACK_FROM_BEHIND, report.text, _answer(report))
    else:
        _came_back(letter, report, Reason.BACK_FROM_BEHIND)
    return letter.received(Kind.BEHIND, status=report.status, alert=letter.alert(AlertCode.BEHIND))


def delayed(letter: ReturnedLetter, report: Delayed) -> Received:
    if letter.before is State.ACCEPTED:
        letter.message.updated_at = letter.now  # the 72 quiet hours begin anew
    letter.note(Reason.REPORTED_DELAYED, letter.blotted(report.text), ServerAnswer(enhanced=report.status))
    return letter.received(Kind.DELAYED, status=report.status)


def delivered(letter: ReturnedLetter, report: Delivered) -> Received:
    reason = _REPORTED.get(report.action, Reason.REPORTED_DELIVERED)
    letter.note(reason, letter.blotted(report.text), ServerAnswer(enhanced=report.status))
    return letter.received(Kind.DELIVERED, status=report.status)


def abuse(letter: ReturnedLetter, report: AbuseReport) -> Received:
    if not report.is_complaint:
        letter.note(Reason.FEEDBACK, report.feedback)
        return letter.received(Kind.FEEDBACK, alert=letter.alert(AlertCode.FEEDBACK, report.feedback))
    letter.note(Reason.COMPLAINT, report.feedback)
    message = letter.message
    cause = PauseCause(reason=PauseReason.COMPLAINT, words=report.feedback, message=message.id)
    _stop(letter, Scope.CAMPAIGN, str(message.campaign_id), cause)
    return letter.received(Kind.ABUSE, alert=letter.alert(AlertCode.COMPLAINT, report.feedback))


def about_earlier(letter: ReturnedLetter, report: Bounce | Delayed | Delivered | AbuseReport | Unknown) -> Received:
    """A report on a version that was replaced since: written down, and nothing else.

    But for a complaint: it is about what the campaign sends, to whichever address, and stops the campaign as any does.
    """
    match report:
        case AbuseReport():
            return abuse(letter, report)
        case Unknown():
            words, kind = str(report.why), Kind.UNKNOWN
        case Bounce():
            words, kind = letter.blotted(report.text), Kind.BOUNCE
        case Delayed() | Delivered():
            words, kind = letter.blotted(report.text), Kind.DELIVERED if isinstance(report, Delivered) else Kind.DELAYED
    letter.note(Reason.ABOUT_EARLIER, words)
    return letter.received(kind)


def unknown(letter: ReturnedLetter, report: Unknown) -> Received:
    if letter.before is State.ACCEPTED:
        held = Transition(after=State.HELD, actor=RETURNED_MAIL, reason=Reason.UNREADABLE, words=report.why)
        message_state.move(letter.session, letter.message, held, now=letter.now)
    else:
        letter.note(Reason.UNREADABLE_TOO_LATE, report.why)
    return letter.received(Kind.UNKNOWN, alert=letter.alert(AlertCode.UNREADABLE, report.why))


def _mailbox_full(letter: ReturnedLetter, report: Bounce) -> Received:
    if letter.before is State.ACCEPTED:
        attempts = max(letter.message.attempts, 1)
        next_at = letter.now + retry_delay(attempts, 0.0, at_least=MAILBOX_FULL_WAIT)
        if _can_go_again(letter, next_at):
            _move(letter, State.DEFERRED, report, Reason.FULL_TRY_AGAIN, next_at=next_at)
        else:
            _move(letter, State.BOUNCED, report, Reason.FULL_NO_TIME)
    elif may_follow(letter.before, State.BOUNCED):
        _move(letter, State.BOUNCED, report, Reason.FULL_TOO_OLD)
    else:
        letter.note(Reason.FULL_TOO_LATE, report.text, _answer(report))
    return letter.received(Kind.FULL, status=report.status)


def _gave_up(letter: ReturnedLetter, report: Bounce) -> Received:
    """The remote side gave up on something temporary: once more, then it has failed."""
    if letter.before is State.ACCEPTED:
        _try_once_more(letter, report)
    elif may_follow(letter.before, State.BOUNCED):
        _move(letter, State.BOUNCED, report, Reason.GAVE_UP_TOO_OLD)
    else:
        letter.note(Reason.GAVE_UP_TOO_LATE, report.text, _answer(report))
    return letter.received(Kind.GAVE_UP, status=report.status)


def _try_once_more(letter: ReturnedLetter, report: Bounce) -> None:
    earlier = letter.session.scalar(
        select(Return.id)
        .where(Return.message_id == letter.message.id, Return.kind == Kind.GAVE_UP.value)
        .limit(1)
    )  # fmt: skip
    next_at = letter.now + retry_delay(1, 0.0)
    if earlier is None and _can_go_again(letter, next_at):
        _move(letter, State.DEFERRED, report, Reason.GAVE_UP_TRY_AGAIN, next_at=next_at)
        return
    _move(letter, State.DEFERRED, report, next_at=next_at)
    _move(letter, State.FAILED, report, Reason.GAVE_UP_NO_TIME if earlier is None else Reason.GAVE_UP_TWICE)


def _can_go_again(letter: ReturnedLetter, next_at: datetime) -> bool:
    frozen = select(FrozenLetter.message_id).where(FrozenLetter.message_id == letter.message.id)
    return next_at < letter.message.expires_at and letter.session.scalar(frozen) is not None


def _blame(letter: ReturnedLetter, report: Bounce) -> Alert | None:
    """What the bounce says beyond this letter, where it stopped something."""
    message = letter.message
    if letter.before not in _WAS_TAKEN:
        return None
    if report.signal is Signal.SUSPECT_ADDRESS and note_fault(
        letter.session,
        recipient=message.recipient,
        supporter_key=message.supporter_key,
        target=message.legislator_id,
        actor=RETURNED_MAIL,
        now=letter.now,
    ):
        return letter.alert(AlertCode.ADDRESS_ON_HOLD)
    if report.signal is Signal.SUSPECT_DOMAIN:
        return _blame_policy(letter, report)
    return None


def _blame_policy(letter: ReturnedLetter, report: Bounce) -> Alert | None:
    message = letter.message
    refusal = Refusal(
        message=message.id, recipient=message.recipient, domain=message.domain, target=message.legislator_id
    )
    cause = PauseCause(reason=PauseReason.CAME_BACK_REFUSED, words=report.status, message=message.id)
    stopped = note_refusal(letter.session, refusal, cause, actor=RETURNED_MAIL, now=letter.now)
    if stopped is Scope.DOMAIN:
        return letter.alert(AlertCode.DOMAIN_STOPPED, report.status)
    return letter.alert(AlertCode.MAILBOX_STOPPED, report.status) if stopped else None


def _stop(letter: ReturnedLetter, scope: Scope, key: str, cause: PauseCause) -> bool:
    return pause(letter.session, scope, key, cause, actor=RETURNED_MAIL, now=letter.now)


def _move(
    letter: ReturnedLetter,
    after: State,
    report: Bounce,
    reason: Reason = Reason.NONE,
    *,
    next_at: datetime | None = None,
) -> None:
    transition = Transition(
        after=after,
        actor=RETURNED_MAIL,
        reason=reason,
        words=report.text,
        answer=_answer(report),
        next_attempt_at=next_at,
    )
    message_state.move(letter.session, letter.message, transition, now=letter.now)


def _answer(report: Bounce) -> ServerAnswer:
    return ServerAnswer(code=report.code, enhanced=report.status)


_WAS_TAKEN = frozenset({State.ACCEPTED, State.SETTLED, State.AMBIGUOUS, State.BOUNCED})
_REPORTED = {
    "delivered": Reason.REPORTED_DELIVERED,
    "relayed": Reason.REPORTED_RELAYED,
    "expanded": Reason.REPORTED_EXPANDED,
}

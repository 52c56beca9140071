"""Erasing one person: on their own request, or because what was typed was never theirs."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.messages import EarlierLetter, FrozenLetter, Message
from actionmail.flows.actions import answer_questions, confirmation_mail, kinds, paper_jobs, search_index, sums
from actionmail.flows.delivery import message_state, supporter_mail
from actionmail.flows.delivery.message_state import Transition
from actionmail.flows.privacy import named_views
from actionmail.rules.delivery.reasons import SUPPORTER, Actor, Reason
from actionmail.rules.delivery.states import State

# How a letter that has not left for good ends when its supporter is erased, step by allowed step.
_ENDS: dict[State, tuple[State, ...]] = {
    State.UNCONFIRMED: (State.CANCELLED,),
    State.REVIEW: (State.CANCELLED,),
    State.QUEUED: (State.CANCELLED,),
    State.DEFERRED: (State.CANCELLED,),
    State.AMBIGUOUS: (State.HELD, State.FAILED),
    State.HELD: (State.FAILED,),
}

# What tells more closely where the supporter lives, in the account of how their legislators were found.
_WHERE = frozenset({"zip", "chambers", "found_by", "exactness", "point_version"})


class BeingSent(Exception):
    """A letter is on the wire at this moment, so nothing was erased.

    `number` is that of the letter, or of one of several. By `until` its worker will have told what became of it, or
    else another one looks after it.
    """

    def __init__(self, number: int, until: datetime | None) -> None:
        super().__init__(number)
        self.number = number
        self.until = until


def erase(
    session: Session,
    receipt_token: str,
    *,
    now: datetime,
    why: Reason = Reason.ERASED_ON_REQUEST,
    is_ended: bool = False,
) -> bool:
    """Blank the person of one action, end what has not left, delete the frozen letters and any
    paper of a petition on which they may stand. False: no such receipt.

    With `is_ended` the action counts no more, also where it could without its person.

    What stays: that somebody acted, when, for which districts, and each message's states without its words. Erasing
    twice is erasing once. `why` is kept with each letter that it ends. Raises BeingSent, and then nothing is changed.
    """
    action = session.scalar(select(Action).where(Action.receipt_token == receipt_token).with_for_update())
    if action is None:
        return False
    erase_action(session, action, how=How(why=why, is_ended=is_ended), now=now)
    return True


class How(Struct, frozen=True, kw_only=True):
    """Why, through whom, and whether an action counts no more that could without its person."""

    why: Reason
    actor: Actor = SUPPORTER
    is_ended: bool = False


def erase_action(session: Session, action: Action, *, how: How, now: datetime) -> int:
    """The same for an action that is locked; how many letters have ended by it. Raises BeingSent."""
    if action.erased_at is not None:
        return 0
    messages = session.scalars(
        select(Message).where(Message.action_id == action.id).order_by(Message.id).with_for_update()
    ).all()
    for message in messages:
        if message.state == State.SENDING:
            raise BeingSent(message.id, message.lease_until)
    ended = 0
    for message in messages:
        ended += _end(session, message, how, now)
        message.subject = ""
        message.updated_at = now
    ids = [message.id for message in messages]
    session.execute(delete(FrozenLetter).where(FrozenLetter.message_id.in_(ids)))
    answer_questions.forget(session, action.id)
    session.execute(update(EarlierLetter).where(EarlierLetter.letter.in_(ids)).values(raw=None))
    search_index.forget(session, [action.id])
    named_views.drop_named(session, action)
    confirmation_mail.end(session, action)
    supporter_mail.drop(session, ids)
    supporter_mail.drop_of_action(session, action.id)
    if action.unconfirmed:  # so nobody's, and no address of anybody who ever wanted to be known here
        session.execute(
            update(Confirmation).where(Confirmation.action_id == action.id).values(supporter_key="", mailbox_key="")
        )
    source = action.source
    _blank(session, action, is_ended=how.is_ended, now=now)
    session.flush()  # whoever finishes a paper counts the erased behind the lock that this waits for
    if source:
        sums.forget_source(session, action.campaign_id, source)
    paper_jobs.drop_erased(session, action, now=now)
    return ended


def _blank(session: Session, action: Action, *, is_ended: bool, now: datetime) -> None:
    """Take the person out of the action itself."""
    action.name = action.email = action.zip = action.street = action.city = action.phone = ""
    kind = kinds.kind_of(session.get_one(Campaign, action.campaign_id).kind)
    if kind.ends_with_erasure or is_ended:
        action.cancelled_at = action.cancelled_at or now
        action.mailbox_key = None
    kind.end(session, action)
    stays = action.cancelled_at is None and not action.unconfirmed
    action.details = kind.lasting(action.details) if stays else {}
    action.quotable = ""
    action.consent_address = action.language = action.source = action.invalid_reason = action.review_reason = ""
    action.paragraph_bucket = None
    action.wants_updates, action.mail_copy = False, ""
    action.lookup = {key: value for key, value in action.lookup.items() if key not in _WHERE}
    action.erased_at = now


def _end(session: Session, message: Message, how: How, now: datetime) -> bool:
    steps = _ENDS.get(State(message.state), ())
    for state in steps:
        message_state.move(session, message, Transition(after=state, actor=how.actor, reason=how.why), now=now)
    return bool(steps)

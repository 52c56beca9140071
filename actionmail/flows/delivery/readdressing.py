"""A letter goes to its legislator's new address: the same words, in a new version with a Message-ID of its own.

The message stays the one that it is, so that "one letter per campaign, supporter and target" holds; what was to go, or
went, to the former address is kept beside it (`EarlierLetter`), and what comes back to that changes nothing any more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import Table, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import EarlierLetter, Event, FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import MESSAGES, Transition
from actionmail.rules.delivery.envelope import readdressed
from actionmail.rules.delivery.mail_headers import EnvelopeError
from actionmail.rules.delivery.reasons import Actor, ActorKind, Reason
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State
from actionmail.rules.delivery.tokens import new_message_id, verp_address

# A letter in one of these may get another address; in the latter it has ended, and waits again with it.
STAYS = frozenset({State.UNCONFIRMED, State.QUEUED, State.DEFERRED, State.HELD})
ENDED = frozenset({State.FAILED, State.BOUNCED})

_later = aliased(Event)
_WAS_TAKEN = or_(Event.to_state.in_([State.ACCEPTED.value, State.AMBIGUOUS.value]), Event.smtp_code.between(200, 299))
_CAME_BACK = exists().where(
    _later.message_id == Event.message_id,
    _later.id > Event.id,
    _later.actor_kind == ActorKind.RETURNED_MAIL.value,
    _later.from_state != _later.to_state,
    or_(
        _later.to_state.in_([State.BOUNCED.value, State.DEFERRED.value, State.FAILED.value]),
        _later.reason_code == Reason.REPORTED_BACK.value,
    ),
)
# Whether a mail server may have taken the letter and nothing tells that it came back: then somebody may have it.
MAY_BE_THERE = exists().where(Event.message_id == Message.id, _WAS_TAKEN, ~_CAME_BACK)


class Naming(Struct, frozen=True, kw_only=True):
    """What new versions are named with: the key of the tokens, and our mail domain."""

    secret: str
    domain: str


def readdress(
    session: Session, ids: Sequence[int], *, naming: Naming, actor: Actor, words: str, now: datetime
) -> dict[int, bool]:
    """Give these letters, whose rows are locked, their legislators' addresses of today. False for each that cannot be
    written to its new one, of which nothing is changed.

    What ended begins to wait again. The caller has seen that each stands in STAYS or ENDED, has a frozen letter and an
    address that is another by now, that nobody may have it, and that no campaign's hold covers what would wait anew.
    """
    made = _made(session, ids, naming, now)
    written = {id_: values for id_, values in made.items() if values is not None}
    if written:
        _write(session, written, now)
        _move(session, written, actor, words, now)
    return {id_: values is not None for id_, values in made.items()}


def _made(session: Session, ids: Sequence[int], naming: Naming, now: datetime) -> dict[int, Mapping[str, Any] | None]:
    """The columns of each new version, and of the one before; None where its address cannot be written to."""
    query = (
        select(Message, FrozenLetter.raw, Legislator.email, Campaign.timezone, Campaign.deadline_at)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .join(Legislator, Legislator.id == Message.legislator_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(Message.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    made: dict[int, Mapping[str, Any] | None] = {}
    for message, raw, email, timezone, deadline in session.execute(query):
        key = secrets.token_hex(13)
        message_id = new_message_id(key, naming.domain)
        try:
            new = readdressed(raw, recipient=email, message_id=message_id, date=now.astimezone(ZoneInfo(timezone)))
        except EnvelopeError:
            made[message.id] = None
            continue
        latest = now + GIVE_UP_AFTER
        made[message.id] = {
            "before": message,
            "before_raw": raw,
            "raw": new,
            "message_id": message_id,
            "return_path": verp_address(key, naming.secret, naming.domain),
            "recipient": email,
            "domain": email.rpartition("@")[2].lower(),
            "sha256": hashlib.sha256(new).hexdigest(),
            "expires_at": min(latest, deadline) if deadline else latest,
        }
    return made


def _write(session: Session, written: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """Put the versions in the place of those before, which are kept."""
    earlier, frozen, messages = [], [], []
    for id_, new in written.items():
        before = new["before"]
        earlier.append(
            {
                "letter": id_,
                "message_id": before.message_id,
                "return_path": before.return_path,
                "recipient": before.recipient,
                "sha256": before.sha256,
                "raw": new["before_raw"],
                "replaced_at": now,
            }
        )
        frozen.append({"b_id": id_, "raw": new["raw"]})
        messages.append({"b_id": id_, **{name: new[name] for name in _VERSION}, "updated_at": now})
    connection = session.connection()
    connection.execute(insert(_EARLIER), earlier)
    connection.execute(update(_FROZEN).where(_FROZEN.c.message_id == bindparam("b_id")), frozen)
    connection.execute(update(MESSAGES).where(MESSAGES.c.id == bindparam("b_id")), messages)


def _move(session: Session, written: Mapping[int, Mapping[str, Any]], actor: Actor, words: str, now: datetime) -> None:
    """What ended waits again; of what waits already, the history tells it."""
    by_expiry: dict[datetime, list[int]] = {}
    staying: list[Message] = []
    for id_, new in written.items():
        before: Message = new["before"]
        if State(before.state) in ENDED:
            by_expiry.setdefault(new["expires_at"], []).append(id_)
        else:
            staying.append(before)
    entry = message_state.Note(actor=actor, reason=Reason.READDRESSED, words=words)
    message_state.note_each(session, staying, entry, now=now)
    queued = Transition(
        after=State.QUEUED, actor=actor, reason=Reason.READDRESSED, words=words, next_attempt_at=now
    )  # fmt: skip
    for expires_at, ids in by_expiry.items():
        also = {"expires_at": expires_at, "possible_duplicate": False}  # to this mailbox it goes the first time
        which = [MESSAGES.c.id.in_(ids)]
        message_state.move_all(session, which, sorted(ENDED), queued, now=now, also=also)
    deferred = [message.id for message in staying if message.state == State.DEFERRED]
    if deferred:  # it waited for the other mailbox
        at_once = update(MESSAGES).where(MESSAGES.c.id.in_(deferred), MESSAGES.c.state == State.DEFERRED.value)
        session.execute(at_once.values(next_attempt_at=now))
    for new in written.values():
        session.expire(new["before"])


_EARLIER, _FROZEN = cast(Table, EarlierLetter.__table__), cast(Table, FrozenLetter.__table__)
_VERSION = ("message_id", "return_path", "recipient", "domain", "sha256")

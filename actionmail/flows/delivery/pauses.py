"""What stops letters, and addresses that seem dead: for the worker, for what came back, and for people alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, false, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import KnownAddress
from actionmail.db.messages import Message
from actionmail.db.prepared import Prepared
from actionmail.db.throttles import AddressFault, DomainRefusal, Switch
from actionmail.rules.delivery.rates import (
    ASKS_A_DAY,
    FAULTS_TO_HOLD,
    REFUSALS_COUNT,
    REFUSALS_TO_STOP,
    REFUSING_MAILBOXES,
    Bucket,
    Scope,
)
from actionmail.rules.delivery.reasons import Actor, PauseCause, PauseReason


def pause(session: Session, scope: Scope, key: str, cause: PauseCause, *, actor: Actor, now: datetime) -> bool:
    """Send nothing that this covers until `resume`; whether it was not so before. Workers heed it at the next claim."""
    in_turn(session)
    if session.get(Switch, (scope.value, key)) is not None:
        return False
    switch = Switch(
        scope=scope.value,
        key=key,
        reason_code=cause.reason.value,
        words=cause.words,
        message_id=cause.message,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        at=now,
    )
    session.add(switch)
    session.flush()
    return True


def resume(session: Session, scope: Scope, key: str) -> bool:
    """Take the stop away; whether there was one. A target's addresses are trusted again, as if nothing had failed."""
    in_turn(session)
    if scope is Scope.TARGET:
        session.execute(delete(AddressFault).where(AddressFault.recipient.in_(_faulty_addresses(session, int(key)))))
        session.execute(delete(DomainRefusal).where(DomainRefusal.message_id.in_(_letters_to(int(key)))))
    if scope is Scope.DOMAIN:
        session.execute(delete(DomainRefusal).where(DomainRefusal.domain == key))
    switch = session.get(Switch, (scope.value, key))
    if switch is None:
        return False
    session.delete(switch)
    session.flush()
    return True


def is_held(session: Session, address: str) -> bool:
    """Whether letters of two different supporters failed for good at `address`: no letter should go there."""
    faults = select(func.count()).select_from(AddressFault).where(AddressFault.recipient == address)
    return (session.scalar(faults) or 0) >= FAULTS_TO_HOLD


def held_targets(session: Session) -> set[int]:
    """The ids of legislators to whom nothing is sent at the moment."""
    return {int(key) for key in session.scalars(select(Switch.key).where(Switch.scope == Scope.TARGET.value))}


def not_stopped(
    session: Session, campaign: Any, at_domain: Callable[[str], ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """No switch is in the way of mails beside the letters: of this campaign's number, and to no domain that rests."""
    conditions: list[ColumnElement[bool]] = []
    for scope, key in session.execute(select(Switch.scope, Switch.key)):
        if scope == Scope.ALL:
            conditions.append(false())
        elif scope == Scope.CAMPAIGN:
            conditions.append(campaign != int(key))
        elif scope == Scope.DOMAIN:
            conditions.append(~at_domain(key))
    return conditions


def note_fault(
    session: Session, *, recipient: str, supporter_key: str, target: int, actor: Actor, now: datetime
) -> bool:
    """A letter failed for good at its address. True if that put its target on hold just now.

    A second letter of the same supporter adds nothing: one person may have met one passing mistake twice.
    """
    in_turn(session)
    session.merge(AddressFault(recipient=recipient, supporter_key=supporter_key, at=now))
    session.flush()
    if not is_held(session, recipient):
        return False
    cause = PauseCause(reason=PauseReason.ADDRESS_ON_HOLD)
    return pause(session, Scope.TARGET, str(target), cause, actor=actor, now=now)


class Refusal(Struct, frozen=True, kw_only=True):
    """A letter that was refused by policy, and where it was to go."""

    message: int
    recipient: str
    domain: str
    target: int


def note_refusal(session: Session, refusal: Refusal, cause: PauseCause, *, actor: Actor, now: datetime) -> Scope | None:
    """A letter was refused by policy. What that stopped just now: the domain, the target, or None.

    One such answer may be about one mailbox, or one letter. Several letters to several mailboxes within an hour are
    about the domain, several to one mailbox about that one alone.
    """
    in_turn(session)
    session.execute(delete(DomainRefusal).where(DomainRefusal.at < now - REFUSALS_COUNT))
    session.merge(
        DomainRefusal(
            message_id=refusal.message, domain=refusal.domain, recipient=refusal.recipient, at=now
        )
    )  # fmt: skip
    session.flush()
    counts = dict(
        session.execute(
            select(DomainRefusal.recipient, func.count())
            .where(DomainRefusal.domain == refusal.domain)
            .group_by(DomainRefusal.recipient)
        ).all()
    )
    if len(counts) >= REFUSING_MAILBOXES and sum(counts.values()) >= REFUSALS_TO_STOP:
        scope, key = Scope.DOMAIN, refusal.domain
    elif counts[refusal.recipient] >= REFUSALS_TO_STOP:
        scope, key = Scope.TARGET, str(refusal.target)
    else:
        return None
    return scope if pause(session, scope, key, cause, actor=actor, now=now) else None


def may_ask(session: Session, mailbox_key: str, *, now: datetime) -> bool:
    """Whether one more mail may ask this mailbox to confirm something; where it may, it is counted.

    Anybody can type anybody's address, so that its mailbox has to be safe from our form.
    """
    known = known_address(session, mailbox_key)
    bucket = Bucket(limit=ASKS_A_DAY, period=timedelta(days=1), used=known.asked, at=known.asked_at)
    if not bucket.room(now):
        return False
    known.asked, known.asked_at = bucket.used_at(now) + 1, now
    session.flush()
    return True


def known_address(session: Session, supporter_key: str) -> KnownAddress:
    """The row of an address, made where there is none, and locked until the transaction ends."""
    known = session.get(KnownAddress, supporter_key, with_for_update=True)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            known = KnownAddress(supporter_key=supporter_key, asked=0.0)
            session.add(known)
    except IntegrityError:  # somebody else's request made it at this moment
        return session.get_one(KnownAddress, supporter_key, with_for_update=True)
    return known


def in_turn(session: Session) -> None:
    """Until the transaction ends no other process changes rates, switches and faults; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        _IN_TURN.run(session, lock=_QUEUE_LOCK)


def _letters_to(target: int) -> Select[int]:
    return (
        select(Message.id)
        .join(DomainRefusal, DomainRefusal.message_id == Message.id)
        .where(Message.legislator_id == target)
    )


def _faulty_addresses(session: Session, target: int) -> list[str]:
    """The addresses at which letters to `target` failed, found along the index on campaign, supporter and target."""
    return list(
        session.scalars(
            select(AddressFault.recipient)
            .join(
                Message,
                and_(
                    Message.campaign_id.in_(select(Campaign.id)),
                    Message.supporter_key == AddressFault.supporter_key,
                    Message.legislator_id == target,
                    Message.recipient == AddressFault.recipient,
                ),
            )
            .distinct()
        )
    )


_QUEUE_LOCK = 7265001  # PostgreSQL's advisory lock, ours by its number
_IN_TURN = Prepared(text("SELECT pg_advisory_xact_lock(:lock)"))

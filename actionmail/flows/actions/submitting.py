"""One press of the button: everything costly is prepared first, then one transaction queues the letters, once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.actions import (
    answer_questions,
    composing,
    confirmation_mail,
    copy_mail,
    pressure,
    submitting_statements,
)
from actionmail.flows.actions.composing import Copy, Recipients, Supporter
from actionmail.flows.actions.presses import PreparedAction, PreparedLetter, Queue, Submission
from actionmail.flows.actions.refusals import (
    AlreadyActed,
    CampaignClosed,
    LetterRefused,
    NoLegislators,
    TargetsChanged,
    TooManyAsks,
)
from actionmail.flows.campaigns.reading import supporters_of
from actionmail.flows.delivery import message_state
from actionmail.rules.actions.address_bucket import bucket_of
from actionmail.rules.actions.confirmation import mailbox_of, waits_until
from actionmail.rules.actions.paragraph_bucket import paragraph_bucket_of
from actionmail.rules.actions.reviews import Review, must_review
from actionmail.rules.delivery import tokens
from actionmail.rules.delivery.reasons import SUPPORTER, Reason
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State
from actionmail.settings import Settings


def is_open(campaign: Campaign, now: datetime) -> bool:
    """Whether it can be acted on: live, and before its deadline, or the end of what staff gave after that."""
    return campaign.status == "live" and (campaign.closes_at is None or now < campaign.closes_at)


def actions_so_far(session: Session | Connection, campaign_id: int) -> int:
    """How many supporters' actions count (`reading.counted`)."""
    rows = submitting_statements.SO_FAR.all(session, campaign=campaign_id)
    return supporters_of(session, rows[0]) if rows else 0


def receipt_token(session: Session | Connection, *, campaign_id: int, key: str) -> str | None:
    """The receipt of the action that was taken under `key`, if one was."""
    return session.scalar(
        select(Action.receipt_token).where(Action.campaign_id == campaign_id, Action.idempotency_key == key)
    )


def supporter_key_of(email: str, secret: str) -> str:
    """A keyed hash of the address in lower case, so that "one letter per supporter" outlives the address."""
    return hmac.new(secret.encode(), b"actionmail supporter\0" + email.lower().encode(), hashlib.sha256).hexdigest()


def prepare(
    campaign: Campaign, recipients: Recipients, submission: Submission, *, settings: Settings, now: datetime
) -> PreparedAction:
    """Check and freeze the letters of `recipients`, the supporter's words in them; touches no database.

    Raises NoLegislators, TargetsChanged, LetterRefused, Unwritable.
    """
    if not recipients.writable and not recipients.copied:
        raise NoLegislators
    if recipients.fingerprint != submission.seen:
        raise TargetsChanged
    if faults := composing.faults(recipients):
        raise LetterRefused(faults)
    letters: list[PreparedLetter] = []
    for copy in recipients.copies:
        letters.append(_prepared(campaign, submission.supporter, copy, settings=settings, now=now))
    email = submission.supporter.email
    bucket = paragraph_bucket_of(letters[0].copy.filled.personal)
    return PreparedAction(
        submission=submission,
        campaign=campaign,
        letters=tuple(letters),
        recipients=recipients,
        supporter_key=supporter_key_of(email, settings.keys.oldest),
        mailbox_key=supporter_key_of(mailbox_of(email), settings.keys.oldest),
        paragraph_bucket=bucket,
        come=pressure.coming(
            address=pressure.address_of(submission.consent_address, settings),
            email=email,
            campaign_id=campaign.id,
            paragraph_bucket=bucket,
            pressed=submission.pressed,
            secret=settings.keys.oldest,
        ),
    )


def _prepared(
    campaign: Campaign, supporter: Supporter, copy: Copy, *, settings: Settings, now: datetime
) -> PreparedLetter:
    key = secrets.token_hex(13)
    if copy.can_go:
        raw = composing.frozen(campaign, supporter, copy, key, settings=settings, now=now)
    else:
        raw = composing.kept_to_copy(copy)
    return PreparedLetter(
        copy=copy,
        message_id=tokens.new_message_id(key, settings.mail_domain),
        return_path=tokens.verp_address(key, settings.secret_key, settings.mail_domain),
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def take_action(connection: Connection, prepared: PreparedAction, *, now: datetime, settings: Settings) -> str:
    """Queue the letters, each with its frozen bytes and first event, and end the draft; the receipt's token. Once per
    `submission.key`.

    A legislator without an address gets a message in its final state `no_channel`; one whom this supporter wrote to
    before in this campaign is left out and named in `lookup["written_before"]`. Where the campaign has the address
    confirmed, letters wait as `unconfirmed`, and the mail that asks is kept with them; until then they are nobody's, so
    that whoever types a stranger's address does not keep the stranger from writing. So it is, too, where many come from
    there and no browser worked for it; where very many do, letters wait for staff (`pressure`).

    Raises ActRefused, by which the transaction has to end: then nothing is kept. All that takes long is prepared.
    """
    # In this transaction, which may be others' too; few presses need objects.
    within = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
    with within as session, session.begin():
        return _taken(connection, session, prepared, now=now, settings=settings)


def _taken(
    connection: Connection, session: Session, prepared: PreparedAction, *, now: datetime, settings: Settings
) -> str:
    submission = prepared.submission
    _lock(connection, submission.campaign_id)
    standing = _standing(connection, prepared)
    if standing.receipt_token:
        return standing.receipt_token
    campaign: Campaign | None = prepared.campaign
    if standing.version != prepared.recipients.version:  # something changed since: what did, the database tells
        campaign = session.get(Campaign, submission.campaign_id, populate_existing=True)
    if campaign is None or not is_open(campaign, now):
        raise CampaignClosed
    if campaign is not prepared.campaign and not _still_holds(session, campaign, prepared):
        raise TargetsChanged
    letters = _still_to_write(prepared, standing.written)
    return _queue_all(connection, session, campaign, prepared, letters, now=now, settings=settings)


def _lock(connection: Connection, campaign_id: int) -> None:
    """Shared with others who act: nobody holds the campaign's letters back meanwhile. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        submitting_statements.LOCK.all(connection, campaign=campaign_id)


class _Standing(Struct, frozen=True, kw_only=True):
    """What the transaction finds: the version of the content, the receipt of the same key, and the legislators to whom
    this supporter wrote on the campaign before.
    """

    version: int
    receipt_token: str | None
    written: frozenset[int]


def _standing(connection: Connection, prepared: PreparedAction) -> _Standing:
    """In a statement after the lock, so that it sees whatever was waited for."""
    submission = prepared.submission
    asked = {"campaign": submission.campaign_id, "key": submission.key, "supporter": prepared.supporter_key}
    rows = submitting_statements.STAND.all(connection, **asked)
    written = frozenset(row.legislator_id for row in rows if row.legislator_id is not None)
    return _Standing(version=rows[0].version, receipt_token=rows[0].receipt_token, written=written)


def _still_holds(session: Session, campaign: Campaign, prepared: PreparedAction) -> bool:
    return composing.still_holds(session, campaign, prepared.recipients, prepared.submission.seats)


def done(session: Session, campaign_id: int, key: str) -> Action | None:
    """The action that was taken under `key`, if one was."""
    query = select(Action).where(Action.campaign_id == campaign_id, Action.idempotency_key == key)
    return session.scalar(query)


def _still_to_write(prepared: PreparedAction, written: Collection[int]) -> list[PreparedLetter]:
    """The letters that go now. Raises AlreadyActed."""
    letters = []
    is_any_left = False
    for letter in prepared.letters:
        if letter.copy.legislator.id not in written:
            letters.append(letter)
            is_any_left |= letter.copy.can_go if prepared.recipients.writable else letter.copy.can_be_copied
    if not is_any_left:
        raise _already(prepared.recipients)
    return letters


def _already(recipients: Recipients) -> AlreadyActed:
    return AlreadyActed([copy.title_name for copy in recipients.copies if copy.can_go or copy.can_be_copied])


def _queue_all(
    connection: Connection,
    session: Session,
    campaign: Campaign,
    prepared: PreparedAction,
    letters: Sequence[PreparedLetter],
    *,
    now: datetime,
    settings: Settings,
) -> str:
    """The action with its messages, and the mail that asks where one must.

    Raises AlreadyActed, TooManyAsks, MustProve.
    """
    can_go = any(letter.copy.can_go for letter in letters)
    admission = pressure.admit(connection, prepared.come, settings=settings, now=now, can_be_asked=can_go)
    held_for = admission.held_for
    must_confirm = can_go and (
        admission.must_confirm or confirmation_mail.must_confirm(session, campaign, prepared.supporter_key)
    )
    until = waits_until(now, campaign.deadline_at) if must_confirm else None
    queued = {letter.copy.legislator.id for letter in letters}
    before = [copy.title_name for copy in prepared.recipients.copies if copy.legislator.id not in queued]
    queue = _queue(campaign, prepared, letters, until=until, held_for=held_for, now=now, settings=settings)
    action = _action(campaign, prepared.submission, before, now)
    if prepared.submission.may_quote:
        action["quotable"] = letters[0].copy.filled.personal
    bucket = prepared.paragraph_bucket
    review = Review.WAITING if queue.must_review else Review.NONE
    action |= {"unconfirmed": must_confirm, "review": review.value, "paragraph_bucket": bucket, "held_for": held_for}
    taken = submitting_statements.KEEP.all(connection, **action)
    if not taken:  # by the same button, since we looked
        token = receipt_token(connection, campaign_id=campaign.id, key=prepared.submission.key)
        if token is None:
            raise _already(prepared.recipients)
        return token
    action_id = taken[0].id
    try:
        _put_letters(connection, campaign, prepared, letters, queue, action_id, now=now)
        if prepared.submission.may_ask and any(letter.copy.can_go for letter in letters):
            answer_questions.agree(session, action_id, now=now)
        if queue.must_confirm or prepared.submission.wants_copy:
            _put_mails(session, campaign, prepared, action_id, queue, now=now, settings=settings)
        session.flush()
    except confirmation_mail.AskedTooOften:
        raise TooManyAsks from None
    except IntegrityError:  # the same supporter, at the same moment
        raise _already(prepared.recipients) from None
    return str(action["receipt_token"])


def _put_letters(
    connection: Connection,
    campaign: Campaign,
    prepared: PreparedAction,
    letters: Sequence[PreparedLetter],
    queue: Queue,
    action_id: int,
    *,
    now: datetime,
) -> None:
    """What follows the row of an action: its messages with their letters, and the draft's end. Raises IntegrityError
    where one of them is there already.
    """
    rows = [_row(campaign.id, action_id, letter, queue, now=now) for letter in letters]
    ids = message_state.begin_each(connection, rows, actor=SUPPORTER, now=now)
    _freeze(connection, ids, letters)
    submitting_statements.END.run(connection, key=prepared.submission.key)
    pressure.add(connection, prepared.come, now=now)


def _queue(
    campaign: Campaign,
    prepared: PreparedAction,
    letters: Sequence[PreparedLetter],
    *,
    until: datetime | None,
    held_for: str,
    now: datetime,
    settings: Settings,
) -> Queue:
    """How the letters wait. `until`: when the time to confirm is over, where one must."""
    is_edited = any(letter.copy.is_edited for letter in letters if letter.copy.can_go)
    return Queue(
        due=now + timedelta(seconds=settings.undo_seconds),
        expires_at=until or min(now + GIVE_UP_AFTER, campaign.deadline_at or now + GIVE_UP_AFTER),
        must_confirm=until is not None,
        must_review=bool(held_for) or must_review(campaign.review, is_edited=is_edited),
        why_reviewed=Reason.LIKE_A_FLOOD if held_for else Reason.TO_BE_REVIEWED,
        supporter_key=prepared.supporter_key if until is None else confirmation_mail.nobody(),
    )


def _put_mails(
    session: Session,
    campaign: Campaign,
    prepared: PreparedAction,
    action_id: int,
    queue: Queue,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    """The mail that asks to confirm, and the copy that was asked for."""
    supporter, mailbox = prepared.supporter_key, prepared.mailbox_key
    until = queue.expires_at if queue.must_confirm else None
    if until is not None:
        keys = confirmation_mail.AddressKeys(supporter=supporter, mailbox=mailbox)
        request = _request(session, campaign, action_id, settings)
        confirmation_mail.begin(session, request, keys=keys, until=until, now=now)
    if prepared.submission.wants_copy:
        to = copy_mail.Addressee(supporter_key=supporter, mailbox_key=mailbox, until=until)
        action = session.get_one(Action, action_id)
        copy_mail.put(session, campaign, action, to, settings=settings, due=queue.due, now=now)


def _freeze(connection: Connection, ids: Sequence[int], letters: Sequence[PreparedLetter]) -> None:
    """Keep the bytes of the messages with these numbers, where there is anything to send or to copy."""
    frozen = [{"message_id": id_, "raw": letter.raw} for id_, letter in zip(ids, letters, strict=True) if letter.raw]
    if frozen:
        submitting_statements.FREEZE.run(connection, frozen)


def _request(session: Session, campaign: Campaign, action_id: int, settings: Settings) -> confirmation_mail.Request:
    action = session.get_one(Action, action_id)
    messages = confirmation_mail.unconfirmed(session, action)
    return confirmation_mail.Request(campaign=campaign, action=action, messages=messages, settings=settings)


def _action(campaign: Campaign, submission: Submission, written_before: list[str], now: datetime) -> dict[str, Any]:
    """The row of the action."""
    supporter = submission.supporter
    return {
        "campaign_id": campaign.id,
        "idempotency_key": submission.key,
        "receipt_token": secrets.token_urlsafe(32),
        "name": supporter.name,
        "email": supporter.email,
        "address_bucket": bucket_of(supporter.email),
        "zip": supporter.zip,
        "street": supporter.street,
        "city": supporter.city,
        "state": campaign.state,
        "phone": supporter.phone,
        "language": submission.language,
        "lookup": {**submission.lookup, "written_before": written_before},
        "consent_text": submission.consent_text,
        "consent_address": submission.consent_address,
        "wants_updates": submission.wants_updates,
        "source": submission.source,
        "created_at": now,
        "quotable": "",
    }


def _row(campaign_id: int, action_id: int, letter: PreparedLetter, queue: Queue, *, now: datetime) -> dict[str, Any]:
    """One message as `message_state.begin_each` takes it."""
    copy = letter.copy
    state, why = State.QUEUED, Reason.NONE
    if not copy.can_go:
        state, why = State.NO_CHANNEL, Reason.NO_ADDRESS
    elif queue.must_confirm:
        state, why = State.UNCONFIRMED, Reason.TO_BE_CONFIRMED
    elif queue.must_review:
        state, why = State.REVIEW, queue.why_reviewed
    return {
        "reason": why,
        "action_id": action_id,
        "campaign_id": campaign_id,
        "legislator_id": copy.legislator.id,
        "letter_id": copy.letter.id,
        "supporter_key": queue.supporter_key,
        "target_name": copy.title_name,
        "recipient": copy.legislator.email,
        "domain": copy.legislator.email.rpartition("@")[2].lower(),
        "subject": copy.filled.subject,
        "state": state.value,
        "next_attempt_at": queue.due if state is State.QUEUED else None,
        "expires_at": queue.expires_at,
        "message_id": letter.message_id,
        "return_path": letter.return_path,
        "sha256": letter.sha256,
        "template_version": copy.letter.version,
        "created_at": now,
        "updated_at": now,
    }

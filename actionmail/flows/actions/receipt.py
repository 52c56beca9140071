"""What a supporter, or an office with a letter's own link, may see afterwards, and taking letters back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import BigInteger, Column, String, Table, or_, select, text
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import TROUBLE, Database
from actionmail.db.messages import EarlierLetter, FrozenLetter, Message
from actionmail.db.prepared import Prepared
from actionmail.db.roster import Legislator
from actionmail.flows.actions import confirmation_mail, copy_mail, taking
from actionmail.flows.campaigns import reading
from actionmail.flows.campaigns.content import VERSION
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.flows.delivery import campaign_holds, message_state, out_of_office, waiting
from actionmail.flows.delivery.message_state import MESSAGES, Transition
from actionmail.flows.lookup.settling import SettledChamber, settled_chambers
from actionmail.rules.actions.copy_mail import MailCopy
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.kinds import kind_of
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.reasons import SUPPORTER
from actionmail.rules.delivery.states import WAITING, State, may_follow
from actionmail.rules.delivery.tokens import new_message_id, read_verify_token
from actionmail.rules.delivery.waiting import Why
from actionmail.settings import Keys


class ReceiptLetter(Struct, frozen=True, kw_only=True):
    """One legislator of a receipt. `letter` is the frozen text with its footer, "" once it was erased.

    Lines of one `letter_id` were filled from the same words.
    """

    name: str
    letter_id: int
    language: str  # in which the letter was written for its legislator
    state: State
    subject: str
    letter: str
    updated_at: datetime
    may_arrive_twice: bool
    is_held_back: bool  # since its campaign was paused or closed
    is_out_of_office: bool  # not sent, or not yet, because its legislator holds no seat
    can_be_taken_back: bool
    waits: Why | None  # what keeps it most, while it waits
    phone: str
    website: str


class Receipt(Struct, frozen=True, kw_only=True):
    """One action as its supporter sees it."""

    token: str
    campaign: Campaign
    name: str
    email: str
    created_at: datetime
    undo_until: datetime
    cancelled_at: datetime | None
    erased_at: datetime | None
    wants_updates: bool
    mail_copy: MailCopy
    language: str  # in which they read the campaign's page
    written_before: tuple[str, ...]
    unconfirmed: bool  # the owner of the address has not said that it is theirs, or never did
    confirm_until: datetime | None  # while they still can
    settled: tuple[SettledChamber, ...]  # how it was known whom they vote for; nothing of what was erased
    state: str
    lines: tuple[ReceiptLetter, ...]
    who: Mapping[str, str]  # what was typed of the supporter, as a draft keeps it
    details: Mapping[str, Any]  # what the campaign's kind keeps
    supporters: int  # of the campaign, whose actions count
    is_invalid: bool  # staff found that it does not count
    review: Review  # where it stands with staff, of a kind that they look at first
    review_reason: str  # theirs, who declined it
    is_merged: bool  # with another one, which stands for both

    @property
    def to_take_back(self) -> tuple[ReceiptLetter, ...]:
        return tuple(line for line in self.lines if line.can_be_taken_back)


class Verified(Struct, frozen=True, kw_only=True):
    """What an office is told of a letter: enough to see that it is genuine, nothing that the letter does not say."""

    campaign: Campaign
    legislator: str
    supporter: str  # "" once erased
    subject: str
    submitted_at: datetime
    consent_text: str
    cancelled: bool


def find(
    session: Session, token: str, *, undo_seconds: int, now: datetime, campaigns: CampaignsInForce | None = None
) -> Receipt | None:
    """The receipt that `token` opens, or None. `campaigns` are those that need not be read again."""
    rows = _FIND.all(session, token=token)
    if not rows:
        return None
    action = rows[0]
    in_force = campaigns.get(action.slug, action.version) if campaigns else None
    campaign = in_force.campaign if in_force else session.get_one(Campaign, action.campaign_id)
    return Receipt(
        token=action.receipt_token,
        campaign=campaign,
        name=action.name,
        email=action.email,
        created_at=action.created_at,
        undo_until=action.created_at + timedelta(seconds=undo_seconds),
        cancelled_at=action.cancelled_at,
        erased_at=action.erased_at,
        wants_updates=action.wants_updates,
        mail_copy=MailCopy(action.mail_copy),
        language=action.language,
        written_before=tuple(action.lookup.get("written_before", ())),
        unconfirmed=action.unconfirmed,
        confirm_until=action.waits_until,
        who={name: getattr(action, name) for name in ("name", "email", "zip", "street", "city", "phone")},
        details=action.details,
        supporters=reading.supporters_of(session, action),
        is_invalid=action.invalid_at is not None,
        review=Review(action.review),
        review_reason=action.review_reason,
        is_merged=action.merged_into is not None
        and bool(session.scalar(select(reading.is_merged()).where(Action.id == action.id))),
        settled=() if action.erased_at else settled_chambers(action.lookup),
        state=action.state,
        lines=_lines(session, action, campaign, waiting.at_work(rows), now=now),
    )


def _lines(
    session: Session, action: Any, campaign: Campaign, work: waiting.AtWork, *, now: datetime
) -> tuple[ReceiptLetter, ...]:
    """Each letter of the action. What only letters in some states can have been through is asked of those alone."""
    rows = _LETTERS.all(session, action=action.id)
    held = [row.id for row in rows if row.state == State.HELD]
    ended = [row.id for row in rows if row.state in (State.HELD, State.EXPIRED)]
    absent = {row.id for row in rows if row.state in WAITING and not out_of_office.sits(row.seat_state, row, now)}
    stopped = out_of_office.stopped(session, ended, now=now) if ended else set()
    known = _Known(
        held_back=campaign_holds.is_held_back(session, held) if held else set(),
        left=campaign_holds.may_have_left(session, held) if held else set(),
        out_of_office=absent | stopped,
        waits=waiting.weightiest(session, campaign, rows, action.created_at, absent=absent, work=work, now=now),
    )
    return tuple(_line(row, known) for row in rows)


def cancel(session: Session, token: str, *, now: datetime) -> int | None:
    """Take back every letter that has not left, held ones too, or the action itself where its campaign's kind has no
    letters; how many that was, None where `token` opens nothing.

    The supporter may write again afterwards: a letter that never left does not count as one.
    """
    action = action_of(session, token)
    if action is None:
        return None
    if not kind_of(session.get_one(Campaign, action.campaign_id).kind).writes_letters:
        session.refresh(action, with_for_update=True)
        return int(taking.take_back(session, action, now=now))
    messages = _messages(session, action)
    left = campaign_holds.may_have_left(session, [message.id for message in messages])
    taken_back = 0
    for message in messages:
        if _may_be_taken_back(message, message.id in left):
            taken_back += _take_back(session, message, now)
    if taken_back:
        confirmation_mail.end(session, action)
    session.flush()
    states = set(session.scalars(select(Message.state).where(Message.action_id == action.id)))
    if taken_back and states <= {State.CANCELLED, State.NO_CHANNEL}:
        action.cancelled_at = now
        copy_mail.drop(session, action)
        for message in _messages(session, action):
            message.supporter_key = confirmation_mail.nobody()
    return taken_back


def _may_be_taken_back(message: Any, has_left: bool) -> bool:
    """Of a held letter that a mail server may have taken before, nobody can say that it was not sent."""
    return may_follow(message.state, State.CANCELLED) and not (message.state == State.HELD and has_left)


def _take_back(session: Session, message: Message, now: datetime) -> bool:
    """One statement decides between this and a worker that claims the letter at the same moment."""
    cancelled = Transition(after=State.CANCELLED, actor=SUPPORTER)
    also = {"supporter_key": confirmation_mail.nobody()}
    return message_state.move(session, message, cancelled, now=now, also=also)


def verification(session: Session, token: str, *, secret: Keys, domain: str) -> Verified | None:
    """What stands behind the link in a letter, or None where `token` is not one of ours."""
    key = read_verify_token(token, secret)
    if key is None:
        return None
    message_id = new_message_id(key, domain)
    of_version = select(EarlierLetter.letter).where(EarlierLetter.message_id == message_id)  # its words name its first
    row = session.execute(
        select(Message, Action, Campaign)
        .join(Action, Action.id == Message.action_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(or_(Message.message_id == message_id, Message.id.in_(of_version)))
    ).one_or_none()
    if row is None:
        return None
    message, action, campaign = row
    return Verified(
        campaign=campaign,
        legislator=message.target_name,
        supporter="" if action.erased_at else action.name,
        subject="" if action.erased_at else message.subject,
        submitted_at=action.created_at,
        consent_text=action.consent_text,
        cancelled=message.state == State.CANCELLED,
    )


def action_of(session: Session, token: str) -> Action | None:
    """The action whose receipt has this token."""
    return session.scalar(select(Action).where(Action.receipt_token == token))


def _messages(session: Session, action: Action) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.action_id == action.id).order_by(Message.id)))


class _Known(Struct, frozen=True, kw_only=True):
    """What is known of the letters of a receipt, by their numbers."""

    held_back: set[int]
    left: set[int]
    out_of_office: set[int]
    waits: Mapping[int, Why]


def _line(row: Any, known: _Known) -> ReceiptLetter:
    return ReceiptLetter(
        name=row.target_name,
        letter_id=row.letter_id,
        language=row.letter_language,
        state=State(row.state),
        subject=row.subject,
        letter=letter_text(row.raw) if row.raw is not None else "",
        updated_at=row.updated_at,
        may_arrive_twice=row.possible_duplicate,
        is_held_back=row.id in known.held_back,
        is_out_of_office=row.id in known.out_of_office,
        can_be_taken_back=_may_be_taken_back(row, row.id in known.left),
        waits=known.waits.get(row.id),
        phone=row.phone,
        website=row.website,
    )


_ACTIONS: Final = cast(Table, Action.__table__)
_LEGISLATORS: Final = cast(Table, Legislator.__table__)
_CONFIRMATIONS: Final = cast(Table, Confirmation.__table__)
_FROZEN: Final = cast(Table, FrozenLetter.__table__)
_OF_ACTION: Final = tuple(
    _ACTIONS.c[name]
    for name in (
        *("id", "receipt_token", "campaign_id", "name", "email", "zip", "street", "city", "state", "phone"),
        *("created_at", "cancelled_at", "erased_at", "invalid_at", "wants_updates", "language", "lookup"),
        "mail_copy",
        *("unconfirmed", "details", "review", "review_reason", "merged_into"),
    )
)
_OF_MESSAGE: Final = tuple(
    MESSAGES.c[name]
    for name in (
        *("id", "target_name", "letter_id", "state", "subject", "updated_at", "possible_duplicate", "attempts"),
        *("next_attempt_at", "released_alone", "legislator_id", "domain"),
    )
)
_FIND: Final = Prepared(
    text(
        f"SELECT {VERSION} AS version, campaigns.slug, {', '.join(f'actions.{column.name}' for column in _OF_ACTION)}, "  # noqa: S608
        f"confirmations.waits_until, {reading.SUPPORTERS}, {waiting.WORK} "
        "FROM actions JOIN campaigns ON campaigns.id = actions.campaign_id "
        "LEFT JOIN confirmations ON confirmations.action_id = actions.id "
        f"{waiting.WORK_JOINED} WHERE actions.receipt_token = :token"
    ),
    Column("version", BigInteger),
    Column("slug", String),
    *_OF_ACTION,
    _CONFIRMATIONS.c.waits_until,
    *reading.SUPPORTERS_COLUMNS,
    *waiting.WORK_COLUMNS,
)
_TERM: Final = tuple(_LEGISLATORS.c[name] for name in ("phone", "website", "status", "begins", "ends", "gone_at"))
_LETTERS: Final = Prepared(
    text(
        f"SELECT {', '.join(f'messages.{column.name}' for column in _OF_MESSAGE)}, legislators.state AS seat_state, "  # noqa: S608
        "letters.language AS letter_language, "
        f"{', '.join(f'legislators.{column.name}' for column in _TERM)}, frozen_letters.raw FROM messages "
        "JOIN legislators ON legislators.id = messages.legislator_id "
        "JOIN letters ON letters.id = messages.letter_id "
        "LEFT JOIN frozen_letters ON frozen_letters.message_id = messages.id "
        "WHERE messages.action_id = :action ORDER BY messages.id"
    ),
    *_OF_MESSAGE,
    Column("seat_state", String),
    Column("letter_language", String),
    *_TERM,
    _FROZEN.c.raw,
)


def numbers_of(database: Database, token: str) -> tuple[int, dict[int, str]] | None:
    """Of a receipt: the action's number, and its letters' with their Message-IDs.

    None where the database does not tell now.
    """
    try:
        with database.read() as session:
            action = session.execute(select(Action.id).where(Action.receipt_token == token)).scalar_one()
            columns = select(Message.id, Message.message_id).where(Message.action_id == action).order_by(Message.id)
            return action, {row.id: row.message_id for row in session.execute(columns)}
    except TROUBLE:
        return None

"""A supporter acts: their legislators, one letter to each, filled once and frozen, queued in one transaction.

`compose` is behind the page's letter, its previews and the frozen bytes, so what is shown is what goes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import confirmation_mail
from actionmail.flows.campaigns import recipients as targets
from actionmail.flows.roster import importing
from actionmail.rules.actions.confirmation import mailbox_of, waits_until
from actionmail.rules.campaigns import letter_language
from actionmail.rules.campaigns.matrix import Sample
from actionmail.rules.delivery import envelope, tokens
from actionmail.rules.delivery.mail_headers import EnvelopeError
from actionmail.rules.delivery.states import GIVE_UP_AFTER, Parcel, State
from actionmail.rules.roster import titles
from actionmail.settings import Settings

LANGUAGE = "en"  # of the pages; a letter in it is preferred


class ActRefused(Exception):
    """The action cannot be taken; `str()` is the sentence for the supporter."""


class CampaignClosed(ActRefused):
    """The campaign is paused, closed, past its deadline or gone."""


class NoLegislators(ActRefused):
    """Nobody who can be written to sits in the supporter's seats."""


class TargetsChanged(ActRefused):
    """Not the legislators or letters that the supporter saw."""


class AlreadyActed(ActRefused):
    """Every one of these legislators has a letter from this supporter on this campaign."""


class LetterRefused(ActRefused):
    """The letter cannot go as it is."""


class TooManyAsks(ActRefused):
    """The supporter would have to confirm by mail, and their address gets no more of that today."""


@dataclass(frozen=True, kw_only=True)
class Supporter:
    """Who is writing. `email` is the address as letters carry it, its domain in A-labels."""

    name: str
    email: str
    zip: str
    street: str = ""
    city: str = ""
    phone: str = ""


def sample_supporter(sample: Sample, *, email: str = "supporter@example.org") -> Supporter:
    """A supporter for previews and test letters, who is nobody."""
    return Supporter(name=sample.name, email=email, zip=sample.zip_code, street=sample.street, city=sample.city)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the supporter wrote. `subjects` and `bodies` only hold the letters (by name) that they edited."""

    personal: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One press of the button. `seen` is `fingerprint` of the copies that were on the page."""

    campaign_id: int
    key: str
    supporter: Supporter
    seats: Sequence[tuple[str, str]]  # chamber, district
    lookup: Mapping[str, Any]
    words: Words
    seen: str
    consent_text: str
    consent_address: str = ""
    wants_updates: bool = False
    language: str = LANGUAGE  # in which they read the campaign's page


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One letter to one legislator, filled. `title_name` is "Senator Kelda Roys", `short_name` "Sen. Kelda Roys".

    `is_own`: they represent the supporter, as far as the seats tell; else `why` may say with whom they are written to.
    """

    legislator: Legislator
    letter: Letter
    filled: letter_language.FilledLetter
    default_subject: str
    default_body: str
    title_name: str
    short_name: str
    chamber_name: str
    is_own: bool = True
    is_thanked: bool = False
    why: str = ""

    @property
    def can_go(self) -> bool:
        return bool(self.legislator.email)

    @property
    def can_be_copied(self) -> bool:
        """No address, but a web form or a phone: the supporter carries the words there."""
        return not self.can_go and bool(self.legislator.website or self.legislator.phone)


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom an action reaches: a copy for each target, the supporter's own first, and what is left of their own:

    the seats in which nobody sits, and the legislators to whom the campaign does not write.
    """

    copies: tuple[Copy, ...]
    vacant: tuple[Legislator, ...]
    passed_over: tuple[Legislator, ...] = ()

    @property
    def own(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.is_own)

    @property
    def others(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if not copy.is_own)

    @property
    def writable(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.can_go)

    @property
    def copied(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.can_be_copied)

    @property
    def fingerprint(self) -> str:
        """Which legislators get which version of which letter."""
        return ",".join(f"{copy.legislator.id}:{copy.letter.id}" for copy in self.copies)


def is_open(campaign: Campaign, now: datetime) -> bool:
    """Whether letters can be sent: live, and before its deadline."""
    return campaign.status == "live" and (campaign.deadline_at is None or now < campaign.deadline_at)


def actions_so_far(session: Session, campaign_id: int) -> int:
    """How many supporters acted, confirmed it where they were asked to, and did not take it back."""
    return session.scalar(
        select(func.count()).where(
            Action.campaign_id == campaign_id, Action.cancelled_at.is_(None), Action.unconfirmed.is_(False)
        )
    ) or 0  # fmt: skip


def receipt_token(session: Session, *, campaign_id: int, key: str) -> str | None:
    """The receipt of the action that was taken under `key`, if one was."""
    return session.scalar(
        select(Action.receipt_token).where(Action.campaign_id == campaign_id, Action.idempotency_key == key)
    )


def recipients(
    session: Session,
    campaign: Campaign,
    seats: Iterable[tuple[str, str]],
    supporter: Supporter,
    words: Words,
    *,
    key: str,
) -> Recipients:
    """The campaign's targets for somebody in these `seats`, with their letters.

    `key` picks the subject among a letter's variants.
    """
    own = importing.legislators_for(session, campaign.state, seats)
    addressed = targets.addressed(session, campaign, own, language=LANGUAGE)
    written_to = {one.legislator.id for one in addressed}
    return Recipients(
        copies=tuple(compose(campaign, one, supporter, words, key=key) for one in addressed),
        vacant=tuple(one for one in own if one.status == "vacant"),
        passed_over=tuple(one for one in own if one.status == "sitting" and one.id not in written_to),
    )


def compose(
    campaign: Campaign,
    to: targets.Addressed,
    supporter: Supporter,
    words: Words,
    *,
    key: str,
    variant: int | None = None,
) -> Copy:
    """One letter filled for one target. Raises letters.LetterError where the words cannot stand in a letter.

    The subject is the one that `key` picks, or else the `variant`th.
    """
    letter, legislator = to.letter, to.legislator
    picked = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) if variant is None else variant
    chosen = picked % len(letter.subjects)
    text = letter_language.LetterText(
        opening=letter.opening, body=letter.body, closing=letter.closing, subject=letter.subjects[chosen]
    )
    values = letter_language.field_values(
        state=legislator.state,
        chamber=legislator.chamber,
        legislator_name=legislator.name,
        legislator_family_name=legislator.family_name,
        district=legislator.district,
        committee=to.committee,
        supporter_name=supporter.name,
        zip_code=supporter.zip,
        street=supporter.street,
        city=supporter.city,
        supporter_state=campaign.state,
        bill=campaign.bill,
        bill_title=campaign.bill_title,
        session=campaign.session,
        position=campaign.position,
        campaign_title=campaign.title,
        organisation=campaign.organisation,
    )
    default = letter_language.fill_letter(text, values)
    filled = letter_language.fill_letter(
        text,
        values,
        personal=words.personal,
        body=words.bodies.get(letter.name),
        subject=words.subjects.get(letter.name),
    )
    return Copy(
        legislator=legislator,
        letter=letter,
        filled=filled,
        default_subject=default.subject,
        default_body=default.body,
        title_name=f"{titles.title(legislator.state, legislator.chamber)} {legislator.name}",
        short_name=f"{titles.short_title(legislator.state, legislator.chamber)} {legislator.name}",
        chamber_name=titles.chamber_name(legislator.state, legislator.chamber),
        is_own=to.is_own,
        is_thanked=to.is_thanked,
        why=to.why,
    )


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A letter as it would go. `headers` and `raw` are empty where it could not; `problem` says why."""

    copy: Copy
    headers: Sequence[tuple[str, str]] = ()
    raw: str = ""
    problem: str = ""


def preview(
    session: Session,
    campaign: Campaign,
    legislator_id: int,
    supporter: Supporter,
    *,
    variant: int,
    settings: Settings,
    now: datetime,
    letter: Letter | None = None,
    as_own: bool = True,
) -> Preview | None:
    """The letter that this supporter would send to this legislator now. None where the campaign has none for them.

    `letter` is one that is not saved yet, in place of the campaign's. With `as_own` they represent the supporter, where
    the campaign may write to them either way.
    """
    legislator = importing.legislator(session, legislator_id)
    if legislator is None or legislator.state != campaign.state or legislator.status != "sitting":
        return None
    to = targets.of_one(session, campaign, legislator, letter, as_own=as_own, language=LANGUAGE)
    if to is None:
        return None
    copy = compose(campaign, to, supporter, Words(), key="preview", variant=variant)
    if not copy.can_go:
        return Preview(copy=copy, problem="We know no e-mail address of this legislator, so this letter would not go.")
    try:
        raw = frozen(campaign, supporter, copy, "preview", settings=settings, now=now)
    except LetterRefused as refused:
        return Preview(copy=copy, problem=str(refused))
    read = message_from_bytes(raw, _class=EmailMessage, policy=mail_policy)
    return Preview(
        copy=copy,
        headers=[(name, str(value)) for name, value in read.items()],
        raw=raw.decode("ascii").replace("\r\n", "\n"),
    )


def trial_letter(
    campaign: Campaign, supporter: Supporter, copy: Copy, *, to: str, settings: Settings, now: datetime
) -> Parcel:
    """A letter to look at in one's own mailbox, marked as a test. No row is made, so nothing counts it.

    Raises LetterRefused where it cannot be written as an e-mail.
    """
    filled = replace(
        copy.filled,
        subject=f"TEST: {copy.filled.subject}",
        text=f"TEST. This letter went to {to} and to nobody else.\n\n{copy.filled.text}",
    )
    key = secrets.token_hex(13)
    raw = frozen(campaign, supporter, replace(copy, filled=filled), key, settings=settings, now=now, recipient=to)
    return Parcel(id=1, return_path=settings.from_address, recipient=to, raw=raw)


def take_action(session: Session, submission: Submission, *, now: datetime, settings: Settings) -> Action:
    """Queue the letters, each with its frozen bytes and first event, and end the draft. Once per `submission.key`.

    A legislator without an address gets a message in its final state `no_channel`; one whom this supporter wrote to
    before in this campaign is left out and named in `lookup["written_before"]`. Where the campaign has the address
    confirmed, letters wait as `unconfirmed`, and the mail that asks is kept with them; until then they are nobody's, so
    that whoever types a stranger's address does not keep the stranger from writing. Raises ActRefused, and then nothing
    is kept. Touches nothing but the database.
    """
    done = _done(session, submission)
    if done is not None:
        return done
    campaign = session.get(Campaign, submission.campaign_id)
    if campaign is None or not is_open(campaign, now):
        raise CampaignClosed("This campaign closed before your letter could be queued, so nothing was sent.")
    supporter_key = supporter_key_of(submission.supporter.email, settings.secret_key)
    try:
        found = recipients(
            session, campaign, submission.seats, submission.supporter, submission.words, key=submission.key
        )
    except letter_language.LetterError as error:
        raise LetterRefused(error.reason) from None
    try:
        copies = _still_to_write(session, campaign, supporter_key, found, submission.seen)
    except AlreadyActed:  # perhaps by the same button, since we looked
        done = _done(session, submission)
        if done is None:
            raise
        return done
    for copy in copies:
        if faults := letter_language.faults(copy.filled):
            raise LetterRefused(" ".join(faults))
    written_before = [copy.title_name for copy in found.copies if copy not in copies]
    must_confirm = any(copy.can_go for copy in copies) and confirmation_mail.must_confirm(
        session, campaign, supporter_key
    )
    until = waits_until(now, campaign.deadline_at) if must_confirm else None
    try:
        with session.begin_nested():
            action = _action(campaign, submission, written_before, now)
            action.unconfirmed = must_confirm
            session.add(action)
            session.flush()
            key = confirmation_mail.nobody() if must_confirm else supporter_key
            messages = [
                _queue(session, campaign, action, copy, key, until=until, settings=settings, now=now) for copy in copies
            ]
            if until is not None:
                waiting = [message for message in messages if message.state == State.UNCONFIRMED]
                confirmation_mail.begin(
                    session,
                    campaign,
                    action,
                    waiting,
                    supporter_key=supporter_key,
                    mailbox_key=supporter_key_of(mailbox_of(action.email), settings.secret_key),
                    until=until,
                    settings=settings,
                    now=now,
                )
            session.execute(delete(Draft).where(Draft.key == submission.key))
    except confirmation_mail.AskedTooOften as refused:
        raise TooManyAsks(f"{refused} Nothing was sent.") from None
    except IntegrityError:  # the same button, or the same supporter, at the same moment
        done = _done(session, submission)
        if done is None:
            raise _already(found.copies) from None
        return done
    return action


def supporter_key_of(email: str, secret: str) -> str:
    """A keyed hash of the address in lower case, so that "one letter per supporter" outlives the address."""
    return hmac.new(secret.encode(), b"actionmail supporter\0" + email.lower().encode(), hashlib.sha256).hexdigest()


def _done(session: Session, submission: Submission) -> Action | None:
    return session.scalar(
        select(Action).where(
            Action.campaign_id == submission.campaign_id, Action.idempotency_key == submission.key
        )
    )  # fmt: skip


def _still_to_write(
    session: Session, campaign: Campaign, supporter_key: str, found: Recipients, seen: str
) -> list[Copy]:
    """The copies that go now. Raises NoLegislators, TargetsChanged, AlreadyActed."""
    if not found.writable and not found.copied:
        raise NoLegislators("None of your legislators can be reached from here at the moment, so nothing was sent.")
    if found.fingerprint != seen:
        raise TargetsChanged(
            "Your legislators or the letter changed while you were writing, so nothing was sent. "
            "Please look at this page again, then press the button."
        )
    written = set(
        session.scalars(
            select(Message.legislator_id).where(
                Message.campaign_id == campaign.id, Message.supporter_key == supporter_key
            )
        )
    )
    copies = [copy for copy in found.copies if copy.legislator.id not in written]
    if not any(copy.can_go or (copy.can_be_copied and not found.writable) for copy in copies):
        raise _already(found.copies)
    return copies


def _already(copies: Iterable[Copy]) -> AlreadyActed:
    names = [copy.title_name for copy in copies if copy.can_go or copy.can_be_copied]
    said = " and ".join(names if len(names) < 5 else [*names[:3], f"{len(names) - 3} others"])
    return AlreadyActed(
        f"A letter on this campaign from this e-mail address to {said} is there already, so nothing was sent again. "
        "The link on your receipt shows what became of it."
    )


def _action(campaign: Campaign, submission: Submission, written_before: list[str], now: datetime) -> Action:
    supporter = submission.supporter
    return Action(
        campaign_id=campaign.id,
        idempotency_key=submission.key,
        receipt_token=secrets.token_urlsafe(32),
        name=supporter.name,
        email=supporter.email,
        zip=supporter.zip,
        street=supporter.street,
        city=supporter.city,
        state=campaign.state,
        phone=supporter.phone,
        language=submission.language,
        lookup={**submission.lookup, "written_before": written_before},
        consent_text=submission.consent_text,
        consent_address=submission.consent_address,
        wants_updates=submission.wants_updates,
        created_at=now,
    )


def _queue(
    session: Session,
    campaign: Campaign,
    action: Action,
    copy: Copy,
    supporter_key: str,
    *,
    until: datetime | None,
    settings: Settings,
    now: datetime,
) -> Message:
    """One message with its frozen letter; `until` is set where it has to be confirmed by then."""
    key = secrets.token_hex(13)
    message_id = tokens.new_message_id(key, settings.mail_domain)
    writer = Supporter(name=action.name, email=action.email, zip=action.zip)
    raw = frozen(campaign, writer, copy, key, settings=settings, now=now) if copy.can_go else _to_copy(copy)
    next_attempt_at: datetime | None
    state, next_attempt_at, why = State.QUEUED, now + timedelta(seconds=settings.undo_seconds), ""
    if not copy.can_go:
        state, next_attempt_at, why = State.NO_CHANNEL, None, "We know no e-mail address of this legislator."
    elif until is not None:
        state, next_attempt_at, why = State.UNCONFIRMED, None, "It waits for its supporter to confirm it by mail."
    deadline = campaign.deadline_at or now + GIVE_UP_AFTER
    message = Message(
        action_id=action.id,
        campaign_id=campaign.id,
        legislator_id=copy.legislator.id,
        letter_id=copy.letter.id,
        supporter_key=supporter_key,
        target_name=copy.title_name,
        recipient=copy.legislator.email,
        domain=copy.legislator.email.rpartition("@")[2].lower(),
        subject=copy.filled.subject,
        state=state.value,
        next_attempt_at=next_attempt_at,
        expires_at=until or min(now + GIVE_UP_AFTER, deadline),
        message_id=message_id,
        return_path=tokens.verp_address(key, settings.secret_key, settings.mail_domain),
        sha256=hashlib.sha256(raw).hexdigest(),
        template_version=copy.letter.version,
        created_at=now,
        updated_at=now,
    )
    session.add(message)
    session.flush()
    if raw:
        session.add(FrozenLetter(message_id=message.id, raw=raw))
    session.add(
        Event(
            message_id=message.id,
            at=now,
            to_state=state.value,
            actor="supporter",
            text=why,
        )
    )
    return message


def _to_copy(copy: Copy) -> bytes:
    """The words for a web form or a call; b"" where there is neither. Raises LetterRefused."""
    if not copy.can_be_copied:
        return b""
    try:
        return envelope.keep_text(subject=copy.filled.subject, text=copy.filled.text)
    except EnvelopeError as error:
        raise LetterRefused(f"Your letter to {copy.title_name} cannot be kept: {error}") from None


def frozen(
    campaign: Campaign,
    supporter: Supporter,
    copy: Copy,
    key: str,
    *,
    settings: Settings,
    now: datetime,
    recipient: str = "",
) -> bytes:
    """The bytes that every try will send; `key` is the message's. Raises LetterRefused where they cannot be made."""
    verify_url = f"{settings.base_url}/v/{tokens.verify_token(key, settings.secret_key)}"
    try:
        parts = envelope.Parts(
            organisation=campaign.organisation,
            from_address=settings.from_address,
            supporter_name=supporter.name,
            supporter_email=supporter.email,
            recipient_name=copy.short_name,
            recipient=recipient or copy.legislator.email,
            subject=copy.filled.subject,
            text=copy.filled.text,
            message_id=tokens.new_message_id(key, settings.mail_domain),
            date=now.astimezone(ZoneInfo(campaign.timezone)),
            verify_url=verify_url,
        )
        return envelope.freeze(parts)
    except EnvelopeError as error:
        raise LetterRefused(f"Your letter to {copy.title_name} cannot be written as an e-mail: {error}") from None

"""The mail that hands a petition over: written by staff, and queued once whoever presses.

It waits in the database as letters do, heeds the same stops, is signed alike and goes through the same relay; a row of
its own, since it is no supporter's and to no seat. `petition_mailing` hands it over.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.petitions import PetitionMail
from actionmail.db.roster import Legislator
from actionmail.flows.actions import paper_jobs
from actionmail.flows.actions.paper_jobs import NoPaper, PaperFile
from actionmail.flows.actions.petition_papers import petition_of
from actionmail.flows.campaigns.reading import details_of
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.paper_jobs import MOST_ATTACHED
from actionmail.rules.actions.petition_mails import UNDECIDED, MailRefusal
from actionmail.rules.delivery.handover_mail import Sender
from actionmail.rules.delivery.mail_headers import split_address
from actionmail.rules.delivery.states import State, check_transition
from actionmail.rules.delivery.tokens import new_message_id
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings


class MailRefused(Exception):
    """A mail is not queued, or not changed."""

    def __init__(self, code: MailRefusal) -> None:
        super().__init__(code.value)
        self.code = code


class Addressee(Struct, frozen=True, kw_only=True):
    """Whom the petition is for, with an address that is known. `is_of_roster`: as a legislator in office."""

    name: str
    address: str
    is_of_roster: bool


class Written(Struct, frozen=True, kw_only=True):
    """What staff looked at last: `text` is all of it as it goes, `paper_sha256` that of the paper with it, or "".

    `seen` is how many mails of this petition their page knew.
    """

    recipient: str
    subject: str
    text: str
    paper_sha256: str
    seen: int


class MailLine(Struct, frozen=True, kw_only=True):
    """One mail as the log shows it."""

    place: int
    at: datetime
    updated_at: datetime
    slug: str
    title: str
    recipient_name: str
    recipient: str
    subject: str
    text: str
    has_paper: bool
    state: State
    attempts: int
    why: str
    smtp_code: int | None
    words: str


def addressee_of(session: Session, campaign: Campaign) -> Addressee | None:
    """By the address that the petition names, or that of the one legislator of its state who is called so."""
    details = details_of(campaign)
    if details["to_email"]:
        return Addressee(name=details["to"], address=details["to_email"], is_of_roster=False)
    wanted = f" {details['to'].casefold()}"
    query = select(Legislator).where(
        Legislator.state == campaign.state, Legislator.gone_at.is_(None), Legislator.status == "sitting"
    )
    called_so = [row for row in session.scalars(query) if wanted.endswith(f" {row.name.casefold()}")]
    if len(called_so) != 1 or not called_so[0].email:
        return None
    return Addressee(name=details["to"], address=called_so[0].email, is_of_roster=True)


def is_still_for(session: Session, campaign: Campaign, mail: PetitionMail) -> bool:
    """Whether the mail goes to whom the petition is for by now: an author, the roster or a term may have changed it."""
    addressee = addressee_of(session, campaign)
    return addressee is not None and _mailbox(addressee) == mail.recipient


def _mailbox(addressee: Addressee) -> str:
    """As mail servers know it."""
    local, domain = split_address("recipient", addressee.address)
    return f"{local}@{domain}"


def enclosable(session: Session, campaign: Campaign, *, now: datetime) -> PaperFile | None:
    """The paper that can go with a mail; None where there is none, or it is too large."""
    try:
        paper = paper_jobs.ready(session, campaign, now=now)
    except NoPaper:
        return None
    return paper if paper.octets <= MOST_ATTACHED else None


def number_of(session: Session, campaign: Campaign) -> int:
    """How many mails of this petition there are."""
    query = select(func.count()).select_from(PetitionMail).where(PetitionMail.campaign_id == campaign.id)
    return session.scalar(query) or 0


def queue(session: Session, slug: str, written: Written, *, settings: Settings, by: int | None, now: datetime) -> None:
    """Let it go: once, whoever else presses at this moment. Raises UnknownCampaign and MailRefused."""
    campaign = petition_of(session, slug)
    addressee = addressee_of(session, campaign)
    if addressee is None:
        raise MailRefused(MailRefusal.NO_ADDRESS)
    if addressee.address != written.recipient:
        raise MailRefused(MailRefusal.OTHER_ADDRESS)
    octets = _checked_octets(session, campaign, written.paper_sha256, now) if written.paper_sha256 else 0
    if number_of(session, campaign) != written.seen:
        raise MailRefused(MailRefusal.ANOTHER_CAME)
    open_ones = select(PetitionMail.id).where(
        PetitionMail.campaign_id == campaign.id, PetitionMail.state.in_(UNDECIDED)
    )
    if session.scalar(open_ones.limit(1)) is not None:
        raise MailRefused(MailRefusal.UNDECIDED)
    recipient = _mailbox(addressee)
    mail = PetitionMail(
        campaign_id=campaign.id,
        place=written.seen + 1,
        state=State.QUEUED,
        recipient_name=addressee.name,
        recipient=recipient,
        domain=recipient.rpartition("@")[2],
        subject=written.subject,
        text=written.text,
        paper_sha256=written.paper_sha256,
        message_id=new_message_id(secrets.token_hex(13), settings.mail_domain),
        next_attempt_at=now,
        created_at=now,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(mail)
            session.flush()
    except IntegrityError:
        raise MailRefused(MailRefusal.ANOTHER_CAME) from None
    place = mail.place
    record(session, AuditAction.PETITION_MAILED, ObjectKind.CAMPAIGN, slug, by=by, now=now, place=place, octets=octets)


def _checked_octets(session: Session, campaign: Campaign, sha256: str, now: datetime) -> int:
    """Of the paper with this hash. Raises MailRefused."""
    try:
        paper = paper_jobs.ready(session, campaign, now=now)
    except NoPaper:
        raise MailRefused(MailRefusal.OTHER_PAPER) from None
    if paper.sha256 != sha256:
        raise MailRefused(MailRefusal.OTHER_PAPER)
    if paper.octets > MOST_ATTACHED:
        raise MailRefused(MailRefusal.TOO_LARGE)
    return paper.octets


def change(session: Session, slug: str, place: int, after: State, *, by: int | None, now: datetime) -> None:
    """Staff decide: CANCELLED, or QUEUED to try again. Raises UnknownCampaign and MailRefused."""
    campaign = petition_of(session, slug)
    mail = session.scalars(
        select(PetitionMail)
        .where(PetitionMail.campaign_id == campaign.id, PetitionMail.place == place)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if mail is None or after not in may_become(State(mail.state)):
        raise MailRefused(MailRefusal.MOVED_ON)
    if after is State.QUEUED and place != number_of(session, campaign):
        raise MailRefused(MailRefusal.ANOTHER_CAME)
    if after is State.QUEUED and not is_still_for(session, campaign, mail):
        raise MailRefused(MailRefusal.OTHER_ADDRESS)
    move(mail, after, now)
    mail.next_attempt_at = now
    if after is State.QUEUED:
        mail.created_at = now  # four more days
    record(
        session,
        AuditAction.PETITION_MAIL_CHANGED,
        ObjectKind.CAMPAIGN,
        slug,
        by=by,
        now=now,
        place=place,
        state=after.value,
    )


def may_become(state: State) -> tuple[State, ...]:
    """What staff may make of a mail that stands so."""
    if state in (State.QUEUED, State.DEFERRED):
        return (State.CANCELLED,)
    if state is State.HELD:
        return State.QUEUED, State.CANCELLED
    return (State.QUEUED,) if state is State.FAILED else ()


def listed(session: Session, *, slug: str = "", limit: int) -> list[MailLine]:
    """The newest first, of one petition or of all."""
    return _lines(session, *((Campaign.slug == slug,) if slug else ()), limit=limit)


def on_their_way(session: Session) -> list[MailLine]:
    """Those of which it is not known yet what becomes of them, newest first."""
    return _lines(session, PetitionMail.state.in_(UNDECIDED))


def undecided(session: Session, *, since: datetime) -> list[MailLine]:
    """Those that staff have to decide on, and those not taken `since` then: each its petition's last, newest first."""
    last = select(func.max(PetitionMail.id)).group_by(PetitionMail.campaign_id)
    failed = and_(PetitionMail.state == State.FAILED.value, PetitionMail.updated_at >= since)
    is_open = or_(PetitionMail.state == State.HELD.value, failed)
    return _lines(session, is_open, PetitionMail.id.in_(last))


def _lines(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> list[MailLine]:
    query = select(PetitionMail, Campaign.slug, Campaign.title).join(Campaign, Campaign.id == PetitionMail.campaign_id)
    rows = session.execute(query.where(*conditions).order_by(PetitionMail.id.desc()).limit(limit))
    return [_line(mail, slug, title) for mail, slug, title in rows]


def _line(mail: PetitionMail, slug: str, title: str) -> MailLine:
    return MailLine(
        place=mail.place,
        at=mail.created_at,
        updated_at=mail.updated_at,
        slug=slug,
        title=title,
        recipient_name=mail.recipient_name,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        has_paper=bool(mail.paper_sha256),
        state=State(mail.state),
        attempts=mail.attempts,
        why=mail.why,
        smtp_code=mail.smtp_code,
        words=mail.words,
    )


def sender_of(settings: Settings, organisation: str) -> Sender:
    """With the address that letters go from, so that SPF, DKIM and DMARC hold for it alike."""
    ours = settings.organisation
    name = organisation if organisation == ours else f"{organisation} via {ours}"
    return Sender(name=name, address=settings.from_address, reply_to=settings.contact_address)


def move(mail: PetitionMail, after: State, now: datetime) -> None:
    """Change where it stands. Raises IllegalTransition."""
    check_transition(State(mail.state), after)
    mail.state, mail.why, mail.smtp_code, mail.words = after, "", None, ""
    mail.lease_until, mail.updated_at = None, now

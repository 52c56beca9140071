"""The worker's side of the mail that hands a petition over: it goes to the mail server once, or staff decide.

A try is committed as `sending` before a byte leaves. Where its end is not known (a worker died, an answer was lost),
the mail is held, and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.petitions import PetitionMail
from actionmail.flows.actions import paper_jobs
from actionmail.flows.actions.paper_jobs import NoPaper
from actionmail.flows.actions.petition_mails import enclosable, is_still_for, move, sender_of
from actionmail.flows.delivery import pauses
from actionmail.flows.delivery.persistence import place_of
from actionmail.flows.delivery.supporter_mail import Relay
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.rules.actions.petition_mails import MailTrouble
from actionmail.rules.delivery.handover_mail import Enclosure, HandoverMail
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import GIVE_UP_AFTER, Outcome, Parcel, State, retry_delay, server_words
from actionmail.rules.delivery.trouble import Trouble
from actionmail.settings import Settings

_LEASE = timedelta(minutes=20)  # longer than any handover
_SOON = timedelta(minutes=1)  # where the mail server was not even reached
_WAITING = (State.QUEUED.value, State.DEFERRED.value)


def send(
    write: WriteSessions,
    relay: Relay,
    *,
    settings: Settings,
    now: datetime,
    sign: Callable[[bytes], bytes] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[bool, Trouble | None]:
    """Hand the oldest mail that is due to the mail server, with no transaction open; whether there was one.

    `sign` puts DKIM signatures before the bytes. Where the program fails on a mail, it is held, and the log and the
    mail's words tell where that was, without what the mail says.
    """
    with write() as session:
        claimed = _claim(session, now)
        if claimed is None:
            return False, None
        mail, campaign = claimed
        number, recipient, why, where = mail.id, mail.recipient, "", ""
        try:
            raw = _raw(session, mail, campaign, settings, now)
            signed = sign(raw) if sign else raw
        except NoPaper:
            why = MailTrouble.PAPER_GONE.value
        except _OtherAddressee:
            why = MailTrouble.OTHER_ADDRESSEE.value
        except DBAPIError:  # of the database, and so of no mail: nothing was claimed
            raise
        except Exception as error:  # one mail on which the program fails stops no other
            why, where = Reason.PROGRAM_FAILED.value, place_of(error)
            say(f"mail {number}, which hands a petition over, cannot be made: {where}")
        if why:
            move(mail, State.HELD, now)
            mail.why, mail.words = why, where
            return True, None
    parcel = Parcel(id=number, return_path=settings.from_address, recipient=recipient, raw=signed)
    handover = relay.deliver([parcel])
    with write() as session:
        mail = session.get_one(PetitionMail, number, with_for_update=True)
        if mail.state == State.SENDING:
            _note(mail, handover.outcomes.get(number), now)
    return True, handover.trouble


def hold_unclear(session: Session, *, now: datetime) -> int:
    """Hold what a worker had in hand that is not heard of any more; how many."""
    left = select(PetitionMail).where(PetitionMail.state == State.SENDING.value, PetitionMail.lease_until < now)
    mails = session.scalars(left.with_for_update(skip_locked=True)).all()
    for mail in mails:
        move(mail, State.HELD, now)
        mail.why = MailTrouble.UNCLEAR
    return len(mails)


def hold_late(session: Session, *, now: datetime) -> int:
    """Hold what waits longer than tries may take, behind a stop or a mail server that is away; how many.

    Nobody expects what staff wrote then to go days later by itself.
    """
    late = select(PetitionMail).where(PetitionMail.state.in_(_WAITING), PetitionMail.created_at <= now - GIVE_UP_AFTER)
    mails = session.scalars(late.with_for_update(skip_locked=True)).all()
    for mail in mails:
        move(mail, State.HELD, now)
        mail.why = MailTrouble.TIME_OVER
    return len(mails)


def _claim(session: Session, now: datetime) -> tuple[PetitionMail, Campaign] | None:
    stops = pauses.not_stopped(session, PetitionMail.campaign_id, lambda domain: PetitionMail.domain == domain)
    query = (
        select(PetitionMail, Campaign)
        .join(Campaign, Campaign.id == PetitionMail.campaign_id)
        .where(PetitionMail.state.in_(_WAITING), PetitionMail.next_attempt_at <= now, *stops)
        .order_by(PetitionMail.next_attempt_at, PetitionMail.id)
        .limit(1)
        .with_for_update(of=PetitionMail, skip_locked=True)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    mail, campaign = row
    move(mail, State.SENDING, now)
    mail.lease_until = now + _LEASE
    mail.attempts += 1
    return mail, campaign


class _OtherAddressee(Exception):
    """The petition is for somebody else, or for another address, than this mail."""


def _raw(session: Session, mail: PetitionMail, campaign: Campaign, settings: Settings, now: datetime) -> bytes:
    """The mail's bytes.

    Raises NoPaper where the paper that goes with it is another by now, or gone, and _OtherAddressee.
    """
    if not is_still_for(session, campaign, mail):
        raise _OtherAddressee
    enclosure = None
    if mail.paper_sha256:
        paper = enclosable(session, campaign, now=now)
        if paper is None or paper.sha256 != mail.paper_sha256:
            raise NoPaper
        content = b"".join(paper_jobs.pieces(session, paper))
        enclosure = Enclosure(name=f"{campaign.slug}.pdf", content=content)
    return HandoverMail(
        sender=sender_of(settings, campaign.organisation),
        recipient_name=mail.recipient_name,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        message_id=mail.message_id,
        date=now,
        enclosure=enclosure,
    ).as_bytes()


def _note(mail: PetitionMail, outcome: Outcome | None, now: datetime) -> None:
    """What came of a try. None: it was not tried."""
    if outcome is None:
        mail.attempts -= 1
        move(mail, State.DEFERRED, now)
        mail.why, mail.next_attempt_at = MailTrouble.NOT_REACHED, now + _SOON
        return
    after = outcome.state
    why = outcome.reason.value or (MailTrouble.SAID if outcome.text else "")
    if after is State.AMBIGUOUS:
        after, why = State.HELD, MailTrouble.UNCLEAR
    if after is State.DEFERRED and now >= mail.created_at + GIVE_UP_AFTER:
        after, why = State.FAILED, MailTrouble.TIME_OVER
    move(mail, after, now)
    mail.why, mail.smtp_code, mail.words = why, outcome.code, server_words(outcome.text)
    if after is State.DEFERRED:
        mail.next_attempt_at = now + retry_delay(mail.attempts, 0.0, at_least=outcome.at_least)

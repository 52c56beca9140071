"""A petition's paper, made in the background: asked for, made by a process of the worker's, kept a week, erased.

There is one paper a petition, as a row; its file is kept in pieces, in one transaction with `ready`, so that half a
file is never there. Whoever makes it has a ticket, and a lease that ends where nothing is heard of them; the row is
then anybody's. A paper tells of one moment: once somebody was erased since, it is not given out any more, whatever
became of it meanwhile (`PetitionPaper.erased` is what the moment knew, and nobody is ever less erased).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import CursorResult, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.petitions import PaperPart, PetitionPaper
from actionmail.flows.actions.petition_papers import petition_of
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.paper_jobs import (
    LASTS,
    LEASE,
    MOST_TRIES,
    SKEW,
    Comments,
    MadePaper,
    PaperState,
    PaperTrouble,
)
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


class PaperBusy(Exception):
    """One is being made already."""


class NoPaper(LookupError):
    """There is no paper that can be given out."""


class NotWanted(Exception):
    """The paper that is being made was given up, begun anew, or taken over by somebody else."""


class Job(Struct, frozen=True, kw_only=True):
    """A paper to make, of about the moment `taken_at` or somewhat later, and the ticket of whoever makes it."""

    paper: int
    slug: str
    comments: Comments
    ticket: str
    taken_at: datetime


class PaperStatus(Struct, frozen=True, kw_only=True):
    """Where a petition's paper stands. `names` are those of the signers whom `trouble` is about, by their number."""

    state: PaperState
    comments: Comments
    asked_at: datetime
    number: int
    done: int
    pages: int
    octets: int
    sha256: str
    finished_at: datetime | None
    gone_at: datetime | None
    trouble: dict[str, Any]
    names: dict[int, str]


class PaperFile(Struct, frozen=True, kw_only=True):
    """A paper that can be given out."""

    id: int
    number: int
    octets: int
    sha256: str
    finished_at: datetime


def ask(session: Session, slug: str, comments: Comments, *, by: int | None, now: datetime) -> None:
    """Have a paper made in place of the one that was. Raises UnknownCampaign, and PaperBusy while one is made."""
    campaign = petition_of(session, slug)
    row = _locked(session, campaign.id)
    if row is None:
        row = PetitionPaper(campaign_id=campaign.id, state=PaperState.WAITING, comments=comments, asked_at=now)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:  # somebody else at this moment
            raise PaperBusy from None
    elif row.state in (PaperState.WAITING, PaperState.WORKING):
        raise PaperBusy
    else:
        _forget_file(session, row)
        row.comments, row.asked_at = comments, now
        _wait(row)
    record(session, AuditAction.PAPER_ASKED, ObjectKind.CAMPAIGN, slug, by=by, now=now, comments=comments.value)


def give_up(session: Session, slug: str, *, by: int | None, now: datetime) -> bool:
    """Delete the paper, or stop it from being made; whether there was one. Raises UnknownCampaign."""
    row = _locked(session, petition_of(session, slug).id)
    if row is None:
        return False
    _forget_file(session, row)
    session.delete(row)
    record(session, AuditAction.PAPER_DELETED, ObjectKind.CAMPAIGN, slug, by=by, now=now)
    return True


def status(session: Session, campaign: Campaign, *, now: datetime) -> PaperStatus | None:
    """None where none was asked for, or its time is over."""
    row = session.scalar(select(PetitionPaper).where(PetitionPaper.campaign_id == campaign.id))
    if row is None or (row.finished_at and row.finished_at + LASTS <= now):
        return None
    state, trouble = PaperState(row.state), row.trouble
    if state is PaperState.READY and _has_erased(session, row):
        state, trouble = PaperState.FAILED, {"code": PaperTrouble.ERASED.value}
    numbers = [place["number"] for place in trouble.get("places", ())]
    names = session.execute(select(Action.id, Action.name).where(Action.id.in_(numbers))).all() if numbers else ()
    return PaperStatus(
        state=state,
        comments=Comments(row.comments),
        asked_at=row.asked_at,
        number=row.number,
        done=row.done,
        pages=row.pages,
        octets=row.octets,
        sha256=row.sha256,
        finished_at=row.finished_at,
        gone_at=row.finished_at + LASTS if row.finished_at else None,
        trouble=trouble,
        names={action.id: action.name for action in names},
    )


def erased_number(session: Session, campaign_id: int, taken_at: datetime) -> int:
    """How many are erased who may stand on a paper of that moment: whoever signs later does it no harm."""
    query = select(func.count()).select_from(Action)
    is_erased = Action.erased_at.is_not(None), Action.unconfirmed.is_(False), Action.created_at <= taken_at + SKEW
    return session.scalar(query.where(Action.campaign_id == campaign_id, *is_erased)) or 0


def _has_erased(session: Session, row: PetitionPaper) -> bool:
    """Whether somebody who may stand on a paper that is there was erased since its moment."""
    return row.taken_at is None or row.erased != erased_number(session, row.campaign_id, row.taken_at)


def ready(session: Session, campaign: Campaign, *, now: datetime) -> PaperFile:
    """Raises NoPaper where there is none, its time is over, or somebody who may stand on it was erased since."""
    row = session.scalar(
        select(PetitionPaper).where(
            PetitionPaper.campaign_id == campaign.id, PetitionPaper.state == PaperState.READY.value
        )
    )
    if row is None or row.finished_at is None or row.finished_at + LASTS <= now:
        raise NoPaper
    if _has_erased(session, row):
        raise NoPaper
    return PaperFile(
        id=row.id, number=row.number, octets=row.octets, sha256=row.sha256, finished_at=row.finished_at
    )  # fmt: skip


def pieces(session: Session, paper: PaperFile) -> Iterator[bytes]:
    """The file of a paper, asked for a piece at a time. Raises NoPaper where it is gone, or another by now."""
    query = select(PaperPart.place).join(PetitionPaper, PetitionPaper.id == PaperPart.paper_id)
    is_this = PetitionPaper.id == paper.id, PetitionPaper.sha256 == paper.sha256
    places = session.scalars(query.where(*is_this).order_by(PaperPart.place)).all()
    if not places:
        raise NoPaper
    for place in places:
        piece = select(PaperPart.content).where(PaperPart.paper_id == paper.id, PaperPart.place == place)
        yield bytes(session.scalars(piece).one())


def is_wanted(session: Session, *, now: datetime) -> bool:
    """Whether there is a paper to make now."""
    return session.scalar(select(PetitionPaper.id).where(_is_free(now)).limit(1)) is not None


def claim(session: Session, *, now: datetime) -> Job | None:
    """A paper that waits, or whose maker was not heard of for `LEASE`; None where there is none.

    One whose makers died `MOST_TRIES` times has failed.
    """
    free = select(PetitionPaper).where(_is_free(now)).order_by(PetitionPaper.asked_at, PetitionPaper.id)
    while row := session.scalars(free.limit(1).with_for_update(skip_locked=True)).first():
        if row.tries >= MOST_TRIES:
            _fail(row, {"code": PaperTrouble.MAKER_DIED.value}, now)
            session.flush()
            continue
        row.state, row.ticket = PaperState.WORKING, secrets.token_urlsafe(32)
        row.tries += 1
        row.lease_until, row.done, row.taken_at = now + LEASE, 0, now
        slug = session.scalars(select(Campaign.slug).where(Campaign.id == row.campaign_id)).one()
        comments = Comments(row.comments)
        return Job(paper=row.id, slug=slug, comments=comments, ticket=row.ticket, taken_at=now)
    return None


def tell(session: Session, job: Job, *, done: int, number: int, now: datetime) -> None:
    """How far it is; the lease begins anew. Raises NotWanted."""
    _ours(session, job, done=done, number=number, lease_until=now + LEASE)


def finish(session: Session, job: Job, made: MadePaper, pieces: Iterable[bytes], *, now: datetime) -> bool:
    """Keep the file, of pieces of `PART` octets at most. False, and it waits again, where somebody was erased since.

    Raises NotWanted, and then nothing is kept.
    """
    _ours(session, job, done=made.number, number=made.number)
    row = session.get_one(PetitionPaper, job.paper, populate_existing=True)
    if made.erased != erased_number(session, row.campaign_id, job.taken_at):
        _wait(row)
        return False
    session.execute(delete(PaperPart).where(PaperPart.paper_id == row.id))
    for place, piece in enumerate(pieces):
        session.execute(insert(PaperPart), [{"paper_id": row.id, "place": place, "content": piece}])
    row.state, row.ticket, row.lease_until = PaperState.READY, "", None
    row.erased, row.pages, row.octets, row.sha256 = made.erased, made.pages, made.octets, made.sha256
    row.finished_at, row.trouble = now, {}
    return True


def fail(session: Session, job: Job, code: PaperTrouble, *, now: datetime, **values: Any) -> None:
    """It cannot be made; `values` tell more, and name nobody. Raises NotWanted."""
    _ours(session, job)
    _fail(session.get_one(PetitionPaper, job.paper, populate_existing=True), {"code": code.value, **values}, now)


def let_go(session: Session, job: Job) -> None:
    """Whoever makes it was told to stop: it waits for the next one. Raises NotWanted."""
    _ours(session, job)
    _wait(session.get_one(PetitionPaper, job.paper, populate_existing=True))


def drop_erased(session: Session, action: Action, *, now: datetime) -> None:
    """Somebody's action is erased: a paper on which they may stand goes, and one that is being made begins anew."""
    if action.unconfirmed:  # so on no paper
        return
    row = _locked(session, action.campaign_id)
    if row is None or row.taken_at is None or action.created_at > row.taken_at + SKEW:
        return
    if row.state == PaperState.READY:
        _forget_file(session, row)
        _fail(row, {"code": PaperTrouble.ERASED.value}, now)
    elif row.state == PaperState.WORKING:
        _wait(row)


def purge(session: Session, *, now: datetime) -> int:
    """Delete papers whose time is over, and those on which somebody may stand who was erased; how many."""
    gone = 0
    for row in session.scalars(
        select(PetitionPaper).where(PetitionPaper.finished_at.is_not(None)).with_for_update(skip_locked=True)
    ):
        is_old = row.finished_at is not None and row.finished_at + LASTS <= now
        is_ready = row.state == PaperState.READY
        if is_old:
            _forget_file(session, row)
            session.delete(row)
        elif is_ready and _has_erased(session, row):
            _forget_file(session, row)
            _fail(row, {"code": PaperTrouble.ERASED.value}, now)
        else:
            continue
        gone += 1
    return gone


def _is_free(now: datetime) -> Any:
    is_left = and_(PetitionPaper.state == PaperState.WORKING.value, PetitionPaper.lease_until < now)
    return or_(PetitionPaper.state == PaperState.WAITING.value, is_left)


def _locked(session: Session, campaign_id: int) -> PetitionPaper | None:
    return session.scalars(
        select(PetitionPaper)
        .where(PetitionPaper.campaign_id == campaign_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _ours(session: Session, job: Job, **values: Any) -> None:
    """Lock the row by changing it. Raises NotWanted where it is not `job`'s any more."""
    mine = PetitionPaper.id == job.paper, PetitionPaper.ticket == job.ticket, PetitionPaper.state == PaperState.WORKING
    statement = update(PetitionPaper).where(*mine).values(ticket=job.ticket, **values)
    changed = session.execute(statement.execution_options(synchronize_session=False))
    if cast(CursorResult[Any], changed).rowcount != 1:
        raise NotWanted


def _wait(row: PetitionPaper) -> None:
    """As if it had just been asked for."""
    row.state, row.ticket, row.tries, row.lease_until = PaperState.WAITING, "", 0, None
    row.number = row.done = row.pages = row.octets = 0
    row.sha256, row.taken_at, row.finished_at, row.trouble = "", None, None, {}


def _fail(row: PetitionPaper, trouble: dict[str, Any], now: datetime) -> None:
    row.state, row.ticket, row.lease_until = PaperState.FAILED, "", None
    row.octets = row.pages = 0
    row.sha256, row.trouble, row.finished_at = "", trouble, now


def _forget_file(session: Session, row: PetitionPaper) -> None:
    session.execute(delete(PaperPart).where(PaperPart.paper_id == row.id))

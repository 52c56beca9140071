"""A petition's paper, written to a file: by hand, or as staff asked for it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from actionmail.db.engine import Database
from actionmail.db.trouble import is_passing
from actionmail.flows.actions import paper_jobs, petition_papers
from actionmail.flows.actions.paper_jobs import Job, NotWanted
from actionmail.flows.actions.petition_papers import Looked, Signature
from actionmail.flows.campaigns.reading import details_of
from actionmail.gateways.documents.petition_pdf import write_petition
from actionmail.gateways.documents.printing import unprintable_in
from actionmail.rules.actions.paper_jobs import PART, Comments, MadePaper, PaperTrouble
from actionmail.rules.actions.papers import Printed
from actionmail.web.campaigns.words import petitions as words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_TOLD_EVERY = 1.0  # seconds


class _Unprintable(Exception):
    """What staff have to decide on first."""

    def __init__(self, looked: Looked) -> None:
        super().__init__("paper.unprintable")
        self.looked = looked


def look(session: Session, campaign: Campaign, *, with_comments: bool = True) -> Looked:
    """What no font at hand can print."""
    return petition_papers.look(
        session, campaign, find=lambda texts: unprintable_in(texts, words.LANGUAGE), with_comments=with_comments
    )


def write_paper(
    path: Path,
    session: Session,
    campaign: Campaign,
    comments: Iterable[Signature],
    *,
    number: int,
    now: datetime,
    progress: Callable[[int], None],
) -> Printed:
    """Write the PDF to `path`, where nothing appears unless all of it is right. Raises CannotPrint and OSError."""
    zone = campaign.timezone
    cover = words.cover(
        campaign.title,
        details_of(campaign),
        organisation=campaign.organisation,
        dated=words.day(now, zone),
        number=number,
    )
    return write_petition(
        path,
        cover,
        (words.printed(signature, zone) for signature in petition_papers.signatures(session, campaign)),
        map(words.printed_comment, comments),
        look=(words.sheet(campaign.title, campaign.organisation), words.WORDS),
        progress=progress,
        made_at=now,
    )


def make_waiting(database: Database, *, clock: Callable[[], datetime], say: Callable[[str], None]) -> None:
    """Make every paper that staff asked for; none of them keeps another from being made."""
    while True:
        with database.write() as session:
            job = paper_jobs.claim(session, now=clock())
        if job is None:
            return
        try:
            say(f"petition {job.slug}: {_make(database, job, clock)}")
        except NotWanted:
            say(f"petition {job.slug}: the paper is not wanted any more")


def _make(database: Database, job: Job, clock: Callable[[], datetime]) -> str:
    """What became of it. Raises NotWanted, and whatever passes by itself, so that it is tried again later."""
    try:
        with TemporaryDirectory(prefix="actionmail-paper-") as folder:
            path = Path(folder) / "petition.pdf"
            made = _written(database, job, path, clock)
            with database.write() as session:
                is_kept = paper_jobs.finish(session, job, made, _pieces(path), now=clock())
        return "the paper is ready" if is_kept else "somebody was erased meanwhile, so it begins again"
    except NotWanted:
        raise
    except SystemExit:  # told to stop
        with database.write() as session:
            paper_jobs.let_go(session, job)
        raise
    except _Unprintable as error:
        places = []
        for place in error.looked.unprintable:
            places.append({"part": place.part.value, "number": place.number, "characters": list(place.characters)})
        values = {"places": places, "others": error.looked.others, "only_comments": error.looked.is_only_comments}
        return _failed(database, job, PaperTrouble.UNPRINTABLE, clock(), **values)
    except OSError:
        return _failed(database, job, PaperTrouble.NO_ROOM, clock())
    except Exception as error:
        if isinstance(error, DBAPIError) and is_passing(error):
            raise
        return f"{_failed(database, job, PaperTrouble.PROGRAM_FAILED, clock())} ({type(error).__name__})"


def _failed(database: Database, job: Job, code: PaperTrouble, now: datetime, **values: object) -> str:
    with database.write() as session:
        paper_jobs.fail(session, job, code, now=now, **values)
    return f"the paper cannot be made: {code.value}"


def _written(database: Database, job: Job, path: Path, clock: Callable[[], datetime]) -> MadePaper:
    told_at = 0.0

    def tell(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TOLD_EVERY:
            with database.write() as writing:
                paper_jobs.tell(writing, job, done=done, number=number, now=clock())
            told_at = time.monotonic()

    with database.snapshot() as session:
        campaign = petition_papers.petition_of(session, job.slug)
        number = petition_papers.number_of(session, campaign)
        erased = paper_jobs.erased_number(session, campaign.id, job.taken_at)
        tell(0)
        comments = _comments(session, campaign, job.comments)
        printed = write_paper(path, session, campaign, comments, number=number, now=clock(), progress=tell)
    digest, octets = hashlib.sha256(), 0
    for piece in _pieces(path):
        digest.update(piece)
        octets += len(piece)
    return MadePaper(number=number, erased=erased, pages=printed.pages, octets=octets, sha256=digest.hexdigest())


def _comments(session: Session, campaign: Campaign, wanted: Comments) -> Iterable[Signature]:
    """Those to print. Raises _Unprintable where staff have not said to leave them out, or it is not only these."""
    looked = look(session, campaign, with_comments=wanted is not Comments.NONE)
    if looked.unprintable and not (wanted is Comments.PRINTABLE and looked.is_only_comments):
        raise _Unprintable(looked)
    if wanted is Comments.NONE:
        return ()
    return (comment for comment in petition_papers.comments(session, campaign) if comment.number not in looked.comments)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(PART):
            yield piece

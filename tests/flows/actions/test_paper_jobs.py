"""A petition's paper, made in the background: one at a time, whole or not at all, and never with an erased person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.petitions import PaperPart, PetitionPaper
from actionmail.db.staff import AuditEntry
from actionmail.flows.actions import paper_jobs
from actionmail.flows.actions.paper_jobs import Job, NoPaper, NotWanted, PaperBusy
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.privacy import erasure
from actionmail.rules.actions.paper_jobs import LASTS, LEASE, SKEW, Comments, MadePaper, PaperState, PaperTrouble
from tests.executed import executed, plans
from tests.samples import sample_action, sample_campaign, sample_petition
from tests.two_sessions import cross

MADE = MadePaper(number=1, erased=0, pages=3, octets=6, sha256="0" * 64)
FILE = (b"%PD", b"F-1")


@pytest.fixture
def token(any_database: Database) -> str:
    """A petition that somebody has signed, whose receipt this is."""
    with any_database.write() as session:
        petition = sample_petition(session)
        sample_action(session, petition, email="zoe@example.org", unconfirmed=True)
        return sample_action(session, petition).receipt_token


def asked(database: Database, now: datetime, comments: Comments = Comments.ALL) -> None:
    with database.write() as session:
        paper_jobs.ask(session, "clemency", comments, by=None, now=now)


def claimed(database: Database, now: datetime) -> Job:
    with database.write() as session:
        job = paper_jobs.claim(session, now=now)
    assert job is not None
    return job


def finished(database: Database, job: Job, now: datetime, made: MadePaper = MADE) -> bool:
    with database.write() as session:
        return paper_jobs.finish(session, job, made, FILE, now=now)


def made(database: Database, now: datetime) -> None:
    asked(database, now)
    assert finished(database, claimed(database, now), now)


def standing(database: Database, now: datetime) -> tuple[PaperState, str]:
    with database.read() as session:
        status = paper_jobs.status(session, session.scalars(select(Campaign)).one(), now=now)
    assert status is not None
    return status.state, status.trouble.get("code", "")


def parts(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(PaperPart)) or 0


def given_out(database: Database, now: datetime) -> bytes:
    """Raises NoPaper."""
    with database.read() as session:
        file = paper_jobs.ready(session, session.scalars(select(Campaign)).one(), now=now)
        return b"".join(paper_jobs.pieces(session, file))


def test_a_paper_is_asked_for_made_and_given_out_for_a_week(any_database: Database, token: str, now: datetime) -> None:
    asked(any_database, now, Comments.NONE)
    assert standing(any_database, now) == (PaperState.WAITING, "")
    job = claimed(any_database, now)
    assert (job.slug, job.comments) == ("clemency", Comments.NONE)
    with any_database.write() as session:
        paper_jobs.tell(session, job, done=1, number=1, now=now)
    with pytest.raises(NoPaper):
        given_out(any_database, now)
    assert finished(any_database, job, now)
    assert standing(any_database, now) == (PaperState.READY, "")
    assert given_out(any_database, now) == b"%PDF-1"
    end = now + LASTS
    with pytest.raises(NoPaper):
        given_out(any_database, end)
    with any_database.write() as session:
        assert paper_jobs.purge(session, now=end - timedelta(seconds=1)) == 0
        assert paper_jobs.purge(session, now=end) == 1
    assert parts(any_database) == 0


def test_only_a_petition_has_one(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_campaign(session, slug="clemency")
    with pytest.raises(UnknownCampaign):
        asked(any_database, now)


@pytest.mark.parametrize("before", ["nothing", "an old one"])
def test_of_two_who_ask_at_once_one_is_told_that_it_is_being_made(
    any_database: Database, token: str, now: datetime, before: str
) -> None:
    if before == "an old one":
        made(any_database, now)
    refused: list[str] = []

    def press(session: Session) -> None:
        try:
            paper_jobs.ask(session, "clemency", Comments.ALL, by=None, now=now)
        except PaperBusy:
            refused.append("busy")

    cross(any_database, press, press)
    assert refused == ["busy"]
    with any_database.read() as session:
        assert session.scalars(select(PetitionPaper.state)).all() == ["waiting"]
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper_asked")).all()
    assert len(entries) == (1 if before == "nothing" else 2)


def test_of_two_makers_one_gets_it(any_database: Database, token: str, now: datetime) -> None:
    asked(any_database, now)
    jobs: list[Job | None] = []

    def take(session: Session) -> None:
        jobs.append(paper_jobs.claim(session, now=now))

    cross(any_database, take, take)
    assert sorted(job is None for job in jobs) == [False, True]


def test_what_a_dead_maker_left_is_made_anew_and_in_the_end_said_to_have_failed(
    any_database: Database, token: str, now: datetime
) -> None:
    asked(any_database, now)
    dead = claimed(any_database, now)
    with any_database.write() as session:
        assert paper_jobs.claim(session, now=now + LEASE) is None  # it may still live
    later = now + LEASE + timedelta(seconds=1)
    claimed(any_database, later)
    with pytest.raises(NotWanted):  # it was only slow: its file is not taken
        finished(any_database, dead, later)
    assert (parts(any_database), standing(any_database, later)) == (0, (PaperState.WORKING, ""))
    last = claimed(any_database, later + LEASE * 2)
    assert last.ticket != dead.ticket
    with any_database.write() as session:
        assert paper_jobs.claim(session, now=later + LEASE * 4) is None
    assert standing(any_database, later + LEASE * 4) == (PaperState.FAILED, "maker-died")
    asked(any_database, later + LEASE * 4)  # and it can be asked for again


def test_what_is_given_up_is_not_finished(any_database: Database, token: str, now: datetime) -> None:
    asked(any_database, now)
    job = claimed(any_database, now)
    with any_database.write() as session:
        assert paper_jobs.give_up(session, "clemency", by=None, now=now)
        assert not paper_jobs.give_up(session, "clemency", by=None, now=now)
    with any_database.write() as session, pytest.raises(NotWanted):
        paper_jobs.tell(session, job, done=1, number=1, now=now)
    with pytest.raises(NotWanted):
        finished(any_database, job, now)
    asked(any_database, now)
    with pytest.raises(NotWanted):  # nor in place of the next one
        finished(any_database, job, now)


def test_why_there_is_none_is_told_with_whose_it_is_and_no_name_is_kept(
    any_database: Database, token: str, now: datetime
) -> None:
    asked(any_database, now)
    job = claimed(any_database, now)
    with any_database.write() as session:
        number = session.scalars(select(Action.id).where(Action.receipt_token == token)).one()
        place = {"part": "comment", "number": number, "characters": ["\uf8d0"]}
        paper_jobs.fail(session, job, PaperTrouble.UNPRINTABLE, now=now, places=[place], others=0)
    with any_database.read() as session:
        status = paper_jobs.status(session, session.scalars(select(Campaign)).one(), now=now)
        assert status is not None
        assert status.names == {number: "Mai Example"}
        assert "Mai" not in str(session.scalars(select(PetitionPaper.trouble)).one())


def test_a_paper_goes_with_whoever_stands_on_it(any_database: Database, token: str, now: datetime) -> None:
    made(any_database, now)
    with any_database.write() as session:
        assert erasure.erase(session, token, now=now)
    assert (parts(any_database), standing(any_database, now)) == (0, (PaperState.FAILED, "erased"))
    with pytest.raises(NoPaper):
        given_out(any_database, now)


def test_erasing_who_never_confirmed_leaves_the_paper(any_database: Database, token: str, now: datetime) -> None:
    made(any_database, now)
    with any_database.write() as session:
        other = session.scalars(select(Action.receipt_token).where(Action.unconfirmed)).one()
        assert erasure.erase(session, other, now=now)
    assert given_out(any_database, now) == b"%PDF-1"


def test_one_that_is_being_made_begins_anew_where_somebody_is_erased(
    any_database: Database, token: str, now: datetime
) -> None:
    asked(any_database, now)
    job = claimed(any_database, now)
    with any_database.write() as session:
        erasure.erase(session, token, now=now)
    with pytest.raises(NotWanted):
        finished(any_database, job, now)
    assert standing(any_database, now) == (PaperState.WAITING, "")
    anew = claimed(any_database, now)
    assert not finished(any_database, anew, now)  # it was begun before, as its count of the erased tells
    assert (parts(any_database), standing(any_database, now)) == (0, (PaperState.WAITING, ""))


def test_whoever_signed_later_does_a_paper_no_harm(any_database: Database, token: str, now: datetime) -> None:
    """Else somebody who signs and has themselves erased again and again would keep any paper from being made."""
    asked(any_database, now)
    job = claimed(any_database, now)

    def sign_and_erase() -> None:
        with any_database.write() as session:
            petition = session.scalars(select(Campaign)).one()
            late = sample_action(session, petition, email="late@example.org", created_at=now + SKEW * 2).receipt_token
            assert erasure.erase(session, late, now=now + SKEW * 2)

    sign_and_erase()
    assert finished(any_database, job, now)
    sign_and_erase()
    with any_database.write() as session:
        assert paper_jobs.purge(session, now=now) == 0
    assert given_out(any_database, now) == b"%PDF-1"


@pytest.mark.parametrize("first", ["erase", "finish"])
def test_whoever_is_quicker_an_erased_person_is_on_no_paper(
    any_database: Database, token: str, now: datetime, first: str
) -> None:
    asked(any_database, now)
    job = claimed(any_database, now)

    def erase(session: Session) -> None:
        erasure.erase(session, token, now=now)

    def finish(session: Session) -> None:
        try:
            paper_jobs.finish(session, job, MADE, FILE, now=now)
        except NotWanted:
            session.rollback()

    cross(any_database, *((erase, finish) if first == "erase" else (finish, erase)))
    assert parts(any_database) == 0
    assert standing(any_database, now) == (
        (PaperState.WAITING, "") if first == "erase" else (PaperState.FAILED, "erased")
    )


def test_whether_somebody_was_erased_is_looked_up_along_an_index_of_the_erased(
    any_database: Database, token: str, now: datetime
) -> None:
    """Not among all signatures: a paper is looked at again and again while one waits."""
    with executed(any_database.engine) as said, any_database.read() as session:
        paper_jobs.erased_number(session, 1, now)
    assert "ix_actions_erased" in plans(any_database.engine, said)


def test_a_paper_of_before_an_erasure_is_not_given_out_however_it_came_to_be_there(
    any_database: Database, token: str, now: datetime
) -> None:
    """As where its whole making fell between an erasure's last look at papers and its commit."""
    made(any_database, now)
    with any_database.write() as session:
        session.scalars(select(Action).where(Action.receipt_token == token)).one().erased_at = now
    assert standing(any_database, now) == (PaperState.FAILED, "erased")
    with pytest.raises(NoPaper):
        given_out(any_database, now)
    with any_database.write() as session:
        assert paper_jobs.purge(session, now=now) == 1
    assert (parts(any_database), standing(any_database, now)) == (0, (PaperState.FAILED, "erased"))

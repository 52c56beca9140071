"""Papers that staff asked for are made beside the worker: whole, or said why not, also where a maker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from actionmail.cli.campaigns.petitions import petitions
from actionmail.cli.delivery.paper_task import PaperMaking
from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.petitions import PaperPart, PetitionPaper
from actionmail.flows.actions import paper_jobs
from actionmail.rules.actions.paper_jobs import Comments, PaperState
from actionmail.settings import Settings
from tests.samples import sample_action, sample_petition

KLINGON = "\uf8d0"  # of the private use area: no font has it


@pytest.fixture
def settings(settings: Settings, any_database: Database) -> Settings:
    return replace(settings, database_url=any_database.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def signed(any_database: Database) -> Database:
    with any_database.write() as session:
        petition = sample_petition(session)
        sample_action(session, petition, name="Ann Example", details={"comment": "My cousin waits."})
        sample_action(session, petition, name="Bo Example", email="bo@example.org", cancelled_at=datetime.now(UTC))
    return any_database


def ask(database: Database, comments: Comments = Comments.ALL) -> None:
    with database.write() as session:
        paper_jobs.ask(session, "clemency", comments, by=None, now=datetime.now(UTC))


def make(settings: Settings) -> str:
    made = CliRunner().invoke(petitions, ["make"], obj=settings)
    assert made.exit_code == 0, made.output
    return made.output


def status(database: Database) -> paper_jobs.PaperStatus:
    with database.read() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        standing = paper_jobs.status(session, campaign, now=datetime.now(UTC))
    assert standing is not None
    return standing


def printed(database: Database, folder: Path) -> str:
    path = folder / "given-out.pdf"
    with database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
        file = paper_jobs.ready(session, campaign, now=datetime.now(UTC))
        path.write_bytes(b"".join(paper_jobs.pieces(session, file)))
    assert path.stat().st_size == file.octets
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


@pytest.mark.parametrize("comments", Comments)
def test_a_paper_is_made_as_it_was_asked_for(
    settings: Settings, signed: Database, tmp_path: Path, comments: Comments
) -> None:
    ask(signed, comments)
    assert make(settings) == "petition clemency: the paper is ready\n"
    standing = status(signed)
    assert (standing.state, standing.number, standing.done) == (PaperState.READY, 1, 1)
    text = printed(signed, tmp_path)
    assert "Ann Example" in text
    assert "Bo Example" not in text
    assert ("My cousin waits." in text) is (comments is not Comments.NONE)
    assert make(settings) == ""


def test_what_cannot_be_printed_is_staffs_to_decide(settings: Settings, signed: Database, tmp_path: Path) -> None:
    with signed.write() as session:
        petition = session.scalars(select(Campaign)).one()
        number = sample_action(
            session, petition, name="Hal Example", email="hal@example.org", details={"comment": f"So {KLINGON}."}
        ).id
    ask(signed)
    assert make(settings) == "petition clemency: the paper cannot be made: unprintable\n"
    trouble = status(signed).trouble
    assert trouble["places"] == [{"part": "comment", "number": number, "characters": [KLINGON]}]
    assert (trouble["only_comments"], status(signed).names) == (True, {number: "Hal Example"})
    for comments, kept in (Comments.PRINTABLE, True), (Comments.NONE, False):
        ask(signed, comments)
        assert make(settings) == "petition clemency: the paper is ready\n"
        text = printed(signed, tmp_path)
        assert "Hal Example" in text
        assert ("My cousin waits." in text) is kept


def test_a_name_that_cannot_be_printed_keeps_every_paper_from_being_made(settings: Settings, signed: Database) -> None:
    with signed.write() as session:
        session.scalars(select(Action).where(Action.name == "Ann Example")).one().name = f"Ann {KLINGON}"
    for comments in Comments:
        ask(signed, comments)
        assert "cannot be made: unprintable" in make(settings)
        assert status(signed).trouble["only_comments"] is False


def test_one_that_fails_keeps_no_other_from_being_made(settings: Settings, signed: Database) -> None:
    with signed.write() as session:
        broken = sample_petition(session, slug="broken", timezone="Nowhere/At all")
        sample_action(session, broken)
        paper_jobs.ask(session, "broken", Comments.ALL, by=None, now=datetime.now(UTC) - timedelta(minutes=1))
    ask(signed)
    told = make(settings).splitlines()
    assert told[0].startswith("petition broken: the paper cannot be made: program-failed (")
    assert told[1:] == ["petition clemency: the paper is ready"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_maker_that_ends_in_the_middle_leaves_no_half_file_and_the_next_one_makes_it(
    settings: Settings, signed: Database, tmp_path: Path, number: signal.Signals
) -> None:
    with signed.write() as session:
        petition = session.scalars(select(Campaign)).one()
        for index in range(3_000):
            sample_action(session, petition, name=f"Nguyễn {index}", email=f"n{index}@example.org")
    ask(signed)
    environment = {**os.environ, "ACTIONMAIL_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "actionmail.cli", "petitions", "make"]
    with subprocess.Popen(command, env=environment) as maker:
        while status(signed).state is PaperState.WAITING:
            assert maker.poll() is None
            time.sleep(0.01)
        maker.send_signal(number)
    with signed.write() as session:
        assert session.scalar(select(func.count()).select_from(PaperPart)) == 0
        row = session.scalars(select(PetitionPaper)).one()
        if number == signal.SIGKILL:
            assert row.state == PaperState.WORKING
            row.lease_until = datetime.now(UTC) - timedelta(seconds=1)
        else:  # it could say so
            assert (row.state, row.tries) == (PaperState.WAITING, 0)
    assert make(settings) == "petition clemency: the paper is ready\n"
    assert "Nguyễn 2999" in printed(signed, tmp_path)


def test_a_worker_starts_the_maker_only_where_a_paper_waits(signed: Database) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return started[-1]

    making = PaperMaking(signed.read, clock=lambda: datetime.now(UTC), start=start)
    making.look()
    assert started == []
    ask(signed)
    making.look()
    making.look()
    assert len(started) == 1
    making.end(wait=False)
    assert started[0].returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    "text",
    [
        "Z" + "\u0351\u0323" * 200 + "algo",
        "Ann\u200d\u200c\u00ad\ufeffe",
        "\u202eAnn\u2066",
        "👩🏽‍👩🏽‍👧🏽 Ann",
        "Ann\ttab\nline\u2028end",
        "ព្រះ" * 60,
        "x" * 2_000,
        "\u0300",
        "(Ann) \\ <</Type/Page>> endobj",
    ],
)
def test_whatever_a_supporter_writes_there_is_a_paper_or_a_reason(
    settings: Settings, signed: Database, text: str
) -> None:
    with signed.write() as session:
        petition = session.scalars(select(Campaign)).one()
        sample_action(session, petition, name=text[:200], email="h@example.org", details={"comment": text})
    ask(signed, Comments.PRINTABLE)
    told = make(settings)
    assert told in {
        "petition clemency: the paper is ready\n",
        "petition clemency: the paper cannot be made: unprintable\n",
    }

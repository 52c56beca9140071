"""A petition is handed over: what stands in the files, what does not, and whom they speak of."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from actionmail.cli.campaigns.petitions import petitions
from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry
from actionmail.flows.actions import petition_papers
from actionmail.settings import Settings
from tests.samples import NOW, sample_action, sample_campaign, sample_petition

KLINGON = "\uf8d0"  # of the private use area: no font has it


def run(settings: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(petitions, ["export", *map(str, arguments)], obj=settings)


def sign(database: Database, name: str, **columns: object) -> int:
    with database.write() as session:
        campaign = petition_papers.petition_of(session, "clemency")
        email = f"{name.split()[0].lower()}@example.org"
        return sample_action(session, campaign, **{"name": name, "email": email, "state": "WI", **columns}).id


@pytest.fixture
def signed(database: Database) -> Database:
    with database.write() as session:
        sample_petition(session)
    sign(database, "Zed Tenth", lookup={"districts": ["upper/10", "lower/1"]})
    sign(
        database, "Ann Ninth", lookup={"districts": ["upper/9"]}, details={"comment": "My cousin.", "show_name": False}
    )
    sign(database, "Bo Nowhere", lookup={"districts": []}, city="")
    sign(database, "Cy Unknown", lookup={}, state="")
    sign(database, "Di Back", cancelled_at=NOW)
    sign(database, "Ed Waiting", unconfirmed=True)
    sign(database, "Flo False", invalid_at=NOW)
    sign(database, "Gus Gone", erased_at=NOW)
    return database


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_both_files_have_those_that_count_by_state_and_district(
    settings: Settings, signed: Database, tmp_path: Path
) -> None:
    pdf, sheet = tmp_path / "p.pdf", tmp_path / "p.csv"
    done = run(settings, "clemency", "--pdf", pdf, "--csv", sheet)
    assert (done.exit_code, done.stdout) == (0, f"4 signatures: {pdf}, {sheet}\n")
    head, *rows = table(sheet)
    assert head == ["Name", "City", "State", "District", "Signed on", "In their own words"]
    assert rows == [
        ["Ann Ninth", "Madison", "Wisconsin", "Wisconsin State Senate, District 9", "March 4, 2026", "My cousin."],
        ["Zed Tenth", "Madison", "Wisconsin", "Wisconsin State Senate, District 10", "March 4, 2026", ""],
        ["Bo Nowhere", "", "Wisconsin", "", "March 4, 2026", ""],
        ["Cy Unknown", "Madison", "", "", "March 4, 2026", ""],
    ]
    printed = text_of(pdf)
    assert "To Governor Example Governor of New York State Capitol" in printed
    assert (
        printed.index("Ann Ninth") < printed.index("Zed Tenth") < printed.index("Bo Nowhere") < printed.index("Cy Un")
    )
    assert "In the signers' own words Ann Ninth, Madison, Wisconsin My cousin." in printed
    assert "ZIP 537…" in printed
    for kept_back in ("Di Back", "Ed Waiting", "Flo False", "Gus Gone", "@example.org", "53703"):
        assert kept_back not in printed
        assert kept_back not in sheet.read_text()
    for path in (pdf, sheet):
        assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".p*")) == []
    with signed.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "petition_exported")).one()
    assert (entry.object_key, entry.details) == ("clemency", {"count": 4})


def test_what_a_spreadsheet_would_compute_is_text(settings: Settings, signed: Database, tmp_path: Path) -> None:
    sign(signed, "=HYPERLINK(1)", lookup={"districts": ["upper/1"]}, details={"comment": "@SUM(1)"})
    run(settings, "clemency", "--csv", tmp_path / "p.csv")
    row = table(tmp_path / "p.csv")[1]
    assert (row[0], row[-1]) == ("'=HYPERLINK(1)", "'@SUM(1)")


def test_what_cannot_be_printed_is_told_with_whose_it_is_and_nothing_is_made(
    settings: Settings, signed: Database, tmp_path: Path
) -> None:
    number = sign(signed, "Hal Example", details={"comment": f"So {KLINGON}."})
    pdf, sheet = tmp_path / "p.pdf", tmp_path / "p.csv"
    refused = run(settings, "clemency", "--pdf", pdf, "--csv", sheet)
    assert refused.exit_code == 1
    assert f"the words of Hal Example (signature {number}): {KLINGON} (U+F8D0)" in refused.stderr
    assert "--leave-out-comments" in refused.stderr
    assert not pdf.exists()
    assert not sheet.exists()
    done = run(settings, "clemency", "--pdf", pdf, "--csv", sheet, "--leave-out-comments")
    assert done.stdout == f"5 signatures: {pdf}, {sheet}; without 1 comments\n"
    assert "Hal Example" in text_of(pdf)
    assert f"So {KLINGON}." in sheet.read_text()


def test_a_name_cannot_be_left_out(settings: Settings, signed: Database, tmp_path: Path) -> None:
    sign(signed, f"Ida {KLINGON}")
    refused = run(settings, "clemency", "--pdf", tmp_path / "p.pdf", "--leave-out-comments")
    assert refused.exit_code == 1
    assert "the name of Ida" in refused.stderr
    assert "Install a font" in refused.stderr
    assert run(settings, "clemency", "--csv", tmp_path / "p.csv").exit_code == 0


def test_mistakes_are_told_in_a_sentence(settings: Settings, signed: Database, tmp_path: Path) -> None:
    with signed.write() as session:
        sample_campaign(session)
    assert run(settings, "clemency").exit_code == 2
    assert run(settings, "clemency", "--pdf", tmp_path / "a", "--csv", tmp_path / "a").exit_code == 2
    for slug in ("none", "ab969"):
        assert f'There is no petition "{slug}".' in run(settings, slug, "--csv", tmp_path / "p.csv").stderr
    missing = run(settings, "clemency", "--csv", tmp_path / "none" / "p.csv", "--pdf", tmp_path / "none" / "p.pdf")
    assert (missing.exit_code, "The file cannot be written: No such file" in missing.stderr) == (1, True)


def test_nobody_has_signed(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        sample_petition(session)
    done = run(settings, "clemency", "--pdf", tmp_path / "p.pdf", "--csv", tmp_path / "p.csv")
    assert done.exit_code == 0
    assert "Nobody has signed yet." in text_of(tmp_path / "p.pdf")
    assert len(table(tmp_path / "p.csv")) == 1


def test_all_of_it_is_of_one_moment_while_people_go_on_signing(any_database: Database) -> None:
    with any_database.write() as session:
        sample_petition(session)
    for number in range(3):
        sign(any_database, f"Name{number} Example", created_at=NOW + timedelta(minutes=number))
    with any_database.snapshot() as session:
        campaign = petition_papers.petition_of(session, "clemency")
        assert petition_papers.number_of(session, campaign) == 3
        reading = petition_papers.signatures(session, campaign)
        first = next(reading).name
        sign(any_database, "Late Example", details={"comment": "Late."})
        with any_database.write() as other:
            taken_back = other.scalars(select(Action).where(Action.name == "Name2 Example")).one()
            taken_back.cancelled_at = NOW
        names = [first, *(one.name for one in reading)]
        assert names == ["Name0 Example", "Name1 Example", "Name2 Example"]
        assert [one.name for one in petition_papers.signatures(session, campaign)] == names
        assert list(petition_papers.comments(session, campaign)) == []
    with any_database.snapshot() as session:
        assert petition_papers.number_of(session, campaign) == 3
        assert [one.name for one in petition_papers.comments(session, campaign)] == ["Late Example"]

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from actionmail.cli.platform.doctor import Outside, doctor, look, status_of
from actionmail.cli.platform.doctor_words import sentence
from actionmail.db.engine import Database
from actionmail.db.throttles import WorkerPulse
from actionmail.flows.delivery import heartbeats
from actionmail.flows.review.sender import SenderDns
from actionmail.flows.review.webhooks import add_hook, end_hook
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.zip_tables import ZipTableDataset
from actionmail.flows.staff import Role
from actionmail.rules.staff.webhooks import CHOOSABLE
from actionmail.settings import Settings, bundled, parse_relay
from actionmail.settings_reading import CONFIG
from tests.any_state import any_state
from tests.datasets import provenance
from tests.flows.delivery.test_delivery import fill
from tests.gateways.census_server import census
from tests.samples import sample_legislator
from tests.web.staff_pages import hire


def today() -> date:
    """Asked for when it is needed: a run of the suite may see midnight."""
    return datetime.now(UTC).date()


def small_data(folder: Path) -> Path:
    """A data folder with one ZIP code, in which nothing is amiss."""
    folder.mkdir()
    (folder / "zip_districts.csv").write_text(
        f"zip,state,chamber,district,share,method,as_of\n53703,WI,lower,76,1,centroid,{today().isoformat()}\n"
    )
    for name in ("first_days.csv", "new_maps.csv"):
        header, _, _ = (bundled("data") / name).read_bytes().partition(b"\n")
        (folder / name).write_bytes(header + b"\n")
    return folder


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, data_dir=small_data(tmp_path / "data"), relay=parse_relay("smtp://127.0.0.1:1025"))


def run(settings: Settings) -> Result:
    return CliRunner().invoke(doctor, obj=settings)


def of_a_real_one(settings: Settings, database: Database, *, shapes_text: bool = True) -> list[str]:
    """What is told of an installation that may reach others, in a place where nobody can be asked."""
    nobody = SenderDns(ask_txt=lambda name: [], ask_names=lambda host: [], ask_hosts=lambda name: [], records={})
    outside = Outside(
        ask_geocoders=list,
        ask_way_out=lambda domains: pytest.fail("it has a relay"),
        dns=nobody,
        shapes_text=shapes_text,
    )
    real = replace(settings, loopback_only=False)
    found = look(real, database, outside, now=datetime.now(UTC))
    assert status_of(found) == 3, "the DNS knows nothing of it"
    return [f"{'well' if one.is_well else 'LOOK'}: {sentence(one)}" for one in found]


def at_work(session: Session, **columns: Any) -> None:
    moment = datetime.now(UTC)
    session.add(WorkerPulse(**{"name": "host:1", "started_at": moment, "seen_at": moment, **columns}))


def test_a_sound_installation_is_well(here: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, as_of=today())
        at_work(session)
    result = run(here)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["well"] * len(lines)
    assert "well: a worker was at work at " in result.output


def test_without_a_worker_it_runs_and_somebody_should_look(here: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, as_of=today())
    result = run(here)
    assert (result.exit_code, "LOOK: No worker is at work at the moment" in result.output) == (3, True), result.output


def test_all_that_is_missing_is_told_at_once(here: Settings, database: Database) -> None:
    result = run(replace(here, database_url="", secret_key="", base_url="", from_address="", relay=None))
    assert result.exit_code == 1
    said = [line for line in result.output.splitlines() if line.startswith("AMISS: ACTIONMAIL_")]
    names = [line.split()[1] for line in said]
    assert names == [
        f"ACTIONMAIL_{name}" for name in ("DATABASE_URL", "SECRET_KEY", "BASE_URL", "FROM_ADDRESS", "SMTP_URL")
    ]
    assert ": the ZIP table has" in result.output, "and the rest is looked at all the same"


def test_limits_by_which_no_worker_would_start_are_told_each(here: Settings, database: Database) -> None:
    wrong = {
        "ACTIONMAIL_TARGET_HOUR": "thirty",
        "ACTIONMAIL_SENDING_HOURS": "8 to 18",
        "ACTIONMAIL_SMTP_CONNECTIONS": "99",
        "ACTIONMAIL_DOMAIN_MINUTE": "20",
    }
    result = CliRunner(env=wrong).invoke(doctor, obj=here)
    amiss = [line for line in result.output.splitlines() if line.startswith("AMISS: Invalid value for")]
    assert (result.exit_code, len(amiss)) == (1, 3)
    for name in ("ACTIONMAIL_TARGET_HOUR", "ACTIONMAIL_SENDING_HOURS", "ACTIONMAIL_SMTP_CONNECTIONS"):
        assert name in "\n".join(amiss)


def test_a_database_that_is_away_is_said_and_the_rest_is_looked_at(here: Settings, tmp_path: Path) -> None:
    for url in ("postgresql://nobody:hidden@127.0.0.1:1/none", f"sqlite:///{tmp_path}/data"):
        result = run(replace(here, database_url=url))
        assert result.exit_code == 1
        assert "hidden" not in result.output
        assert ": the ZIP table has" in result.output
    away = run(replace(here, database_url="postgresql://nobody:hidden@127.0.0.1:1/none"))
    assert "AMISS: The database cannot be used: " in away.output
    assert "actionmail migrate" not in away.output


def test_it_speaks_json(here: Settings, database: Database) -> None:
    result = CliRunner().invoke(doctor, ["--json"], obj=replace(here, relay=None))
    rows = {row["check"]: row["state"] for row in json.loads(result.output)["findings"]}
    assert (rows["web_settings"], rows["worker_settings"], rows["no_worker"]) == ("well", "amiss", "look")


def test_backups_and_returned_mail_are_asked_for(here: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, as_of=today())
        at_work(session)
    fill(database, 1)
    with database.write() as session, any_state(session):
        session.execute(text("UPDATE messages SET state = 'accepted'"))
    told = "\n".join(of_a_real_one(here, database))
    assert "LOOK: The last backup was made: never." in told
    assert "LOOK: Mail that came back was last looked for: never." in told
    assert "LOOK: Whether mail that comes back reaches this installation was never tried" in told
    with database.write() as session:
        for name in (heartbeats.INBOUND, heartbeats.BACKUP):
            heartbeats.beat(session, name, now=datetime.now(UTC) - timedelta(hours=30))
    told = "\n".join(of_a_real_one(here, database))
    assert "well: the last backup was made: 20" in told
    assert "LOOK: Mail that came back was last looked for: 20" in told
    assert "LOOK: The last backup" in "\n".join(of_a_real_one(replace(here, backup_hours=24), database))
    assert "last backup" not in "\n".join(of_a_real_one(replace(here, backup_hours=0), database))


def test_a_machine_that_cannot_draw_every_script_is_told_what_it_lacks(here: Settings, database: Database) -> None:
    assert "FriBidi" not in "\n".join(of_a_real_one(here, database))
    assert "LOOK: The library FriBidi is not here" in "\n".join(of_a_real_one(here, database, shapes_text=False))


def test_a_full_disk_is_said(here: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=30 * 1024**2))
    assert f"LOOK: There is little room in {here.data_dir}: 30 MB." in run(here).output


def test_settings_that_everybody_may_read_are_said(
    here: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "actionmail.env"
    file.touch(0o644)
    monkeypatch.setenv(CONFIG, str(file))
    assert f"LOOK: Everybody on this machine may read {file}" in run(here).output
    file.chmod(0o640)
    assert str(file) not in run(here).output


def test_letters_that_are_due_without_a_worker_are_amiss(here: Settings, database: Database) -> None:
    fill(database, 1)
    result = run(here)
    assert result.exit_code == 1
    assert "AMISS: Letters are due, and no worker is at work: none was ever seen." in result.output
    with database.write() as session:
        at_work(session, trouble="sending_limit (550)")
    assert "AMISS: The mail account has sent what it may for now (550)." in run(here).output


def test_a_worker_is_told_with_since_when_it_runs(here: Settings, database: Database) -> None:
    moment = datetime.now(UTC)
    begun = moment - timedelta(days=3)
    with database.write() as session:
        session.add(WorkerPulse(name="host:1", started_at=begun, seen_at=moment))
    said = f"well: a worker was at work at {moment:%Y-%m-%d %H:%M} UTC; it began at {begun:%Y-%m-%d %H:%M}."
    assert said in run(here).output


@pytest.mark.parametrize("key", ["", "another key of thirty-two letters"])
def test_webhooks_that_cannot_be_signed_are_to_be_looked_at(here: Settings, database: Database, key: str) -> None:
    """A worker sends without the key too, and webhooks it does not."""
    by = hire(database, "ada@example.org", Role.ADMIN).id
    with database.write() as session:
        for name in ("a", "b"):
            url = f"https://example.org/{name}"
            add_hook(session, url, CHOOSABLE, secret_key=here.secret_key, by=by, now=datetime.now(UTC))
    assert "well: the secrets of all webhooks (2) can be read" in run(here).output
    said = run(replace(here, secret_key=key)).output
    assert "LOOK: Of 2 webhooks the secrets of 2 cannot be read with ACTIONMAIL_SECRET_KEY" in said
    with database.write() as session:
        for number in (1, 2):
            end_hook(session, number, by=by, now=datetime.now(UTC))
    assert " webhooks" not in run(replace(here, secret_key=key)).output


@pytest.mark.parametrize("name", ["first_days.csv", "new_maps.csv"])
def test_a_calendar_that_is_missing_is_amiss(here: Settings, database: Database, name: str) -> None:
    (here.data_dir / name).unlink()
    with database.write() as session:
        sample_legislator(session, as_of=today())
    result = run(here)
    assert (result.exit_code, f"LOOK: There is no {name} in data" in result.output) == (3, True)
    assert f"well: the roster is as of {today()}" in result.output


def test_what_is_amiss_is_said(here: Settings, database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        sample_legislator(session, as_of=today() - timedelta(days=90))
    result = run(replace(here, relay=None, secret_key="short", data_dir=tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "AMISS: ACTIONMAIL_SECRET_KEY must be set" in result.output
    assert "AMISS: ACTIONMAIL_SMTP_URL is not set" in result.output
    assert "90 days old" in result.output
    assert "AMISS: The ZIP table cannot be used" in result.output


def test_old_districts_and_files_in_no_version_are_said(here: Settings, database: Database) -> None:
    file = here.data_dir / "zip_districts.csv"
    rows = file.read_text().replace(today().isoformat(), "2022-11-08")
    packed = gzip.compress(rows.encode())
    file.with_name("zip_districts.csv.gz").write_bytes(packed)
    file.unlink()
    with database.write() as session:
        import_dataset(
            session,
            ZipTableDataset(folder=here.data_dir, packed=gzip.compress(rows.replace("76", "77").encode())),
            provenance(today()),
            now=datetime.now(UTC),
        )  # and its file never came
    result = run(here)
    assert (
        "LOOK: The ZIP table is of the districts of 2022-11-08, and elections to the legislature were held on 20"
        in result.output
    )
    assert "LOOK: zips: the files in the data folder are not those of version 2" in result.output


def test_boundaries_of_another_election_or_damaged_are_said(here: Settings, database: Database) -> None:
    shipped = bundled("data") / "boundaries" / "WI_lower.topo"
    folder = here.data_dir / "boundaries"
    folder.mkdir()
    folder.joinpath("WI_lower.topo").write_bytes(shipped.read_bytes())
    folder.joinpath("WI_upper.topo").write_bytes(shipped.read_bytes()[:100])
    with database.write() as session:
        sample_legislator(session, as_of=today())
    result = run(here)
    assert result.exit_code == 3
    said = "LOOK: The boundaries of the districts of the Wisconsin State Assembly are of 2024 and the ZIP table is of "
    assert f"{said}{today().year}:" in result.output
    assert "LOOK: The boundaries of Wisconsin cannot be used: WI_upper.topo: " in result.output


def test_the_geocoder_s_layers_are_told_and_held_against_the_tables(here: Settings, database: Database) -> None:
    """Of a point of nobody's, for each vintage that the service lists."""
    with database.write() as session:
        sample_legislator(session, as_of=today())
    table = here.data_dir / "zip_districts.csv"
    table.write_text(table.read_text().replace(today().isoformat(), "2024-11-05"))
    with census() as server:
        result = run(replace(here, geocoder_url=server.url))
        assert (
            "well: the geocoder has the lower layer of 2024, as the tables are: ACS2024_Current, ACS2025_Current."
            in result.output
        )
        server.vintages = ("Current_Current", "ACS2023_Current")
        result = run(replace(here, geocoder_url=server.url))
        assert (
            "LOOK: The geocoder has no lower layer of 2024, of which the tables are; it has those of 2022 and 2026. "
            "Where there are no boundaries, a street leads to no district." in result.output
        )
        server.vintages = None
        result = run(replace(here, geocoder_url=server.url))
        assert "LOOK: The geocoder did not tell its layers. Its answer (status 404) is not JSON" in result.output


def test_a_database_without_tables_is_said(here: Settings, tmp_path: Path) -> None:
    result = run(replace(here, database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}"))
    assert not (tmp_path / "new.sqlite3").exists()
    assert "AMISS: The database's tables are missing or old; run `actionmail migrate`." in result.output
    assert result.exit_code == 1


def test_https_without_a_proxy_is_said(here: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, as_of=today())
        at_work(session)
    behind = replace(here, base_url="https://act.example.org")
    result = run(behind)
    assert result.exit_code == 3
    assert "LOOK: ACTIONMAIL_BASE_URL is https, so a proxy stands before this, and ACTIONMAIL_PROXIES" in result.output
    assert run(replace(behind, proxies=1)).exit_code == 0


def test_a_table_that_is_missing_is_said(here: Settings, database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE rates"))
    result = run(here)
    assert result.exit_code == 1
    assert "AMISS: The database's tables are missing or old; run `actionmail migrate`." in result.output

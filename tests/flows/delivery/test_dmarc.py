"""What receivers report of mail in our name is kept once, told by source, and forgotten in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from actionmail.db.dmarc import DmarcReport, DmarcSource
from actionmail.db.engine import Database
from actionmail.flows.delivery import dmarc
from actionmail.flows.delivery.inbound import receive
from actionmail.flows.delivery.received import Kind
from actionmail.rules.delivery.forwarding import House
from tests.dmarc import DAY, FORWARDER, RELAY, THIEF, mailed, record, report
from tests.letters_out import SECRET, actionmail, environment

HOUSE = House(organisation="Example Org", from_address="letters@act.example.org")


def come(database: Database, raw: bytes, now: datetime) -> Kind:
    with database.write() as session:
        return receive(session, raw, secret=SECRET, now=now, house=HOUSE, forward=lambda letter: None).kind


def test_reports_are_added_up_by_source(any_database: Database, now: datetime) -> None:
    assert come(any_database, mailed(report()), now) is Kind.DMARC
    other = report(
        reporter="other.example", records=[record(RELAY, 100, "pass", "pass"), record(THIEF, 3, "fail", "fail")]
    )
    assert come(any_database, mailed(other, "zip"), now) is Kind.DMARC
    with any_database.read() as session:
        rows = dmarc.sources(session, since=now - timedelta(days=30), most=10)
        who = dmarc.reporters(session, since=now - timedelta(days=30))
    seen = [(row.address, row.messages, row.by_dkim, row.by_spf, row.by_neither, row.turned_away) for row in rows]
    assert seen == [(RELAY, 1000, 1000, 1000, 0, 0), (FORWARDER, 40, 40, 0, 0, 0), (THIEF, 10, 0, 0, 10, 7)]
    assert [row.reporters for row in rows] == [2, 1, 2]
    assert rows[0].last == DAY + timedelta(seconds=86_399)
    assert [(name, count) for name, count, _last in who] == [("mail.example.net", 1), ("other.example", 1)]


def test_a_report_counts_once(any_database: Database, now: datetime) -> None:
    assert come(any_database, mailed(report()), now) is Kind.DMARC
    assert come(any_database, mailed(report(), "xml"), now) is Kind.REPEATED
    with any_database.read() as session:
        assert session.scalar(select(func.sum(DmarcSource.messages))) == 947


def test_reports_go_in_time_and_none_of_long_ago_or_to_come_is_kept(any_database: Database, now: datetime) -> None:
    assert come(any_database, mailed(report(day=now - timedelta(days=200))), now) is Kind.REPEATED
    assert come(any_database, mailed(report(day=now + timedelta(days=30))), now) is Kind.REPEATED
    assert come(any_database, mailed(report(number="2")), now) is Kind.DMARC
    with any_database.write() as session:
        assert dmarc.purge(session, now=DAY + timedelta(days=90)) == 0
        assert dmarc.purge(session, now=DAY + timedelta(days=92)) == 1
        assert session.scalar(select(func.count()).select_from(DmarcReport)) == 0
        assert session.scalar(select(func.count()).select_from(DmarcSource)) == 0


def test_what_is_no_report_stays_a_strangers_mail(any_database: Database, now: datetime) -> None:
    assert come(any_database, mailed(report(domain="example.com")), now) is Kind.STRANGER
    assert come(any_database, b"Subject: hello\r\n\r\nhello\r\n", now) is Kind.STRANGER


def test_inbound_reads_them_out_of_a_maildir(database: Database, sqlite_url: str, tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    today = datetime.now(DAY.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    (tmp_path / "new" / "1.mail").write_bytes(mailed(report(day=today - timedelta(days=1))))
    said = actionmail("inbound", "--maildir", str(tmp_path), env=environment(sqlite_url, 1))
    assert "dmarc report: kept" in said
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(DmarcSource)) == 3

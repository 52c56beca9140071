"""What receivers report of mail in our name: taken once each, told by source, forgotten in time.

A report is a stranger's word: it changes nothing and stops nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct
from sqlalchemy import CursorResult, and_, case, delete, func, not_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.dmarc import DmarcReport, DmarcSource

if TYPE_CHECKING:  # what reads reports is left to those who do
    from actionmail.rules.delivery.dmarc_reports import Aggregate

KEPT: Final = timedelta(days=90)  # after the last day that it tells of
_AHEAD: Final = timedelta(days=2)  # a clock may be wrong, and a day ends later elsewhere
_MOST_REPORTS: Final = 5_000  # so that nobody fills the disk with reports that they made up


class SourceRow(Struct, frozen=True, kw_only=True):
    """What was reported of one address, over all reports of a time."""

    address: str
    messages: int
    by_dkim: int
    by_spf: int
    by_neither: int
    turned_away: int  # put into quarantine, or refused
    reporters: int
    last: datetime


def take(session: Session, report: Aggregate, *, now: datetime) -> bool:
    """Keep a report; whether it is new. One of long ago, of a time to come, or beyond what is kept is left out."""
    if not now - KEPT <= report.ends <= now + _AHEAD:
        return False
    if (session.scalar(select(func.count()).select_from(DmarcReport)) or 0) >= _MOST_REPORTS:
        return False
    row = DmarcReport(
        at=now,
        reporter=report.reporter,
        report_id=report.report_id,
        domain=report.domain,
        policy=report.policy,
        begins=report.begins,
        ends=report.ends,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # it was sent twice, or is read by two at once
        return False
    for source, messages in report.sources:
        session.add(
            DmarcSource(
                report=row.id,
                address=source.address,
                messages=messages,
                by_dkim=source.by_dkim,
                by_spf=source.by_spf,
                disposition=source.disposition,
            )
        )
    session.flush()
    return True


def sources(session: Session, *, since: datetime, most: int) -> Sequence[SourceRow]:
    """By address, most messages first, of the reports whose time ended since then."""
    neither = and_(not_(DmarcSource.by_dkim), not_(DmarcSource.by_spf))
    turned_away = or_(DmarcSource.disposition == "quarantine", DmarcSource.disposition == "reject")
    total = func.sum(DmarcSource.messages)
    columns = (
        DmarcSource.address,
        total,
        *(
            func.sum(case((which, DmarcSource.messages), else_=0))
            for which in (DmarcSource.by_dkim, DmarcSource.by_spf, neither, turned_away)
        ),
        func.count(DmarcReport.reporter.distinct()),
        func.max(DmarcReport.ends),
    )
    by_address = session.execute(
        select(*columns)
        .join(DmarcReport, DmarcReport.id == DmarcSource.report)
        .where(DmarcReport.ends >= since)
        .group_by(DmarcSource.address)
        .order_by(total.desc(), DmarcSource.address)
        .limit(most)
    )
    rows = []
    for address, messages, by_dkim, by_spf, by_neither, away, reporters, last in by_address:
        rows.append(
            SourceRow(
                address=address,
                messages=int(messages),
                by_dkim=int(by_dkim),
                by_spf=int(by_spf),
                by_neither=int(by_neither),
                turned_away=int(away),
                reporters=reporters,
                last=last,
            )
        )
    return rows


def reporters(session: Session, *, since: datetime) -> list[tuple[str, int, datetime]]:
    """Who reported, how many reports, and the end of the last one's time."""
    rows = session.execute(
        select(DmarcReport.reporter, func.count(), func.max(DmarcReport.ends))
        .where(DmarcReport.ends >= since)
        .group_by(DmarcReport.reporter)
        .order_by(func.count().desc(), DmarcReport.reporter)
        .limit(50)
    )
    return [(name, count, last) for name, count, last in rows]


def purge(session: Session, *, now: datetime) -> int:
    """Forget reports `KEPT` after the time they tell of; how many."""
    old = select(DmarcReport.id).where(DmarcReport.ends < now - KEPT)
    session.execute(delete(DmarcSource).where(DmarcSource.report.in_(old)))
    return cast(CursorResult[Any], session.execute(delete(DmarcReport).where(DmarcReport.ends < now - KEPT))).rowcount

"""A newer dataset is looked for at its source, compared, and taken where told so; what came of it is kept.

Each dataset is looked after by one process at a time (`begin`), and its import is the one that all others use.
What came of it is kept in codes and values, for the pages and for the mail to the admins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import DatasetRefresh, lock_datasets
from actionmail.flows.roster.committees import COMMITTEES, CommitteesReport
from actionmail.flows.roster.dataset_versions import Provenance, VersionMoved
from actionmail.flows.roster.district_files import BOUNDARIES, CALENDAR, CONGRESS_ZIPS, ZIPS, DistrictFilesReport
from actionmail.flows.roster.importing import DatasetReport, OlderDataset, SuspiciousDataset
from actionmail.flows.roster.legislators import LegislatorsReport
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.rules.delivery.states import retry_delay
from actionmail.rules.roster.doubts import Doubt
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.roster.sources import SOURCES_FILE, Apply, Source, read_sources

# In the order in which they are looked at: committees speak of people, tables of ZIP codes of districts.
KINDS = (PEOPLE, CONGRESS, COMMITTEES, BOUNDARIES, ZIPS, CONGRESS_ZIPS, *CALENDAR)
DATED = (BOUNDARIES, ZIPS, CONGRESS_ZIPS)  # whose day is an election's, which their files do not tell
BUSY = timedelta(hours=2)  # longer than a download and an import of everything take
MAIL_TRIES = 8
MOST_DOUBTS = 20  # that are kept and told; a file that is wrong from end to end has thousands


class Outcome(StrEnum):
    """What a look at a source came to."""

    SAME = "same"  # nothing that is not in force
    OLDER = "older"  # what is in force is of a later day
    WAITS = "waits"  # newer; nobody said that it may be taken unseen
    DOUBTED = "doubted"  # newer; somebody has to look first
    APPLIED = "applied"
    FAILED = "failed"  # it could not be fetched, or not be read


class Found(Struct, frozen=True, kw_only=True):
    """What was found at a source: `counts` of what is added, changed and gone, and what is odd about it."""

    outcome: Outcome
    provenance: Provenance | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()  # of what is kept, the first MOST_DOUBTS
    further_doubts: int = 0
    error: DatasetError | None = None

    @property
    def is_worth_a_mail(self) -> bool:
        """Not where only the day of the data is another."""
        if self.outcome in {Outcome.SAME, Outcome.OLDER}:
            return False
        return bool(self.error or self.doubts or any(self.counts.values()))


class Refresh(Struct, frozen=True, kw_only=True):
    """The last look at the source of a kind of dataset."""

    kind: str
    url: str
    looked_at: datetime
    comparison: Found

    @property
    def needs_somebody(self) -> bool:
        return self.comparison.outcome in {Outcome.WAITS, Outcome.DOUBTED, Outcome.FAILED}


class Import(StrEnum):
    """How a dataset that was fetched goes in."""

    DRY = "dry"
    UNCONFIRMED = "unconfirmed"  # not if there are doubts
    CONFIRMED = "confirmed"


class Outside(Struct, frozen=True, kw_only=True):
    """What a look needs from the door. `fetch` raises DatasetError; `take` what `import_dataset` raises."""

    write: Callable[[], AbstractContextManager[Session]]
    fetch: Callable[[Source], Sequence[Provenance]]  # keeps what it read for `take`
    take: Callable[[Import], Sequence[DatasetReport]]
    clock: Callable[[], datetime]


class Wish(Struct, frozen=True, kw_only=True):
    """What whoever asks wants done with what is newer. `dry_run` keeps nothing, not even that it was looked."""

    apply: bool = False
    confirmed: bool = False
    dry_run: bool = False
    unless_since: datetime | None = None  # only if nobody looked after this moment


def sources_in(folder: Path) -> list[Source] | None:
    """What stands in the data folder's `sources.toml`; None where there is none. Raises DatasetError."""
    file = folder / SOURCES_FILE
    try:
        raw = file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise DatasetError(file.name, "cannot_be_read", why=error.strerror) from None
    return None if raw is None else read_sources(raw, file.name, kinds=KINDS, dated=DATED)


def kinds_in(folder: Path) -> list[str]:
    """The datasets of which an address stands there. Raises DatasetError."""
    return [source.kind for source in sources_in(folder) or ()]


def refresh(outside: Outside, source: Source, wish: Wish) -> Found | None:
    """Look at one source; None where another process is at it, or looked already."""
    if wish.dry_run:
        return look(outside, source, wish)
    with outside.write() as session:
        if not begin(session, source, now=outside.clock(), unless_since=wish.unless_since):
            return None
    comparison = None
    try:
        comparison = look(outside, source, wish)
    finally:
        with outside.write() as session:
            finish(session, source, comparison, now=outside.clock())
    return comparison


def look(outside: Outside, source: Source, wish: Wish) -> Found:
    """Fetch, compare, and take what may be taken."""
    try:
        provenance = max(outside.fetch(source), key=lambda origin: origin.as_of)
    except DatasetError as error:
        return Found(outcome=Outcome.FAILED, error=error)
    try:
        comparison = _compared(outside.take(Import.DRY), provenance)
        may_apply = wish.apply or source.apply is Apply.WITHOUT_DOUBTS
        is_right = comparison.outcome is Outcome.WAITS or (wish.confirmed and comparison.outcome is Outcome.DOUBTED)
        if wish.dry_run or not (may_apply and is_right):
            return comparison
        outside.take(Import.CONFIRMED if wish.confirmed else Import.UNCONFIRMED)
        return _with_outcome(comparison, Outcome.APPLIED)
    except OlderDataset:
        return Found(outcome=Outcome.OLDER, provenance=provenance)
    except SuspiciousDataset as suspicious:  # something else was imported since it was compared
        return _compared([suspicious.report], provenance)
    except VersionMoved:
        moved = DatasetError(source.kind, "moved_meanwhile")
        return Found(outcome=Outcome.FAILED, provenance=provenance, error=moved)
    except DatasetError as error:
        return Found(outcome=Outcome.FAILED, provenance=provenance, error=error)


def begin(session: Session, source: Source, *, now: datetime, unless_since: datetime | None = None) -> bool:
    """Take the look at this source for oneself; False where another process has it, or looked after a moment."""
    lock_datasets(session)
    row = session.get(DatasetRefresh, source.kind)
    if row is None:
        row = DatasetRefresh(kind=source.kind, url=source.url, looked_at=None, outcome="", details={})
        session.add(row)
    elif not _may_look(row, now, unless_since):
        return False
    row.busy_until = now + BUSY
    session.flush()
    return True


def _may_look(row: DatasetRefresh, now: datetime, unless_since: datetime | None) -> bool:
    if row.busy_until is not None and row.busy_until > now:
        return False
    return unless_since is None or row.looked_at is None or row.looked_at <= unless_since


def finish(session: Session, source: Source, comparison: Found | None, *, now: datetime) -> None:
    """Keep what came of it. The admins are told of what is another than the last time; None: the program failed."""
    row = session.get_one(DatasetRefresh, source.kind, with_for_update=True)
    row.busy_until = None
    if comparison is None:
        return
    before = (row.outcome, row.source_version, row.details)
    row.url, row.looked_at, row.outcome = source.url, now, comparison.outcome.value
    row.source_version = comparison.provenance.source_version if comparison.provenance else ""
    row.licence = comparison.provenance.licence if comparison.provenance else ""
    row.as_of = comparison.provenance.as_of if comparison.provenance else None
    row.details = _details(comparison)
    if not comparison.is_worth_a_mail:
        row.mail_due_at = None
    elif before != (row.outcome, row.source_version, row.details):
        row.mail_due_at, row.mail_attempts = now, 0


def refreshes(session: Session) -> list[Refresh]:
    """The last look at each source, by kind."""
    query = select(DatasetRefresh).where(DatasetRefresh.looked_at.is_not(None)).order_by(DatasetRefresh.kind)
    return [_read(row) for row in session.scalars(query)]


def is_due(session: Session, kinds: Collection[str], *, every: timedelta, now: datetime) -> bool:
    """Whether a source of these kinds was not looked at for so long, and nobody is at it."""
    known = {row.kind: row for row in session.scalars(select(DatasetRefresh))}
    return any(kind not in known or _may_look(known[kind], now, now - every) for kind in kinds)


def claim_mail(session: Session, *, now: datetime) -> list[Refresh]:
    """What the admins are to be told. A try is counted, and the next one set, before it begins."""
    query = select(DatasetRefresh).where(DatasetRefresh.mail_due_at <= now).order_by(DatasetRefresh.kind)
    due = session.scalars(query.with_for_update(skip_locked=True)).all()
    for row in due:
        row.mail_attempts += 1
        is_last = row.mail_attempts >= MAIL_TRIES
        row.mail_due_at = None if is_last else now + retry_delay(row.mail_attempts, 0.0)
    return [_read(row) for row in due]


def mail_taken(session: Session, refreshes: Sequence[Refresh]) -> None:
    """They are told. What came of a later look is another mail."""
    for refreshed in refreshes:
        row = session.get(DatasetRefresh, refreshed.kind, with_for_update=True)
        if row is not None and row.looked_at == refreshed.looked_at:
            row.mail_due_at = None


def _compared(reports: Sequence[DatasetReport], provenance: Provenance) -> Found:
    doubts: list[Doubt] = []
    counts: Counter[str] = Counter(added=0, changed=0, gone=0)
    is_newer = False
    for report in reports:
        doubts += report.doubts
        counts.update(_counts(report))
        is_newer = is_newer or report.is_new_version
    outcome = Outcome.SAME
    if is_newer:
        outcome = Outcome.DOUBTED if doubts else Outcome.WAITS
    return Found(outcome=outcome, provenance=provenance, counts=counts, doubts=doubts)


def _counts(report: DatasetReport) -> Counter[str]:
    parts: list[tuple[Sequence[object], Sequence[object], Sequence[object]]] = []
    if isinstance(report, LegislatorsReport | CommitteesReport):
        parts.append((report.added, report.changed, report.gone))
    elif isinstance(report, DistrictFilesReport):
        for chamber in report.redrawn:
            parts.append((chamber.added, chamber.changed, chamber.gone))
        if report.zips:
            parts.append((report.zips.added, report.zips.changed, report.zips.gone))
    counts: Counter[str] = Counter()
    for added, changed, gone in parts:
        counts.update(added=len(added), changed=len(changed), gone=len(gone))
    return counts


def _with_outcome(comparison: Found, outcome: Outcome) -> Found:
    return Found(outcome=outcome, provenance=comparison.provenance, counts=comparison.counts, doubts=comparison.doubts)


def _details(comparison: Found) -> dict[str, Any]:
    details: dict[str, Any] = {"counts": dict(comparison.counts)}
    shown = comparison.doubts[:MOST_DOUBTS]
    details["doubts"] = [{"code": reason.code, "values": _plain(reason.values)} for reason in shown]
    details["further_doubts"] = len(comparison.doubts) - len(shown)
    if error := comparison.error:
        place = {"line": error.line, "column": error.column, "within": error.within}
        details["error"] = {"file": error.file, "code": error.code, **place, "values": _plain(error.values)}
    return details


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON has them."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple | set | frozenset):
            value = sorted(map(str, value))
        plain[name] = value if isinstance(value, str | int | float | list | None) else str(value)
    return plain


def _read(row: DatasetRefresh) -> Refresh:
    provenance = None
    if row.as_of is not None:
        provenance = Provenance(source=row.url, source_version=row.source_version, licence=row.licence, as_of=row.as_of)
    details, error = row.details, None
    if refusal := details.get("error"):
        place = {"line": refusal["line"], "column": refusal["column"], "within": refusal["within"]}
        error = DatasetError(refusal["file"], refusal["code"], **place, **refusal["values"])
    comparison = Found(
        outcome=Outcome(row.outcome),
        provenance=provenance,
        counts=details.get("counts", {}),
        doubts=[Doubt(code=reason["code"], values=reason["values"]) for reason in details.get("doubts", ())],
        further_doubts=details.get("further_doubts", 0),
        error=error,
    )
    assert row.looked_at is not None
    return Refresh(kind=row.kind, url=row.url, looked_at=row.looked_at, comparison=comparison)

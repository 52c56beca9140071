"""The one way in for every dataset.

    lock -> read -> validate -> difference -> doubts -> (dry run ends here) -> confirmed? -> write -> version

A kind of dataset says what it reads, compares and writes (`Dataset`); the order, the lock and the questions are here.
`legislators`, `committees`, `boundaries` and `zip_tables` are the kinds; going back is in `undoing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.db.roster import lock_datasets
from actionmail.flows.roster.dataset_versions import Provenance, Snapshot, keep_version
from actionmail.rules.roster.doubts import Doubt, doubt

TOO_MANY = 0.10  # of a state's rows at once: a broken dataset, or an election
_FEW = 2  # rows that may go without a word, however few there were


class OlderDataset(Exception):
    """The database holds newer rows of this kind: `held` is their day, `offered` that of the dataset."""

    def __init__(self, kind: str, *, held: date, offered: date) -> None:
        self.kind, self.held, self.offered = kind, held, offered
        super().__init__(kind, held.isoformat(), offered.isoformat())


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """What an import did, or would do (`dry_run`)."""

    doubts: Sequence[Doubt] = ()
    is_new_version: bool = False
    dry_run: bool = False


class SuspiciousDataset(Exception):
    """An import that somebody should look at first was not confirmed; nothing was changed."""

    def __init__(self, report: DatasetReport) -> None:
        self.report = report
        super().__init__([reason.code for reason in report.doubts])


R_co = TypeVar("R_co", bound=DatasetReport, covariant=True)
R = TypeVar("R", bound=DatasetReport)


class Proposal(Struct, Generic[R_co], frozen=True, kw_only=True):
    """Everything worked out, nothing written. `versions` are to be kept in this order, the new one last."""

    report: R_co
    versions: Sequence[tuple[Snapshot, Provenance]]
    write: Callable[[], None]


class Dataset(Protocol[R_co]):
    """Rows that were read from outside, on their way into the database or the data folder."""

    @property
    def kind(self) -> str: ...

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[R_co]:
        """Validate, and compare with what is held. Raises DatasetError and OlderDataset."""


def import_dataset(
    session: Session,
    dataset: Dataset[R],
    provenance: Provenance,
    *,
    now: datetime,
    confirmed: bool = False,
    dry_run: bool = False,
) -> R:
    """Make `dataset` what is in force. The same again changes nothing.

    Raises DatasetError for rows that cannot be used, OlderDataset where the database has newer ones, and
    SuspiciousDataset where there are doubts and nobody `confirmed`.
    """
    if not dry_run:
        lock_datasets(session)
    proposal = dataset.propose(session, provenance, now=now)
    report = proposal.report
    if dry_run:
        return replace(report, dry_run=True)
    if report.is_new_version and report.doubts and not confirmed:
        raise SuspiciousDataset(report)
    proposal.write()
    for snapshot, origin in proposal.versions:
        keep_version(session, dataset.kind, snapshot, origin, now=now)
    session.flush()
    session.expire_all()
    return report


def refuse_older(kind: str, held: Sequence[date], offered: date) -> None:
    """Raise OlderDataset where a row that is held is of a later day."""
    newest = max(held, default=date.min)
    if newest > offered:
        raise OlderDataset(kind, held=newest, offered=offered)


def is_too_many(count: int, whole: int) -> bool:
    """Whether so many of a whole are more than a good dataset changes at once."""
    return count > _FEW and count > TOO_MANY * whole


def doubts_of_day(as_of: date, now: datetime) -> list[Doubt]:
    """A slip in a date would make every later dataset an older one, and this one never old."""
    if as_of <= now.date() + timedelta(days=1):  # it may be tomorrow somewhere
        return []
    return [doubt("still_to_come", as_of=as_of)]

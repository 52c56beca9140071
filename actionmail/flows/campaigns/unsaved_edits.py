"""Staff at a campaign's pages: what each has typed there and not saved, and who else is at the same page.

What is kept belongs to one person and one page; nobody else is shown its words. Saving the page ends it, and so does
discarding it; `purge` forgets what was left lying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.db.unsaved_edits import PageDraft

KEPT_FOR = timedelta(days=14)
AT_THE_PAGE = timedelta(minutes=10)  # since they opened it, or typed
MAX_KEPT = 100_000  # characters of one page; each text of it may have 20,000

Typed = Mapping[str, Sequence[str]]


class TooMuch(ValueError):
    """What was typed is more than is kept: `size` of at most `most` characters."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(size)
        self.size = size
        self.most = most


class EditorPage(Struct, frozen=True, kw_only=True):
    """One page of one campaign, and who is at it. `name` is "details", "page", or "letter:" with the letter's name."""

    campaign_id: int
    name: str
    staff_id: int

    @property
    def key(self) -> tuple[int, int, str]:
        return self.staff_id, self.campaign_id, self.name


class Kept(Struct, frozen=True, kw_only=True):
    """What one person typed, when, and the revision of what was saved when they began."""

    values: Typed
    seen: str
    at: datetime


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody else at the same page: has typed there and not saved, or only opened it, since `at`."""

    email: str
    has_typed: bool
    at: datetime


def come_to(session: Session, page: EditorPage, *, now: datetime) -> None:
    """Note that they opened the page."""
    _put(session, page, opened_at=now)


def kept(session: Session, page: EditorPage) -> Kept | None:
    """What they typed at the page before and did not save."""
    row = session.get(PageDraft, page.key, populate_existing=True)
    if row is None or row.values is None or row.typed_at is None:
        return None
    return Kept(values=row.values, seen=row.seen, at=row.typed_at)


def keep(session: Session, page: EditorPage, values: Typed, *, seen: str, now: datetime) -> None:
    """Keep `values` in place of what was kept of this page. Raises TooMuch and keeps what was there."""
    size = 0
    for texts in values.values():
        size += sum(map(len, texts))
    if size > MAX_KEPT:
        raise TooMuch(size, MAX_KEPT)
    typed = {name: list(texts) for name, texts in values.items()}
    _put(session, page, values=typed, seen=seen[:32], typed_at=now, opened_at=now)


def clear(session: Session, page: EditorPage) -> None:
    """Forget what they typed at the page: it is saved, or they do not want it."""
    session.execute(delete(PageDraft).where(*_is(page)))


def colleagues(session: Session, page: EditorPage, *, now: datetime) -> list[Colleague]:
    """Who else has unsaved changes on the page, or opened it a few minutes ago."""
    recently = PageDraft.opened_at > now - AT_THE_PAGE
    query = (
        select(StaffMember.email, PageDraft.typed_at, PageDraft.opened_at)
        .join(StaffMember, StaffMember.id == PageDraft.staff_id)
        .where(
            PageDraft.campaign_id == page.campaign_id,
            PageDraft.page == page.name,
            PageDraft.staff_id != page.staff_id,
            or_(PageDraft.typed_at.is_not(None), recently),
        )
        .order_by(StaffMember.email)
    )
    others = []
    for row in session.execute(query):
        has_typed = row.typed_at is not None
        others.append(Colleague(email=row.email, has_typed=has_typed, at=row.typed_at or row.opened_at))
    return others


def purge(session: Session, *, now: datetime) -> int:
    """Forget what nobody came back to; says how many pages' that was."""
    left = cast(
        CursorResult[Any], session.execute(delete(PageDraft).where(PageDraft.opened_at < now - KEPT_FOR))
    )  # fmt: skip
    return left.rowcount


def _put(session: Session, page: EditorPage, **values: Any) -> None:
    """Set these columns of the row, which another tab may be making at this very moment."""
    change = update(PageDraft).where(*_is(page)).values(**values).returning(PageDraft.page)
    if session.execute(change).first() is not None:
        return
    try:
        with session.begin_nested():
            staff_id, campaign_id, name = page.key
            session.add(PageDraft(staff_id=staff_id, campaign_id=campaign_id, page=name, **values))
    except IntegrityError:
        session.execute(change)


def _is(page: EditorPage) -> tuple[Any, ...]:
    return (
        and_(
            PageDraft.staff_id == page.staff_id, PageDraft.campaign_id == page.campaign_id, PageDraft.page == page.name
        ),
    )

"""The pictures of campaigns' pages: added once however often they come, told in words, deleted where unused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, exists, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.types import LargeBinary

from actionmail.db.pictures import Picture, StoredFile
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.campaign_form import Faults, revision
from actionmail.rules.campaigns.pictures import (
    BothSizes,
    PictureFile,
    Reencode,
    ShownFile,
    ShownPicture,
    check_alternatives,
)
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.translations import not_installed
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

PAGE = 24  # pictures of one page of the list
UPLOAD = "upload"  # the field of the file, beside those of the words, which are named by language

Uses = Callable[[Session, int], Sequence[str]]  # by a picture's number, the titles of what shows it


class UnknownPicture(LookupError):
    """There is no picture with this number."""


class AlreadyThere(ValueError):
    """The same picture was uploaded before, and is this `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class PreparedPicture(Struct, frozen=True, kw_only=True):
    """A picture made anew, with its words: nothing is kept yet."""

    upload_sha256: str
    sizes: BothSizes
    alternatives: Mapping[str, str]


class PictureRow(Struct, frozen=True, kw_only=True):
    """A picture for staff: with who added it when, and the revision of its words."""

    shown: ShownPicture
    added_by: str
    added_at: datetime
    revision: str


def prepare(content: bytes, typed: Mapping[str, Any], *, reencode: Reencode) -> PreparedPicture:
    """The upload made anew, and `typed` by language checked. Takes its time, so outside of any transaction.

    Raises FormRefused, whose fields are `UPLOAD` and the languages' tags.
    """
    alternatives, problems = check_alternatives(typed)
    faults: Faults = dict(problems)
    try:
        sizes = reencode(content)
    except CampaignValueError as error:
        raise FormRefused({UPLOAD: [error.problem], **faults}) from None
    if faults:
        raise FormRefused(faults)
    return PreparedPicture(upload_sha256=hashlib.sha256(content).hexdigest(), sizes=sizes, alternatives=alternatives)


def add(session: Session, prepared: PreparedPicture, *, by: Author | None, now: datetime) -> ShownPicture:
    """Keep it; `by` is None for the command line.

    Raises AlreadyThere for a picture that there is, whoever else adds it at this moment.
    """
    large, small = prepared.sizes.large, prepared.sizes.small
    for _ in range(2):  # once more where a file that was there is deleted with its last picture meanwhile
        _refuse_known(session, prepared)
        row = Picture(
            upload_sha256=prepared.upload_sha256,
            large_sha256=large.sha256,
            small_sha256=small.sha256,
            alternatives=dict(prepared.alternatives),
            added_by=by.email if by else "",
            added_at=now,
        )
        try:
            with session.begin_nested():
                _put(session, small)
                _put(session, large)
                session.add(row)
        except IntegrityError:
            continue
        record(session, AuditAction.PICTURE_ADDED, ObjectKind.PICTURE, row.id, by=by.id if by else None, now=now)
        return _shown(row)
    _refuse_known(session, prepared)
    raise RuntimeError("a picture that is not there can neither be added")


def _refuse_known(session: Session, prepared: PreparedPicture) -> None:
    large = (prepared.sizes.large.sha256, prepared.upload_sha256)  # the latter where our own file comes back
    same = or_(Picture.upload_sha256 == prepared.upload_sha256, Picture.large_sha256.in_(large))
    number = session.scalar(select(Picture.id).where(same).limit(1))
    if number is not None:
        raise AlreadyThere(number)


_PUT = text(
    "INSERT INTO picture_files (sha256, media_type, width, height, content) "
    "VALUES (:sha256, :media_type, :width, :height, :content) ON CONFLICT (sha256) DO NOTHING"
).bindparams(bindparam("content", type_=LargeBinary()))


def _put(session: Session, file: PictureFile) -> None:
    values = {"sha256": file.sha256, "media_type": file.media_type, "width": file.width, "height": file.height}
    session.execute(_PUT, {**values, "content": file.content})


def picture(session: Session, number: int) -> PictureRow:
    """Raises UnknownPicture."""
    row = session.get(Picture, number)
    if row is None:
        raise UnknownPicture(number)
    return _row(row)


def pictures(session: Session, *, before: int) -> list[PictureRow]:
    """The newest first, at most `PAGE` and one more, which tells that there are older ones; `before` a number."""
    rows = session.scalars(
        select(Picture).where(Picture.id < before).order_by(Picture.id.desc()).limit(PAGE + 1)
    )  # fmt: skip
    return list(map(_row, rows))


def shown(session: Session, numbers: Sequence[int]) -> dict[int, ShownPicture]:
    """By number, those of them that there are, in one query: for a page with pictures."""
    rows = session.scalars(select(Picture).where(Picture.id.in_(numbers)))
    return {row.id: _shown(row) for row in rows}


def file_content(session: Session, sha256: str) -> PictureFile | None:
    """One size, to be served; None for a hash of none."""
    query = select(StoredFile.content, StoredFile.media_type, StoredFile.width, StoredFile.height)
    row = session.execute(query.where(StoredFile.sha256 == sha256)).first()
    if row is None:
        return None
    return PictureFile(content=bytes(row.content), media_type=row.media_type, width=row.width, height=row.height)


def reword(
    session: Session, number: int, typed: Mapping[str, Any], *, seen: str, by: Author, now: datetime
) -> ShownPicture:
    """Change a picture's words. `seen` is the revision of those that were on the page.

    Raises UnknownPicture, FormRefused by language, and Overtaken where somebody else changed them meanwhile.
    """
    row = _locked(session, number)
    alternatives, faults = check_alternatives(typed)
    if faults:
        raise FormRefused(faults)
    for tag in not_installed(row.alternatives):
        alternatives[tag] = row.alternatives[tag]  # nobody was shown it
    if revision(row.alternatives) != seen and dict(row.alternatives) != alternatives:
        raise Overtaken(row.alternatives, "")
    if dict(row.alternatives) != alternatives:
        row.alternatives = alternatives
        record(session, AuditAction.PICTURE_REWORDED, ObjectKind.PICTURE, number, by=by.id, now=now)
    return _shown(row)


def remove(session: Session, number: int, *, uses: Uses, by: Author, now: datetime) -> None:
    """Delete a picture and its files. Raises UnknownPicture, and ChangeRefused while something shows it.

    The picture's row is locked before `uses` is asked. Whatever shows pictures refers to that row by a foreign key, so
    that it waits for the lock, and then finds that the picture is gone.
    """
    row = _locked(session, number)
    if titles := list(uses(session, number)):
        raise ChangeRefused("picture.in-use", titles=titles)
    files = {row.large_sha256, row.small_sha256}
    session.delete(row)
    session.flush()
    is_used = exists().where(or_(Picture.large_sha256 == StoredFile.sha256, Picture.small_sha256 == StoredFile.sha256))
    session.execute(
        delete(StoredFile).where(StoredFile.sha256.in_(files), ~is_used).execution_options(synchronize_session=False)
    )
    record(session, AuditAction.PICTURE_DELETED, ObjectKind.PICTURE, number, by=by.id, now=now)


def _locked(session: Session, number: int) -> Picture:
    row = session.scalars(
        select(Picture)
        .where(Picture.id == number)
        .with_for_update(of=Picture)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise UnknownPicture(number)
    return row


def _row(row: Picture) -> PictureRow:
    return PictureRow(
        shown=_shown(row), added_by=row.added_by, added_at=row.added_at, revision=revision(row.alternatives)
    )


def _shown(row: Picture) -> ShownPicture:
    return ShownPicture(
        id=row.id, large=_file(row.large), small=_file(row.small), alternatives=dict(row.alternatives)
    )  # fmt: skip


def _file(stored: StoredFile) -> ShownFile:
    return ShownFile(
        sha256=stored.sha256, media_type=stored.media_type, width=stored.width, height=stored.height
    )  # fmt: skip

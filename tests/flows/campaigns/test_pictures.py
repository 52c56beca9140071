"""A picture is kept once, whoever adds it when, and goes with its files where nothing shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.pictures import Picture, StoredFile
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.pictures import AlreadyThere, PreparedPicture, UnknownPicture
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff import Role
from actionmail.gateways.pictures.reencoding import reencode
from actionmail.rules.campaigns.pictures import LONGEST_ALTERNATIVE, BothSizes, ShownPicture
from tests.audit import audited
from tests.pictures import drawn, encoded, png
from tests.two_sessions import cross
from tests.web.staff_pages import ANNA, hire

WORDS = {"en": "A school door."}


@pytest.fixture
def anna(any_database: Database) -> Author:
    return Author(id=hire(any_database, ANNA, Role.AUTHOR).id, email=ANNA)


def prepared(content: bytes = b"", words: dict[str, str] | None = None) -> PreparedPicture:
    return pictures.prepare(content or png(), words or WORDS, reencode=reencode)


def adding(made: PreparedPicture, anna: Author, now: datetime) -> Callable[[Session], object]:
    def add(session: Session) -> object:
        try:
            return pictures.add(session, made, by=anna, now=now).id
        except AlreadyThere as error:
            return error

    return add


def counted(database: Database) -> tuple[int, int]:
    """How many pictures and how many files there are."""
    with database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Picture, StoredFile)]
    return counts[0] or 0, counts[1] or 0


def nobody(session: Session, number: int) -> list[str]:
    return []


def test_a_picture_is_served_under_the_hash_of_its_bytes(any_database: Database, anna: Author, now: datetime) -> None:
    upload = encoded(drawn(2000, 1000), "JPEG")
    with any_database.write() as session:
        added = pictures.add(session, prepared(upload), by=anna, now=now)
    sizes = reencode(upload)
    with any_database.read() as session:
        large = pictures.file_content(session, added.large.sha256)
        small = pictures.file_content(session, added.small.sha256)
        row = pictures.picture(session, added.id)
    assert (large, small) == (sizes.large, sizes.small)
    assert row.shown == added
    assert (row.added_by, row.added_at, row.shown.alternatives) == (ANNA, now, WORDS)
    assert counted(any_database) == (1, 2)


def test_the_same_picture_again_is_the_one_that_there_is(any_database: Database, anna: Author, now: datetime) -> None:
    with any_database.write() as session:
        number = pictures.add(session, prepared(), by=anna, now=now).id
    named_anew = encoded(drawn(), "PNG", compress_level=0)  # other bytes, the same picture
    for upload in (png(), named_anew):
        with any_database.write() as session, pytest.raises(AlreadyThere) as there:
            pictures.add(session, prepared(upload), by=anna, now=now)
        assert there.value.number == number
    assert counted(any_database) == (1, 1)


def test_two_who_upload_the_same_at_once_get_one_picture(any_database: Database, anna: Author, now: datetime) -> None:
    outcomes: list[object] = []
    block = adding(prepared(), anna, now)
    cross(any_database, lambda db: outcomes.append(block(db)), lambda db: outcomes.append(block(db)))
    assert counted(any_database) == (1, 1)
    with any_database.read() as session:
        number = session.scalar(select(Picture.id))
    assert outcomes[0] == number
    assert isinstance(outcomes[1], AlreadyThere) and outcomes[1].number == number


def two_that_share_a_file() -> tuple[PreparedPicture, PreparedPicture]:
    """A large picture, and its own small size as a picture of its own."""
    large = prepared(encoded(drawn(2000, 1000), "PNG"))
    only_small = BothSizes(large=large.sizes.small, small=large.sizes.small)
    return large, pictures.prepare(png(), WORDS, reencode=lambda _content: only_small)


def test_a_file_that_is_deleted_while_another_picture_comes_to_use_it_is_there(
    any_database: Database, anna: Author, now: datetime
) -> None:
    large, small = two_that_share_a_file()
    with any_database.write() as session:
        number = pictures.add(session, large, by=anna, now=now).id
    added: list[ShownPicture] = []
    cross(
        any_database,
        lambda db: pictures.remove(db, number, uses=nobody, by=anna, now=now),
        lambda db: added.append(pictures.add(db, small, by=anna, now=now)),
    )
    assert counted(any_database) == (1, 1)
    with any_database.read() as session:
        assert pictures.file_content(session, added[0].small.sha256) == small.sizes.small


def test_a_file_that_two_pictures_share_stays_with_the_other(
    any_database: Database, anna: Author, now: datetime
) -> None:
    first, small_alone = two_that_share_a_file()
    with any_database.write() as session:
        one = pictures.add(session, first, by=anna, now=now)
        other = pictures.add(session, small_alone, by=anna, now=now)
    with any_database.write() as session:
        pictures.remove(session, one.id, uses=nobody, by=anna, now=now)
    with any_database.read() as session:
        assert pictures.file_content(session, other.large.sha256) == first.sizes.small
        assert pictures.file_content(session, one.large.sha256) is None


def test_what_a_page_shows_is_not_deleted(any_database: Database, anna: Author, now: datetime) -> None:
    with any_database.write() as session:
        number = pictures.add(session, prepared(), by=anna, now=now).id
    with any_database.write() as session, pytest.raises(ChangeRefused) as refused:
        pictures.remove(session, number, uses=lambda db, picture: [f"Picture {picture}"], by=anna, now=now)
    assert (refused.value.problem.code, refused.value.problem.values) == (
        "picture.in-use",
        {"titles": [f"Picture {number}"]},
    )
    assert counted(any_database) == (1, 1)
    with any_database.write() as session:
        pictures.remove(session, number, uses=nobody, by=anna, now=now)
    assert counted(any_database) == (0, 0)
    with any_database.write() as session, pytest.raises(UnknownPicture):
        pictures.remove(session, number, uses=nobody, by=anna, now=now)
    with any_database.read() as session:
        assert len(audited(session, "picture_added")) == len(audited(session, "picture_deleted")) == 1


def test_words_are_asked_for_in_the_campaigns_own_language_and_bounded() -> None:
    with pytest.raises(FormRefused) as refused:
        prepared(words={"en": "  ", "es": "x" * (LONGEST_ALTERNATIVE + 1), "vi": "", "km": "ទ្វារ"})
    codes = {field: [problem.code for problem in problems] for field, problems in refused.value.faults.items()}
    assert codes == {"en": ["picture.no-alternative"], "es": ["value.too-long"]}
    with pytest.raises(FormRefused) as refused:
        pictures.prepare(b"no picture", {"en": ""}, reencode=reencode)
    assert set(refused.value.faults) == {pictures.UPLOAD, "en"}


def test_words_that_somebody_changed_meanwhile_are_not_overwritten_unseen(
    any_database: Database, anna: Author, now: datetime
) -> None:
    with any_database.write() as session:
        number = pictures.add(session, prepared(), by=anna, now=now).id
        seen = pictures.picture(session, number).revision
    with any_database.write() as session:
        pictures.reword(session, number, {"en": "A door.", "es": "Una puerta."}, seen=seen, by=anna, now=now)
    with any_database.write() as session, pytest.raises(Overtaken) as overtaken:
        pictures.reword(session, number, {"en": "A gate."}, seen=seen, by=anna, now=now)
    assert overtaken.value.stored == {"en": "A door.", "es": "Una puerta."}
    with any_database.read() as session:
        shown = pictures.shown(session, [number, 999])
        assert len(audited(session, "picture_reworded")) == 1
    assert list(shown) == [number]
    assert shown[number].alternative("es") == "Una puerta."
    assert shown[number].alternative("vi") == "A door."


def test_the_list_goes_on_from_page_to_page(database: Database, now: datetime) -> None:
    anna = Author(id=hire(database, ANNA, Role.AUTHOR).id, email=ANNA)
    numbers = []
    for height in range(1, pictures.PAGE + 3):
        with database.write() as session:
            numbers.append(pictures.add(session, prepared(png(9, height)), by=anna, now=now).id)
    with database.read() as session:
        first = pictures.pictures(session, before=2**31 - 1)
        rest = pictures.pictures(session, before=first[pictures.PAGE - 1].shown.id)
    assert len(first) == pictures.PAGE + 1
    assert [row.shown.id for row in first[:-1] + rest] == numbers[::-1]

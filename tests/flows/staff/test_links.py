"""Invitations and resets: links that let somebody choose a password, once and for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from actionmail.db.engine import Database
from actionmail.db.staff import OneTimeToken, StaffMember
from actionmail.flows import staff
from actionmail.flows.staff import INVITATION_LENGTH, RESET_LENGTH, RESETS_AT_ONCE, Link, Person, Role, StaffError
from tests.audit import attempts, audited
from tests.samples import light_hash

EMAIL = "anna@example.org"
PASSWORD = "correct horse battery"
NEW = "four words are plenty"


@pytest.fixture
def anna(any_database: Database, now: datetime) -> Person:
    with any_database.write() as session:
        return staff.add(session, EMAIL, Role.ADMIN, light_hash(PASSWORD), now=now)


def secret_of(link: Link | None) -> str:
    assert link
    return link.path.rpartition("/")[2]


def invite(database: Database, now: datetime, email: str = "ben@example.org", by: int | None = None) -> str:
    with database.write() as session:
        return secret_of(staff.invite(session, email, Role.AUTHOR, by=by, now=now))


def ask(database: Database, now: datetime, email: str = EMAIL) -> Link | None:
    with database.write() as session:
        return staff.ask_for_reset(session, email, now=now)


def fits(database: Database, email: str, password: str) -> bool:
    with database.read() as session:
        return staff.verify(staff.credentials(session, email), password).fits


def test_an_invitation_becomes_an_account_once(any_database: Database, anna: Person, now: datetime) -> None:
    secret = invite(any_database, now, " Ben@Example.ORG ", by=anna.id)
    with any_database.write() as session:
        for _ in range(2):  # looking uses nothing up
            found = staff.invitation(session, secret, now=now)
            assert found and (found.email, found.role) == ("ben@example.org", Role.AUTHOR)
        made = staff.accept(session, secret, light_hash(NEW), now=now)
        assert made and (made.email, made.role) == ("ben@example.org", Role.AUTHOR)
        assert staff.accept(session, secret, light_hash(NEW), now=now) is None
        assert staff.invitations(session, now=now) == []
        kept = [(by, action) for by, action, _, _ in audited(session)]
    assert kept == [(None, "account_added"), (anna.id, "invited"), (anna.id, "account_added")]
    assert fits(any_database, "ben@example.org", NEW)


def test_only_the_hash_of_a_link_is_kept(any_database: Database, anna: Person, now: datetime) -> None:
    secret = invite(any_database, now)
    with any_database.read() as session:
        kept = session.scalars(select(OneTimeToken)).one()
        assert secret not in repr(vars(kept))
        assert staff.invitation(session, kept.key_hash, now=now) is None


def test_an_invitation_ends_by_time_by_a_newer_one_and_by_being_taken_back(
    any_database: Database, anna: Person, now: datetime
) -> None:
    first = invite(any_database, now)
    second = invite(any_database, now)
    with any_database.write() as session:
        assert staff.invitation(session, first, now=now) is None
        assert staff.invitation(session, second, now=now + INVITATION_LENGTH) is None
        assert staff.accept(session, second, light_hash(NEW), now=now + INVITATION_LENGTH) is None
        (open_one,) = staff.invitations(session, now=now)
        assert staff.take_back(session, open_one.id, by=anna.id, now=now)
        assert not staff.take_back(session, open_one.id, by=anna.id, now=now)
        assert staff.invitation(session, second, now=now) is None


def test_shutting_an_admin_out_ends_their_invitations(any_database: Database, anna: Person, now: datetime) -> None:
    secret = invite(any_database, now, by=anna.id)
    with any_database.write() as session:
        staff.disable(session, EMAIL, now=now)
        assert staff.invitation(session, secret, now=now) is None


@pytest.mark.parametrize(("email", "words"), [(EMAIL, "address_taken"), ("x", "address_invalid")])
def test_who_cannot_be_invited(any_database: Database, anna: Person, now: datetime, email: str, words: str) -> None:
    with pytest.raises(StaffError, match=words):
        invite(any_database, now, email)


def test_an_invitation_whose_address_got_an_account_meanwhile(
    any_database: Database, anna: Person, now: datetime
) -> None:
    secret = invite(any_database, now)
    with any_database.write() as session:
        staff.add(session, "ben@example.org", Role.REVIEWER, light_hash(PASSWORD), now=now)
    with pytest.raises(StaffError, match="address_taken"), any_database.write() as session:
        staff.accept(session, secret, light_hash(NEW), now=now)
    assert fits(any_database, "ben@example.org", PASSWORD)


def test_a_reset_replaces_the_password_and_ends_sessions_and_other_links(
    any_database: Database, anna: Person, now: datetime
) -> None:
    first, second = secret_of(ask(any_database, now)), secret_of(ask(any_database, now))
    with any_database.write() as session:
        key = staff.begin(session, anna, user_agent="", now=now)
        assert staff.whose_reset(session, first, now=now) == anna
        assert staff.whose_reset(session, first, now=now + RESET_LENGTH) is None
        assert staff.reset(session, first, light_hash(NEW), now=now) == anna
        assert staff.reset(session, first, light_hash(NEW), now=now) is None
        assert staff.whose_reset(session, second, now=now) is None
        assert staff.signed_in(session, key, now=now) is None
    assert fits(any_database, EMAIL, NEW)
    assert not fits(any_database, EMAIL, PASSWORD)


def test_a_link_of_one_kind_is_none_of_the_other(any_database: Database, anna: Person, now: datetime) -> None:
    invited, asked = invite(any_database, now), secret_of(ask(any_database, now))
    with any_database.write() as session:
        assert staff.reset(session, invited, light_hash(NEW), now=now) is None
        assert staff.accept(session, asked, light_hash(NEW), now=now) is None
        assert staff.half_signed_in(session, asked, now=now) is None


def test_resets_are_not_sent_without_end(any_database: Database, anna: Person, now: datetime) -> None:
    links = [ask(any_database, now) for _ in range(RESETS_AT_ONCE + 1)]
    assert [link is not None for link in links] == [True] * RESETS_AT_ONCE + [False]
    assert ask(any_database, now + RESET_LENGTH) is not None


@pytest.mark.parametrize("email", ["nobody@example.org", "no address", "", "anna@example.org\0"])
def test_nobody_gets_no_link_and_the_trail_no_address(
    any_database: Database, anna: Person, now: datetime, email: str
) -> None:
    assert ask(any_database, now, email) is None
    with any_database.read() as session:
        assert attempts(session) == [("reset_refused", 0, 1)]


def test_whoever_is_shut_out_gets_no_link_and_an_older_one_is_dead(
    any_database: Database, anna: Person, now: datetime
) -> None:
    secret = secret_of(ask(any_database, now))
    with any_database.write() as session:
        staff.disable(session, EMAIL, now=now)
        assert staff.ask_for_reset(session, EMAIL, now=now) is None
        assert staff.reset(session, secret, light_hash(NEW), now=now) is None
        with pytest.raises(StaffError, match="disabled"):
            staff.reset_link(session, EMAIL, now=now)


@pytest.mark.parametrize(("totp_secret", "ends"), [("", True), ("sealed", False)])
def test_a_reset_ends_a_lockout_only_without_a_second_factor_which_stays(
    any_database: Database, anna: Person, now: datetime, totp_secret: str, ends: bool
) -> None:
    with any_database.write() as session:
        session.execute(
            update(StaffMember).values(
                totp_secret=totp_secret, failed_sign_ins=5, locked_until=now + timedelta(minutes=9)
            )
        )
    secret = secret_of(ask(any_database, now))
    with any_database.write() as session:
        assert staff.reset(session, secret, light_hash(NEW), now=now)
        kept = session.scalars(select(StaffMember)).one()
        assert (kept.locked_until is None, kept.totp_secret) == (ends, totp_secret)

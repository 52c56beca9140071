"""Signing in, being locked out, and what each role may."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from actionmail.db.engine import Database
from actionmail.db.staff import OneTimeToken, StaffMember, StaffSession
from actionmail.flows import staff
from actionmail.flows.staff import (
    IDLE_LENGTH,
    LOCKOUT,
    MAX_FAILURES,
    SESSION_LENGTH,
    Permission,
    Person,
    Problem,
    Role,
    StaffError,
)
from actionmail.rules.staff import second_factor
from tests.audit import attempts, audited
from tests.samples import LIGHT_HASHER, light_hash

EMAIL = "anna@example.org"
PASSWORD = "correct horse battery"
HASH = light_hash(PASSWORD)


@pytest.fixture
def anna(any_database: Database, now: datetime) -> Person:
    with any_database.write() as session:
        return staff.add(session, EMAIL, Role.REVIEWER, HASH, now=now)


def attempt(
    database: Database, email: str, password: str, now: datetime, *, hasher: PasswordHasher = LIGHT_HASHER
) -> Person | None:
    with database.read() as session:
        known = staff.credentials(session, email)
    verdict = staff.verify(known, password, hasher=hasher)
    with database.write() as session:
        return staff.sign_in(session, verdict, now=now)


def test_the_right_password_signs_in_and_is_written_down(any_database: Database, anna: Person, now: datetime) -> None:
    assert attempt(any_database, " Anna@Example.ORG ", PASSWORD, now) == anna
    with any_database.read() as session:
        assert audited(session) == [
            (None, "account_added", f"account {anna.id}", {"role": "reviewer"}),
            (anna.id, "signed_in", f"account {anna.id}", {"method": "password"}),
        ]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong"),
        (EMAIL, ""),
        (EMAIL, PASSWORD + "x" * 2000),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("anna\0@example.org", "\0"),
    ],
)
def test_anything_else_does_not(any_database: Database, anna: Person, now: datetime, email: str, password: str) -> None:
    assert attempt(any_database, email, password, now) is None


def test_an_unknown_address_is_verified_like_a_known_one_and_not_written_down(
    any_database: Database, anna: Person, now: datetime
) -> None:
    with any_database.write() as session:
        staff.set_password(session, EMAIL, staff.hash_password(PASSWORD), now=now)  # at its real cost
    with any_database.read() as session:
        unknown = staff.credentials(session, "nobody@example.org")
        known = staff.credentials(session, EMAIL)
    assert unknown.staff_id is None
    hashed = [staff.verify(one, PASSWORD).password_hash for one in (unknown, known)]
    assert hashed[0].rsplit("$", 2)[0] == hashed[1].rsplit("$", 2)[0]  # the same costs
    attempt(any_database, "nobody@example.org", PASSWORD, now)
    with any_database.read() as session:
        assert attempts(session) == [("sign_in", 0, 1)]


def test_wrong_passwords_lock_the_account_even_for_the_right_one(
    any_database: Database, anna: Person, now: datetime
) -> None:
    for _ in range(MAX_FAILURES):
        assert attempt(any_database, EMAIL, "wrong", now) is None
    assert attempt(any_database, EMAIL, PASSWORD, now + LOCKOUT - timedelta(seconds=1)) is None
    assert attempt(any_database, EMAIL, PASSWORD, now + LOCKOUT) is not None


def test_tries_during_a_lockout_do_not_prolong_it(any_database: Database, anna: Person, now: datetime) -> None:
    for minute in range(MAX_FAILURES + 5):
        attempt(any_database, EMAIL, "wrong", now + timedelta(minutes=minute))
    ends = now + timedelta(minutes=MAX_FAILURES - 1) + LOCKOUT
    assert attempt(any_database, EMAIL, PASSWORD, ends) is not None


def test_guesses_made_at_the_same_time_count_each(any_database: Database, anna: Person, now: datetime) -> None:
    with any_database.read() as session:
        known = staff.credentials(session, EMAIL)
    verdicts = [staff.verify(known, guess) for guess in ["wrong"] * MAX_FAILURES + [PASSWORD]]
    for verdict in verdicts:
        with any_database.write() as session:
            assert staff.sign_in(session, verdict, now=now) is None


def test_a_success_forgets_the_failures_before_it(any_database: Database, anna: Person, now: datetime) -> None:
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            attempt(any_database, EMAIL, "wrong", now)
        assert attempt(any_database, EMAIL, PASSWORD, now) is not None


def test_a_hash_of_lower_cost_is_replaced_at_sign_in(any_database: Database, anna: Person, now: datetime) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with any_database.write() as session:
        session.execute(update(StaffMember).values(password_hash=weak))
    assert attempt(any_database, EMAIL, PASSWORD, now, hasher=PasswordHasher()) is not None
    with any_database.read() as session:
        stored = session.scalars(select(StaffMember.password_hash)).one()
    assert not PasswordHasher().check_needs_rehash(stored)
    assert attempt(any_database, EMAIL, PASSWORD, now, hasher=PasswordHasher()) is not None


def begin(database: Database, person: Person, now: datetime, user_agent: str = "") -> str:
    with database.write() as session:
        return staff.begin(session, person, user_agent=user_agent, now=now)


def whose(database: Database, key: str, now: datetime) -> Person | None:
    with database.read() as session:
        found = staff.signed_in(session, key, now=now)
    return found.person if found else None


def test_a_disabled_account_neither_signs_in_nor_keeps_its_session(
    any_database: Database, anna: Person, now: datetime
) -> None:
    key = begin(any_database, anna, now)
    assert whose(any_database, key, now) == anna
    with any_database.write() as session:
        staff.disable(session, EMAIL, now=now)
    assert attempt(any_database, EMAIL, PASSWORD, now) is None
    assert whose(any_database, key, now) is None


def test_enabling_lets_in_again_but_revives_no_session(any_database: Database, anna: Person, now: datetime) -> None:
    key = begin(any_database, anna, now)
    with any_database.write() as session:
        staff.disable(session, EMAIL, now=now)
        staff.enable(session, EMAIL, now=now)
    assert attempt(any_database, EMAIL, PASSWORD, now) is not None
    assert whose(any_database, key, now) is None


def test_a_session_ends_by_age_and_by_disuse(any_database: Database, anna: Person, now: datetime) -> None:
    key = begin(any_database, anna, now)
    assert whose(any_database, key, now + IDLE_LENGTH - timedelta(seconds=1)) == anna
    assert whose(any_database, key, now + IDLE_LENGTH) is None
    hour = now
    while hour < now + SESSION_LENGTH:
        assert whose(any_database, key, hour) == anna
        with any_database.write() as session:
            signed_in = staff.signed_in(session, key, now=hour)
            assert signed_in
            staff.seen(session, signed_in.session_id, now=hour)
        hour += timedelta(hours=1)
    assert whose(any_database, key, now + SESSION_LENGTH) is None


def test_only_the_sessions_own_key_opens_it(any_database: Database, anna: Person, now: datetime) -> None:
    key = begin(any_database, anna, now)
    with any_database.read() as session:
        kept = session.scalars(select(StaffSession)).one()
    assert key not in kept.key_hash
    for wrong in ("", "ü", "\0", "\ud800", key[:-1], kept.key_hash):
        assert whose(any_database, wrong, now) is None


def test_one_session_ends_and_the_others_stay(any_database: Database, anna: Person, now: datetime) -> None:
    phone = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
    first = begin(any_database, anna, now, phone)
    second = begin(any_database, anna, now + timedelta(minutes=1))
    with any_database.write() as session:
        ben = staff.add(session, "ben@example.org", Role.AUTHOR, light_hash(), now=now)
        listed = staff.sessions_of(session, anna, now=now + timedelta(minutes=1))
        assert [one.device for one in listed] == ["An unknown browser", "Firefox on Android"]
        assert not staff.end(session, ben, listed[1].id, now=now)  # not his
        assert staff.end(session, anna, listed[1].id, now=now)
        assert not staff.end(session, anna, listed[1].id, now=now)
    assert whose(any_database, first, now) is None
    assert whose(any_database, second, now + timedelta(minutes=1)) == anna


@pytest.mark.parametrize("how", ["everywhere", "password", "second factor"])
def test_what_ends_every_session(any_database: Database, anna: Person, now: datetime, how: str) -> None:
    keys = [begin(any_database, anna, now) for _ in range(2)]
    with any_database.write() as session:
        half = staff.begin_half(session, anna, now=now)
        assert staff.half_signed_in(session, half, now=now) == anna
        if how == "everywhere":
            staff.sign_out_everywhere(session, anna, by=anna.id, now=now)
        elif how == "password":
            staff.set_password(session, EMAIL, light_hash("another long password"), now=now)
        else:
            secret = second_factor.new_secret()
            code = pyotp.TOTP(secret).at(now)
            assert staff.turn_on_app(session, anna, secret, code, secret_key="k", now=now)
        assert staff.half_signed_in(session, half, now=now) is None
    assert [whose(any_database, key, now) for key in keys] == [None, None]


def test_old_sessions_and_passes_are_forgotten(any_database: Database, anna: Person, now: datetime) -> None:
    begin(any_database, anna, now)
    late = begin(any_database, anna, now + timedelta(hours=2))
    with any_database.write() as session:
        staff.begin_half(session, anna, now=now)
        assert staff.purge_sessions(session, now=now + IDLE_LENGTH) == 1
        assert session.scalars(select(OneTimeToken)).all() == []
    assert whose(any_database, late, now + IDLE_LENGTH) == anna


def test_a_new_password_ends_a_lockout_and_the_old_password(
    any_database: Database, anna: Person, now: datetime
) -> None:
    for _ in range(MAX_FAILURES):
        attempt(any_database, EMAIL, "wrong", now)
    with any_database.write() as session:
        staff.set_password(session, EMAIL, light_hash("another long password"), now=now)
    assert attempt(any_database, EMAIL, PASSWORD, now) is None
    assert attempt(any_database, EMAIL, "another long password", now) is not None


@pytest.mark.parametrize(
    ("email", "password", "problem", "values"),
    [
        ("anna@EXAMPLE.org", PASSWORD, Problem.ADDRESS_TAKEN, {"email": EMAIL}),
        ("no address", PASSWORD, Problem.ADDRESS_INVALID, {}),
        ("x" * 60 + "@" + ".".join(["y" * 60] * 4), PASSWORD, Problem.ADDRESS_INVALID, {}),
        ("ben@example.org", "short", Problem.PASSWORD_LENGTH, {"shortest": 12, "longest": 1000}),
        ("ben@example.org", "x" * 1001, Problem.PASSWORD_LENGTH, {"shortest": 12, "longest": 1000}),
    ],
)
def test_an_account_that_cannot_be_made_is_refused_with_a_code(
    any_database: Database,
    anna: Person,
    now: datetime,
    email: str,
    password: str,
    problem: Problem,
    values: dict[str, str | int],
) -> None:
    with pytest.raises(StaffError) as refused, any_database.write() as session:
        staff.add(session, email, Role.AUTHOR, light_hash(password), now=now)
    assert (refused.value.problem, refused.value.values) == (problem, values)


def test_nobody_can_be_disabled_who_is_not_there(any_database: Database, now: datetime) -> None:
    with pytest.raises(StaffError) as refused, any_database.write() as session:
        staff.disable(session, EMAIL, now=now)
    assert refused.value.problem is Problem.ADDRESS_UNKNOWN


def test_the_list_shows_everybody_by_address(any_database: Database, anna: Person, now: datetime) -> None:
    with any_database.write() as session:
        staff.add(session, "aaron@example.org", Role.ADMIN, light_hash(), now=now)
        found = staff.accounts(session)
    assert [(account.email, account.role) for account in found] == [
        ("aaron@example.org", Role.ADMIN),
        (EMAIL, Role.REVIEWER),
    ]


@pytest.mark.parametrize(
    ("role", "permission", "may"),
    [
        (Role.AUTHOR, Permission.SEE_MESSAGES, False),
        (Role.AUTHOR, Permission.WRITE_LETTERS, True),
        (Role.REVIEWER, Permission.CHANGE_MESSAGES, True),
        (Role.REVIEWER, Permission.WRITE_LETTERS, False),
        (Role.REVIEWER, Permission.MANAGE_STAFF, False),
        (Role.ADMIN, Permission.MANAGE_STAFF, True),
    ],
)
def test_each_role_may_what_is_its_work(role: Role, permission: Permission, may: bool) -> None:
    assert Person(id=1, email=EMAIL, role=role).may(permission) is may


def test_generated_passwords_are_accepted_and_differ() -> None:
    first, second = staff.new_password(), staff.new_password()
    assert first != second
    assert first not in staff.hash_password(first).text

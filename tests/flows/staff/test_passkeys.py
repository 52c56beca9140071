"""Adding and removing passkeys, and signing in by one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember, StaffPasskey
from actionmail.flows import staff
from actionmail.flows.staff import LOCKOUT, MAX_FAILURES, Person, Role, StaffError
from actionmail.flows.staff.passkeys import CHALLENGE_LENGTH
from actionmail.rules.staff import passkeys
from actionmail.rules.staff.passkeys import Site
from tests.audit import actions, attempts
from tests.authenticator import SoftPasskey
from tests.samples import light_hash

SITE = Site(host="act.example.org", origin="https://act.example.org")
SECRET_KEY = "0123456789abcdef" * 4
PASSWORD = "correct horse battery"


@pytest.fixture
def anna(any_database: Database, now: datetime) -> Person:
    with any_database.write() as session:
        return staff.add(session, "anna@example.org", Role.AUTHOR, light_hash(PASSWORD), now=now)


def add(
    database: Database, person: Person, now: datetime, *, name: str = "Telephone", key: SoftPasskey | None = None
) -> tuple[SoftPasskey, list[str]]:
    key = key or SoftPasskey(SITE.origin)
    with database.write() as session:
        secret = staff.challenge(session, person, now=now)
        wish = passkeys.options_to_make(
            SITE,
            secret,
            organisation="Example Org",
            email=person.email,
            account=passkeys.handle(person.id, SECRET_KEY),
            known=[],
        )
        return key, staff.add_passkey(session, person, name, secret, key.make(wish), site=SITE, now=now)


def challenge(database: Database, now: datetime, person: Person | None = None) -> str:
    with database.write() as session:
        return staff.challenge(session, person, now=now)


def sign_in(
    database: Database,
    key: SoftPasskey,
    now: datetime,
    *,
    half: Person | None = None,
    secret: str = "",
    answer: str = "",
) -> Person | None:
    secret = secret or challenge(database, now, half)
    answer = answer or key.use(passkeys.options_to_use(SITE, secret))
    with database.write() as session:
        return staff.sign_in_by_passkey(session, secret, answer, half=half, site=SITE, secret_key=SECRET_KEY, now=now)


def has_passkey(database: Database, person: Person) -> bool:
    with database.read() as session:
        found = staff.person(session, person.id)
    return found is not None and found.has_passkey


def test_the_first_passkey_brings_recovery_codes_and_ends_the_sessions(
    any_database: Database, anna: Person, now: datetime
) -> None:
    with any_database.write() as session:
        held = staff.begin(session, anna, user_agent="", now=now)
    key, codes = add(any_database, anna, now, name="  My   telephone ")
    assert len(codes) == 10
    assert add(any_database, anna, now)[1] == []
    with any_database.read() as session:
        assert staff.signed_in(session, held, now=now) is None
        first, _ = staff.passkeys_of(session, anna)
    assert (first.name, first.used_at) == ("My telephone", None)
    found = sign_in(any_database, key, now + timedelta(minutes=1))
    assert found and found.id == anna.id
    with any_database.read() as session:
        assert staff.passkeys_of(session, anna)[0].used_at == now + timedelta(minutes=1)
        made = actions(session)
    assert made == ["account_added", "passkey_added", "passkey_added", "signed_in"]


def test_with_a_passkey_the_password_is_only_half(any_database: Database, anna: Person, now: datetime) -> None:
    key, codes = add(any_database, anna, now)
    with any_database.write() as session:
        verdict = staff.verify(staff.credentials(session, anna.email), PASSWORD)
        half = staff.sign_in(session, verdict, now=now)
        assert half and half.has_second_factor
        assert staff.second_step(session, anna.id, "000000", secret_key=SECRET_KEY, now=now) is None
    assert sign_in(any_database, key, now, half=half)
    with any_database.write() as session:
        assert staff.second_step(session, anna.id, codes[0], secret_key=SECRET_KEY, now=now)


def test_the_second_step_takes_only_ones_own(any_database: Database, anna: Person, now: datetime) -> None:
    with any_database.write() as session:
        ben = staff.add(session, "ben@example.org", Role.ADMIN, light_hash(PASSWORD), now=now)
    add(any_database, anna, now)
    bens, _ = add(any_database, ben, now)
    assert sign_in(any_database, bens, now, half=anna) is None
    assert sign_in(any_database, bens, now)


def test_a_challenge_is_good_once_for_a_while_and_for_whom_it_was_made(
    any_database: Database, anna: Person, now: datetime
) -> None:
    key, _ = add(any_database, anna, now)
    secret = challenge(any_database, now)
    answer = key.use(passkeys.options_to_use(SITE, secret))
    assert sign_in(any_database, key, now, secret=secret, answer=answer)
    assert sign_in(any_database, key, now, secret=secret, answer=answer) is None
    late = challenge(any_database, now)
    assert sign_in(any_database, key, now + CHALLENGE_LENGTH, secret=late) is None
    assert sign_in(any_database, key, now, secret=challenge(any_database, now, anna)) is None
    assert sign_in(any_database, key, now, secret="made up") is None
    failed = challenge(any_database, now)
    assert sign_in(any_database, key, now, secret=failed, answer="{}") is None
    assert sign_in(any_database, key, now, secret=failed) is None


def test_a_count_that_does_not_grow_is_refused(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    key.count = 7
    assert sign_in(any_database, key, now)
    key.count = 7
    assert sign_in(any_database, key, now) is None
    with any_database.read() as session:
        assert session.scalars(select(StaffPasskey.sign_count)).one() == 7
        assert [(attempt, count) for attempt, _, count in attempts(session)] == [("passkey", 1)]


def test_an_answer_that_names_another_account_is_refused(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    key.account = passkeys.handle(anna.id + 1, SECRET_KEY)
    assert sign_in(any_database, key, now) is None


def test_a_lockout_stops_no_passkey_and_a_passkey_ends_no_lockout(
    any_database: Database, anna: Person, now: datetime
) -> None:
    key, _ = add(any_database, anna, now)
    with any_database.write() as session:
        session.execute(update(StaffMember).values(failed_sign_ins=MAX_FAILURES, locked_until=now + LOCKOUT))
    assert sign_in(any_database, key, now)
    with any_database.read() as session:
        assert session.scalars(select(StaffMember.locked_until)).one() == now + LOCKOUT


def test_whoever_is_shut_out_does_not_get_in_by_passkey(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    with any_database.write() as session:
        staff.disable(session, anna.email, now=now)
    assert sign_in(any_database, key, now) is None


def test_the_last_factor_stays_where_one_is_demanded(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    with any_database.write() as session:
        (mine,) = staff.passkeys_of(session, anna)
        with pytest.raises(StaffError, match="last_factor"):
            staff.remove_passkey(session, anna, mine.id, demanded=True, now=now)
        assert not staff.remove_passkey(session, anna, mine.id + 1, demanded=False, now=now)
        assert staff.remove_passkey(session, anna, mine.id, demanded=False, now=now)
        assert staff.recovery_codes_left(session, anna) == 0
    assert sign_in(any_database, key, now) is None
    assert not has_passkey(any_database, anna)


def test_of_two_factors_either_may_go(any_database: Database, anna: Person, now: datetime) -> None:
    add(any_database, anna, now)
    with any_database.write() as session:
        session.execute(update(StaffMember).values(totp_secret="sealed"))
    with any_database.write() as session:
        staff.turn_off_app(session, anna, demanded=True, now=now)
        assert staff.recovery_codes_left(session, anna) == 10
        session.execute(update(StaffMember).values(totp_secret="sealed"))
    with any_database.write() as session:
        (mine,) = staff.passkeys_of(session, anna)
        assert staff.remove_passkey(session, anna, mine.id, demanded=True, now=now)
        with pytest.raises(StaffError, match="last_factor"):
            staff.turn_off_app(session, anna, demanded=True, now=now)
        staff.turn_off_app(session, anna, demanded=False, now=now)
        assert staff.recovery_codes_left(session, anna) == 0


def test_an_admin_turns_all_of_it_off(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    with any_database.write() as session:
        staff.turn_off_second_factor(session, anna.email, by=anna.id, now=now)
    assert not has_passkey(any_database, anna)
    assert sign_in(any_database, key, now) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u202eb"])
def test_a_passkey_needs_a_name(any_database: Database, anna: Person, now: datetime, name: str) -> None:
    with pytest.raises(StaffError, match="passkey_name"):
        add(any_database, anna, now, name=name)


def test_a_passkey_is_kept_once(any_database: Database, anna: Person, now: datetime) -> None:
    key, _ = add(any_database, anna, now)
    with pytest.raises(StaffError, match="passkey_known"):
        add(any_database, anna, now, key=key)
    with pytest.raises(StaffError, match="passkey_not_made"), any_database.write() as session:
        staff.add_passkey(session, anna, "x", "made up", "{}", site=SITE, now=now)

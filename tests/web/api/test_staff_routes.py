"""What programs of the staff read: with a token, page by page, and never more than its scopes say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import select

from actionmail.db.api_tokens import ApiToken
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.roster import Legislator
from actionmail.flows import staff
from actionmail.rules.staff import cursors
from actionmail.rules.staff.api_scopes import ApiScope
from actionmail.web.platform.context import Services
from tests.audit import audited
from tests.executed import executed
from tests.samples import NOW, sample_action, sample_message
from tests.two_sessions import cross
from tests.web.clock import Clock
from tests.web.staff_pages import at
from tests.web.supporter_pages import BASE

LETTERS, LETTER, SUPPORTERS = "/api/v1/letters", "/api/v1/letters/{number}", "/api/v1/supporters"
BARE, ALL = (ApiScope.LETTERS,), tuple(ApiScope)


@pytest.fixture
def api(site: Flask, database: Database, clock: Clock) -> FlaskClient:
    """Three people who wrote to three legislators each."""
    at(site, clock)
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        letter = session.scalars(select(Letter).where(Letter.campaign_id == campaign.id)).first()
        legislators = session.scalars(select(Legislator).order_by(Legislator.id)).all()
        assert letter is not None
        for number, name in enumerate(("Ann Example", "Bo Example", "Cy Example")):
            person = sample_action(
                session, campaign, name=name, email=f"p{number}@example.org", wants_updates=number == 1
            )
            for legislator in legislators:
                message = sample_message(session, person, legislator, letter, subject=f"Words of {name}")
                session.flush()
                session.add(
                    Event(
                        message_id=message.id,
                        at=NOW,
                        from_state="sending",
                        to_state="queued",
                        actor_kind="worker",
                        actor_id="host:1",
                        text=f"550 no such user p{number}@example.org",
                    )
                )
    return site.test_client()


def token(database: Database, *scopes: ApiScope, lasts: timedelta | None = None, now: datetime = NOW) -> str:
    with database.write() as session:
        until = now + lasts if lasts else None
        return staff.make_token(session, "Newsletter", scopes or BARE, expires_at=until, now=now)[0]


def ask(api: FlaskClient, path: str, secret: str, status: int = 200, number: int = 0, **question: str | int) -> Any:
    """The answer, which is as the description says."""
    answer = api.get(
        path.format(number=number),
        base_url=BASE,
        query_string=question,
        headers={"Authorization": f"Bearer {secret}"} if secret else {},
    )
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    responses = document["paths"][path]["get"]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])["content"]
    schema = described[answer.mimetype]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)
    assert answer.status_code == status, answer.json
    return answer.json


def walk(api: FlaskClient, path: str, key: str, secret: str, **question: str | int) -> list[Any]:
    """All pages, one after the other."""
    rows: list[Any] = []
    cursor = ""
    while True:
        page = ask(api, path, secret, **question, **({"cursor": cursor} if cursor else {}))
        rows += page[key]
        if page["next"] is None:
            return rows
        cursor = page["next"]


def test_letters_come_page_by_page_each_once(api: FlaskClient, database: Database) -> None:
    rows = walk(api, LETTERS, "letters", token(database), limit=2)
    numbers = [row["id"] for row in rows]
    assert len(numbers) == 9
    assert numbers == sorted(set(numbers), reverse=True)


def test_nothing_of_a_person_leaves_without_the_scope_that_says_so(api: FlaskClient, database: Database) -> None:
    bare = token(database)
    told = str(walk(api, LETTERS, "letters", bare)) + str(ask(api, LETTER, bare, number=1))
    for words in ("Ann Example", "Bo Example", "p0@example.org", "p1@example.org", "Words of"):
        assert words not in told
    seeing = token(database, *ALL)
    whole = ask(api, LETTER, seeing, number=1)
    assert (whole["letter"]["supporter"], whole["letter"]["email"]) == ("Ann Example", "p0@example.org")
    assert "p0@example.org" in whole["history"][-1]["text"]


def test_searching_for_people_needs_their_scope(api: FlaskClient, database: Database) -> None:
    refused = ask(api, LETTERS, token(database), 403, words="Ann")
    assert "read:supporters" in refused["detail"]
    ask(api, LETTERS, token(database, *ALL), words="Ann")
    assert "read:supporters" in ask(api, LETTERS, token(database), 403, answer="p0@example.org")["detail"]
    ask(api, LETTERS, token(database, *ALL), answer="unknown")


def test_filters_are_those_of_the_send_log(api: FlaskClient, database: Database) -> None:
    secret = token(database)
    with database.write() as session:
        message = session.get_one(Message, 1)
        name, seat = message.target_name, session.get_one(Legislator, message.legislator_id).chamber
    rows = walk(api, LETTERS, "letters", secret, campaign="ab969", target=name.split()[-1], limit=1)
    assert {row["chamber"] for row in rows} == {seat}
    assert len(rows) == 3
    assert walk(api, LETTERS, "letters", secret, state="bounced") == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "9" * 5_000}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"state": "nowhere"}, "state"),
        ({"since": "yesterday"}, "since"),
        ({"campain": "ab969"}, "'campain'"),
        ({"code": "250"}, "code"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
        ({"cursor": "A" * 10_000}, "cursor"),
        ({"cursor": "ü"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(
    api: FlaskClient, database: Database, question: dict[str, str], words: str
) -> None:
    problem = ask(api, LETTERS, token(database), 400, **question)
    assert (words in problem["detail"], problem["status"], problem["title"]) == (True, 400, "Bad Request")


def test_a_cursor_that_was_changed_or_is_for_other_filters_is_refused(api: FlaskClient, database: Database) -> None:
    secret = token(database)
    cursor = ask(api, LETTERS, secret, limit=2)["next"]
    for place in (0, 5, 11, len(cursor) - 2):
        other = "B" if cursor[place] == "A" else "A"
        ask(api, LETTERS, secret, 400, cursor=cursor[:place] + other + cursor[place + 1 :])
    ask(api, LETTERS, secret, 400, cursor=cursor, campaign="ab969")
    ask(api, SUPPORTERS, token(database, *ALL), 400, cursor=cursor)
    assert ask(api, LETTERS, secret, cursor=cursor, limit=5)["letters"]


def test_a_cursor_whose_letter_is_not_among_what_came_back_any_more_says_so(
    api: FlaskClient, database: Database
) -> None:
    """A page that begins behind it would begin nowhere, and an empty one would look like the end."""
    secret, question = token(database), {"moment": "back", "since": "2020-01-01", "limit": 1}
    with database.write() as session:
        for number in (1, 2):
            session.add(came_back(number, NOW))
    cursor = ask(api, LETTERS, secret, **question)["next"]
    key = services_of(api).settings.secret_key
    asked = "letters?moment=back&since=2020-01-01"
    assert cursor == cursors.cursor(2, question=asked, key=key)
    gone = cursors.cursor(3, question=asked, key=key)
    assert "Begin again" in ask(api, LETTERS, secret, 400, cursor=gone, **question)["detail"]


def test_without_a_token_that_holds_nothing_opens(api: FlaskClient, database: Database, clock: Clock) -> None:
    answer = api.get(LETTERS, base_url=BASE)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="ActionMail"')
    assert answer.mimetype == "application/problem+json"
    ends = token(database, lasts=timedelta(days=1), now=clock())
    revoked = token(database)
    with database.write() as session:
        assert staff.revoke_token(session, 2, now=NOW)
        assert not staff.revoke_token(session, 2, now=NOW)
    ask(api, LETTERS, ends)
    clock.move(86_400)
    for secret in (ends, revoked, "amt_nothing", "x" * 10_000, "\xff"):
        ask(api, LETTERS, secret, 401)
    # Not in an address, not as a user's password.
    holds = token(database)
    assert api.get(LETTERS, base_url=BASE, query_string={"access_token": holds}).status_code == 401
    assert api.get(LETTERS, base_url=BASE, auth=("token", holds)).status_code == 401


def test_a_scope_opens_what_it_names_and_no_more(api: FlaskClient, database: Database) -> None:
    news, letters, people = token(database, ApiScope.UPDATES), token(database), token(database, ApiScope.SUPPORTERS)
    ask(api, LETTERS, news, 403)
    ask(api, LETTERS, people, 403)
    ask(api, LETTER, people, 403, number=1)
    refused = api.get(SUPPORTERS, base_url=BASE, headers={"Authorization": f"Bearer {letters}"})
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert [row["name"] for row in walk(api, SUPPORTERS, "supporters", news, limit=1)] == ["Bo Example"]
    ask(api, SUPPORTERS, news, 403, updates=0)
    everybody = walk(api, SUPPORTERS, "supporters", people, limit=1)
    assert [row["name"] for row in everybody] == ["Cy Example", "Bo Example", "Ann Example"]
    assert [row["name"] for row in walk(api, SUPPORTERS, "supporters", people, updates=1)] == ["Bo Example"]


def test_nobody_who_did_not_confirm_or_was_erased_is_told(api: FlaskClient, database: Database) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        sample_action(session, campaign, name="Never Confirmed", email="n@example.org", unconfirmed=True)
        sample_action(session, campaign, name="", email="", erased_at=NOW)
        sample_action(session, campaign, name="Took Back", email="t@example.org", cancelled_at=NOW, wants_updates=True)
    people = {row["name"]: row["counts"] for row in walk(api, SUPPORTERS, "supporters", token(database, *ALL))}
    assert people == {"Took Back": False, "Cy Example": True, "Bo Example": True, "Ann Example": True}
    news = walk(api, SUPPORTERS, "supporters", token(database, ApiScope.UPDATES))
    assert [row["name"] for row in news] == ["Bo Example"]


def test_there_is_no_such_letter(api: FlaskClient, database: Database) -> None:
    assert ask(api, LETTER, token(database), 404, number=999)["title"] == "Not Found"
    for path in ("/api/v1/letters/x", f"/api/v1/letters/{'9' * 30}", "/api/v1/nothing"):
        answer = api.get(path, base_url=BASE)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_each_token_has_its_own_limit(api: FlaskClient, database: Database) -> None:
    first, second = token(database), token(database)
    headers = {"Authorization": f"Bearer {first}"}
    answers = [api.get(LETTERS, base_url=BASE, headers=headers).status_code for _ in range(121)]
    assert (answers[:120], answers[120]) == ([200] * 120, 429)
    refused = api.get(LETTERS, base_url=BASE, headers=headers)
    assert (refused.mimetype, refused.headers["Retry-After"]) == ("application/problem+json", "60")
    assert "120 per minute from one token" in (refused.json or {})["detail"]
    ask(api, LETTERS, second)


def test_guessing_is_limited_and_reading_is_not_by_the_address(api: FlaskClient, database: Database) -> None:
    holds = token(database)
    for _ in range(40):
        ask(api, LETTERS, holds)
    answers = [api.get(LETTERS, base_url=BASE).status_code for _ in range(31)]
    assert (answers[:30], answers[30]) == ([401] * 30, 429)


def test_reading_personal_data_is_in_the_audit_trail_once_a_token_and_day(
    api: FlaskClient, database: Database, clock: Clock
) -> None:
    seeing, bare = token(database, *ALL), token(database)
    for _ in range(3):
        ask(api, LETTERS, seeing)
        ask(api, SUPPORTERS, seeing)
        ask(api, LETTERS, bare)
    clock.move(86_400)
    ask(api, LETTER, seeing, number=1)
    with database.read() as session:
        entries = audited(session, "api_people_read")
        kept = {row.id: (row.used_on, row.told_on) for row in session.scalars(select(ApiToken))}
    entry = (None, "api_people_read", "api_token 1", {"scope": "read:supporters"})
    assert entries == [entry, entry]
    today = clock().date()
    assert kept == {1: (today, today), 2: (today - timedelta(days=1), None)}


def test_the_entry_has_the_widest_scope_that_may_be_read_that_day(api: FlaskClient, database: Database) -> None:
    seeing, updates = token(database, *ALL), token(database, ApiScope.UPDATES)
    for secret in (seeing, updates):
        ask(api, SUPPORTERS, secret, updates=1)
    ask(api, SUPPORTERS, seeing, updates=0)
    with database.read() as session:
        scopes = [details["scope"] for *_, details in audited(session, "api_people_read")]
    assert scopes == ["read:supporters", "read:updates"]


def test_what_was_noted_today_takes_no_write_lock_again(api: FlaskClient, database: Database) -> None:
    secret = token(database, *ALL)
    writes = []
    for _ in range(2):
        with executed(services_of(api).database.engine) as statements:
            ask(api, LETTERS, secret)
        writes.append(sum(statement.startswith(("UPDATE", "INSERT")) for statement, _ in statements))
    assert (writes[0] > 0, writes[1]) == (True, 0)


def test_two_requests_at_once_write_one_entry(any_database: Database) -> None:
    with any_database.write() as session:
        secret, _ = staff.make_token(session, "Two", ALL, now=NOW)

    def read(session: Any) -> None:
        reader = staff.bearer(session, secret, now=NOW)
        assert reader is not None
        staff.read_people(session, reader, now=NOW)

    cross(any_database, read, read)
    with any_database.read() as session:
        assert len(audited(session, "api_people_read")) == 1


def test_the_secret_is_kept_as_its_hash_alone(database: Database) -> None:
    secret = token(database)
    with database.read() as session:
        row = session.scalars(select(ApiToken)).one()
        assert secret not in str(vars(row))
        assert staff.bearer(session, secret, now=NOW) is not None
        assert staff.bearer(session, row.key_hash, now=NOW) is None


def came_back(number: int, at: datetime) -> Event:
    return Event(message_id=number, at=at, from_state="accepted", to_state="bounced", actor_kind="returned_mail")


def services_of(api: FlaskClient) -> Services:
    known: Services = api.application.extensions["actionmail"]
    return known

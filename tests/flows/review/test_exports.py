"""What leaves as a table: each column, whom it leaves out, one moment however many write meanwhile."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.messages import Event
from actionmail.flows.delivery import claim, record
from actionmail.flows.privacy.erasure import erase
from actionmail.flows.review import exports
from actionmail.flows.review.exports import ActionFilter, Format, Table
from actionmail.flows.review.filters import Filter, Moment
from actionmail.rules.actions.news_columns import ACTION_NETWORK, COLUMNS, PLAIN
from actionmail.rules.csv_export import Cell
from actionmail.rules.delivery.states import Outcome, State
from bench.queue import NOW as FILLED_AT
from bench.queue import fill_log
from tests.audit import audited
from tests.samples import (
    NOW,
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_letter,
    sample_message,
    sample_petition,
)

HOUR = timedelta(hours=1)


def dicts(table: Table) -> list[dict[str, Cell]]:
    rows = [dict(zip(table.head, row, strict=True)) for row in table.rows]
    assert len(rows) == table.count
    return rows


def text(table: Table, file_format: Format = Format.CSV) -> str:
    return "".join(piece for _, piece in exports.written(table, file_format))


def column(rows: Iterable[dict[str, Cell]], name: str) -> list[Cell]:
    return [row[name] for row in rows]


def step(session: Session, message: int, before: str, after: str, hours: int) -> None:
    at = NOW + hours * HOUR
    session.add(Event(message_id=message, at=at, from_state=before, to_state=after, actor_kind="worker"))
    session.flush()


@pytest.fixture
def log(any_database: Database) -> Database:
    """Three letters: one accepted twice and come back, one that waits, one of somebody who was erased."""
    with any_database.write() as session:
        campaign = sample_campaign(session)
        second = sample_letter(session, campaign, name="committee", version=3, place=2)
        member = sample_legislator(session, name="Uma Pattern", chamber="upper", district="26", party="Blue")
        actions = []
        for number, name in enumerate(("=1+1", "Tou Sample", "Gone Soon")):
            columns: dict[str, Any] = {"name": name, "email": f"person{number}@example.org", "source": "flyer"}
            actions.append(sample_action(session, campaign, **columns, language="vi"))
        changes: list[dict[str, Any]] = [{"state": "bounced", "last_code": 550}, {}, {}]
        for number, action in enumerate(actions):
            sample_message(session, action, member, second, supporter_key=str(number), **changes[number])
        for before, after, hours in (
            *(("", "queued", 0), ("sending", "accepted", 1), ("accepted", "bounced", 2)),
            *(
                ("queued", "sending", 3),
                ("sending", "accepted", 4),
                ("accepted", "bounced", 5),
                ("bounced", "bounced", 9),
            ),
        ):
            step(session, 1, before, after, hours)
        assert erase(session, actions[2].receipt_token, now=NOW + HOUR)
    return any_database


def test_a_letter_has_all_its_columns(log: Database) -> None:
    with log.snapshot() as session:
        rows = dicts(exports.message_table(session, Filter(campaign="ab969"), with_people=True))
    assert column(rows, "letter_number") == [3, 2, 1]
    assert rows[2] == {
        "letter_number": 1,
        "made_at": "2026-03-04T15:12:05Z",
        "campaign": "ab969",
        "letter": "committee",
        "letter_version": 3,
        "legislator": "Uma Pattern",
        "chamber": "upper",
        "district": "26",
        "party": "Blue",
        "us_state": "WI",
        "state": "bounced",
        "state_since": "2026-03-04T20:12:05Z",
        "accepted_at": "2026-03-04T19:12:05Z",
        "came_back_at": "2026-03-04T20:12:05Z",
        "last_code": 550,
        "language": "vi",
        "source": "flyer",
        "answer_came_at": None,
        "supporter_says": "",
        "name": "=1+1",
        "email": "person0@example.org",
        "zip": "53703",
    }
    assert (rows[1]["state"], rows[1]["accepted_at"], rows[1]["state_since"]) == ("queued", None, rows[1]["made_at"])


def test_who_was_erased_is_not_in_it(log: Database) -> None:
    with log.snapshot() as session:
        gone = dicts(exports.message_table(session, Filter(number="3"), with_people=True))
    assert [(row["name"], row["email"], row["zip"], row["state"]) for row in gone] == [("", "", "", "cancelled")]


def test_people_are_in_it_only_where_asked_for(log: Database) -> None:
    with log.snapshot() as session:
        for table in (
            exports.message_table(session, Filter(), with_people=False),
            exports.action_table(session, ActionFilter(), with_people=False),
        ):
            assert not table.has_people
            assert not {"name", "email", "zip"} & set(table.head)
            whole = text(table)
            assert "example.org" not in whole
            assert "Tou" not in whole


def test_a_csv_has_no_formula_and_json_lines_have_what_was_typed(log: Database) -> None:
    with log.snapshot() as session:
        table = exports.message_table(session, Filter(), with_people=True)
        rows = list(csv.DictReader(io.StringIO(text(table).removeprefix("\ufeff"), newline="")))
        assert rows[2]["name"] == "'=1+1"
        assert rows[1]["came_back_at"] == ""
        table = exports.message_table(session, Filter(), with_people=True)
        objects = [json.loads(line) for line in text(table, Format.JSON_LINES).splitlines()]
    assert objects[2]["name"] == "=1+1"
    assert objects[1]["came_back_at"] is None
    assert list(objects[0]) == [*exports.MESSAGE_COLUMNS, *exports.PERSON_COLUMNS]


def test_a_filter_that_nothing_can_match_gives_a_head_alone(log: Database) -> None:
    with log.snapshot() as session:
        table = exports.message_table(session, Filter(target="nobody"), with_people=False)
        assert table.count == 0
        assert len(text(table).splitlines()) == 1


def test_what_leaves_is_written_down_in_codes_without_a_supporter(log: Database) -> None:
    since = datetime(2026, 3, 1, 6, tzinfo=UTC)
    typed = Filter(words="Tou Sample", target="Tou", number="<tou@x>")
    wanted = replace(typed, campaign="ab969", state=State.BOUNCED, since=since, moment=Moment.BACK)
    with log.write() as session:
        table = exports.message_table(session, wanted, with_people=True)
        exports.note(session, table, file_format=Format.CSV, by=None, now=NOW)
        entries = audited(session)
    parts = ["campaign=ab969", "state=bounced", "target=(given)", "words=(given)", "moment=back"]
    parts += ["since=2026-03-01T06:00:00Z", "number=(given)"]
    assert entries == [
        (None, "exported", "export messages", {"format": "csv", "people": 1, "count": 0, "filter": parts})
    ]


def test_news_go_to_who_asked_confirmed_and_stayed_once_each(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, petition = sample_campaign(session), sample_petition(session)

        def asks(name: str, into: Any = campaign, **columns: Any) -> None:
            email = f"{name.split()[0].lower()}@example.org"
            sample_action(session, into, **{"name": name, "email": email, "wants_updates": True, **columns})

        asks("Ann Lee Twice")
        asks("Ann Lee Again", petition, email="ANN@example.org", state="", city="", created_at=NOW + HOUR)
        asks("ສົມ")
        asks("Bo No", wants_updates=False)
        asks("Cy Waiting", unconfirmed=True)
        asks("Di Back", cancelled_at=NOW)
        asks("Ed Erased", erased_at=NOW)
        asks("Flo False", invalid_at=NOW)
        asks("Gus Late", created_at=NOW + 9 * HOUR)
    with any_database.snapshot() as session:
        table = exports.supporter_table(session, ActionFilter(until=NOW + 2 * HOUR), columns=ACTION_NETWORK)
        assert table.has_people
        assert table.filter == ["until=2026-03-04T17:12:05Z", "columns=action-network"]
        rows = dicts(table)
        assert column(rows, "Email") == ["ANN@example.org", "ສົມ@example.org"]
        assert (rows[0]["First name"], rows[0]["Last name"]) == ("Ann Lee", "Again")
        assert (rows[1]["First name"], rows[1]["Last name"]) == ("ສົມ", "")
        assert column(rows, "Campaign") == ["clemency", "ab969"]
        assert column(rows, "Agreed at") == ["2026-03-04T16:12:05Z", "2026-03-04T15:12:05Z"]
        of_one = exports.supporter_table(session, ActionFilter(campaign="clemency"), columns=PLAIN)
        assert column(dicts(of_one), "name") == ["Ann Lee Again"]


@pytest.mark.parametrize("code", COLUMNS)
def test_each_program_gets_as_many_cells_as_it_has_columns(any_database: Database, code: str) -> None:
    with any_database.write() as session:
        sample_action(session, sample_campaign(session), wants_updates=True)
    with any_database.snapshot() as session:
        (row,) = dicts(exports.supporter_table(session, ActionFilter(), columns=COLUMNS[code]))
    assert "mai@example.org" in row.values()


def test_actions_say_whether_they_count(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(session, campaign, source="flyer")
        sample_message(session, action, sample_legislator(session), campaign.letters[0])
        sample_action(session, campaign, unconfirmed=True, state="")
        sample_action(session, sample_petition(session), invalid_at=NOW)
    with any_database.snapshot() as session:
        rows = dicts(exports.action_table(session, ActionFilter(), with_people=True))
        of_one = dicts(exports.action_table(session, ActionFilter(us_state="WI", source="flyer"), with_people=False))
    assert column(rows, "counts") == [0, 0, 1]
    assert column(rows, "kind") == ["petition", "letter", "letter"]
    assert column(rows, "unconfirmed") == [0, 1, 0]
    assert rows[2] == {**rows[2], "letters": 1, "districts": "upper/26 lower/76", "email": "mai@example.org"}
    assert column(of_one, "action_number") == [1]


def test_two_exports_while_letters_go_out_tell_each_of_its_own_moment(any_database: Database) -> None:
    fill_log(any_database, 2_500)
    soon = FILLED_AT + timedelta(seconds=1)

    def states(rows: Iterable[Sequence[Cell]]) -> dict[Cell, int]:
        counts: dict[Cell, int] = {}
        for row in rows:
            state = row[exports.MESSAGE_COLUMNS.index("state")]
            counts[state] = counts.get(state, 0) + 1
        return counts

    def send() -> int:
        with any_database.write() as session:
            lease = timedelta(minutes=5)
            taken = claim(session, owner="w:1", now=soon, limit=200, lease=lease).ids
            sent = {number: Outcome(state=State.ACCEPTED, phase="body", code=250) for number in taken}
            record(session, sent, owner="w:1", now=soon, jitter=lambda: 0.5)
        return len(taken)

    with any_database.snapshot() as first, any_database.snapshot() as second:
        before = exports.message_table(first, Filter(), with_people=False)
        head = [next(before.rows) for _ in range(5)]
        sent = send()
        assert sent > 0
        between = exports.message_table(second, Filter(), with_people=False)
        some = [next(between.rows) for _ in range(5)]
        assert send() > 0
        assert states([*head, *before.rows]) == {"queued": 1_250, "accepted": 1_250}
        assert states([*some, *between.rows]) == {"queued": 1_250 - sent, "accepted": 1_250 + sent}


def test_no_more_than_some_pages_of_an_export_are_in_memory(any_database: Database) -> None:
    fill_log(any_database, 3_000)
    with any_database.snapshot() as session:
        table = exports.message_table(session, Filter(us_state="WI"), with_people=True)
        pieces = [rows for rows, _ in exports.written(table, Format.CSV)]
    assert sum(pieces) == 3_000
    assert max(pieces) == 200

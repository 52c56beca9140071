"""The claim and the send log's pages find their rows by index, however long the table is: what the planner says.

On SQLite without ANALYZE, as every installation begins; on PostgreSQL with the statistics that autovacuum gathers.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.actions import receipt, search_index, submitting_statements
from actionmail.flows.delivery import claim, expire, recover
from actionmail.flows.review import crowd_cleaning, send_log
from actionmail.flows.review.crowds import crowds
from actionmail.flows.review.filters import Filter, Moment
from actionmail.rules.actions.search_words import SearchTerm
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from bench.queue import APART, COMMITTEE, NOW, fill_history, fill_log, message_id
from tests.samples import sample_action, sample_petition

MESSAGES = 20_000
SOON = NOW + timedelta(seconds=1)
ACCEPTED_BY_COMMITTEE = Filter(campaign="ab969", committee=COMMITTEE, moment=Moment.ACCEPTED, until=NOW)
WAITING = Filter(campaign="ab969", state=State.QUEUED)
# So few that they may as well be sorted.
A_FEW = {
    "one legislator",
    "one legislator, older",
    "a code",
    "an enhanced code",
    "words of an answer",
    "came back",
    "a source",
    "a language",
    "words",
    "a source and a state",
    "a domain and a code",
    "a Message-ID",
}
SPARSE = {"a committee, accepted by then"}  # one in 24 of what is walked fits
PAGES: list[tuple[str, Callable[[Session], object]]] = [
    ("newest", partial(send_log.page, wanted=Filter())),
    ("older", partial(send_log.page, wanted=Filter(), before=MESSAGES // 2)),
    ("newer", partial(send_log.page, wanted=Filter(), after=MESSAGES // 2)),
    ("one state", partial(send_log.page, wanted=Filter(state=State.QUEUED))),
    ("one state, older", partial(send_log.page, wanted=Filter(state=State.QUEUED), before=MESSAGES // 2)),
    ("one campaign", partial(send_log.page, wanted=Filter(campaign="ab969"))),
    ("one campaign, one state", partial(send_log.page, wanted=WAITING)),
    ("one letter", partial(send_log.page, wanted=Filter(campaign="ab969", letter="everyone"))),
    ("one legislator", partial(send_log.page, wanted=Filter(target="Sample 77"))),
    ("one legislator, older", partial(send_log.page, wanted=Filter(target="Sample 77"), before=MESSAGES // 2)),
    ("one domain", partial(send_log.page, wanted=Filter(domain="legis.example"))),
    ("made in an hour", partial(send_log.page, wanted=Filter(since=NOW - timedelta(hours=1), until=NOW))),
    ("made before there was any", partial(send_log.page, wanted=Filter(until=NOW - MESSAGES * APART))),
    ("a code", partial(send_log.page, wanted=Filter(code="550"))),
    ("an enhanced code", partial(send_log.page, wanted=Filter(code="5.1.1"))),
    ("words of an answer", partial(send_log.page, wanted=Filter(answer="no such mailbox"))),
    ("came back", partial(send_log.page, wanted=Filter(moment=Moment.BACK, until=NOW))),
    ("a source", partial(send_log.page, wanted=Filter(source="flyer"))),
    ("a language", partial(send_log.page, wanted=Filter(language="hmn"))),
    ("words", partial(send_log.page, wanted=Filter(words="mai"))),
    ("a source and a state", partial(send_log.page, wanted=Filter(source="flyer", state=State.ACCEPTED))),
    ("a domain and a code", partial(send_log.page, wanted=Filter(domain="legis.example", code="550"))),
    ("a committee, accepted by then", partial(send_log.page, wanted=ACCEPTED_BY_COMMITTEE)),
    ("a Message-ID", partial(send_log.page, wanted=Filter(number=message_id(MESSAGES // 2)))),
]


def start(session: Session) -> None:
    """What a worker's round begins with."""
    recover(session, actor=Actor.worker("w:1"), now=SOON)
    expire(session, actor=Actor.worker("w:1"), now=SOON)
    claim(session, owner="worker", now=SOON, limit=200, lease=timedelta(minutes=5))


def test_the_claim_goes_along_the_partial_indexes(any_database: Database) -> None:
    fill_log(any_database, MESSAGES)
    plan = plan_of(any_database, start)
    assert used(plan) >= {"ix_messages_due", "ix_messages_expiring"}
    assert scanned(plan) == []
    assert [line for line in plan if line.startswith("Bitmap Heap Scan messages")] == []  # the oldest come first
    by_state = [line for line in plan if "ix_messages_state_id" in line]
    assert len(by_state) == 1  # those that were leased, of which there are never many


def test_a_log_page_reads_about_one_page(any_database: Database) -> None:
    fill_log(any_database, MESSAGES, apart=APART)
    fill_history(any_database, searchable=400)
    for name, look in PAGES:
        plan = plan_of(any_database, look)
        if name not in A_FEW:
            assert (name, sorts(plan)) == (name, [])
        if any_database.engine.dialect.name == "sqlite":  # "SCAN messages" can be the walk down the newest 50
            most = 3 * MESSAGES if name in SPARSE else MESSAGES
            assert (name, steps(any_database, look) < most) == (name, True)
        else:
            assert (name, scanned(plan)) == (name, [])


def test_of_few_legislators_those_letters_that_stand_aside_are_read_alone(any_database: Database) -> None:
    """Not all the others of theirs, nor all that stand so."""
    fill_log(any_database, MESSAGES, apart=APART)
    fill_history(any_database, searchable=0)
    for place in ({"target": "Sample 66"}, {"committee": COMMITTEE}):
        look = partial(send_log.page, wanted=Filter(state=State.FAILED, **place))
        assert "ix_messages_aside" in used(plan_of(any_database, look))
        if any_database.engine.dialect.name == "sqlite":
            assert (place, steps(any_database, look) < MESSAGES // 4) == (place, True)


def test_a_state_that_most_have_is_looked_at_along_the_legislators(any_database: Database) -> None:
    fill_log(any_database, MESSAGES, apart=APART)
    wanted = Filter(state=State.ACCEPTED, committee=COMMITTEE)
    plan = plan_of(any_database, partial(send_log.page, wanted=wanted))
    if any_database.engine.dialect.name == "sqlite":
        assert "ix_messages_state_id" not in used(plan)
    assert scanned(plan) == []


def test_a_search_for_one_asks_for_grams_that_few_have(database: Database) -> None:
    """FTS5 goes through the list of each gram, and of what all texts have that one is as long as the log."""
    fill_log(database, 3_000, apart=APART)
    fill_history(database, searchable=1_000)
    common = {gram for word in ("mai", "@example.org") for gram in SearchTerm(text=word, is_whole=False).grams}
    for words in ("Mai 2990", "mai2990@example.org"):
        with statements(database, "search_grams") as seen, database.read() as session:
            found = send_log.page(session, Filter(words=words))
        assert (words, [line.id for line in found.entries]) == (words, [2990])
        asked = {int(gram.strip('"'), 16) for gram in seen[0][1][0].split()}
        assert (words, asked & common, len(asked) <= search_index.ASKED) == (words, set(), True)


def test_a_search_reads_no_table_to_its_end(any_database: Database) -> None:
    """On PostgreSQL nothing is joined by a hash of a whole table; SQLite looks each letter of a hit up anyway."""
    fill_log(any_database, MESSAGES, apart=APART)
    fill_history(any_database, searchable=4_000)
    for words in ("example", "ingrid", "mai19999"):
        for look in (send_log.page, send_log.counts):
            plan = plan_of(any_database, partial(look, wanted=Filter(words=words)))
            assert (words, scanned(plan)) == (words, [])
            assert (words, [line for line in plan if re.search(r"Hash|Merge|Seq Scan search", line)]) == (words, [])


def test_counts_look_each_letter_up_and_read_no_table(any_database: Database) -> None:
    fill_log(any_database, MESSAGES, apart=APART)
    fill_history(any_database, searchable=0)
    for wanted in (WAITING, Filter(domain="legis.example"), Filter(code="550")):
        plan = plan_of(any_database, partial(send_log.counts, wanted=wanted))
        assert (wanted, [line for line in plan if re.search(r"Seq Scan messages|Hash Join", line)]) == (wanted, [])


def test_crowds_are_looked_for_among_the_newest_actions(any_database: Database) -> None:
    fill_log(any_database, MESSAGES, apart=APART)
    plan = plan_of(any_database, partial(crowds, now=NOW), table="actions")
    assert "ix_actions_created_id" in " ".join(plan)
    assert sorts(plan) == []
    assert [line for line in plan if re.search(r"SCAN actions|Seq Scan actions", line)] == []


def test_a_receipt_reads_no_table_of_actions_while_nothing_is_known_of_it(any_database: Database) -> None:
    """As in a crowd's first minute: autovacuum gathers statistics once a minute."""
    with any_database.write() as session:
        campaign = sample_petition(session)
        mine = sample_action(session, campaign)
        for _ in range(1000):
            sample_action(session, campaign)
        token = mine.receipt_token
    plan = plan_of(any_database, partial(receipt.find, token=token, undo_seconds=0, now=NOW), table="actions")
    assert any("ix_actions_merged" in line for line in plan), plan
    assert [line for line in plan if re.match(r"Seq Scan actions|SCAN (actions|merged)", line)] == []


def test_whether_somebody_wrote_before_is_looked_up_by_them_while_nothing_is_known_of_the_table(
    any_database: Database,
) -> None:
    """Not among all letters of the campaign: PostgreSQL keeps what it planned when there were few."""
    asked = partial(submitting_statements.STAND.all, campaign=1, key="a key", supporter="somebody")
    plan = "\n".join(plan_of(any_database, asked))
    assert "ix_messages_campaign_id" not in plan
    assert "uq_messages_campaign_id_supporter_key_legislator_id" in plan or "supporter_key=?" in plan


def test_what_is_held_is_found_among_the_held_alone(any_database: Database) -> None:
    fill_log(any_database, MESSAGES, apart=APART)
    plan = plan_of(any_database, crowd_cleaning.held, table="actions")
    assert "ix_actions_held" in " ".join(plan)
    assert [
        line for line in plan if re.search(r"Seq Scan actions|SCAN actions(?! USING INDEX ix_actions_held)", line)
    ] == []


def test_the_counts_over_the_whole_log_stop_where_the_page_says_more_than(any_database: Database) -> None:
    fill_log(any_database, 2 * send_log.COUNTED + 10)
    with any_database.read() as session:
        found = send_log.counts(session, Filter())
    assert found == {State.QUEUED: send_log.COUNTED + 1, State.ACCEPTED: send_log.COUNTED + 1}
    with any_database.read() as session:
        found = send_log.counts(session, Filter(campaign="ab969"))
    assert sum(found.values()) == send_log.COUNTED + 1  # the newest that fit


def plan_of(database: Database, block: Callable[[Session], object], *, table: str = "messages") -> list[str]:
    """One line for each way in which those statements of `block` that name `table` get at a table, and each sort."""
    with statements(database, table) as seen, database.write_sessions() as session:
        block(session)
        session.rollback()
    assert seen
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        return [
            line
            for statement, parameters in seen
            for line in (_sqlite_plan if is_sqlite else _postgres_plan)(connection, statement, parameters)
        ]


@contextmanager
def statements(database: Database, table: str) -> Iterator[list[tuple[str, Any]]]:
    """What is run inside, with its parameters; of the changes, those that have to find their rows."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        if re.match(r"\s*(SELECT|WITH|UPDATE)\b", statement) and not executemany and table in statement:
            seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _sqlite_plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row.detail for row in rows]


def _postgres_plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    lines: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        parts = (node["Node Type"], node.get("Index Name"), node.get("Relation Name"))
        lines.append(" ".join(part for part in parts if part))
        for child in node.get("Plans", ()):
            walk(child)

    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return lines


def steps(database: Database, block: Callable[[Session], object]) -> int:
    """How many steps SQLite's machine takes, to the nearest hundred; a row read is some three of them at least."""
    hundreds = 0

    def count() -> int:
        nonlocal hundreds
        hundreds += 1
        return 0

    with database.read() as session:
        connection = session.connection().connection.dbapi_connection
        assert isinstance(connection, sqlite3.Connection)
        connection.set_progress_handler(count, 100)
        block(session)
        connection.set_progress_handler(None, 0)
    return hundreds * 100


def used(plan: list[str]) -> set[str]:
    return {index for line in plan for index in re.findall(r"\bix_messages_\w+", line)}


def scanned(plan: list[str]) -> list[str]:
    """Where all messages are read: SQLite's SCAN without an order to stop in, PostgreSQL's Seq Scan."""
    return [line for line in plan if re.fullmatch(r"Seq Scan messages|SCAN (messages|line)( .*)?", line)]


def sorts(plan: list[str]) -> list[str]:
    return [line for line in plan if re.search(r"TEMP B-TREE|Sort", line)]

"""Full queues: letters of 2 KB to made-up legislators, and long send logs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, LargeBinary, String, Table, case, func, insert, literal, select, text, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.actions import search_index, sums
from actionmail.rules.actions.address_bucket import bucket_of

LETTER_OCTETS = 2048
TARGETS = 132  # as many as Wisconsin has
NOW = datetime.now(UTC).replace(microsecond=0)
APART = timedelta(seconds=6)  # of two letters of a log with a past
GIVEN = ("Mai", "Kou", "Pa Nhia", "Jose", "Ana", "Ly", "Ava", "Omar", "Ingrid", "Sean")
FAMILY = ("Vang", "Xiong", "Garcia", "Nguyen", "Olson", "Schmidt", "Lee", "Kowalski", "Hassan", "Moua", "Yang")
COMMITTEE = "sample/education"
_MEMBERS = 11
_PARTIES = ("Democratic", "Republican")
_CHUNK = 2000
# Letters of a transaction that the database makes by itself: PostgreSQL keeps each of the versions that a counter's row
# has in one, and goes through all of them for the next.
_STEP = 5000
_ADDED = 10_000  # moves of a transaction: each is a parameter, of which databases take no end
_LINE = "I am writing as a constituent, and I ask you to vote no on this bill."
_ACTIONS = cast(Table, Action.__table__)
_MESSAGES = cast(Table, Message.__table__)
_FROZEN = cast(Table, FrozenLetter.__table__)
_EVENTS = cast(Table, Event.__table__)


def raw_letter(number: int) -> bytes:
    """A whole letter of LETTER_OCTETS octets."""
    head = (
        f"Date: Wed, 04 Mar 2026 09:12:05 -0600\r\nFrom: Mai Example via Example Org <letters@act.example.org>\r\n"
        f"Reply-To: Mai Example <mai{number}@example.org>\r\nTo: {recipient(number)}\r\n"
        f"Subject: Oppose AB 969 - a constituent in 53703\r\nMessage-ID: {message_id(number)}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'
    )
    lines = f"{_LINE}\r\n" * ((LETTER_OCTETS - len(head)) // (len(_LINE) + 2))
    return (head + lines).encode().ljust(LETTER_OCTETS - 2, b"x") + b"\r\n"


def recipient(number: int) -> str:
    return f"rep.{number % TARGETS}@legis.example"


def message_id(number: int) -> str:
    return f"<am.{number:026d}@act.example.org>"


def fill(database: Database, letters: int) -> None:
    """Give a migrated, empty database `letters` queued letters, due now."""
    _background(database)
    for first in range(1, letters + 1, _CHUNK):
        numbers = range(first, min(first + _CHUNK, letters + 1))
        raws = {number: raw_letter(number) for number in numbers}
        with database.engine.begin() as connection:
            connection.execute(insert(_ACTIONS), [_action(number) for number in numbers])
            connection.execute(insert(_MESSAGES), [_message(number, raws[number]) for number in numbers])
            connection.execute(insert(_FROZEN), [{"message_id": number, "raw": raws[number]} for number in numbers])
    _analyse(database)


def fill_log(
    database: Database,
    messages: int,
    *,
    apart: timedelta = timedelta(0),
    done: Callable[[int], object] = lambda count: None,
) -> None:
    """Give it as many messages without their texts: every second one waits, the others were accepted.

    The last is made NOW, and each so long after the one before. `done` is told how many more there are.
    """
    _background(database)
    for first in range(1, messages + 1, _STEP):
        last = min(first + _STEP - 1, messages)
        with database.write() as session:
            for table, row in ((_ACTIONS, _action(0)), (_MESSAGES, _message(0, b""))):
                _multiply(session, table, row, range(first, last + 1), lambda n: (n - messages) * apart.total_seconds())
        done(last - first + 1)
    _analyse(database)


def fill_history(database: Database, *, searchable: int, done: Callable[[int], object] = lambda count: None) -> None:
    """Give the letters of `fill_log` a past, and make the newest `searchable` supporters known to the search.

    People get names and addresses of their own, one in twenty came by a flyer, one in fifty reads Hmong and one in 25
    asked for news. Of a hundred letters fifty were accepted, one was refused (550 5.1.1) and one came back, each a
    minute after it was made. `done` is told how many more can be searched.
    """
    with database.write() as session:
        _make_people_differ(session, searchable)
        for remainder, states in ((2, ("sending", "failed")), (4, ("sending", "accepted", "bounced"))):
            for state in states:  # a trigger lets no letter leap
                session.execute(update(Message).where(Message.id % 100 == remainder).values(state=state))
        for remainder, of, step, code, enhanced, words in (
            (1, 2, "accepted", 250, "2.0.0", ""),
            (2, 100, "failed", 550, "5.1.1", "550 5.1.1 User unknown"),
            (4, 100, "bounced", None, "5.2.2", "5.2.2 The mailbox is full"),
        ):
            event = {
                "message_id": _MESSAGES.c.id,
                "at": _later(session, _MESSAGES.c.created_at, timedelta(minutes=1)),
                "from_state": "sending",
                "to_state": step,
                "actor_kind": "worker",
                "actor_id": "host:1",
                "reason_code": "",
                "attempt": 1,
                "phase": "body",
                "smtp_code": code,
                "enhanced": enhanced,
                "text": words,
                "queue_id": "",
            }
            values = [
                value if isinstance(value, ColumnElement) else literal(value, _EVENTS.c[name].type)
                for name, value in event.items()
            ]
            rows = select(*values).where(_MESSAGES.c.id % of == remainder).order_by(_MESSAGES.c.id)
            session.execute(insert(_EVENTS).from_select(list(event), rows))
    while True:
        with database.write() as session:
            count = search_index.put(session, search_index.prepare(session))
        done(count)
        if not count:
            break
    _add_up(database)
    _analyse(database)


def _add_up(database: Database) -> None:
    """As workers have, who come by every few seconds."""
    for ledger in (sums.LETTERS, sums.ACTIONS):
        count = 1
        while count:
            with database.write() as session:
                count = sums.add_up(session, ledger, limit=_ADDED)


def fill_texts(database: Database, messages: int, *, done: Callable[[int], object] = lambda count: None) -> None:
    """Give the letters of `fill_log` short texts, each its own. `done` is told how many more there are."""
    head = f"Subject: Oppose AB 969\r\n\r\n{_LINE}\r\n" * 3 + "Sincerely, number "
    for first in range(1, messages + 1, _STEP):
        last = min(first + _STEP - 1, messages)
        with database.write() as session:
            words = literal(head).concat(sql_cast(_MESSAGES.c.id, String)).concat("\r\n")
            is_sqlite = session.get_bind().dialect.name == "sqlite"
            raw = sql_cast(words, LargeBinary) if is_sqlite else func.convert_to(words, "UTF8")
            rows = select(_MESSAGES.c.id, raw).where(_MESSAGES.c.id.between(first, last))
            session.execute(insert(_FROZEN).from_select(["message_id", "raw"], rows))
        done(last - first + 1)


def _make_people_differ(session: Session, searchable: int) -> None:
    n, newest = Action.id, session.scalar(select(func.max(Action.id))) or 0
    number = sql_cast(n, String)
    email = literal("mai").concat(number).concat("@example.org")
    name = _one_of(n, GIVEN).concat(" ").concat(_one_of(n, FAMILY)).concat(" ").concat(number)
    session.execute(
        update(Action).values(
            name=name,
            email=email,
            address_bucket=_bucket(session, email),
            source=case((n % 20 == 1, "flyer"), else_=""),
            language=case((n % 50 == 1, "hmn"), else_="en"),
            wants_updates=n % 25 == 0,
            is_searchable=n <= newest - searchable,
        )
    )


def _one_of(number: ColumnElement[int], words: tuple[str, ...]) -> ColumnElement[str]:
    return case(*((number % len(words) == place, word) for place, word in enumerate(words)), else_="")


def _later(
    session: Session, moment: ColumnElement[datetime], by: timedelta | ColumnElement[Any]
) -> ColumnElement[datetime]:
    """`by` is a number of seconds where the database computes it."""
    seconds = by.total_seconds() if isinstance(by, timedelta) else by
    if session.get_bind().dialect.name == "sqlite":
        # As SQLAlchemy writes moments; text, since its own type would read the format's signs.
        shifted = func.strftime("%Y-%m-%d %H:%M:%S", moment, sql_cast(seconds, String).concat(" seconds"))
        return cast(ColumnElement[datetime], shifted.concat(".000000"))
    return cast(ColumnElement[datetime], moment + func.make_interval(0, 0, 0, 0, 0, 0, seconds))


def _bucket(session: Session, email: ColumnElement[str]) -> ColumnElement[int]:
    """What `bucket_of` says of it."""
    if session.get_bind().dialect.name == "sqlite":
        driver = session.connection().connection.dbapi_connection
        assert driver is not None
        driver.create_function("bucket_of", 1, bucket_of, deterministic=True)
        return func.bucket_of(email)
    digest = func.sha256(func.convert_to(email, "UTF8"))
    return func.get_byte(digest, 0) * 256 + func.get_byte(digest, 1)


def _multiply(
    session: Session, table: Table, row: dict[str, Any], rows: range, seconds: Callable[[Any], ColumnElement[Any]]
) -> None:
    """Insert these rows in one statement, made by the database from `row`; `seconds` is how long after NOW each is."""
    first, last = rows[0], rows[-1]
    if session.get_bind().dialect.name == "sqlite":
        seed = select(literal(first).label("n")).cte("numbers", recursive=True)
        numbers = seed.union_all(select(seed.c.n + 1).where(seed.c.n < last))
        n: ColumnElement[Any] = numbers.c.n
        key: ColumnElement[Any] = func.printf("%026d", n)
    else:
        numbers = select(func.generate_series(first, last).label("n")).cte("numbers")
        n = numbers.c.n
        key = func.lpad(func.to_char(n, "FM99999999999"), 26, "0")
    special: dict[str, ColumnElement[Any]] = {
        "id": n,
        "action_id": n,
        "idempotency_key": key,
        "receipt_token": key,
        "supporter_key": key,
        "message_id": literal("<am.").concat(key).concat("@act.example.org>"),
        "legislator_id": 1 + n % TARGETS,
        "created_at": _later(session, literal(NOW, table.c.created_at.type), seconds(n)),
    }
    special["updated_at"] = special["created_at"]
    if table is _MESSAGES:
        special["state"] = case((n % 2 == 0, "queued"), else_="accepted")
    values = [special.get(name, literal(value, table.c[name].type)) for name, value in row.items()]
    session.execute(insert(table).from_select(list(row), select(*values).select_from(numbers)))


def _background(database: Database) -> None:
    with database.write() as session:
        campaign = Campaign(
            id=1,
            slug="ab969",
            status="live",
            title="A sample campaign",
            state="WI",
            session="2021-2022",
            bill="AB 969",
            bill_title="School safety",
            position="oppose",
            chambers=["upper", "lower"],
            targets=[{"do": "add", "committees": [COMMITTEE]}],
            summary="A sample.",
            organisation="Example Org",
            privacy_line="",
            timezone="America/Chicago",
            created_at=NOW,
            updated_at=NOW,
        )
        letter = Letter(
            id=1,
            campaign_id=1,
            name="everyone",
            version=1,
            place=1,
            language="en",
            chambers=["upper", "lower"],
            subjects=["Oppose AB 969"],
            opening="",
            body=_LINE,
            closing="",
            sha256=hashlib.sha256(_LINE.encode()).hexdigest(),
            created_at=NOW,
        )
        session.add(campaign)
        session.flush()
        session.add(letter)
        for number in range(TARGETS):
            session.add(
                Legislator(
                    id=number + 1,
                    key=f"sample/{number}",
                    state="WI",
                    chamber="lower",
                    district=str(number),
                    status="sitting",
                    name=f"Sample {number}",
                    party=_PARTIES[number % 2],
                    email=recipient(number),
                    as_of=date(2026, 3, 1),
                )
            )
        committee = Committee(key=COMMITTEE, state="WI", chamber="lower", name="Education", as_of=date(2026, 3, 1))
        session.add(committee)
        session.flush()
        for place in range(_MEMBERS):
            member = f"sample/{place * _MEMBERS}"
            session.add(
                CommitteeMember(
                    committee_id=committee.id, place=place, legislator_key=member, name=f"Sample {place}", role="member"
                )
            )


def _action(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "campaign_id": 1,
        "idempotency_key": f"{number:026d}",
        "receipt_token": f"{number:026d}",
        "name": "Mai Example",
        "email": "mai@example.org",
        "zip": "53703",
        "street": "",
        "city": "Madison",
        "state": "WI",
        "phone": "",
        "language": "en",
        "lookup": {"method": "zip"},
        "consent_text": "Send this letter in my name.",
        "consent_address": "",
        "wants_updates": False,
        "created_at": NOW,
    }


def _message(number: int, raw: bytes) -> dict[str, Any]:
    return {
        "id": number,
        "action_id": number,
        "campaign_id": 1,
        "legislator_id": 1 + number % TARGETS,
        "letter_id": 1,
        "supporter_key": f"{number:064d}",
        "target_name": f"Representative Sample {number % TARGETS}",
        "recipient": recipient(number),
        "domain": "legis.example",
        "subject": "Oppose AB 969 - a constituent in 53703",
        "state": "queued",
        "attempts": 0,
        "next_attempt_at": NOW,
        "expires_at": NOW + timedelta(hours=96),
        "claimed_from": "",
        "possible_duplicate": False,
        "message_id": message_id(number),
        "return_path": f"b+{number:026d}@act.example.org",
        "sha256": hashlib.sha256(raw).hexdigest(),
        "template_version": 1,
        "queue_id": "",
        "created_at": NOW,
        "updated_at": NOW,
    }


def _analyse(database: Database) -> None:
    """What autovacuum or time would do; and on SQLite an empty write-ahead log to begin with."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(text("COMMIT"))
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        else:
            connection.execute(text("VACUUM ANALYZE"))
    database.engine.dispose()

#!/usr/bin/env bash
# A commit that SQLite refuses is kept by whoever gets the connection next.
#
# SQLAlchemy 2.1.9 with Python's sqlite3; run on 2026-12-01.
# Guess: a pool rolls back what comes back to it (`reset_on_return`), so after `with engine.connect() as connection:`,
#        in which `connection.commit()` raised, nothing of the transaction is left.
# Seen:  SQLite does not end a transaction whose COMMIT it refuses, as for a deferred foreign key. SQLAlchemy takes it for
#        ended, and gives the connection back without a rollback. The next one to borrow it sees the refused row, and
#        with its own commit, which brings what was missing, keeps it. So it is for `Session(engine)` with
#        `session.commit()`, both as the tutorial writes them. `engine.begin()` and `sessionmaker.begin()` do roll back,
#        and so does `rollback()` after the error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check sqlalchemy==2.1.9
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

REFUSED = text("INSERT INTO letters VALUES (1, 99)")  # answers letter 99, which there is not
TABLE = text(
    "CREATE TABLE letters (id INTEGER PRIMARY KEY, answers INTEGER REFERENCES letters (id) DEFERRABLE INITIALLY DEFERRED)"
)


def engine_of(name):
    engine = create_engine(f"sqlite:///{sys.argv[1]}/{name}.sqlite3")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    with engine.begin() as connection:
        connection.execute(TABLE)
    return engine


def by_connection(engine):
    with engine.connect() as connection:
        connection.execute(REFUSED)
        connection.commit()


def by_session(engine):
    with Session(engine) as session:
        session.execute(REFUSED)
        session.commit()


def by_begin(engine):
    with engine.begin() as connection:
        connection.execute(REFUSED)


def by_session_begin(engine):
    with sessionmaker(engine).begin() as session:
        session.execute(REFUSED)


def by_rollback(engine):
    with engine.connect() as connection:
        connection.execute(REFUSED)
        try:
            connection.commit()
        except IntegrityError:
            connection.rollback()
            raise


def kept_after(write):
    """The letters that are there once somebody else has committed letter 99."""
    engine = engine_of(write.__name__)
    try:
        write(engine)
    except IntegrityError:
        pass
    else:
        raise SystemExit("nothing was refused")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO letters VALUES (99, 99)"))
    engine.dispose()
    with create_engine(engine.url).connect() as connection:
        return [row.id for row in connection.execute(text("SELECT id FROM letters ORDER BY id"))]


for write, expected in (
    (by_connection, [1, 99]),
    (by_session, [1, 99]),
    (by_begin, [99]),
    (by_session_begin, [99]),
    (by_rollback, [99]),
):
    kept = kept_after(write)
    print(f"{write.__name__}: letter 1 was refused; kept are {kept}")
    assert kept == expected, (write.__name__, kept)
PYTHON

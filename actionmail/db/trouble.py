"""Which of a database's errors pass by themselves, and which say that its tables are not those of this version."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

# SQLite's primary result codes (https://sqlite.org/rescode.html): what a person or time mends, with no change of ours.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
# PostgreSQL's SQLSTATE (appendix A of its manual): undefined table, column, function, schema.
_UNDEFINED = frozenset({"42P01", "42703", "42883", "3F000"})
# Invalid statement name, duplicate prepared statement: somebody between us and PostgreSQL mixes connections up.
_PREPARED = frozenset({"26000", "42P05"})
# SQLite has one code for every mistake in a statement; its words tell which.
_SQLITE_UNDEFINED = ("no such table", "no such column", "no such index", "no such function")


def is_passing(error: DBAPIError) -> bool:
    """Locked, full, read-only, away, restarting (PostgreSQL reports that it is read-only as an internal error)."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _PASSING
    return isinstance(error, OperationalError | InterfaceError | InternalError)


def lacks_tables(error: DBAPIError) -> bool:
    """Whether a table, column or index of this version is not there."""
    if isinstance(error.orig, sqlite3.Error):
        words = str(error.orig)
        return words.startswith(_SQLITE_UNDEFINED) or " has no column named " in words
    return getattr(error.orig, "sqlstate", None) in _UNDEFINED


def mixes_connections(error: DBAPIError) -> bool:
    """Whether a prepared statement is not there, or is twice: PgBouncer before 1.21 in transaction mode."""
    return getattr(error.orig, "sqlstate", None) in _PREPARED

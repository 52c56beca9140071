"""The version of all that supporters read and write to: campaigns, letters, the roster, committees, pictures.

Triggers raise it in every transaction that changes one of them (`db.counters`), whatever made the change.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, text
from sqlalchemy.orm import Session

from actionmail.db.prepared import Prepared

# To stand in statements that ask for more; on PostgreSQL a sum is no integer by itself.
VERSION: Final = "(SELECT CAST(coalesce(sum(changes), 0) AS BIGINT) FROM content_changes)"


def version(session: Session) -> int:
    """As this session sees it. What is read after it is of this version, or newer."""
    return int(_VERSION.one(session).version)


_VERSION: Final = Prepared(text(f"SELECT {VERSION} AS version"), Column("version", BigInteger))

"""The statements that one press of the button runs, each compiled once."""

from __future__ import annotations

from typing import Final, cast

from sqlalchemy import BigInteger, Column, Integer, String, Table, text

from actionmail.db.actions import Action
from actionmail.db.messages import FrozenLetter
from actionmail.db.prepared import Prepared, PreparedRows, insert_into
from actionmail.flows.campaigns.content import VERSION
from actionmail.flows.campaigns.reading import SUPPORTERS, SUPPORTERS_COLUMNS

SO_FAR: Final = Prepared(
    text(f"SELECT campaigns.id AS campaign_id, {SUPPORTERS} FROM campaigns WHERE campaigns.id = :campaign"),  # noqa: S608
    Column("campaign_id", BigInteger),
    *SUPPORTERS_COLUMNS,
)
FREEZE: Final = PreparedRows(cast(Table, FrozenLetter.__table__), "message_id", "raw")
KEEP: Final = insert_into(
    cast(Table, Action.__table__),
    *("campaign_id", "idempotency_key", "receipt_token", "name", "email", "address_bucket", "zip", "street", "city"),
    *("state", "phone", "language", "lookup", "consent_text", "consent_address", "wants_updates", "source"),
    *("created_at", "quotable", "unconfirmed", "review", "paragraph_bucket", "held_for"),
    answer=("id",),
    on_conflict="DO NOTHING",
)
END: Final = Prepared(text('DELETE FROM drafts WHERE "key" = :key'))
LOCK: Final = Prepared(text("SELECT id FROM campaigns WHERE id = :campaign FOR SHARE"), Column("id", BigInteger))
STAND: Final = Prepared(
    text(
        f"SELECT {VERSION} AS version, "  # noqa: S608
        "(SELECT receipt_token FROM actions "
        "WHERE campaign_id = :campaign AND idempotency_key = :key) AS receipt_token, "
        "theirs.legislator_id FROM (SELECT 1 AS one) AS once "
        "LEFT JOIN (SELECT legislator_id FROM messages WHERE campaign_id = :campaign AND supporter_key = :supporter "
        "ORDER BY legislator_id) AS theirs ON 1 = 1"
    ),
    Column("version", BigInteger),
    Column("receipt_token", String),
    Column("legislator_id", Integer),
)

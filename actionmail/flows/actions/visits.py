"""What a supporter's request reads first, in one statement: the version of the content, their draft, their receipt."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import JSON, BigInteger, Column, Connection, String, text
from sqlalchemy.orm import Session

from actionmail.db.prepared import Prepared
from actionmail.flows.campaigns import reading
from actionmail.flows.campaigns.content import VERSION


class Visit(Struct, frozen=True, kw_only=True):
    """Of one campaign and one draft. `values` are None where there is no such draft of it, `receipt_token` where no
    action was taken under its key.
    """

    version: int
    values: dict[str, Any] | None
    receipt_token: str | None


def visit(at: Session | Connection, slug: str, key: str) -> Visit:
    """As it is seen there; `key` is "" where there is no draft yet."""
    row = _VISIT.one(at, slug=slug, key=key)
    return Visit(version=row.version, values=row.typed, receipt_token=row.receipt_token)


def visit_of_page(connection: Connection, slug: str, key: str) -> tuple[Visit, int]:
    """The same, with how many supporters' actions count."""
    row = _VISIT_OF_PAGE.one(connection, slug=slug, key=key)
    visit = Visit(version=row.version, values=row.typed, receipt_token=row.receipt_token)
    return visit, reading.supporters_of(connection, row)


_READ: Final = f'{VERSION} AS version, drafts."values" AS typed, actions.receipt_token AS receipt_token'
_FROM: Final = (
    "FROM (SELECT 1 AS one) AS once LEFT JOIN campaigns ON campaigns.slug = :slug "
    "LEFT JOIN drafts ON drafts.key = :key AND drafts.campaign_id = campaigns.id "
    "LEFT JOIN actions ON actions.campaign_id = campaigns.id AND actions.idempotency_key = :key"
)
_COLUMNS: Final = (Column("version", BigInteger), Column("typed", JSON), Column("receipt_token", String))
_VISIT: Final = Prepared(text(f"SELECT {_READ} {_FROM}"), *_COLUMNS)
_VISIT_OF_PAGE: Final = Prepared(
    text(f"SELECT {_READ}, campaigns.id AS campaign_id, {reading.SUPPORTERS} {_FROM}"),
    *_COLUMNS,
    Column("campaign_id", BigInteger),
    *reading.SUPPORTERS_COLUMNS,
)

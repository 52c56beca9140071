"""What a supporter's request reads first, in one statement: the version of the content, their draft, their receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Boolean, Connection, String, text

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns.content import VERSION


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Of one campaign and one draft. `values` are None where there is no such draft of it, `receipt_token` where no
    action was taken under its key.
    """

    version: int
    values: dict[str, Any] | None
    receipt_token: str | None


def visit(connection: Connection, slug: str, key: str) -> Visit:
    """As this connection sees it; `key` is "" where there is no draft yet."""
    row = connection.execute(_VISIT, {"slug": slug, "key": key}).one()
    return Visit(version=row.version, values=row.typed, receipt_token=row.receipt_token)


def visit_of_page(connection: Connection, slug: str, key: str) -> tuple[Visit, int]:
    """The same, with how many supporters' actions count."""
    row = connection.execute(_VISIT_OF_PAGE, {"slug": slug, "key": key}).one()
    count = submitting.actions_so_far(connection, row.campaign_id) if row.has_merged else row.supporters or 0
    return Visit(version=row.version, values=row.typed, receipt_token=row.receipt_token), count


_READ: Final = f'{VERSION} AS version, drafts."values" AS typed, actions.receipt_token AS receipt_token'
_COUNT: Final = (
    "campaigns.id AS campaign_id, "
    "(SELECT sum(supporters) FROM supporter_counts WHERE supporter_counts.campaign_id = campaigns.id) AS supporters, "
    "EXISTS (SELECT 1 FROM actions AS merged WHERE merged.campaign_id = campaigns.id "
    "AND merged.merged_into IS NOT NULL) AS has_merged"
)
_FROM: Final = (
    "FROM (SELECT 1 AS one) AS once LEFT JOIN campaigns ON campaigns.slug = :slug "
    "LEFT JOIN drafts ON drafts.key = :key AND drafts.campaign_id = campaigns.id "
    "LEFT JOIN actions ON actions.campaign_id = campaigns.id AND actions.idempotency_key = :key"
)
_VISIT: Final = text(f"SELECT {_READ} {_FROM}").columns(version=BigInteger, typed=JSON, receipt_token=String)
_VISIT_OF_PAGE: Final = text(f"SELECT {_READ}, {_COUNT} {_FROM}").columns(
    version=BigInteger,
    typed=JSON,
    receipt_token=String,
    campaign_id=BigInteger,
    supporters=BigInteger,
    has_merged=Boolean,
)

"""Refusals are found one after the other, newest letter first

For the send log's filter by words of a server's answer, which read all of them for each page.
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_REFUSED = sa.text("smtp_code >= 300 OR enhanced >= '3'")


def upgrade() -> None:
    op.create_index(
        "ix_events_refused", "events", ["message_id"], sqlite_where=_REFUSED, postgresql_where=_REFUSED
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_events_refused", "events")

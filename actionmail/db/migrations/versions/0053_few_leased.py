"""Leased letters are found by their state

There are never more of them than a few hundred, and an index of their own was changed twice for each letter.
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_SENDING = sa.text("(state || '') = 'sending'")


def upgrade() -> None:
    op.drop_index("ix_messages_leased", "messages")


def downgrade() -> None:
    op.create_index(
        "ix_messages_leased", "messages", ["lease_until"], sqlite_where=_SENDING, postgresql_where=_SENDING
    )  # fmt: skip

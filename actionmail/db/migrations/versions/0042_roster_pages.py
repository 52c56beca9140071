"""indexes for the roster page's counts, and for whoever else has an address"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_IN_OFFICE = sa.text("gone_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_legislators_counted",
        "legislators",
        ["email_note", "state", "chamber", "status", "as_of", "gone_at"],
        sqlite_where=_IN_OFFICE,
        postgresql_where=_IN_OFFICE,
    )
    op.create_index("ix_legislators_address", "legislators", [sa.text("lower(email)")])


def downgrade() -> None:
    op.drop_index("ix_legislators_address", "legislators")
    op.drop_index("ix_legislators_counted", "legislators")

"""organisations sign statements: staff look at them first, put two together, and give grace after the deadline"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_actions() -> list[sa.Column[Any]]:
    return [
        sa.Column("review", sa.String(16), nullable=False, server_default=""),
        sa.Column("review_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        # Without a foreign key: for one, SQLite would copy the whole table, which others refer to.
        sa.Column("merged_into", BIG, nullable=True),
    ]


def upgrade() -> None:
    for column in _of_actions():
        op.add_column("actions", column)
    op.add_column("campaigns", sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Statements go, with what was done on them: nothing before this could show them."""
    statements = "SELECT id FROM campaigns WHERE kind = 'statement'"
    theirs = f"SELECT id FROM actions WHERE campaign_id IN ({statements})"  # noqa: S608
    for of_action in ("supporter_mails", "confirmations"):
        op.execute(f"DELETE FROM {of_action} WHERE action_id IN ({theirs})")  # noqa: S608
    for of_campaign in ("actions", "drafts", "page_drafts"):
        op.execute(f"DELETE FROM {of_campaign} WHERE campaign_id IN ({statements})")  # noqa: S608
    op.execute("DELETE FROM campaigns WHERE kind = 'statement'")
    op.drop_column("campaigns", "grace_until")
    for column in _of_actions():
        op.drop_column("actions", column.name)

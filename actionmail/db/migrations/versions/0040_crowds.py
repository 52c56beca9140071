"""the same paragraph of many supporters is noticed, and webhooks are told of crowds once"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_THERE = sa.text("paragraph_bucket IS NOT NULL")


def upgrade() -> None:
    op.add_column("actions", sa.Column("paragraph_bucket", sa.Integer(), nullable=True))
    op.create_index(
        "ix_actions_paragraph", "actions", ["paragraph_bucket", "id"], sqlite_where=_THERE, postgresql_where=_THERE
    )
    op.create_table(
        "crowds_told",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_crowds_told")),
    )
    op.create_index("ix_crowds_told_at", "crowds_told", ["at"])


def downgrade() -> None:
    op.drop_table("crowds_told")
    op.drop_index("ix_actions_paragraph", "actions")
    op.drop_column("actions", "paragraph_bucket")

"""rules for a campaign's targets, and whom of them a letter is for"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("targets", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("letters", sa.Column("parties", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("letters", sa.Column("committees", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("letters", sa.Column("own", sa.String(length=8), nullable=False, server_default="any"))
    op.add_column("letters", sa.Column("asks_or_thanks", sa.String(length=8), nullable=False, server_default="ask"))


def downgrade() -> None:
    for column in ("asks_or_thanks", "own", "committees", "parties"):
        op.drop_column("letters", column)
    op.drop_column("campaigns", "targets")

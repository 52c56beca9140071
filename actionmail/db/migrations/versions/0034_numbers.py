"""actions by when they were made, whatever their campaign; and which paragraphs may be quoted"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("quotable", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_actions_created_id", "actions", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_actions_created_id", "actions")
    op.drop_column("actions", "quotable")

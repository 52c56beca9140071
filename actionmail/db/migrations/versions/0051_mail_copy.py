"""who asked for a copy by mail"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN: on SQLite a batch makes the table anew, without the triggers of 0043.
    op.add_column("actions", sa.Column("mail_copy", sa.String(8), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("actions", "mail_copy")

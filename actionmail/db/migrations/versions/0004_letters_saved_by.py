"""who saved a version of a letter"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("saved_by", sa.String(length=254), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("letters", "saved_by")

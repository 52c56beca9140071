"""where the bill stands, and a campaign's page in other languages"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("stage", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("campaigns", sa.Column("translations", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("campaigns", "translations")
    op.drop_column("campaigns", "stage")

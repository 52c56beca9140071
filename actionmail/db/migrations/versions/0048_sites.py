"""other websites that may show a campaign's page within theirs"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("sites", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("campaigns", "sites")

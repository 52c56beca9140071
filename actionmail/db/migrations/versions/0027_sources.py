"""by which link somebody came to a campaign's page"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("source", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("actions", "source")

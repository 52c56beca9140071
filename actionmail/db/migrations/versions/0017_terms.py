"""the first and the last day in office, where a dataset says them"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legislators", sa.Column("begins", sa.Date(), nullable=True))
    op.add_column("legislators", sa.Column("ends", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("legislators", "ends")
    op.drop_column("legislators", "begins")

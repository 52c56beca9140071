"""the second factor of staff"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("totp_secret", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("recovery_hashes", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("staff", "recovery_hashes")
    op.drop_column("staff", "totp_step")
    op.drop_column("staff", "totp_secret")

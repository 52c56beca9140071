"""organisations that sign a statement may have a logo; legislators have a number in their district too"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "organisation_logos",
        sa.Column("action_id", BIG, sa.ForeignKey("actions.id"), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alternative", sa.String(500), nullable=False, server_default=""),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.add_column("legislators", sa.Column("district_phone", sa.String(40), nullable=False, server_default=""))
    op.create_index("ix_organisation_logos_sha256", "organisation_logos", ["sha256"])


def downgrade() -> None:
    op.drop_column("legislators", "district_phone")
    op.drop_table("organisation_logos")

"""refusals by policy are counted before they stop a domain"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "domain_refusals",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False),
        sa.Column("domain", sa.String(254), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_domain_refusals"),
    )
    op.create_index("ix_domain_refusals_domain", "domain_refusals", ["domain"])


def downgrade() -> None:
    op.drop_table("domain_refusals")

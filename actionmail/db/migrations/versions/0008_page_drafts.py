"""what staff typed and did not save; campaigns that open by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_drafts",
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaigns.id"), primary_key=True),
        sa.Column("page", sa.String(length=100), primary_key=True),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("campaigns", sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaigns", sa.Column("not_opened", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_page_drafts_opened_at", "page_drafts", ["opened_at"])


def downgrade() -> None:
    op.drop_column("campaigns", "not_opened")
    op.drop_column("campaigns", "opens_at")
    op.drop_table("page_drafts")

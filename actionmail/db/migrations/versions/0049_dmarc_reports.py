"""what receivers report of mail in our name (DMARC aggregate reports)"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dmarc_reports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporter", sa.String(100), nullable=False),
        sa.Column("report_id", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("policy", sa.String(10), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dmarc_reports")),
        sa.UniqueConstraint("reporter", "report_id", "domain", name=op.f("uq_dmarc_reports_reporter")),
    )
    op.create_index(op.f("ix_dmarc_reports_ends"), "dmarc_reports", ["ends"])
    op.create_table(
        "dmarc_sources",
        sa.Column("id", _ID, nullable=False),
        sa.Column("report", _ID, nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("by_dkim", sa.Boolean(), nullable=False),
        sa.Column("by_spf", sa.Boolean(), nullable=False),
        sa.Column("disposition", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dmarc_sources")),
        sa.ForeignKeyConstraint(
            ["report"], ["dmarc_reports.id"], name=op.f("fk_dmarc_sources_report_dmarc_reports"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_dmarc_sources_report"), "dmarc_sources", ["report"])


def downgrade() -> None:
    op.drop_table("dmarc_sources")
    op.drop_table("dmarc_reports")

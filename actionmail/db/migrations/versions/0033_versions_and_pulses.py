"""earlier versions of letters that were readdressed, and when workers were last seen"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "earlier_letters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("letter", BIG, nullable=False),
        sa.Column("message_id", sa.String(254), nullable=False),
        sa.Column("return_path", sa.String(254), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["messages.id"], name=op.f("fk_earlier_letters_letter_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_earlier_letters_message_id")),
    )
    op.create_index(op.f("ix_earlier_letters_letter"), "earlier_letters", ["letter"])
    op.create_table(
        "worker_pulses",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target_hour", sa.Integer(), nullable=False),
        sa.Column("campaign_hour", sa.Integer(), nullable=False),
        sa.Column("domain_minute", sa.Integer(), nullable=False),
        sa.Column("hours", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_pulses")),
    )


def downgrade() -> None:
    op.drop_table("worker_pulses")
    op.drop_table("earlier_letters")

"""reminders of days of action; mail to supporters that is about something, and not sent after its time"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "day_reminders",
        sa.Column("action_id", BIG, nullable=False),
        sa.Column("day", sa.String(80), nullable=False),
        sa.Column("token", sa.String(43), nullable=False),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_day_reminders_action_id_actions")),
        sa.PrimaryKeyConstraint("action_id", "day", name=op.f("pk_day_reminders")),
        sa.UniqueConstraint("token", name=op.f("uq_day_reminders_token")),
    )
    with op.batch_alter_table("supporter_mails") as table:
        table.add_column(sa.Column("about", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Reminders that wait go: nothing before this would know when they are too late."""
    op.execute("DELETE FROM supporter_mails WHERE kind = 'day'")
    with op.batch_alter_table("supporter_mails") as table:
        table.drop_column("expires_at")
        table.drop_column("about")
    op.drop_table("day_reminders")

"""how an organisation's pages look, and a campaign's own look and thanks"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_CHANGES = ("INSERT", "UPDATE", "DELETE")


def upgrade() -> None:
    # Plain ADD COLUMN: on SQLite a batch makes the table anew, without the triggers of 0043.
    op.add_column("campaigns", sa.Column("thanks", sa.Text(), nullable=False, server_default=""))
    op.add_column("campaigns", sa.Column("colours", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("campaigns", sa.Column("font", sa.String(16), nullable=False, server_default=""))
    op.create_table(
        "brands",
        sa.Column("organisation", sa.String(120), nullable=False),
        sa.Column("colours", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("font", sa.String(16), server_default="", nullable=False),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["logo_id"], ["pictures.id"], name=op.f("fk_brands_logo_id_pictures")),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_brands")),
    )
    op.create_index(op.f("ix_brands_logo_id"), "brands", ["logo_id"])
    _watch()


def _watch() -> None:
    """A brand is part of what supporters read: a change of it raises the content's version, as 0043 has it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON brands "
            "FOR EACH STATEMENT EXECUTE FUNCTION content_changed()"
        )
        return
    for change in _CHANGES:
        op.execute(
            f"CREATE TRIGGER content_changed_brands_{change.lower()} AFTER {change} ON brands BEGIN "  # noqa: S608
            "INSERT INTO content_changes (slot, changes) VALUES (0, 1) "
            "ON CONFLICT (slot) DO UPDATE SET changes = content_changes.changes + 1; END"
        )


def downgrade() -> None:
    op.drop_table("brands")  # its triggers go with it
    for name in ("font", "colours", "thanks"):
        op.drop_column("campaigns", name)

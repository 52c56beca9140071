"""what staff search, the indexes of the send log's filters, and filters kept under a name"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES = (
    ("ix_actions_unsearchable", "actions", ("id",), "NOT is_searchable AND erased_at IS NULL"),
    ("ix_actions_source", "actions", ("source", "id"), "source <> ''"),
    ("ix_actions_language", "actions", ("language", "id"), "language <> 'en' AND language <> ''"),
    ("ix_messages_legislator_id", "messages", ("legislator_id", "id"), None),
    ("ix_messages_letter_id", "messages", ("letter_id", "id"), None),
    ("ix_messages_domain_id", "messages", ("domain", "id"), None),
    ("ix_messages_created_id", "messages", ("created_at", "id"), None),
    ("ix_events_accepted", "events", ("at", "message_id"), "to_state = 'accepted' AND from_state <> 'accepted'"),
    ("ix_events_bounced", "events", ("at", "message_id"), "to_state = 'bounced' AND from_state <> 'bounced'"),
    ("ix_events_code", "events", ("smtp_code", "message_id"), "smtp_code >= 300"),
    ("ix_events_enhanced", "events", ("enhanced", "message_id"), "enhanced >= '3'"),
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("actions", sa.Column("is_searchable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "search_texts",
        sa.Column("action_id", BIG, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("grams", sa.ARRAY(sa.Integer()).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_search_texts_action_id_actions")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_search_texts")),
    )
    if is_sqlite:
        op.execute("CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, columnsize=0)")
    else:
        op.execute("CREATE INDEX ix_search_texts_grams ON search_texts USING gin (grams)")
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_saved_views_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_views_name")),
    )
    for name, table, columns, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for name, table, _columns, _where in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("saved_views")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_grams")
    op.drop_table("search_texts")
    op.drop_column("actions", "is_searchable")

"""programs of the staff read with tokens; staff are told by mail, and other programs by webhooks

Triggers write what happened into an outbox, while there is anybody who is told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
# On which table's which change, under which condition, what is written: event, at, row_id, scope, key, reason.
_NEWS = {
    "bounced": (
        "INSERT ON events",
        "NEW.to_state = 'bounced' AND NEW.from_state <> 'bounced'",
        "'letter.bounced', NEW.at, NEW.id, '', '', ''",
    ),
    "held": (
        "INSERT ON events",
        "NEW.to_state = 'held' AND NEW.from_state <> 'held'",
        "'letter.held', NEW.at, NEW.id, '', '', ''",
    ),
    "stopped": ("INSERT ON switches", "1 = 1", "'stop.opened', NEW.at, NULL, NEW.scope, NEW.key, NEW.reason_code"),
    "confirmed": (
        "UPDATE OF unconfirmed ON actions",
        "OLD.unconfirmed AND NOT NEW.unconfirmed",
        "'action.confirmed', NULL, NEW.id, '', '', ''",
    ),
}


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_api_tokens_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_tokens_key_hash")),
    )
    op.create_table(
        "staff_notices",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told", sa.JSON(), nullable=False, server_default="[]"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_notices_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_staff_notices")),
    )

    _webhooks()
    for name, (change, condition, values) in _NEWS.items():
        _tell(name, change, condition, values)


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("rests_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_webhooks_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_news",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("row_id", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.String(16), nullable=False, server_default=""),
        sa.Column("key", sa.String(254), nullable=False, server_default=""),
        sa.Column("reason", sa.String(32), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_news")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(16), nullable=False, server_default=""),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("is_delivered", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_deliveries_key")),
    )
    waiting = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_webhook_deliveries_waiting",
        "webhook_deliveries",
        ["webhook_id", "due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_webhook_deliveries_ended_at", "webhook_deliveries", ["ended_at"])


def _tell(name: str, change: str, condition: str, values: str) -> None:
    insert = (
        "INSERT INTO webhook_news (event, at, row_id, scope, key, reason) "  # noqa: S608
        f"SELECT {values} WHERE EXISTS (SELECT 1 FROM webhooks WHERE ended_at IS NULL)"
    )
    head = f"CREATE TRIGGER webhook_news_{name} AFTER {change} FOR EACH ROW WHEN ({condition})"
    if not _is_postgres():
        op.execute(f"{head} BEGIN {insert}; END")
        return
    op.execute(
        f"CREATE FUNCTION webhook_news_{name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {insert}; RETURN NULL; END $$"
    )
    op.execute(f"{head} EXECUTE FUNCTION webhook_news_{name}()")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    for name, (change, _, _) in _NEWS.items():
        table = change.rpartition(" ON ")[2]
        if _is_postgres():
            op.execute(f"DROP TRIGGER webhook_news_{name} ON {table}")
            op.execute(f"DROP FUNCTION webhook_news_{name}()")
        else:
            op.execute(f"DROP TRIGGER webhook_news_{name}")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_news")
    op.drop_table("webhooks")
    op.drop_table("staff_notices")
    op.drop_table("api_tokens")

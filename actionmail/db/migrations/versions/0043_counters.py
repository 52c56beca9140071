"""counters that triggers keep: how often what supporters read changed, and how many of a campaign's actions count"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

CONTENT = ("campaigns", "letters", "legislators", "committees", "committee_members", "pictures")
_CHANGES = ("INSERT", "UPDATE", "DELETE")
_CHANGED = (
    "INSERT INTO content_changes (slot, changes) VALUES ({slot}, 1) "
    "ON CONFLICT (slot) DO UPDATE SET changes = content_changes.changes + 1"
)
_COUNTED = (
    "({row}.cancelled_at IS NULL AND NOT {row}.unconfirmed AND {row}.invalid_at IS NULL "
    "AND {row}.review IN ('', 'approved') AND {row}.merged_into IS NULL)"
)
_COUNT = (
    "INSERT INTO supporter_counts (campaign_id, slot, supporters) VALUES ({row}.campaign_id, {slot}, {by}) "
    "ON CONFLICT (campaign_id, slot) DO UPDATE SET supporters = supporter_counts.supporters + excluded.supporters"
)
_DECIDES = "cancelled_at, unconfirmed, invalid_at, review, merged_into"
_WAS, _IS = _COUNTED.format(row="OLD"), _COUNTED.format(row="NEW")
# By name: on which change of an action, under which condition, whose row, and by how much.
_COUNTS = {
    "added": ("INSERT", _IS, "NEW", "1"),
    "moved": (f"UPDATE OF {_DECIDES}", f"{_WAS} <> {_IS}", "NEW", f"CASE WHEN {_IS} THEN 1 ELSE -1 END"),
    "deleted": ("DELETE", _WAS, "OLD", "-1"),
}
_SLOTS, _COUNT_SLOTS = 128, 16


def upgrade() -> None:
    op.create_table(
        "content_changes",
        sa.Column("slot", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_content_changes")),
    )
    op.create_table(
        "supporter_counts",
        sa.Column("campaign_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("slot", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("supporters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "slot", name=op.f("pk_supporter_counts")),
    )
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_actions_merged", "actions", ["campaign_id"], sqlite_where=merged, postgresql_where=merged)
    op.execute(
        "INSERT INTO supporter_counts (campaign_id, slot, supporters) "  # noqa: S608
        f"SELECT campaign_id, 0, count(*) FROM actions WHERE {_COUNTED.format(row='actions')} GROUP BY campaign_id"
    )
    if _is_postgres():
        _watch_on_postgres()
    else:
        _watch_on_sqlite()


def _watch_on_sqlite() -> None:
    for table in CONTENT:
        for change in _CHANGES:
            op.execute(
                f"CREATE TRIGGER content_changed_{table}_{change.lower()} AFTER {change} ON {table} "
                f"BEGIN {_CHANGED.format(slot=0)}; END"
            )
    for name, (change, condition, row, by) in _COUNTS.items():
        op.execute(
            f"CREATE TRIGGER supporters_{name} AFTER {change} ON actions WHEN {condition} "
            f"BEGIN {_COUNT.format(row=row, slot=0, by=by)}; END"
        )


def _watch_on_postgres() -> None:
    # Once a transaction: the setting is the transaction's own, and goes with a savepoint that is undone.
    op.execute(
        "CREATE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF current_setting('actionmail.content_changed', true) IS DISTINCT FROM txid_current()::text THEN "
        f"{_CHANGED.format(slot=f'pg_backend_pid() % {_SLOTS}')}; "
        "PERFORM set_config('actionmail.content_changed', txid_current()::text, true); "
        "END IF; RETURN NULL; END $$"
    )
    for table in CONTENT:
        op.execute(
            f"CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION content_changed()"
        )
    for name, (change, condition, row, by) in _COUNTS.items():
        counted = _COUNT.format(row=row, slot=f"pg_backend_pid() % {_COUNT_SLOTS}", by=by)
        op.execute(
            f"CREATE FUNCTION supporters_{name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {counted}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER supporters_{name} AFTER {change} ON actions FOR EACH ROW WHEN ({condition}) "
            f"EXECUTE FUNCTION supporters_{name}()"
        )


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    for name in _COUNTS:
        if _is_postgres():
            op.execute(f"DROP TRIGGER supporters_{name} ON actions")
            op.execute(f"DROP FUNCTION supporters_{name}()")
        else:
            op.execute(f"DROP TRIGGER supporters_{name}")
    for table in CONTENT:
        if _is_postgres():
            op.execute(f"DROP TRIGGER content_changed ON {table}")
        else:
            for change in _CHANGES:
                op.execute(f"DROP TRIGGER content_changed_{table}_{change.lower()}")
    if _is_postgres():
        op.execute("DROP FUNCTION content_changed()")
    op.drop_index("ix_actions_merged", "actions")
    op.drop_table("supporter_counts")
    op.drop_table("content_changes")

"""The content's version rises by a number that is drawn

By one each time, a database that took the place of another and lacks its last changes (a standby, a backup) came to
the same number again with other content, and a web process that had kept what was lost took that for no change.
"""

from importlib import import_module

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_FIRST = import_module("actionmail.db.migrations.versions.0043_counters")
_TABLES = (*_FIRST.CONTENT, "brands")
_CHANGES = ("INSERT", "UPDATE", "DELETE")
_RAISED = (
    "INSERT INTO content_changes (slot, changes) VALUES ({slot}, {by}) "
    "ON CONFLICT (slot) DO UPDATE SET changes = content_changes.changes + excluded.changes"
)
_MOST = 2**30  # drawn: a bigint holds the sum of eight billion


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _watch_on_postgres(by=f"1 + floor(random() * {_MOST})::bigint")
    else:
        _watch_on_sqlite(by=f"1 + (random() & {_MOST - 1})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _watch_on_postgres(by="1")
    else:
        _watch_on_sqlite(by="1")


def _watch_on_sqlite(*, by: str) -> None:
    for table in _TABLES:
        for change in _CHANGES:
            name = f"content_changed_{table}_{change.lower()}"
            op.execute(f"DROP TRIGGER {name}")
            op.execute(f"CREATE TRIGGER {name} AFTER {change} ON {table} BEGIN {_RAISED.format(slot=0, by=by)}; END")


def _watch_on_postgres(*, by: str) -> None:
    """Once a transaction, as 0043 has it."""
    op.execute(
        "CREATE OR REPLACE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF current_setting('actionmail.content_changed', true) IS DISTINCT FROM txid_current()::text THEN "
        f"{_RAISED.format(slot='pg_backend_pid() % 128', by=by)}; "
        "PERFORM set_config('actionmail.content_changed', txid_current()::text, true); "
        "END IF; RETURN NULL; END $$"
    )

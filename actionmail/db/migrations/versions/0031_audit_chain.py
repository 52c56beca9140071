"""the audit trail is chained; supporters are found by address, mailed their receipt, erased after a campaign's end

The entries that are there are chained in the order of their numbers.
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_AT_ONCE = 2000
_AUDIT = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor_kind", sa.String),
    sa.column("actor_id", sa.Integer),
    sa.column("action", sa.String),
    sa.column("object_kind", sa.String),
    sa.column("object_key", sa.Text),
    sa.column("details", sa.JSON),
    sa.column("verb", sa.String),
    sa.column("subject", sa.Text),
)


def upgrade() -> None:
    chain = op.create_table(
        "audit_chain",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit.id"], name=op.f("fk_audit_chain_entry_id_audit")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_chain_entry_id")),
    )
    _chain_all(chain)
    _make_append_only()
    op.add_column("campaigns", sa.Column("erase_after_days", sa.Integer(), nullable=True))
    op.add_column("actions", sa.Column("receipt_mailed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("actions", sa.Column("address_bucket", sa.Integer(), nullable=True))
    _put_into_buckets()
    op.create_index("ix_actions_address_bucket_id", "actions", ["address_bucket", "id"])


def downgrade() -> None:
    op.drop_index("ix_actions_address_bucket_id", "actions")
    op.drop_column("actions", "address_bucket")
    op.drop_column("actions", "receipt_mailed_at")
    op.drop_column("campaigns", "erase_after_days")
    op.drop_table("audit_chain")
    if not _is_sqlite():
        op.execute("DROP FUNCTION audit_chain_refuse()")


def _put_into_buckets() -> None:
    """As rules/actions/address_bucket.py did when this was written."""
    connection, after = op.get_bind(), 0
    wanted = sa.text("SELECT id, email FROM actions WHERE id > :after AND email <> '' ORDER BY id LIMIT :limit")
    change = sa.text("UPDATE actions SET address_bucket = :bucket WHERE id = :id")
    while rows := connection.execute(wanted, {"after": after, "limit": _AT_ONCE}).all():
        buckets = []
        for row in rows:
            digest = hashlib.sha256(row.email.lower().encode()).digest()
            buckets.append({"id": row.id, "bucket": int.from_bytes(digest[:2])})
        connection.execute(change, buckets)
        after = rows[-1].id


def _chain_all(chain: sa.Table) -> None:
    """The form is that of rules/staff/audit_chain.py when this was written."""
    connection = op.get_bind()
    position, after, link = 0, 0, "0" * 64
    wanted = sa.select(_AUDIT).order_by(_AUDIT.c.id).limit(_AT_ONCE)
    while rows := connection.execute(wanted.where(_AUDIT.c.id > after)).all():
        links = []
        for row in rows:
            at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
            values = [row.id, at.isoformat(timespec="microseconds"), row.actor_kind, row.actor_id, row.action]
            values += [row.object_kind, row.object_key, row.details, row.verb, row.subject]
            line = json.dumps(values, sort_keys=True, separators=(",", ":"))
            link = hashlib.sha256(f"{link}\n{line}".encode()).hexdigest()
            position += 1
            links.append({"position": position, "entry_id": row.id, "sha256": link})
        connection.execute(sa.insert(chain), links)
        after = rows[-1].id


def _make_append_only() -> None:
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_chain_no_{verb.lower()} BEFORE {verb} ON audit_chain "
                "BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_chain_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_chain is append-only'; END $$"
    )
    for name, verbs, each in (("append_only", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER audit_chain_{name} BEFORE {verbs} ON audit_chain "
            f"FOR EACH {each} EXECUTE FUNCTION audit_chain_refuse()"
        )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"

"""supporters confirm their address by mail, and all mail to supporters waits in one table"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("confirm", sa.String(length=8), nullable=False, server_default="off"))
    op.add_column("actions", sa.Column("unconfirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "confirmations",
        sa.Column("action_id", BIG, nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("supporter_key", sa.String(length=64), nullable=False),
        sa.Column("mailbox_key", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_confirmations_action_id_actions")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("token", name=op.f("uq_confirmations_token")),
    )
    op.create_index(op.f("ix_confirmations_supporter_key"), "confirmations", ["supporter_key"])
    op.create_index(op.f("ix_confirmations_waits_until"), "confirmations", ["waits_until"])
    op.create_table(
        "known_addresses",
        sa.Column("supporter_key", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.Float(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("supporter_key", name=op.f("pk_known_addresses")),
    )
    op.create_index(op.f("ix_known_addresses_asked_at"), "known_addresses", ["asked_at"])
    _move("forwards", "supporter_mails", kind=True)


def downgrade() -> None:
    _move("supporter_mails", "forwards", kind=False)
    op.drop_table("known_addresses")
    op.drop_table("confirmations")
    op.drop_column("actions", "unconfirmed")
    op.drop_column("campaigns", "confirm")


def _move(before: str, after: str, *, kind: bool) -> None:
    """Make the one table in place of the other, with the answers that wait in it."""
    op.create_table(
        after,
        sa.Column("id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        *([sa.Column("kind", sa.String(length=16), nullable=False)] if kind else []),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f(f"fk_{after}_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{after}")),
    )
    op.create_index(op.f(f"ix_{after}_message_id"), after, ["message_id"])
    op.create_index(op.f(f"ix_{after}_next_attempt_at"), after, ["next_attempt_at"])
    columns = "message_id, recipient, raw, attempts, next_attempt_at"
    if kind:
        op.execute(f"INSERT INTO {after} ({columns}, kind) SELECT {columns}, 'answer' FROM {before} ORDER BY id")  # noqa: S608
    else:
        op.execute(f"INSERT INTO {after} ({columns}) SELECT {columns} FROM {before} WHERE kind = 'answer' ORDER BY id")  # noqa: S608
    op.drop_table(before)

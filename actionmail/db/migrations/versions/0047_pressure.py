"""how many actions come from where, which work of browsers was spent, and letters that go back to be looked at

The trigger knows the two new transitions, from `queued` and from `deferred` to `review`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

# The rules as they were when this was written. A migration that changes them makes the trigger anew.
TRANSITIONS = {
    "unconfirmed": ("review", "queued", "expired", "cancelled"),
    "review": ("queued", "held", "rejected", "expired", "cancelled"),
    "queued": ("review", "sending", "cancelled", "expired", "held"),
    "sending": ("accepted", "deferred", "failed", "held", "ambiguous"),
    "deferred": ("review", "sending", "cancelled", "failed", "expired", "held"),
    "ambiguous": ("sending", "held"),
    "accepted": ("settled", "bounced", "deferred", "held"),
    "settled": ("bounced",),
    "held": ("queued", "failed", "cancelled"),
    "bounced": ("queued",),
    "failed": ("queued",),
    "no_channel": (),
    "expired": (),
    "cancelled": (),
    "rejected": (),
}
_BEFORE = {
    state: tuple(after for after in afters if state not in ("queued", "deferred") or after != "review")
    for state, afters in TRANSITIONS.items()
}
_INVALID = sa.text("invalid_at IS NOT NULL")
_HELD = sa.text("held_for <> ''")


def upgrade() -> None:
    op.create_table(
        "place_counts",
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "hour", name=op.f("pk_place_counts")),
    )
    op.create_index("ix_place_counts_hour", "place_counts", ["hour"])
    op.create_table(
        "spent_works",
        sa.Column("work", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("pk_spent_works")),
    )
    op.create_index("ix_spent_works_at", "spent_works", ["at"])
    op.add_column("actions", sa.Column("held_for", sa.String(16), nullable=False, server_default=""))
    op.create_index(
        "ix_actions_invalid", "actions", ["campaign_id", "invalid_at"], sqlite_where=_INVALID, postgresql_where=_INVALID
    )
    op.create_index("ix_actions_held", "actions", ["campaign_id", "id"], sqlite_where=_HELD, postgresql_where=_HELD)
    _unguard()
    _guard(TRANSITIONS)


def downgrade() -> None:
    _unguard()
    _guard(_BEFORE)
    op.drop_index("ix_actions_held", "actions")
    op.drop_index("ix_actions_invalid", "actions")
    op.drop_column("actions", "held_for")
    op.drop_table("spent_works")
    op.drop_table("place_counts")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard(transitions: dict[str, tuple[str, ...]]) -> None:
    known = [f"'{before} {after}'" for before, afters in transitions.items() for after in afters]
    moved = f"OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN ({', '.join(known)})"
    head = "CREATE TRIGGER messages_known_transition BEFORE UPDATE OF state ON messages"
    if _is_postgres():
        op.execute(f"{head} FOR EACH ROW WHEN ({moved}) EXECUTE FUNCTION messages_refuse_transition()")
    else:
        op.execute(f"{head} WHEN {moved} BEGIN SELECT RAISE(ABORT, 'no rule lets a message become so'); END")


def _unguard() -> None:
    op.execute(f"DROP TRIGGER messages_known_transition{' ON messages' if _is_postgres() else ''}")

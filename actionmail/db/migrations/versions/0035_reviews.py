"""staff read letters before they go, where their campaign says so

The states `review` and `rejected`, with the trigger that knows their transitions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# The rules as they were when this was written. A migration that changes them makes the trigger anew.
TRANSITIONS = {
    "unconfirmed": ("review", "queued", "expired", "cancelled"),
    "review": ("queued", "held", "rejected", "expired", "cancelled"),
    "queued": ("sending", "cancelled", "expired", "held"),
    "sending": ("accepted", "deferred", "failed", "held", "ambiguous"),
    "deferred": ("sending", "cancelled", "failed", "expired", "held"),
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
    state: tuple(after for after in afters if after not in ("review", "rejected"))
    for state, afters in TRANSITIONS.items()
    if state not in ("review", "rejected")
}


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("review", sa.String(8), nullable=False, server_default="off"))
    _unguard()
    _guard(TRANSITIONS)


def downgrade() -> None:
    """Letters that wait to be read are held; those that were rejected count as cancelled."""
    _unguard()
    for before, after in (("review", "held"), ("rejected", "cancelled")):
        op.execute(f"UPDATE messages SET state = '{after}' WHERE state = '{before}'")  # noqa: S608
    _guard(_BEFORE)
    op.drop_column("campaigns", "review")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard(transitions: dict[str, tuple[str, ...]]) -> None:
    known = [f"'{before} {after}'" for before, afters in transitions.items() for after in afters]
    states = ", ".join(f"'{state}'" for state in transitions)
    moved = f"OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN ({', '.join(known)})"
    for name, verb, condition in (
        ("transition", "UPDATE OF state", moved),
        ("beginning", "INSERT", f"NEW.state NOT IN ({states})"),
    ):
        head = f"CREATE TRIGGER messages_known_{name} BEFORE {verb} ON messages"
        if _is_postgres():
            op.execute(f"{head} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION messages_refuse_transition()")
        else:
            op.execute(f"{head} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no rule lets a message become so'); END")


def _unguard() -> None:
    on = " ON messages" if _is_postgres() else ""
    for name in ("transition", "beginning"):
        op.execute(f"DROP TRIGGER messages_known_{name}{on}")

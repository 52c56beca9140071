"""SQLite looks a message's step up in one text

It made the list of an IN anew for every row that the trigger saw, which took as long as changing the row did.
PostgreSQL reads such a list once for a statement, and keeps its triggers.
"""

from importlib import import_module

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# The same rules as before: only how they are looked up is another.
_TRANSITIONS = import_module("actionmail.db.migrations.versions.0047_pressure").TRANSITIONS


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        steps = "|".join(f"{before} {after}" for before, afters in _TRANSITIONS.items() for after in afters)
        _guard(f"(instr(NEW.state, '|') OR instr('|{steps}|', '|' || OLD.state || ' ' || NEW.state || '|') = 0)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        known = [f"'{before} {after}'" for before, afters in _TRANSITIONS.items() for after in afters]
        _guard(f"(OLD.state || ' ' || NEW.state) NOT IN ({', '.join(known)})")


def _guard(is_unknown: str) -> None:
    op.execute("DROP TRIGGER messages_known_transition")
    op.execute(
        "CREATE TRIGGER messages_known_transition BEFORE UPDATE OF state ON messages "
        f"WHEN OLD.state <> NEW.state AND {is_unknown} "
        "BEGIN SELECT RAISE(ABORT, 'no rule lets a message become so'); END"
    )

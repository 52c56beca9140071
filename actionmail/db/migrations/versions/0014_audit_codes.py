"""the audit trail in codes; what anybody tries is counted

An entry says who, what and on what in columns. Old entries keep the words in which they were written beside the codes
that fit them; where none does, the words alone.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

# What the entries said of old, and the codes of now, as they were when this was written.
_ACTIONS = {
    "signed in": "signed_in",
    "gave the password": "password_given",
    "signed out": "signed_out",
    "signed out everywhere": "signed_out_everywhere",
    "refused": "permission_refused",
    "added staff": "account_added",
    "disabled staff": "account_disabled",
    "enabled staff": "account_enabled",
    "changed role": "role_changed",
    "set password": "password_set",
    "reset password": "password_reset",
    "made reset link": "reset_link_made",
    "took back": "invitation_taken_back",
    "turned off second factor": "second_factor_turned_off",
    "looked at": "message_viewed",
    "cancelled": "message_cancelled",
    "held": "message_held",
    "released": "message_released",
    "requeued": "message_requeued",
    "gave up": "message_given_up",
    "added campaign": "campaign_added",
    "changed campaign": "campaign_changed",
    "published": "campaign_published",
    "scheduled": "campaign_scheduled",
    "unscheduled": "campaign_unscheduled",
    "paused": "campaign_paused",
    "closed": "campaign_closed",
    "archived": "campaign_archived",
    "brought back": "campaign_brought_back",
    "opened": "campaign_opened",
    "not opened": "campaign_not_opened",
    "sent test": "test_sent",
    "test refused": "test_refused",
    "corrected": "corrected",
    "withdrew a correction": "correction_withdrawn",
    "undid an import": "import_undone",
}
_OF_THE_CLOCK = {"opened", "not opened"}
_KINDS = {
    "campaign": "campaign",
    "invitation": "invitation",
    "message": "message",
    "passkey": "passkey",
    "session": "session",
    "staff": "account",
}
# "campaign ab969: paused", "staff 3 from author to admin"
_OBJECT = re.compile(rf"({'|'.join(_KINDS)}) ([^\s:]+)(?:$|[: ])")
_AT_ONCE = 2000


def upgrade() -> None:
    op.create_table(
        "staff_attempts",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hour", "attempt", "staff_id", name=op.f("pk_staff_attempts")),
    )
    _lift_append_only()
    op.execute("ALTER TABLE audit RENAME COLUMN staff_id TO actor_id")
    for name, length in (("actor_kind", 16), ("action", 40), ("object_kind", 20)):
        op.add_column("audit", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("object_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
    if _is_sqlite():  # which cannot give a column a default
        _keep_old_words_on_sqlite()
    else:
        op.alter_column("audit", "verb", server_default="")
        op.alter_column("audit", "subject", server_default="")
    _write_codes()
    op.create_index("ix_audit_object", "audit", ["object_kind", "object_key"])
    _make_append_only()


def downgrade() -> None:
    """What was written in codes keeps them as its words."""
    _lift_append_only()
    op.execute(
        "UPDATE audit SET verb = action, subject = object_kind || ' ' || object_key WHERE verb = '' AND action <> ''"
    )
    op.drop_index("ix_audit_object", "audit")
    for name in ("actor_kind", "action", "object_kind", "object_key", "details"):
        op.drop_column("audit", name)
    op.execute("ALTER TABLE audit RENAME COLUMN actor_id TO staff_id")
    _make_append_only()
    op.drop_table("staff_attempts")


def _keep_old_words_on_sqlite() -> None:
    for name in ("verb", "subject"):
        op.execute(f"ALTER TABLE audit ADD COLUMN old_{name} TEXT NOT NULL DEFAULT ''")
        op.execute(f"UPDATE audit SET old_{name} = {name}")  # noqa: S608  # two names of ours
        op.execute(f"ALTER TABLE audit DROP COLUMN {name}")
        op.execute(f"ALTER TABLE audit RENAME COLUMN old_{name} TO {name}")


def _write_codes() -> None:
    connection = op.get_bind()
    wanted = sa.text("SELECT id, actor_id, verb, subject FROM audit WHERE id > :after ORDER BY id LIMIT :limit")
    change = sa.text(
        "UPDATE audit SET actor_kind = :actor_kind, action = :action, object_kind = :object_kind, "
        "object_key = :object_key WHERE id = :id"
    )
    after = 0
    while rows := connection.execute(wanted, {"after": after, "limit": _AT_ONCE}).all():
        connection.execute(change, [_codes(*row) for row in rows])
        after = rows[-1].id


def _codes(number: int, actor_id: int | None, verb: str, subject: str) -> dict[str, object]:
    action = _ACTIONS.get(verb, "")
    if actor_id is not None:
        actor_kind = "staff"
    elif verb in _OF_THE_CLOCK:
        actor_kind = "clock"
    else:
        actor_kind = "command_line" if action else ""
    about = _OBJECT.match(subject)
    return {
        "id": number,
        "actor_kind": actor_kind,
        "action": action,
        "object_kind": _KINDS[about[1]] if about else "",
        "object_key": about[2] if about else "",
    }


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _lift_append_only() -> None:
    if _is_sqlite():
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")


def _make_append_only() -> None:
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute("ALTER TABLE audit ENABLE TRIGGER audit_append_only")

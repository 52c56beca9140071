"""why and through whom something gets no letters, as codes; a message keeps its last answer in its history alone

What a person wrote and a mail server said stays as it was said; what the program itself said becomes a code.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

# What pauses said of old, as it was when this was written.
_ADDRESS_ON_HOLD = "Two different supporters' letters met an address that does not exist."
_COMPLAINT = re.compile(r"\S* reports letter (\d+) as (.*)\.", re.DOTALL)
_CAME_BACK = re.compile(r"A letter came back, refused by policy \((.*)\)\.", re.DOTALL)
_ACTORS = {"worker ": "worker", "command line, ": "command_line"}


def upgrade() -> None:
    op.add_column("switches", sa.Column("reason_code", sa.String(32), nullable=False, server_default=""))
    op.add_column("switches", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("switches", sa.Column("actor_kind", sa.String(16), nullable=False, server_default="other"))
    op.execute("ALTER TABLE switches RENAME COLUMN reason TO words")
    op.execute("ALTER TABLE switches RENAME COLUMN actor TO actor_id")
    _write_codes()
    op.drop_column("messages", "last_text")


def downgrade() -> None:
    """What was written in codes keeps them as its words."""
    op.add_column("messages", sa.Column("last_text", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE switches SET words = reason_code WHERE words = ''")
    op.execute("UPDATE switches SET actor_id = substr(actor_kind || ' ' || actor_id, 1, 120)")
    op.execute("ALTER TABLE switches RENAME COLUMN words TO reason")
    op.execute("ALTER TABLE switches RENAME COLUMN actor_id TO actor")
    for name in ("reason_code", "message_id", "actor_kind"):
        op.drop_column("switches", name)


def _write_codes() -> None:
    connection = op.get_bind()
    change = sa.text(
        "UPDATE switches SET reason_code = :reason_code, words = :words, message_id = :message_id, "
        "actor_kind = :actor_kind, actor_id = :actor_id WHERE scope = :scope AND key = :key"
    )
    for row in connection.execute(sa.text("SELECT scope, key, words, actor_id FROM switches")).all():
        kind, id_ = _actor(row.actor_id)
        code, words, message = _cause(row.words, kind)
        values = {"reason_code": code, "words": words, "message_id": message, "actor_kind": kind, "actor_id": id_}
        connection.execute(change, {"scope": row.scope, "key": row.key, **values})


def _actor(words: str) -> tuple[str, str]:
    """The kind and the id."""
    if words == "returned mail":
        return "returned_mail", ""
    for beginning, kind in _ACTORS.items():
        if words.startswith(beginning):
            return kind, words.removeprefix(beginning)
    return "other", words


def _cause(words: str, actor_kind: str) -> tuple[str, str, int | None]:
    """The code, the words beside it, and the letter it is about. A person's words stay, whatever they are."""
    if actor_kind not in {"worker", "returned_mail"}:
        return "", words, None
    if words == _ADDRESS_ON_HOLD:
        return "address_on_hold", "", None
    if actor_kind == "worker":
        return "refused", words, None
    if complaint := _COMPLAINT.fullmatch(words):
        return "complaint", complaint[2], int(complaint[1])
    if came_back := _CAME_BACK.fullmatch(words):
        return "came_back_refused", came_back[1], None
    return "", words, None

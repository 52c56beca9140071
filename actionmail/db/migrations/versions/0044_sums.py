"""letters and actions summed up, and what changed since, which triggers note; letters that stand aside by legislator"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# While a worker has a letter, it stands where the worker found it: so a try that ends moves it once.
_STATE = "CASE {row}.state WHEN 'sending' THEN COALESCE(NULLIF({row}.claimed_from, ''), 'queued') ELSE {row}.state END"
_STANDING = (
    "CASE WHEN {row}.cancelled_at IS NOT NULL THEN 'taken-back' WHEN {row}.unconfirmed THEN 'waiting' "
    "WHEN {row}.invalid_at IS NOT NULL THEN 'invalid' WHEN {row}.merged_into IS NOT NULL THEN 'merged' "
    "WHEN {row}.review IN ('', 'approved') THEN 'counts' ELSE 'not-approved' END"
)
# By the table that is watched: where its moves go, what they tell of a row, and of which columns that is made.
_WATCHED = {
    "messages": (
        "letter_moves",
        {"campaign_id": "{row}.campaign_id", "legislator_id": "{row}.legislator_id", "state": _STATE},
        ("created_at", "campaign_id", "legislator_id", "state"),
    ),
    "actions": (
        "action_moves",
        {
            "campaign_id": "{row}.campaign_id",
            "standing": _STANDING,
            "source": "{row}.source",
            "language": "{row}.language",
        },
        (
            *("created_at", "campaign_id", "cancelled_at", "unconfirmed", "invalid_at", "merged_into", "review"),
            *("source", "language"),
        ),
    ),
}


def upgrade() -> None:
    for name in ("letter", "action"):
        keys = ("span", "period", "campaign_id", *(column.name for column in _told(name)))
        op.create_table(
            f"{name}_moves",
            sa.Column("id", _BIG, nullable=False),
            _text("hour", 13),
            sa.Column("campaign_id", sa.Integer(), nullable=False),
            *_told(name),
            sa.Column("difference", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}_moves")),
        )
        op.create_table(
            f"{name}_sums",
            _text("span", 5),
            _text("period", 13),
            sa.Column("campaign_id", sa.Integer(), nullable=False, autoincrement=False),
            *_told(name),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}_sums")),
        )
        none = sa.text("number = 0")
        op.create_index(f"ix_{name}_sums_none", f"{name}_sums", ["number"], sqlite_where=none, postgresql_where=none)
    for table in _WATCHED:
        _note_all(table)
        _watch(table)
    aside = sa.text("state IN ('held', 'bounced', 'failed', 'no_channel', 'expired', 'cancelled', 'rejected')")
    columns = ["legislator_id", "state", "id"]
    op.create_index("ix_messages_aside", "messages", columns, sqlite_where=aside, postgresql_where=aside)


def _told(name: str) -> list[sa.Column[Any]]:
    if name == "action":
        return [_text("standing", 16), _text("source", 40), _text("language", 16)]
    return [sa.Column("legislator_id", sa.Integer(), nullable=False, autoincrement=False), _text("state", 16)]


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _note_all(table: str) -> None:
    """What is there already, as if it had just come: the worker sums it up."""
    moves, columns, _ = _WATCHED[table]
    values = [_hour(table), *(value.format(row=table) for value in columns.values())]
    places = ", ".join(str(place) for place in range(1, len(values) + 1))
    op.execute(
        f"INSERT INTO {moves} (hour, {', '.join(columns)}, difference) "  # noqa: S608
        f"SELECT {', '.join(values)}, count(*) FROM {table} GROUP BY {places} ORDER BY {places}"
    )


def _hour(row: str) -> str:
    if _is_postgres():
        return f"to_char({row}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
    return f"substr({row}.created_at, 1, 13)"


def _watch(table: str) -> None:
    moves, columns, decide = _WATCHED[table]

    def row(which: str, difference: int) -> str:
        values = [_hour(which), *(value.format(row=which) for value in columns.values()), str(difference)]
        return f"({', '.join(values)})"

    watched = (*columns.values(), "{row}.created_at")
    changed = " OR ".join(f"{value.format(row='OLD')} <> {value.format(row='NEW')}" for value in watched)
    for name, change, condition, rows in (
        ("added", "INSERT", "", row("NEW", 1)),
        ("moved", f"UPDATE OF {', '.join(decide)}", f"WHEN ({changed})", f"{row('OLD', -1)}, {row('NEW', 1)}"),
        ("deleted", "DELETE", "", row("OLD", -1)),
    ):
        noted = f"INSERT INTO {moves} (hour, {', '.join(columns)}, difference) VALUES {rows};"  # noqa: S608
        trigger = f"{moves}_{name}"
        if _is_postgres():
            op.execute(
                f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {trigger} AFTER {change} ON {table} FOR EACH ROW {condition} "
                f"EXECUTE FUNCTION {trigger}()"
            )
        else:
            op.execute(f"CREATE TRIGGER {trigger} AFTER {change} ON {table} {condition} BEGIN {noted} END")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    op.drop_index("ix_messages_aside", "messages")
    for table, (moves, _, _) in _WATCHED.items():
        for name in ("added", "moved", "deleted"):
            if _is_postgres():
                op.execute(f"DROP TRIGGER {moves}_{name} ON {table}")
                op.execute(f"DROP FUNCTION {moves}_{name}()")
            else:
                op.execute(f"DROP TRIGGER {moves}_{name}")
    for name in ("letter", "action"):
        op.drop_table(f"{name}_moves")
        op.drop_table(f"{name}_sums")

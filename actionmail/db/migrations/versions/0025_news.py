"""the news: a campaign's picture, what came of it, and what is searched"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("picture", sa.String(100), nullable=False, server_default=""),
        sa.Column("picture_alt", sa.Text(), nullable=False, server_default=""),
        sa.Column("outcome", sa.Text(), nullable=False, server_default=""),
        sa.Column("search_text", sa.Text(), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("campaigns", column)
    # Both databases take the reference with the column; Alembic would have SQLite copy the table that others refer to.
    op.execute(
        "ALTER TABLE campaigns ADD COLUMN picture_id INTEGER "
        "CONSTRAINT fk_campaigns_picture_id_pictures REFERENCES pictures (id)"
    )
    op.create_index(op.f("ix_campaigns_picture_id"), "campaigns", ["picture_id"])
    _index()


def _index() -> None:
    """What there is can be found, as `rules/campaigns/searching` had it at this step."""
    campaigns = sa.table(
        "campaigns",
        *(sa.column(name) for name in ("id", "bill", "title", "bill_title", "summary", "organisation", "search_text")),
        sa.column("translations", sa.JSON()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(campaigns)).all():
        squeezed = "".join(character for character in row.bill if character.isalnum())
        texts = [row.bill, squeezed, row.title, row.bill_title, row.summary, row.organisation]
        for words in (row.translations or {}).values():
            texts += [words.get(name, "") for name in ("title", "bill_title", "summary")]
        text = _folded("\n".join(texts))
        connection.execute(sa.update(campaigns).where(campaigns.c.id == row.id).values(search_text=text))


def _folded(text: str) -> str:
    plain = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'"})
    accents = dict.fromkeys(range(0x0300, 0x0370))
    return unicodedata.normalize("NFKD", text.casefold()).translate(accents).translate(plain)


def downgrade() -> None:
    op.drop_index(op.f("ix_campaigns_picture_id"), "campaigns")
    op.drop_column("campaigns", "picture_id")
    for column in _columns():
        op.drop_column("campaigns", column.name)

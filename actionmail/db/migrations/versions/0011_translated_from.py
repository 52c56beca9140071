"""the words that each translation was made from"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORDS = ("title", "bill_title", "stage", "summary", "notice", "deadline_label", "privacy_line")


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("translated_from", sa.JSON(), nullable=False, server_default="{}"))
    # From which words older translations were made, nobody kept: those of today are what a change is told from.
    campaigns = sa.table(
        "campaigns",
        sa.column("id", sa.Integer()),
        sa.column("translations", sa.JSON()),
        sa.column("translated_from", sa.JSON()),
        *(sa.column(word, sa.Text()) for word in _WORDS),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(campaigns)).mappings().all():
        made = {tag: {word: row[word] for word in words} for tag, words in row["translations"].items()}
        if made:
            here = campaigns.c.id == row["id"]
            connection.execute(sa.update(campaigns).where(here).values(translated_from=made))


def downgrade() -> None:
    op.drop_column("campaigns", "translated_from")

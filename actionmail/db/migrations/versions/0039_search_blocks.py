"""PostgreSQL's grams of the search stand in its index together with the block of their action"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# As flows/actions/search_index.py had them when this was written.
_MOVE = """
    UPDATE search_texts SET grams = ARRAY(
        SELECT ((gram {sign} action_id / 32768 * 2654435761) & 2147483647)::integer AS moved
        FROM unnest(grams) AS gram ORDER BY moved
    )
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    # Each block is looked up by itself, and would read all that is not yet in its place.
    op.execute("DROP INDEX ix_search_texts_grams")
    op.execute(sa.text(_MOVE.format(sign="+")))
    op.execute("CREATE INDEX ix_search_texts_grams ON search_texts USING gin (grams) WITH (fastupdate = off)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP INDEX ix_search_texts_grams")
    op.execute(sa.text(_MOVE.format(sign="-")))
    op.execute("CREATE INDEX ix_search_texts_grams ON search_texts USING gin (grams)")

"""views of the send log keep no words and no number that were looked for: they may name a supporter

Nothing of them would go when that supporter is erased.
"""

from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_VIEWS = sa.table("saved_views", sa.column("id", sa.Integer), sa.column("query", sa.Text))


def upgrade() -> None:
    connection = op.get_bind()
    for number, query in connection.execute(sa.select(_VIEWS.c.id, _VIEWS.c.query)).all():
        remaining = urlencode([(part, value) for part, value in parse_qsl(query) if part not in ("words", "number")])
        if not remaining:
            connection.execute(_VIEWS.delete().where(_VIEWS.c.id == number))
        elif remaining != query:
            connection.execute(_VIEWS.update().where(_VIEWS.c.id == number).values(query=remaining))


def downgrade() -> None:
    pass  # what was looked for is gone

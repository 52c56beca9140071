"""the erased signers of a petition are counted along an index: whenever its paper is looked at, they are"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_ERASED = sa.text("erased_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_actions_erased",
        "actions",
        ["campaign_id", "created_at"],
        sqlite_where=_ERASED,
        postgresql_where=_ERASED,
    )


def downgrade() -> None:
    op.drop_index("ix_actions_erased", table_name="actions")

"""pictures in two sizes, kept in the database"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture_files")),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_sha256", sa.String(length=64), nullable=False),
        sa.Column("large_sha256", sa.String(length=64), nullable=False),
        sa.Column("small_sha256", sa.String(length=64), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("added_by", sa.String(length=254), nullable=False, server_default=""),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["large_sha256"], ["picture_files.sha256"], name=op.f("fk_pictures_large_sha256_picture_files")
        ),
        sa.ForeignKeyConstraint(
            ["small_sha256"], ["picture_files.sha256"], name=op.f("fk_pictures_small_sha256_picture_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("upload_sha256", name=op.f("uq_pictures_upload_sha256")),
        sa.UniqueConstraint("large_sha256", name=op.f("uq_pictures_large_sha256")),
    )
    op.create_index(op.f("ix_pictures_small_sha256"), "pictures", ["small_sha256"])


def downgrade() -> None:
    op.drop_table("pictures")
    op.drop_table("picture_files")

"""whom to ask whether an office answered, and what they said"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answer_questions",
        sa.Column("action_id", _NUMBER, nullable=False),
        sa.Column("token", sa.String(43), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_answer_questions_action_id_actions")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_answer_questions")),
        sa.UniqueConstraint("token", name=op.f("uq_answer_questions_token")),
    )
    op.create_index(op.f("ix_answer_questions_ask_at"), "answer_questions", ["ask_at"])
    op.create_table(
        "said_answers",
        sa.Column("message_id", _NUMBER, nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_said_answers_message_id_messages")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_said_answers")),
    )


def downgrade() -> None:
    """Mails that ask go: nothing before this would have a page for their links."""
    op.execute("DELETE FROM supporter_mails WHERE kind = 'question'")
    op.drop_table("said_answers")
    op.drop_index(op.f("ix_answer_questions_ask_at"), table_name="answer_questions")
    op.drop_table("answer_questions")

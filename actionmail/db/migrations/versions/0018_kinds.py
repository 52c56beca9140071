"""several kinds of action, and the news: what every campaign was so far is a listed letter, posted when it opened"""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_campaigns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String(16), nullable=False, server_default="letter"),
        sa.Column("organisation_url", sa.Text(), nullable=False, server_default=""),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("next_slugs", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("link_url", sa.Text(), nullable=False, server_default=""),
        sa.Column("link_text", sa.String(200), nullable=False, server_default=""),
        sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
    ]


def _of_actions() -> list[sa.Column[Any]]:
    return [
        sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("mailbox_key", sa.String(64), nullable=True),
        sa.Column("invalid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invalid_reason", sa.String(200), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    for column in _of_campaigns():
        op.add_column("campaigns", column)
    for column in _of_actions():
        op.add_column("actions", column)
    op.create_index("uq_actions_campaign_mailbox", "actions", ["campaign_id", "mailbox_key"], unique=True)
    with op.batch_alter_table("supporter_mails") as table:
        table.alter_column("message_id", existing_type=BIG, nullable=True)
        table.add_column(sa.Column("action_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_supporter_mails_action_id_actions"), "actions", ["action_id"], ["id"])
    op.create_index(op.f("ix_supporter_mails_action_id"), "supporter_mails", ["action_id"])
    _post()


def downgrade() -> None:
    """Campaigns of other kinds go, with what was done on them: nothing before this could show them."""
    others = "SELECT id FROM campaigns WHERE kind <> 'letter'"
    theirs = f"SELECT id FROM actions WHERE campaign_id IN ({others})"  # noqa: S608
    op.execute("DELETE FROM supporter_mails WHERE message_id IS NULL")
    op.execute(f"DELETE FROM confirmations WHERE action_id IN ({theirs})")  # noqa: S608
    for of_campaign in ("actions", "drafts", "page_drafts"):
        op.execute(f"DELETE FROM {of_campaign} WHERE campaign_id IN ({others})")  # noqa: S608
    op.execute("DELETE FROM campaigns WHERE kind <> 'letter'")
    op.drop_index(op.f("ix_supporter_mails_action_id"), "supporter_mails")
    with op.batch_alter_table("supporter_mails") as table:
        table.drop_constraint(op.f("fk_supporter_mails_action_id_actions"), type_="foreignkey")
        table.drop_column("action_id")
        table.alter_column("message_id", existing_type=BIG, nullable=False)
    op.drop_index("uq_actions_campaign_mailbox", "actions")
    for column in _of_actions():
        op.drop_column("actions", column.name)
    for column in _of_campaigns():
        op.drop_column("campaigns", column.name)


_OPENED = "('campaign_published', 'campaign_opened')"


def _post() -> None:
    """Give each campaign that was ever open the day on which it first was, or else on which it was made."""
    connection = op.get_bind()
    entries = connection.execute(
        sa.text(
            "SELECT object_key, min(at) AS at FROM audit "  # noqa: S608
            f"WHERE object_kind = 'campaign' AND action IN {_OPENED} GROUP BY object_key"
        )
    ).all()
    opened = {entry.object_key: entry.at for entry in entries}
    campaigns = connection.execute(sa.text("SELECT id, slug, status, timezone, created_at FROM campaigns")).all()
    change = sa.text("UPDATE campaigns SET opened_on = :day WHERE id = :id")
    is_sqlite = connection.dialect.name == "sqlite"
    for campaign in campaigns:
        if campaign.status not in ("draft", "scheduled") or campaign.slug in opened:
            day = _day(opened.get(campaign.slug, campaign.created_at), campaign.timezone)
            connection.execute(change, {"day": day.isoformat() if is_sqlite else day, "id": campaign.id})


def _day(at: datetime | str, timezone: str) -> date:
    """SQLite gives an instant as text, in UTC."""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(ZoneInfo(timezone)).date()

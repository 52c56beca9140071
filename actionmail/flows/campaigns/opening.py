"""A scheduled campaign opens by itself: the first visitor of its page at its time, or the worker, opens it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.publishing import StatusChange, note_opening, refuse_unfit
from actionmail.flows.campaigns.refusals import ChangeRefused
from actionmail.flows.delivery import campaign_holds
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.problems import to_json
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether a campaign's time to open has come and nobody has looked at it since."""
    due = _due(now).where(Campaign.not_opened == "")
    return session.scalar(select(due.exists())) or False


def open_due(session: Session, *, now: datetime) -> int:
    """Open every scheduled campaign whose time has come; says how many.

    One whose letters got a fault meanwhile stays closed: `not_opened` says why, as `problems.to_json` writes it, and
    once the audit trail too.
    """
    opened = 0
    for campaign in session.scalars(_due(now).order_by(Campaign.id).with_for_update(skip_locked=True)).all():
        action, reason = AuditAction.CAMPAIGN_OPENED, ""
        try:
            refuse_unfit(session, campaign, now, StatusChange.PUBLISH)
        except ChangeRefused as refused:
            why = to_json(refused.problem)
            if campaign.not_opened == why:
                continue
            campaign.not_opened = why
            action, reason = AuditAction.CAMPAIGN_NOT_OPENED, refused.problem.code
        else:
            campaign.status, campaign.opens_at, campaign.not_opened, campaign.updated_at = "live", None, "", now
            campaign_holds.lift(campaign)
            note_opening(campaign, now)
            opened += 1
        record(session, action, ObjectKind.CAMPAIGN, campaign.slug, by=None, now=now, reason=reason)
        session.flush()
    return opened


def _due(now: datetime) -> Select[Campaign]:
    return select(Campaign).where(Campaign.status == "scheduled", Campaign.opens_at <= now)

"""Reminders of days of action: kept with the sign-up, put among the mails to supporters the evening before, once.

What is due is asked of the days as they are at that moment: a day that was moved is told on its new evening, one that
was taken out not at all, and what a worker missed it does as soon as it is back, as long as the day is not over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, or_, select, tuple_, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.day_reminders import DayReminder
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import taking
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.rules import speech
from actionmail.rules.campaigns.kinds.days import reminder_mail
from actionmail.rules.campaigns.kinds.days.days import ActionDay, Phase, over_at, phase, reminder_at
from actionmail.rules.campaigns.kinds.days.reminder_mail import Reminding
from actionmail.rules.campaigns.kinds.days.week import KIND, days_in
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.time_zones import zones_of
from actionmail.settings import Settings

AT_ONCE: Final = 200
_NEAR: Final = timedelta(days=4)  # around today, in which a day's reminders may be due anywhere


def put_due(session: Session, *, settings: Settings, now: datetime, limit: int = AT_ONCE) -> int:
    """Have those reminded whose time has come, in campaigns that are live; how many, at most `limit`.

    Two workers at once share them: each row is locked with its action, so that nobody takes it back in between.
    """
    campaigns = session.scalars(
        select(Campaign)
        .where(Campaign.kind == KIND.code, Campaign.status == "live")
        .order_by(Campaign.id)
        .with_for_update(read=True)
    ).all()
    count = 0
    for campaign in campaigns:
        days = days_in(campaign.details) if campaign.details.get("reminders", True) else []
        _withdraw(session, campaign, days)
        for day in days:
            if count < limit and abs(day.day - now.date()) <= _NEAR and phase(day, now) is not Phase.PAST:
                count += _put(session, campaign, day, settings=settings, now=now, limit=limit - count)
    return count


def _put(session: Session, campaign: Campaign, day: ActionDay, *, settings: Settings, now: datetime, limit: int) -> int:
    states = [state for state in ("", *STATES) if reminder_at(day, zones_of((state,))) <= now]
    due = session.execute(
        select(DayReminder, Action)
        .join(Action, Action.id == DayReminder.action_id)
        .where(
            Action.campaign_id == campaign.id,
            Action.state.in_(states),
            Action.unconfirmed.is_(False),
            Action.cancelled_at.is_(None),
            Action.erased_at.is_(None),
            Action.invalid_at.is_(None),
            DayReminder.day == day.key,
            or_(DayReminder.reminded_for.is_(None), DayReminder.reminded_for != day.day),
        )
        .order_by(Action.id)
        .limit(limit)
        .with_for_update(of=(Action, DayReminder), skip_locked=True)
    ).all()
    for reminder, action in due:
        reminder.reminded_for = day.day
        with speech.as_kept(action.language):
            raw = _written(campaign, day, reminder, action, settings=settings, now=now)
        mail = supporter_mail.put(
            session,
            Kind.DAY,
            recipient=action.email,
            raw=raw,
            due=now,
            action_id=action.id,
        )
        mail.about, mail.expires_at = _about(day.key, day.day), over_at(day)
    session.flush()
    return len(due)


def _about(key: str, on: date) -> str:
    return f"{key} {on.isoformat()}"


def _withdraw(session: Session, campaign: Campaign, days: Sequence[ActionDay]) -> None:
    """Take back the mails that wait and tell of a day which is not, or not then, any more."""
    rows = session.execute(
        select(SupporterMail.id, SupporterMail.action_id, SupporterMail.about)
        .join(Action, Action.id == SupporterMail.action_id)
        .where(
            Action.campaign_id == campaign.id,
            SupporterMail.kind == Kind.DAY.value,
            SupporterMail.about.not_in([_about(day.key, day.day) for day in days]),
        )
        .with_for_update(of=SupporterMail, skip_locked=True)
    ).all()
    if not rows:
        return
    session.execute(delete(SupporterMail).where(SupporterMail.id.in_([row.id for row in rows])))
    untold = [(row.action_id, row.about.partition(" ")[0]) for row in rows]
    session.execute(
        update(DayReminder)
        .where(tuple_(DayReminder.action_id, DayReminder.day).in_(untold))
        .values(reminded_for=None)
        .execution_options(synchronize_session=False)
    )


def _written(
    campaign: Campaign, day: ActionDay, reminder: DayReminder, action: Action, *, settings: Settings, now: datetime
) -> bytes:
    page = f"{settings.base_url}/campaigns/{campaign.slug}"
    reminding = Reminding(
        campaign=campaign.title,
        organisation=campaign.organisation,
        day=day,
        zones=zones_of((action.state,)),
        page=f"{page}#{day.key}",
        calendar=f"{page}/days/{day.key}.ics",
        end=f"{settings.base_url}/reminders/{reminder.token}",
    )
    return automatic_mail(
        settings,
        recipient=action.email,
        subject=reminder_mail.subject(reminding),
        text=reminder_mail.text(reminding),
        date=now,
        unsubscribe_url=reminding.end,
    )


def find(session: Session, token: str) -> Campaign | None:
    """The campaign of whose days this link ends the reminders; None where it ends none."""
    return session.scalar(
        select(Campaign)
        .join(Action, Action.campaign_id == Campaign.id)
        .join(DayReminder, DayReminder.action_id == Action.id)
        .where(DayReminder.token == token, Action.cancelled_at.is_(None), Action.erased_at.is_(None))
    )


def stop(session: Session, token: str, *, now: datetime) -> bool:
    """Take the sign-up back, of all its days; whether there was one. Doing it twice is doing it once."""
    action = session.scalar(
        select(Action)
        .join(DayReminder, DayReminder.action_id == Action.id)
        .where(DayReminder.token == token)
        .with_for_update(of=Action)
    )
    return action is not None and taking.take_back(session, action, now=now)


def to_forget(session: Session, *, before: datetime, limit: int) -> Sequence[str]:
    """The receipts of sign-ups all of whose days were over at `before`, and who did not ask for updates besides.

    A day that was taken out counts as over once all others are.
    """
    keys: list[str] = []
    for campaign in session.scalars(select(Campaign).where(Campaign.kind == KIND.code).order_by(Campaign.id)):
        days = days_in(campaign.details)
        past = [day.key for day in days if over_at(day) <= before]
        if not past or len(keys) >= limit:
            continue
        is_over = Action.campaign_id == campaign.id
        if len(past) < len(days):
            to_come = select(DayReminder.action_id).where(
                DayReminder.action_id == Action.id, DayReminder.day.not_in(past)
            )
            of_one = select(DayReminder.action_id).where(DayReminder.action_id == Action.id)
            is_over = and_(is_over, of_one.exists(), ~to_come.exists())
        keys += session.scalars(
            select(Action.receipt_token)
            .where(is_over, Action.erased_at.is_(None), Action.wants_updates.is_(False))
            .order_by(Action.id)
            .limit(limit - len(keys))
        )
    return keys

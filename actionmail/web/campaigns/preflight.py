"""What should be right before letters go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint

from actionmail.flows.actions import calling, filter_trials
from actionmail.flows.campaigns.overview import out_of_reach
from actionmail.flows.campaigns.reading import all_campaigns
from actionmail.flows.delivery import pulses
from actionmail.flows.roster.reading import roster_as_of
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.kinds import kind_of
from actionmail.rules.campaigns.kinds.call.table import KIND as CALL_KIND
from actionmail.rules.campaigns.preflight import (
    Finding,
    look_at_call,
    look_at_confirmation,
    look_at_no_relay,
    look_at_pace,
    look_at_relay,
    look_at_roster,
    look_at_scores,
    look_at_sender,
    look_at_signs,
    look_at_targets,
)
from actionmail.rules.delivery.forecast import room_until
from actionmail.rules.delivery.rates import Limits, Scope, bucket_for
from actionmail.web.campaigns.pages import Answer
from actionmail.web.campaigns.words.preflight import VERDICTS, WHAT, to_do
from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter
from actionmail.web.roster.alarms import roster_alarms
from actionmail.web.staff.access import never_stored, require, staff_page
from actionmail.web.supporter.receipts import local_time

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.rules.campaigns.filtering import Trial
    from actionmail.settings import Settings

bp = Blueprint("preflight", __name__, url_prefix="/staff/preflight")
bp.after_request(never_stored)


@bp.get("")
@limiter.limit("10 per minute")
@require(Permission.WRITE_LETTERS)
def preflight() -> Answer:
    """What should be right before letters go out."""
    settings, hand_over = services().settings, services().hand_over
    with services().database.read() as db:
        as_of, alarms = roster_as_of(db), roster_alarms(db, now=services().clock())
        campaigns = [campaign for campaign in all_campaigns(db) if campaign.status not in ("closed", "archived")]
        calls: list[Finding] = []
        targets: list[Finding] = []
        for campaign in campaigns:
            if kind_of(campaign.kind).writes_letters:
                columns = {"state": campaign.state, "chambers": campaign.chambers, "targets": campaign.targets}
                targets.append(look_at_targets(campaign.slug, out_of_reach(db, columns)))
            if campaign.kind == CALL_KIND.code:
                hours, lacking = bool(campaign.details.get("hours")), calling.without_phone(db, campaign)
                calls += look_at_call(campaign.slug, has_hours=hours, without_phone=lacking)
        limits = pulses.pulse(db).limits
        trials = filter_trials.trials(db, campaigns, settings=settings, now=services().clock())
    relay = f"{settings.relay.host}:{settings.relay.port}" if settings.relay else ""
    is_direct = settings.relay is not None and settings.relay.is_direct
    findings = [
        *_sender(settings),
        look_at_no_relay() if is_direct else look_at_relay(relay, hand_over(None) if hand_over else None),
        *_letters(trials),
        look_at_roster(as_of, alarms),
        look_at_confirmation({campaign.slug: campaign.confirm for campaign in campaigns if _has_names(campaign)}),
        *targets,
        *calls,
        *_paces(campaigns, limits),
    ]
    return staff_page(
        "campaigns/preflight.html",
        findings=findings,
        what=WHAT,
        verdicts=VERDICTS,
        to_do=to_do,
        sender=settings.from_address,
    )


def _sender(settings: Settings) -> Iterator[Finding]:
    """With the keys that sign now, where the folder of keys can be read from here."""
    here = services()
    records = here.signing_records()
    return look_at_sender(settings, ask_txt=here.ask_txt, ask_names=here.ask_names, records=records)


def _letters(trials: Sequence[Trial]) -> Iterator[Finding]:
    """As a spam filter sees them; it is asked with no transaction open."""
    spam_filter = services().spam_filter
    if spam_filter is None or not trials:
        yield from look_at_signs(trials)
        return
    answers = spam_filter.score([trial.raw for trial in trials])
    yield from look_at_scores(spam_filter.name, list(zip(trials, answers, strict=True)))


def _paces(campaigns: Sequence[Campaign], limits: Limits) -> Iterator[Finding]:
    """Of campaigns that have a goal and a deadline, where workers keep a pace."""
    bucket = bucket_for(Scope.TARGET, limits)
    now = services().clock()
    for campaign in campaigns:
        deadline = campaign.deadline_at
        if bucket is None or deadline is None or not campaign.goal or not kind_of(campaign.kind).writes_letters:
            continue
        time_left = deadline - max(now, campaign.opens_at or now)
        yield look_at_pace(
            campaign.slug,
            goal=campaign.goal,
            room=room_until(bucket, time_left, limits.hours),
            an_hour=limits.target_hour,
            until=local_time(deadline, campaign.timezone),
        )


def _has_names(campaign: Campaign) -> bool:
    """Whether anybody could act there in another person's name."""
    kind = kind_of(campaign.kind)
    return kind.is_act and kind.keeps_names

"""The letters of campaigns as a made-up supporter would send them, for a spam filter to look at; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.flows.actions import previewing
from actionmail.flows.actions.composing import sample_supporter
from actionmail.flows.campaigns import recipients
from actionmail.rules.campaigns.filtering import FREE_MAIL_SUPPORTER, Trial
from actionmail.rules.campaigns.kinds import kind_of
from actionmail.rules.campaigns.matrix import SAMPLES
from actionmail.rules.replacing import replace
from actionmail.settings import Settings

MOST: Final = 24  # letters of one page: each takes a filter some tenths of a second


def trials(session: Session, campaigns: Sequence[Campaign], *, settings: Settings, now: datetime) -> list[Trial]:
    """Every letter of these campaigns with each of its subjects, to one of those for whom it is, MOST at most."""
    return list(islice(_trials(session, campaigns, settings, now), MOST))


def _trials(session: Session, campaigns: Sequence[Campaign], settings: Settings, now: datetime) -> Iterator[Trial]:
    for campaign in campaigns:
        if kind_of(campaign.kind).writes_letters:
            for letter in campaign.letters:
                yield from _of_letter(session, campaign, letter, settings, now)


def _of_letter(
    session: Session, campaign: Campaign, letter: Letter, settings: Settings, now: datetime
) -> Iterator[Trial]:
    whom = sorted(recipients.eligible(session, campaign, letter))
    if not whom:
        return
    supporter = sample_supporter(SAMPLES[0], email=FREE_MAIL_SUPPORTER)
    asked = previewing.Asked(legislator_id=whom[0], supporter=supporter, letter=letter)
    for variant in range(len(letter.subjects)):
        shown = previewing.preview(session, campaign, replace(asked, variant=variant), settings=settings, now=now)
        if shown and shown.raw:
            raw = shown.raw.replace("\n", "\r\n").encode("ascii")
            yield Trial(slug=campaign.slug, letter=letter.name, variant=variant + 1, raw=raw)

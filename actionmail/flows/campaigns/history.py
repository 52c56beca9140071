"""Every version of a letter is kept: what differs, and going back to one."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Letter
from actionmail.flows.campaigns.editing import check_letters_seen
from actionmail.flows.campaigns.reading import (
    all_columns,
    campaign_of,
    letter_columns,
    letters_columns,
    locked_campaign,
)
from actionmail.flows.campaigns.refusals import ChangeRefused, UnknownVersion
from actionmail.flows.campaigns.saving import Author, LoadReport, save_campaign
from actionmail.rules.campaigns import differences
from actionmail.rules.campaigns.columns import LETTER_KEYS, without_defaults


def versions(session: Session, slug: str) -> list[Letter]:
    """Every version of every letter of the campaign: by name, the newest first. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    query = select(Letter).where(Letter.campaign_id == campaign.id).order_by(Letter.name, Letter.version.desc())
    return list(session.scalars(query))


class PartDifference(Struct, frozen=True):
    """One part of a letter in two versions."""

    part: str
    rows: tuple[differences.Row, ...]

    @property
    def is_same(self) -> bool:
        return all(row.is_same for row in self.rows)


def difference(old: Letter, new: Letter) -> list[PartDifference]:
    """Two versions of a letter side by side, part by part."""
    given = {*without_defaults(letter_columns(old)), *without_defaults(letter_columns(new))}
    parts = []
    for key in LETTER_KEYS:
        if key != "name" and key in given:
            rows = differences.side_by_side(_as_text(getattr(old, key)), _as_text(getattr(new, key)))
            parts.append(PartDifference(key, tuple(rows)))
    return parts


def _as_text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def restore(
    session: Session, slug: str, name: str, version: int, *, seen: str, by: Author, now: datetime
) -> LoadReport:
    """Make an old version of a letter its newest one. Where the letter was retired, it comes back behind the others.

    `seen` is the `letters_revision` of the letters in use that were on the page.
    Raises UnknownCampaign; UnknownVersion; Overtaken where they are others now; ChangeRefused where it is in use
    already, or has a fault and the campaign is live.
    """
    campaign = locked_campaign(session, slug)
    old = version_of(session, slug, name, version)
    check_letters_seen(session, campaign, seen)
    if old.retired_at is None:
        raise ChangeRefused("restoring.in-use", name=name, version=version)
    letters = letters_columns(campaign)
    restored = letter_columns(old)
    names = [letter["name"] for letter in letters]
    if name in names:
        letters[names.index(name)] = restored
    else:
        letters.append(restored)
    report = save_campaign(session, all_columns(campaign), letters, by=by, now=now)
    if report.outcome == "unchanged":
        raise ChangeRefused("restoring.same", name=name, version=version)
    return report


def version_of(session: Session, slug: str, name: str, version: int) -> Letter:
    """One version of a letter. Raises UnknownCampaign, UnknownVersion."""
    campaign = campaign_of(session, slug)
    query = select(Letter).where(Letter.campaign_id == campaign.id, Letter.name == name, Letter.version == version)
    letter = session.scalar(query)
    if letter is None:
        raise UnknownVersion(slug, name, version)
    return letter

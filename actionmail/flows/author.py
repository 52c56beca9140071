"""Campaign staff write: a campaign with its letters is one TOML file, loaded as a whole or refused with the place.

Loading the same file again changes nothing. A changed letter is a new version, and the last one is retired; a letter
that is no longer in the file is retired too. Actions keep pointing at the version that they were written from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from actionmail.db.campaigns import Campaign, Letter, letter_for
from actionmail.rules import letters as letter_rules
from actionmail.rules.campaign_file import CampaignFileError, read_campaign

__all__ = [
    "CampaignFileError",
    "LoadReport",
    "all_campaigns",
    "campaign_page",
    "letter_for",
    "letter_text",
    "live_campaigns",
    "load_campaign",
]


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What loading one file did. `outcome` is "added", "changed" or "unchanged"; letters are "name (version 2)"."""

    slug: str
    outcome: str
    letters_added: tuple[str, ...] = ()
    letters_retired: tuple[str, ...] = ()


def load_campaign(session: Session, toml_text: str, *, source: str, now: datetime) -> LoadReport:
    """Add the campaign in the file, or bring it to what the file says. Raises CampaignFileError and changes nothing."""
    columns, letters = read_campaign(toml_text, source=source)
    campaign = session.scalar(select(Campaign).where(Campaign.slug == columns["slug"]))
    if campaign is None:
        campaign = Campaign(**columns, created_at=now, updated_at=now)
        session.add(campaign)
        session.flush()
        outcome = "added"
    else:
        changed = {name: value for name, value in columns.items() if getattr(campaign, name) != value}
        for name, value in changed.items():
            setattr(campaign, name, value)
        outcome = "changed" if changed else "unchanged"
    added, retired, moved = _load_letters(session, campaign.id, letters, now=now)
    if outcome == "unchanged" and (added or retired or moved):
        outcome = "changed"
    if outcome == "changed":
        campaign.updated_at = now
    session.flush()
    session.expire(campaign, ["letters"])
    return LoadReport(slug=campaign.slug, outcome=outcome, letters_added=tuple(added), letters_retired=tuple(retired))


def live_campaigns(session: Session) -> list[Campaign]:
    """The campaigns that may be acted on, by title, with their current letters."""
    found = select(Campaign).where(Campaign.status == "live").order_by(Campaign.title, Campaign.id)
    return list(session.scalars(found.options(selectinload(Campaign.letters))))


def all_campaigns(session: Session) -> list[Campaign]:
    """Every campaign, drafts too, by slug, with their current letters."""
    return list(session.scalars(select(Campaign).order_by(Campaign.slug).options(selectinload(Campaign.letters))))


def campaign_page(session: Session, slug: str) -> Campaign | None:
    """The campaign that the public sees under this slug, with its current letters; a draft is not to be seen."""
    found = select(Campaign).where(Campaign.slug == slug, Campaign.status != "draft")
    return session.scalar(found.options(selectinload(Campaign.letters)))


def letter_text(letter: Letter, variant: int = 0) -> letter_rules.LetterText:
    """The letter in the form that `rules.letters` fills; `variant` counts through its subjects, round and round."""
    subject = letter.subjects[variant % len(letter.subjects)]
    return letter_rules.LetterText(opening=letter.opening, body=letter.body, closing=letter.closing, subject=subject)


def _load_letters(
    session: Session, campaign_id: int, letters: Sequence[Mapping[str, Any]], *, now: datetime
) -> tuple[list[str], list[str], bool]:
    """Names of versions added and retired, and whether one only changed its place."""
    rows = session.scalars(select(Letter).where(Letter.campaign_id == campaign_id, Letter.retired_at.is_(None)))
    current = {row.name: row for row in rows}
    newest = session.execute(
        select(Letter.name, func.max(Letter.version)).where(Letter.campaign_id == campaign_id).group_by(Letter.name)
    )
    versions: dict[str, int] = {row[0]: row[1] for row in newest}
    added: list[str] = []
    moved = False
    for place, letter in enumerate(letters, start=1):
        digest = _digest(letter)
        row = current.get(letter["name"])
        if row is not None and row.sha256 == digest:
            del current[row.name]
            moved = moved or row.place != place
            row.place = place
            continue
        version = versions.get(letter["name"], 0) + 1
        session.add(
            Letter(**letter, campaign_id=campaign_id, version=version, place=place, sha256=digest, created_at=now)
        )
        added.append(f"{letter['name']} (version {version})")
    for row in current.values():
        row.retired_at = now
    return added, [f"{row.name} (version {row.version})" for row in current.values()], moved


def _digest(letter: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(letter, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""A campaign with its letters is saved as a whole: from a file, or as the editor changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.staff import AuditEntry
from actionmail.flows.campaigns.reading import all_columns, campaign_of, letter_columns, rendered
from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.campaign_file import (
    CampaignFileError,
    read_campaign,
    without_defaults,
    write_campaign,
)
from actionmail.rules.campaigns.matrix import Fault, Matrix


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who of the staff makes a change. `is_one_of_two`: somebody else has to read what supporters will see."""

    id: int
    email: str
    is_one_of_two: bool = False


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What loading one file did. `outcome` is "added", "changed" or "unchanged"; letters are "name (version 2)".

    `status` is set where the file's status was not taken over: the one that the campaign keeps.
    """

    slug: str
    outcome: str
    status: str = ""
    letters_added: tuple[str, ...] = ()
    letters_retired: tuple[str, ...] = ()


def load_campaign(session: Session, toml_text: str, *, source: str, now: datetime, is_live: bool = False) -> LoadReport:
    """Add the campaign in the file, or bring it to what the file says. Raises CampaignFileError and changes nothing.

    `is_live`: a new one is live, whatever the file says.
    """
    columns, letters = read_campaign(toml_text, source=source)
    if is_live:
        columns["status"] = "live"
    try:
        return save_campaign(session, columns, letters, by=None, now=now)
    except ChangeRefused as error:
        raise CampaignFileError(source, 0, 0, str(error)) from None


def save_campaign(
    session: Session,
    columns: Mapping[str, Any],
    letters: Sequence[Mapping[str, Any]],
    *,
    by: Author | None,
    now: datetime,
    fitting: Collection[tuple[str, str]] = (),
) -> LoadReport:
    """Bring the campaign with this slug to these columns and letters, as `read_campaign` gives them, or add it.

    `by` is None for a file. `fitting` are translated words (tag, word) that stay as they are and fit the campaign's
    own of now. Raises ChangeRefused where a live or scheduled campaign would get a fault, or a change that nobody but
    its author has read; the transaction has to be rolled back then.
    """
    campaign = session.scalar(select(Campaign).where(Campaign.slug == columns["slug"]).with_for_update())
    kept = campaign.status if campaign is not None and campaign.status != columns["status"] else ""
    columns = {**columns, "status": kept or columns["status"]}
    if campaign is not None:
        columns["opens_at"] = campaign.opens_at
        if campaign.opens_at and columns["deadline_at"] and columns["deadline_at"] <= campaign.opens_at:
            raise ChangeRefused(
                f"{campaign.slug} is scheduled, and opens only after this deadline. Unschedule it first."
            )
    columns["translated_from"] = translations.made_from(
        columns,
        columns["translations"],
        before=campaign.translations if campaign is not None else {},
        known=campaign.translated_from if campaign is not None else {},
        fitting=fitting,
    )
    if columns["status"] in ("live", "scheduled"):
        found = rendered(session, columns, letters)
        for fault in _faults_of_words(found):
            raise ChangeRefused(f"{fault_sentence(fault)} A {columns['status']} campaign may have no fault.", found)
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
    added, retired, moved = _load_letters(session, campaign.id, letters, saved_by=by.email if by else "", now=now)
    if outcome == "unchanged" and (added or retired or moved):
        outcome = "changed"
    if outcome == "changed" and by is not None and by.is_one_of_two and campaign.status in ("live", "scheduled"):
        first, then = ("Pause", "publish") if campaign.status == "live" else ("Unschedule", "schedule")
        raise ChangeRefused(
            f"Nothing was saved: {campaign.slug} is {campaign.status}, and here two people are needed for what "
            f"supporters read. {first} it, save your change, and have somebody else read it and {then} it again."
        )
    if outcome == "changed":
        campaign.updated_at = now
        campaign.not_opened = ""  # it may be mended now
    if outcome != "unchanged":
        what = [f"new {name}" for name in added] + [f"retired {name}" for name in retired]
        note = f"campaign {campaign.slug}{': ' if what else ''}{', '.join(what)}"
        session.add(AuditEntry(at=now, staff_id=by.id if by else None, verb=f"{outcome} campaign", subject=note))
    session.flush()
    session.expire(campaign, ["letters"])
    return LoadReport(
        slug=campaign.slug,
        outcome=outcome,
        status=kept,
        letters_added=tuple(added),
        letters_retired=tuple(retired),
    )


def export(session: Session, slug: str) -> str:
    """The campaign with its current letters as the file that `load_campaign` reads. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    return write_campaign(all_columns(campaign), [letter_columns(letter) for letter in campaign.letters])


class ChangeRefused(ValueError):
    """A campaign cannot be changed so, now; `str()` is the sentence for staff. `matrix` is set where it is why."""

    def __init__(self, sentence: str, matrix: Matrix | None = None) -> None:
        super().__init__(sentence)
        self.matrix = matrix


def fault_sentence(fault: Fault) -> str:
    return f'Letter "{fault.letter}": {fault.sentence}' if fault.letter else fault.sentence


def _faults_of_words(found: Matrix) -> list[Fault]:
    """Without those that are mended by a roster and not by other words: a file may be loaded before the roster is."""
    return [fault for fault in found.faults if fault.kind not in ("no target", "committee", "person")]


def _load_letters(
    session: Session, campaign_id: int, letters: Sequence[Mapping[str, Any]], *, saved_by: str, now: datetime
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
            Letter(
                **letter,
                campaign_id=campaign_id,
                version=version,
                place=place,
                sha256=digest,
                saved_by=saved_by,
                created_at=now,
            )
        )
        added.append(f"{letter['name']} (version {version})")
    for row in current.values():
        row.retired_at = now
    return added, [f"{row.name} (version {row.version})" for row in current.values()], moved


def _digest(letter: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(without_defaults(letter), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""A campaign with its letters is saved as a whole: from a file, or as the editor changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.flows.campaigns.reading import all_columns, campaign_of, letters_columns, rendered
from actionmail.flows.campaigns.refusals import ChangeRefused
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns import kinds, translations
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.columns import without_defaults
from actionmail.rules.campaigns.file_places import TOP, Places
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

_OPEN = ("live", "scheduled")
# Faults that are mended by a roster and not by other words: a file may be loaded before the roster is.
_OF_THE_ROSTER = frozenset({"no-target", "committee", "person"})


class Author(Struct, frozen=True, kw_only=True):
    """Who of the staff makes a change. `is_one_of_two`: somebody else has to read what supporters will see."""

    id: int
    email: str
    is_one_of_two: bool = False


class LoadReport(Struct, frozen=True, kw_only=True):
    """What loading one file did. `outcome` is "added", "changed" or "unchanged"; letters are "name (version 2)".

    `status` is set where the file's status was not taken over: the one that the campaign keeps.
    """

    slug: str
    outcome: str
    status: str = ""
    letters_added: tuple[str, ...] = ()
    letters_retired: tuple[str, ...] = ()


def load_campaign(
    session: Session,
    toml_text: str,
    *,
    source: str,
    now: datetime,
    is_live: bool = False,
    picture_id: int | None = None,
) -> LoadReport:
    """Add the campaign in the file, or bring it to what the file says. Raises CampaignFileError and changes nothing.

    `is_live`: a new one is live, whatever the file says. `picture_id` is the number of the picture that it names; with
    None the campaign has to have one of this name already.
    """
    columns, letters = read_campaign(toml_text, source=source)
    if is_live:
        columns["status"] = "live"
    if columns["picture"] and picture_id is None:
        same = (Campaign.slug == columns["slug"], Campaign.picture == columns["picture"])
        picture_id = session.scalar(select(Campaign.picture_id).where(*same))
        if picture_id is None:
            raise Places(toml_text, source).refused(TOP, "picture", "file.no-such-picture")
    columns["picture_id"] = picture_id if columns["picture"] else None
    try:
        return save_campaign(session, columns, letters, by=None, now=now)
    except ChangeRefused as error:
        raise CampaignFileError(source, (0, 0), error.problem) from None


def export(session: Session, slug: str) -> str:
    """The campaign with its current letters as the file that `load_campaign` reads. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    return write_campaign(all_columns(campaign), letters_columns(campaign))


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
    its author has read; the transaction has to be rolled back then. Whoever saves what somebody saw has compared it
    with the `locked_campaign` before.
    """
    campaign = session.scalar(select(Campaign).where(Campaign.slug == columns["slug"]).with_for_update())
    wanted = _wanted(campaign, columns, fitting)
    wanted["details"] = _remembered(campaign, wanted, now)
    if campaign is not None:
        _refuse_other_words(session, campaign, wanted["details"])
    if letters and not kinds.kind_of(wanted["kind"]).writes_letters:
        raise ChangeRefused("saving.no-letters", slug=wanted["slug"])
    _refuse_faults(session, wanted, letters)
    if campaign is None:
        campaign, outcome = _add(session, wanted, now), "added"
    else:
        outcome = "changed" if _set_columns(campaign, wanted) else "unchanged"
    saved = _save_letters(session, campaign.id, letters, saved_by=by.email if by else "", now=now)
    if outcome == "unchanged" and saved.is_change:
        outcome = "changed"
    if outcome == "changed":
        _refuse_alone(campaign, by)
        campaign.updated_at = now
        campaign.not_opened = ""  # it may be mended now
    if outcome != "unchanged":
        _audit(session, campaign.slug, outcome, saved, by=by, now=now)
    session.flush()
    session.expire(campaign, ["letters"])
    return LoadReport(
        slug=campaign.slug,
        outcome=outcome,
        status=campaign.status if campaign.status != columns["status"] else "",
        letters_added=tuple(saved.added),
        letters_retired=tuple(saved.retired),
    )


def _wanted(
    campaign: Campaign | None, columns: Mapping[str, Any], fitting: Collection[tuple[str, str]]
) -> dict[str, Any]:
    """The columns to save: status and opening of a campaign that there is are in the hands of people.

    It keeps its kind, which its page, its actions and its links rest on.
    """
    wanted = dict(columns)
    before: translations.Translations = {}
    known: translations.Translations = {}
    if campaign is not None:
        if wanted["kind"] != campaign.kind:
            raise ChangeRefused("saving.other-kind", slug=campaign.slug, before=campaign.kind, after=wanted["kind"])
        wanted.update(status=campaign.status, opens_at=campaign.opens_at)
        before, known = campaign.translations, campaign.translated_from
        if campaign.opens_at and wanted["deadline_at"] and wanted["deadline_at"] <= campaign.opens_at:
            raise ChangeRefused("saving.opens-after-deadline", slug=campaign.slug)
    wanted["translations"] = kinds.still_said(wanted)
    wanted["translated_from"] = translations.made_from(
        kinds.own_words(wanted), wanted["translations"], before=before, known=known, fitting=fitting
    )
    return wanted


def _refuse_other_words(session: Session, campaign: Campaign, details: Mapping[str, Any]) -> None:
    """Raises ChangeRefused where somebody would stand under what they did not sign."""
    signed = kinds.kind_of(campaign.kind).signed
    if all(campaign.details.get(key) == details.get(key) for key in signed):
        return
    stands = (Action.campaign_id == campaign.id, Action.cancelled_at.is_(None), Action.invalid_at.is_(None))
    if count := session.scalar(select(func.count()).select_from(Action).where(*stands)):
        raise ChangeRefused("saving.signed", count=count)


def _remembered(campaign: Campaign | None, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The details to save, with what the kind remembers of those before."""
    before = campaign.details if campaign is not None else {}
    is_public = campaign is not None and campaign.status not in ("draft", "scheduled")
    return kinds.kind_of(columns["kind"]).remember(before, columns["details"], is_public, now)


def today_of(timezone: str, now: datetime) -> date:
    """Which day it is where the campaign is."""
    return now.astimezone(ZoneInfo(timezone)).date()


def _refuse_faults(session: Session, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> None:
    """Raises ChangeRefused where a live or scheduled campaign would get a fault that other words mend."""
    if columns["status"] not in _OPEN:
        return
    for problem in kinds.problems(columns["kind"], columns["details"], columns["translations"], state=columns["state"]):
        raise ChangeRefused("saving.lacking", problem=problem, status=columns["status"])
    matrix = rendered(session, columns, letters)
    for fault in matrix.faults:
        if fault.kind not in _OF_THE_ROSTER:
            values = {"letter": fault.letter, "problem": fault.problem, "status": columns["status"]}
            raise ChangeRefused("saving.fault", matrix=matrix, **values)


def _refuse_alone(campaign: Campaign, by: Author | None) -> None:
    """Raises ChangeRefused where two people are needed for what supporters read."""
    if by is not None and by.is_one_of_two and campaign.status in _OPEN:
        raise ChangeRefused("saving.two-people", slug=campaign.slug, status=campaign.status)


def _add(session: Session, columns: Mapping[str, Any], now: datetime) -> Campaign:
    campaign = Campaign(**columns, created_at=now, updated_at=now)
    if campaign.status not in ("draft", "scheduled"):
        campaign.opened_on = today_of(campaign.timezone, now)
    try:
        with session.begin_nested():
            session.add(campaign)
            session.flush()
    except IntegrityError:  # at this very moment
        raise ChangeRefused("saving.address-taken", slug=columns["slug"]) from None
    return campaign


def _set_columns(campaign: Campaign, columns: Mapping[str, Any]) -> bool:
    """Whether any differed."""
    is_changed = False
    for name, value in columns.items():
        if getattr(campaign, name) != value:
            setattr(campaign, name, value)
            is_changed = True
    return is_changed


@dataclass
class _SavedLetters:
    """Versions added and retired, as "name (version 2)", and whether a letter only changed its place."""

    added: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    is_moved: bool = False

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.retired or self.is_moved)


def _save_letters(
    session: Session, campaign_id: int, letters: Sequence[Mapping[str, Any]], *, saved_by: str, now: datetime
) -> _SavedLetters:
    rows = session.scalars(select(Letter).where(Letter.campaign_id == campaign_id, Letter.retired_at.is_(None)))
    current = {row.name: row for row in rows}
    newest = session.execute(
        select(Letter.name, func.max(Letter.version)).where(Letter.campaign_id == campaign_id).group_by(Letter.name)
    )
    versions = dict(newest.all())
    saved = _SavedLetters()
    for place, letter in enumerate(letters, start=1):
        digest = _digest(letter)
        row = current.get(letter["name"])
        if row is not None and row.sha256 == digest:
            del current[row.name]
            saved.is_moved = saved.is_moved or row.place != place
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
        saved.added.append(f"{letter['name']} (version {version})")
    for row in current.values():
        row.retired_at = now
        saved.retired.append(f"{row.name} (version {row.version})")
    return saved


def _digest(letter: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(without_defaults(letter), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _audit(
    session: Session, slug: str, outcome: str, saved: _SavedLetters, *, by: Author | None, now: datetime
) -> None:
    action = AuditAction.CAMPAIGN_ADDED if outcome == "added" else AuditAction.CAMPAIGN_CHANGED
    details = {"new_letters": saved.added, "retired_letters": saved.retired}
    record(session, action, ObjectKind.CAMPAIGN, slug, by=by.id if by else None, now=now, **details)

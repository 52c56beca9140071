"""The editor's changes: each with the revision that was on the page, so that nobody overwrites a colleague unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.flows.campaigns.reading import (
    all_columns,
    campaign_of,
    columns_of,
    details_of,
    last_author,
    letter_columns_of,
    letters_columns,
    letters_revision,
    locked_campaign,
    translation_of,
    translation_revision,
)
from actionmail.flows.campaigns.refusals import FormRefused, Overtaken, Seen
from actionmail.flows.campaigns.saving import Author, LoadReport, save_campaign
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.confirmation import NEW
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.campaign_form import (
    BLANK,
    check_campaign,
    check_details,
    check_letter,
    check_translation,
    first_chambers,
    revision,
)
from actionmail.rules.campaigns.file_checks import NOBODY
from actionmail.rules.campaigns.kinds import LETTER
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.roster import titles
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


def check_letters_seen(session: Session, campaign: Campaign, seen: str) -> None:
    """Raises Overtaken where the letters are not those that somebody saw."""
    if letters_revision(campaign) != seen:
        raise Overtaken({}, last_author(session, campaign), Seen.LETTERS)


def draft(session: Session, values: Mapping[str, Any], *, by: Author, now: datetime) -> Campaign:
    """Begin a campaign that nobody sees yet, without letters. `values` has a file's keys. Raises FormRefused."""
    columns, faults = check_campaign(values)
    if faults:
        raise FormRefused(faults)
    chambers = first_chambers(columns.get("kind", LETTER), columns.get("state", ""))
    # As we advise: a campaign that asks nobody lets anybody write in a stranger's name.
    asking = {"confirm": NEW, "chambers": chambers}
    campaign = Campaign(**{**BLANK, **asking, **columns}, created_at=now, updated_at=now)
    try:
        with session.begin_nested():
            session.add(campaign)
            session.flush()
    except IntegrityError:
        raise FormRefused({"slug": [Problem("saving.address-taken", {"slug": columns["slug"]})]}) from None
    record(session, AuditAction.CAMPAIGN_ADDED, ObjectKind.CAMPAIGN, campaign.slug, by=by.id, now=now)
    return campaign


def duplicate(session: Session, slug: str, values: Mapping[str, Any], *, by: Author, now: datetime) -> Campaign:
    """A new draft with the words of this campaign, under the slug and title in `values`, without its deadline.

    Raises UnknownCampaign, FormRefused.
    """
    old = campaign_of(session, slug)
    checked, faults = check_campaign(values)
    if faults:
        raise FormRefused(faults)
    columns = {**BLANK, **_to_copy(all_columns(old)), **checked, "status": "draft"}
    columns["translations"] = _translations_to_copy(old)
    new = draft(session, {key: columns[key] for key in _FIRST}, by=by, now=now)
    save_campaign(session, columns, letters_columns(old), by=by, now=now)
    translated_from: dict[str, dict[str, str]] = {}
    for tag, made in new.translated_from.items():
        before = old.translated_from.get(tag, {})
        translated_from[tag] = dict(made)
        for key in made.keys() & before.keys():
            translated_from[tag][key] = before[key]
    new.translated_from = translated_from
    return new


def _translations_to_copy(campaign: Campaign) -> dict[str, dict[str, str]]:
    copied = {}
    for tag, words in campaign.translations.items():
        if to_copy := _to_copy(words):
            copied[tag] = to_copy
    return copied


def _to_copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in _NOT_COPIED}


_NOT_COPIED = ("deadline_at", "deadline_label", "opens_at", "posted_on")


_FIRST = ("slug", "kind", "title", "state", "session", "bill", "bill_title", "position", "organisation", "timezone")


def edit(session: Session, slug: str, values: Mapping[str, Any], *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Change some of a campaign's columns. `seen` is the `revision` of those that were on the page.

    Raises UnknownCampaign; FormRefused; Overtaken; ChangeRefused where the campaign is live and would get a fault.
    """
    campaign = locked_campaign(session, slug)
    columns, faults = check_campaign(values, timezone=campaign.timezone, kind=campaign.kind)
    if slug in columns.get("then", ()):
        faults["then"] = [Problem("file.then-itself")]
    if campaign.opens_at and columns.get("deadline_at") and columns["deadline_at"] <= campaign.opens_at:
        faults["deadline"] = [Problem("saving.opens-after-deadline", {"slug": slug})]
    stored = columns_of(campaign, values)
    if revision(stored) != seen:
        raise Overtaken(stored, last_author(session, campaign))
    letters = letters_columns(campaign)
    if "chambers" in columns or "targets" in columns:
        for problem in _unreachable(campaign, columns, letters):
            faults.setdefault("chambers", []).append(problem)
    if faults:
        raise FormRefused(faults)
    return save_campaign(session, {**all_columns(campaign), **columns}, letters, by=by, now=now)


def edit_details(
    session: Session, slug: str, values: Mapping[str, Any], *, seen: str, by: Author, now: datetime
) -> LoadReport:
    """Change what only the campaign's kind knows. `seen` is the `revision` of it that was on the page.

    Raises as `edit` does.
    """
    campaign = locked_campaign(session, slug)
    details, faults = check_details(campaign.kind, values)
    stored = details_of(campaign)
    if revision(stored) != seen:
        raise Overtaken(stored, last_author(session, campaign))
    if faults:
        raise FormRefused(faults)
    columns = {**all_columns(campaign), "details": details}
    return save_campaign(session, columns, letters_columns(campaign), by=by, now=now)


def _unreachable(
    campaign: Campaign, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]
) -> Iterator[Problem]:
    """Why the campaign cannot have these chambers or rules: nobody is left, or a letter is for somebody else."""
    chambers = columns.get("chambers", campaign.chambers)
    rules = target_rules.rules_of(columns.get("targets", campaign.targets))
    if not chambers and not target_rules.adds(rules):
        yield Problem(NOBODY)
    for letter in letters:
        for chamber in letter["chambers"]:
            if not target_rules.reaches(campaign.state, chambers, rules, chamber):
                name = titles.chamber_name(campaign.state, chamber)
                yield Problem("form.letter-for-chamber", {"letter": letter["name"], "chamber": name})
                break


class Translation(Struct, frozen=True, kw_only=True):
    """The words of a page as typed in one language; those `fitting` stay as they are and fit the original of now."""

    tag: str
    words: Mapping[str, Any]
    fitting: Collection[str] = ()


def translate(
    session: Session,
    slug: str,
    typed: Translation,
    *,
    seen: str,
    by: Author,
    now: datetime,
) -> LoadReport:
    """Save the campaign's words in one language; what is empty is not translated. `seen` is the
    `translation_revision` of what was on the page. Raises as `edit` does.
    """
    campaign = locked_campaign(session, slug)
    tag = typed.tag
    words, faults = check_translation(campaign.kind, typed.words, details=campaign.details)
    if translation_revision(campaign, tag) != seen:
        raise Overtaken(translation_of(campaign, tag), last_author(session, campaign), Seen.TRANSLATION)
    if faults:
        raise FormRefused(faults)
    ordered = translations.in_order({**campaign.translations, tag: words})
    letters = letters_columns(campaign)
    columns = {**all_columns(campaign), "translations": ordered}
    return save_campaign(session, columns, letters, by=by, now=now, fitting=[(tag, key) for key in typed.fitting])


def write_letter(
    session: Session,
    slug: str,
    name: str,
    values: Mapping[str, Any],
    *,
    seen: str,
    by: Author,
    now: datetime,
) -> LoadReport:
    """Save a new version of the letter `name`, or with "" a new letter behind the others. Raises as `edit` does,
    and UnknownVersion where there is no such letter.
    """
    campaign = locked_campaign(session, slug)
    letters = letters_columns(campaign)
    if not name:
        letters.append(checked_letter(campaign, name, values))
        return save_campaign(session, all_columns(campaign), letters, by=by, now=now)
    stored = letter_columns_of(campaign, name)
    place = letters.index(stored)
    if revision(stored) != seen:
        raise Overtaken(stored, campaign.letters[place].saved_by)
    letters[place] = checked_letter(campaign, name, values)
    return save_campaign(session, all_columns(campaign), letters, by=by, now=now)


def checked_letter(campaign: Campaign, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A letter as typed, cleaned; `name` is the one it had. Raises FormRefused."""
    others = [other.name for other in campaign.letters if other.name != name]
    letter, faults = check_letter(all_columns(campaign), values, names=others)
    if faults:
        raise FormRefused(faults)
    return letter


def unsaved_letter(columns: Mapping[str, Any]) -> Letter:
    """A letter to look at, of no campaign."""
    return Letter(**columns, version=0)


def move_letter(session: Session, slug: str, name: str, *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Put a letter before the one above it: the first that fits is sent. `seen` is the `letters_revision` of those that
    were on the page. Raises as `edit` does, and UnknownVersion.
    """
    campaign = locked_campaign(session, slug)
    check_letters_seen(session, campaign, seen)
    moved = letter_columns_of(campaign, name)
    letters = letters_columns(campaign)
    place = letters.index(moved)
    letters.insert(max(place - 1, 0), letters.pop(place))
    return save_campaign(session, all_columns(campaign), letters, by=by, now=now)


def drop_letter(session: Session, slug: str, name: str, *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Take a letter out of use; its versions stay. `seen` and what is raised are as for `move_letter`."""
    campaign = locked_campaign(session, slug)
    check_letters_seen(session, campaign, seen)
    dropped = letter_columns_of(campaign, name)
    letters = letters_columns(campaign)
    letters.remove(dropped)
    return save_campaign(session, all_columns(campaign), letters, by=by, now=now)

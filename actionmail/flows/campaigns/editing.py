"""The editor's changes: each with the revision that was on the page, so that nobody overwrites a colleague unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.staff import AuditEntry
from actionmail.flows.campaigns.reading import (
    all_columns,
    campaign_of,
    columns_of,
    last_author,
    letter_columns,
    letter_columns_of,
    letters_revision,
    locked_campaign,
    translation_of,
    translation_revision,
)
from actionmail.flows.campaigns.saving import Author, LoadReport, save_campaign
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.campaign_file import NOBODY
from actionmail.rules.campaigns.campaign_form import (
    BLANK,
    Faults,
    check_campaign,
    check_letter,
    check_translation,
    first_chambers,
    revision,
)
from actionmail.rules.roster import titles


class FormRefused(ValueError):
    """What was typed cannot be saved: sentences by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(f"{key}: {' '.join(found)}" for key, found in faults.items()))
        self.faults = faults


class Overtaken(ValueError):
    """Somebody else changed the same thing since it was read. `stored` is what is saved now, by field."""

    def __init__(self, stored: Mapping[str, Any], by: str, what: str = "this") -> None:
        doing = "looking at them" if what == "the letters" else "writing"
        super().__init__(f"{by or 'Somebody'} changed {what} while you were {doing}, so nothing was saved.")
        self.stored = stored


def check_letters_seen(session: Session, campaign: Campaign, seen: str) -> None:
    """Raises Overtaken where the letters are not those that somebody saw."""
    if letters_revision(campaign) != seen:
        raise Overtaken({}, last_author(session, campaign), "the letters")


def draft(session: Session, values: Mapping[str, Any], *, by: Author, now: datetime) -> Campaign:
    """Begin a campaign that nobody sees yet, without letters. `values` has a file's keys. Raises FormRefused."""
    columns, faults = check_campaign(values)
    if faults:
        raise FormRefused(faults)
    chambers = first_chambers(columns["state"])
    campaign = Campaign(**{**BLANK, "chambers": chambers, **columns}, created_at=now, updated_at=now)
    try:
        with session.begin_nested():
            session.add(campaign)
            session.flush()
    except IntegrityError:
        raise FormRefused({"slug": ["There is a campaign with this address already."]}) from None
    session.add(AuditEntry(at=now, staff_id=by.id, verb="added campaign", subject=f"campaign {campaign.slug}"))
    return campaign


def duplicate(session: Session, slug: str, values: Mapping[str, Any], *, by: Author, now: datetime) -> Campaign:
    """A new draft with the words of this campaign, under the slug and title in `values`, without its deadline.

    Raises UnknownCampaign, FormRefused.
    """
    old = campaign_of(session, slug)
    checked, faults = check_campaign(values)
    if faults:
        raise FormRefused(faults)
    kept = {key: value for key, value in all_columns(old).items() if key not in _NOT_COPIED}
    said = {
        tag: {key: text for key, text in words.items() if key not in _NOT_COPIED}
        for tag, words in old.translations.items()
    }
    translated = {tag: words for tag, words in said.items() if words}
    columns = {**BLANK, **kept, **checked, "translations": translated, "status": "draft"}
    new = draft(session, {key: columns[key] for key in _FIRST}, by=by, now=now)
    save_campaign(session, columns, [letter_columns(letter) for letter in old.letters], by=by, now=now)
    new.translated_from = {
        tag: {**made, **{key: old.translated_from[tag][key] for key in made if key in old.translated_from.get(tag, {})}}
        for tag, made in new.translated_from.items()
    }
    return new


_NOT_COPIED = ("deadline_at", "deadline_label", "opens_at")


_FIRST = ("slug", "title", "state", "session", "bill", "bill_title", "position", "organisation", "timezone")


def edit(session: Session, slug: str, values: Mapping[str, Any], *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Change some of a campaign's columns. `seen` is the `revision` of those that were on the page.

    Raises UnknownCampaign; FormRefused; Overtaken; ChangeRefused where the campaign is live and would get a fault.
    """
    campaign = locked_campaign(session, slug)
    columns, faults = check_campaign(values, timezone=campaign.timezone)
    stored = columns_of(campaign, values)
    if revision(stored) != seen:
        raise Overtaken(stored, last_author(session, campaign))
    letters = [letter_columns(letter) for letter in campaign.letters]
    if "chambers" in columns or "targets" in columns:
        for sentence in _unreachable(campaign, columns, letters):
            faults.setdefault("chambers", []).append(sentence)
    if faults:
        raise FormRefused(faults)
    return save_campaign(session, {**all_columns(campaign), **columns}, letters, by=by, now=now)


def _unreachable(campaign: Campaign, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Why the campaign cannot have these chambers or rules: nobody is left, or a letter is for somebody else."""
    chambers = columns.get("chambers", campaign.chambers)
    rules = target_rules.rules_of(columns.get("targets", campaign.targets))
    if not chambers and not target_rules.adds(rules):
        yield NOBODY
    for letter in letters:
        for one in letter["chambers"]:
            if not target_rules.reaches(campaign.state, chambers, rules, one):
                name = titles.chamber_name(campaign.state, one)
                yield f'The letter "{letter["name"]}" is for the {name}; change it first.'
                break


def translate(
    session: Session,
    slug: str,
    tag: str,
    values: Mapping[str, Any],
    *,
    fitting: Collection[str] = (),
    seen: str,
    by: Author,
    now: datetime,
) -> LoadReport:
    """Save the campaign's words in one language; what is empty is not translated.

    `fitting` are those that stay as they are and fit the campaign's own words of now. `seen` is the
    `translation_revision` of what was on the page. Raises as `edit` does.
    """
    campaign = locked_campaign(session, slug)
    words, faults = check_translation(values)
    if translation_revision(campaign, tag) != seen:
        what = "this translation, or the words that it is made from,"
        raise Overtaken(translation_of(campaign, tag), last_author(session, campaign), what)
    if faults:
        raise FormRefused(faults)
    kept = {**campaign.translations, tag: words}
    ordered = {one: kept[one] for one in translations.LANGUAGES if kept.get(one)}
    letters = [letter_columns(letter) for letter in campaign.letters]
    columns = {**all_columns(campaign), "translations": ordered}
    return save_campaign(session, columns, letters, by=by, now=now, fitting=[(tag, key) for key in fitting])


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
    letters = [letter_columns(letter) for letter in campaign.letters]
    if name:
        stored = letter_columns_of(campaign, name)
        if revision(stored) != seen:
            saved_by = next(letter.saved_by for letter in campaign.letters if letter.name == name)
            raise Overtaken(stored, saved_by)
    letter = checked_letter(campaign, name, values)
    after = [letter if one["name"] == name else one for one in letters] + ([] if name else [letter])
    return save_campaign(session, all_columns(campaign), after, by=by, now=now)


def checked_letter(campaign: Campaign, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A letter as typed, cleaned; `name` is the one it had. Raises FormRefused."""
    others = [one.name for one in campaign.letters if one.name != name]
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
    letters = [letter_columns(letter) for letter in campaign.letters]
    place = letters.index(moved)
    letters.insert(max(place - 1, 0), letters.pop(place))
    return save_campaign(session, all_columns(campaign), letters, by=by, now=now)


def drop_letter(session: Session, slug: str, name: str, *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Take a letter out of use; its versions stay. `seen` and what is raised are as for `move_letter`."""
    campaign = locked_campaign(session, slug)
    check_letters_seen(session, campaign, seen)
    letter_columns_of(campaign, name)
    letters = [letter_columns(letter) for letter in campaign.letters if letter.name != name]
    return save_campaign(session, all_columns(campaign), letters, by=by, now=now)

"""Campaign staff write: a campaign with its letters is one TOML file, loaded as a whole or refused with the place.

Loading the same file again changes nothing. A changed letter is a new version, and the last one is retired; a letter
that is no longer in the file is retired too. Actions keep pointing at the version that they were written from.

A campaign's status is in the hands of people: a file gives it only to a campaign that is new, so that no file opens
again what somebody paused. No campaign is live or scheduled with a fault in its render matrix: publishing it, and
changing such a one, is refused. A scheduled campaign opens by itself: whoever comes first once its time is there, a
visitor of its page or the worker, has `open_due` look at it again and open it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter, letter_for
from actionmail.db.messages import Message
from actionmail.db.staff import AuditEntry, StaffMember
from actionmail.flows import holding, targets
from actionmail.rules import differences, titles, translations
from actionmail.rules import letters as letter_rules
from actionmail.rules import targets as target_rules
from actionmail.rules.campaign_file import (
    CAMPAIGN_COLUMNS,
    LETTER_KEYS,
    NOBODY,
    CampaignFileError,
    CampaignValueError,
    check_value,
    in_zone,
    read_campaign,
    without_defaults,
    write_campaign,
)
from actionmail.rules.campaign_form import (
    BLANK,
    Faults,
    check_campaign,
    check_letter,
    check_translation,
    first_chambers,
    revision,
)
from actionmail.rules.delivery import State
from actionmail.rules.matrix import Fault, Matrix, addressed, render_matrix

__all__ = [
    "CampaignFileError",
    "Change",
    "ChangeRefused",
    "LoadReport",
    "UnknownCampaign",
    "all_campaigns",
    "campaign_page",
    "change_status",
    "effect",
    "export",
    "letter_for",
    "letter_text",
    "live_campaigns",
    "load_campaign",
    "matrix",
    "restore",
    "save_campaign",
    "versions",
]


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who of the staff makes a change."""

    id: int
    email: str


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


def load_campaign(session: Session, toml_text: str, *, source: str, now: datetime) -> LoadReport:
    """Add the campaign in the file, or bring it to what the file says. Raises CampaignFileError and changes nothing."""
    columns, letters = read_campaign(toml_text, source=source)
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
) -> LoadReport:
    """Bring the campaign with this slug to these columns and letters, as `read_campaign` gives them, or add it.

    `by` is None for a file. Raises ChangeRefused where a live campaign would get a fault, and changes nothing.
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
    if columns["status"] in ("live", "scheduled"):
        found = _rendered(session, columns, letters)
        for fault in _faults_of_words(found):
            raise ChangeRefused(f"{_said(fault)} A {columns['status']} campaign may have no fault.", found)
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
    return write_campaign(_columns(campaign), [_letter_columns(letter) for letter in campaign.letters])


def live_campaigns(session: Session) -> list[Campaign]:
    """The campaigns that may be acted on, by title, with their current letters."""
    found = select(Campaign).where(Campaign.status == "live").order_by(Campaign.title, Campaign.id)
    return list(session.scalars(found.options(selectinload(Campaign.letters))))


def all_campaigns(session: Session) -> list[Campaign]:
    """Every campaign, drafts too, by slug, with their current letters."""
    return list(session.scalars(select(Campaign).order_by(Campaign.slug).options(selectinload(Campaign.letters))))


def campaign_page(session: Session, slug: str) -> Campaign | None:
    """The campaign that the public sees under this slug, with its current letters; drafts and archived ones are not."""
    found = select(Campaign).where(Campaign.slug == slug, Campaign.status.not_in(("draft", "archived")))
    return session.scalar(found.options(selectinload(Campaign.letters)))


def letter_text(letter: Letter, variant: int = 0) -> letter_rules.LetterText:
    """The letter in the form that `rules.letters` fills; `variant` counts through its subjects, round and round."""
    subject = letter.subjects[variant % len(letter.subjects)]
    return letter_rules.LetterText(opening=letter.opening, body=letter.body, closing=letter.closing, subject=subject)


class UnknownCampaign(LookupError):
    """There is no campaign with this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f'There is no campaign "{slug}".')


class UnknownVersion(LookupError):
    """There is no such version of a letter."""


class ChangeRefused(ValueError):
    """A campaign cannot be changed so, now; `str()` is the sentence for staff. `matrix` is set where it is why."""

    def __init__(self, sentence: str, matrix: Matrix | None = None) -> None:
        super().__init__(sentence)
        self.matrix = matrix


class Change(StrEnum):
    """What staff may do to a campaign's status."""

    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    CLOSE = "close"
    ARCHIVE = "archive"
    BRING_BACK = "bring-back"

    @property
    def words(self) -> str:
        return self.value.replace("-", " ")


# From which status, to which, and the verb of the audit trail.
_CHANGES: Mapping[Change, tuple[frozenset[str], str, str]] = {
    Change.PUBLISH: (frozenset({"draft", "scheduled", "paused", "closed"}), "live", "published"),
    Change.SCHEDULE: (frozenset({"draft", "scheduled"}), "scheduled", "scheduled"),
    Change.UNSCHEDULE: (frozenset({"scheduled"}), "draft", "unscheduled"),
    Change.PAUSE: (frozenset({"live"}), "paused", "paused"),
    Change.CLOSE: (frozenset({"live", "paused"}), "closed", "closed"),
    Change.ARCHIVE: (frozenset({"draft", "closed"}), "archived", "archived"),
    Change.BRING_BACK: (frozenset({"archived"}), "draft", "brought back"),
}
_ON_THE_WAY = (State.UNCONFIRMED, State.REVIEW, State.QUEUED, State.SENDING, State.DEFERRED, State.AMBIGUOUS)


def matrix(session: Session, slug: str) -> Matrix:
    """Every letter of the campaign, filled for every legislator of today's roster. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    return _rendered(session, _columns(campaign), [_letter_columns(letter) for letter in campaign.letters])


def campaign_of(session: Session, slug: str) -> Campaign:
    """The campaign with its current letters, whatever its status. Raises UnknownCampaign."""
    found = session.scalar(select(Campaign).where(Campaign.slug == slug).options(selectinload(Campaign.letters)))
    if found is None:
        raise UnknownCampaign(slug)
    return found


def supporters(session: Session) -> dict[int, int]:
    """How many supporters acted and did not take it back, by the campaign's id."""
    counted = select(Action.campaign_id, func.count()).where(Action.cancelled_at.is_(None))
    return {row[0]: row[1] for row in session.execute(counted.group_by(Action.campaign_id))}


def legislators(session: Session, campaign: Campaign) -> list[tuple[int, str]]:
    """Whom the campaign can write to, by id, with title, name and district."""
    columns = _columns(campaign)
    known = targets.roster(session, columns, [_letter_columns(letter) for letter in campaign.letters])
    return [(known.ids[one.key], one.label) for one, _ in addressed(columns, known.people)]


def changes(campaign: Campaign) -> list[Change]:
    """What may be done to the campaign's status now."""
    return [change for change, (before, _, _) in _CHANGES.items() if campaign.status in before]


def waiting(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's letters are on their way to the mail server, held ones not counted."""
    on_the_way = [state.value for state in _ON_THE_WAY]
    counted = select(func.count()).where(Message.campaign_id == campaign.id, Message.state.in_(on_the_way))
    return session.scalar(counted) or 0


class Waiting(StrEnum):
    """What becomes of letters with the change: of those that wait, or that were held back before."""

    AS_IT_IS = ""
    HOLD = "hold"
    RELEASE = "release"


def effect(session: Session, campaign: Campaign, change: Change, letters: Waiting = Waiting.AS_IT_IS) -> str:
    """What the change will do, before it is done: to the page, and to the letters that are waiting.

    Raises ChangeRefused where the campaign does not stand where the change may begin.
    """
    return f"{page_effect(campaign, change)} {letters_effect(session, campaign, change, letters)}"


def letter_choices(session: Session, campaign: Campaign, change: Change) -> list[tuple[Waiting, str]]:
    """What staff may choose for the letters, each with what it does, the usual first; [] where nothing is to choose."""
    other = Waiting.RELEASE if change is Change.PUBLISH else Waiting.HOLD
    if change not in _MAY_CHOOSE or not _concerned(session, campaign, other):
        return []
    return [(one, letters_effect(session, campaign, change, one)) for one in (Waiting.AS_IT_IS, other)]


_MAY_CHOOSE = frozenset({Change.PUBLISH, Change.PAUSE, Change.CLOSE})


def _concerned(session: Session, campaign: Campaign, letters: Waiting) -> int:
    count = holding.held_back if letters is Waiting.RELEASE else holding.may_be_held
    return count(session, campaign.id)


def letters_effect(session: Session, campaign: Campaign, change: Change, letters: Waiting = Waiting.AS_IT_IS) -> str:
    """What becomes of the letters with the change."""
    count = waiting(session, campaign)
    if count == 0:
        said = "No letter is waiting to be sent."
    elif count == 1:
        said = "1 letter that a supporter has sent already is waiting; it goes out all the same."
    else:
        said = f"{count:,} letters that supporters have sent already are waiting; they go out all the same."
    held = _concerned(session, campaign, Waiting.RELEASE)
    were, stay = ("1 letter was", "stays") if held == 1 else (f"{held:,} letters were", "stay")
    if letters is Waiting.HOLD and count:
        some = _concerned(session, campaign, Waiting.HOLD)
        are = "1 letter that waits is" if some == 1 else f"{some:,} letters that wait are"
        said = (
            f"{are} held back: none goes out unless staff release it, and the supporter's receipt says so. What is "
            "being handed to the mail server at this moment still goes."
        )
    elif letters is Waiting.RELEASE and held:
        said = f"{were} held back before: released, to go out now, with as much time as a new one."
    elif held and change in _MAY_CHOOSE:
        said += f" {were} held back before, and {stay} so."
    return said


def page_effect(campaign: Campaign, change: Change) -> str:
    """What the change does to the page. Raises ChangeRefused as `effect` does."""
    _check_status(campaign, change)
    return {
        Change.PUBLISH: "The page opens at once, and supporters can send letters.",
        Change.SCHEDULE: (
            "The page opens by itself at the time that you give, if the letters have no fault then either. Until then "
            "it says when it opens, and no supporter can send a letter."
        ),
        Change.UNSCHEDULE: "The campaign is a draft again: nobody sees it before it is published or scheduled.",
        Change.PAUSE: "The page says that the campaign is paused, and no supporter can send a letter meanwhile.",
        Change.CLOSE: "The page says that the campaign is closed, and no supporter can send a letter.",
        Change.ARCHIVE: "The page is no longer to be seen, and the campaign leaves the list. Nothing of it is deleted.",
        Change.BRING_BACK: "The campaign is a draft again: nobody sees it before it is published.",
    }[change]


def change_status(
    session: Session,
    slug: str,
    change: Change,
    *,
    by: int | None,
    now: datetime,
    two_people: bool = False,
    opens_at: datetime | None = None,
    letters: Waiting = Waiting.AS_IT_IS,
) -> Campaign:
    """Publish, pause or close, and note it in the audit trail; `by` is the staff member, None the command line.

    `opens_at` is for SCHEDULE; without an offset it is meant in the campaign's time zone. `letters` is one of the
    change's `letter_choices`; another one changes nothing.
    Raises UnknownCampaign; ChangeRefused where the campaign does not stand where the change may begin, and where
    publishing it would let a faulty letter out, or with `two_people` where who publishes is who wrote last.
    """
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug).with_for_update())
    if campaign is None:
        raise UnknownCampaign(slug)
    _check_status(campaign, change)
    _, after, verb = _CHANGES[change]
    if opens_at is not None:
        try:
            opens_at = in_zone(check_value("campaign", "opens", opens_at), campaign.timezone)
        except CampaignValueError as error:
            raise ChangeRefused(f"You cannot schedule {slug} for that time. {error}") from None
    if change is Change.SCHEDULE and (opens_at is None or opens_at <= now):
        raise ChangeRefused(f"You cannot schedule {slug} for a time that has passed. To open it at once, publish it.")
    if change in (Change.PUBLISH, Change.SCHEDULE):
        _refuse_unfit(session, campaign, opens_at or now, change)
        me = session.get(StaffMember, by) if two_people and by is not None else None
        if me is not None and me.email == _last_author(session, campaign):
            raise ChangeRefused(
                f"You cannot {change.words} {slug} yourself: you changed it last. Somebody else has to read and "
                f"{change.words} it."
            )
    note = f"campaign {slug}: was {campaign.status}, {waiting(session, campaign)} letters waiting"
    actor = "command line" if by is None else f"staff {by}"
    if letters is Waiting.HOLD and change in (Change.PAUSE, Change.CLOSE):
        note += f", {holding.hold(session, campaign.id, actor=actor, now=now)} held back"
    elif letters is Waiting.RELEASE and change is Change.PUBLISH:
        note += f", {holding.release(session, campaign.id, actor=actor, now=now)} released"
    campaign.status = after
    campaign.opens_at, campaign.not_opened = opens_at if change is Change.SCHEDULE else None, ""
    campaign.updated_at = now
    session.add(AuditEntry(at=now, staff_id=by, verb=verb, subject=note))
    session.flush()
    return campaign


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether a campaign's time to open has come and nobody has looked at it since."""
    due = _due(now).where(Campaign.not_opened == "")
    return session.scalar(select(due.exists())) or False


def open_due(session: Session, *, now: datetime) -> int:
    """Open every scheduled campaign whose time has come; says how many.

    One whose letters got a fault meanwhile stays closed: `not_opened` says why, once in the audit trail too.
    """
    opened = 0
    for campaign in session.scalars(_due(now).order_by(Campaign.id).with_for_update(skip_locked=True)).all():
        note, verb = f"campaign {campaign.slug}: at its time", "opened"
        try:
            _refuse_unfit(session, campaign, now, Change.PUBLISH)
        except ChangeRefused as refused:
            if campaign.not_opened == str(refused):
                continue
            campaign.not_opened = str(refused)
            note, verb = f"campaign {campaign.slug}: {refused}", "not opened"
        else:
            campaign.status, campaign.opens_at, campaign.not_opened, campaign.updated_at = "live", None, "", now
            opened += 1
        session.add(AuditEntry(at=now, staff_id=None, verb=verb, subject=note))
        session.flush()
    return opened


def _due(now: datetime) -> Select[Campaign]:
    return select(Campaign).where(Campaign.status == "scheduled", Campaign.opens_at <= now)


def _check_status(campaign: Campaign, change: Change) -> None:
    if campaign.status not in _CHANGES[change][0]:
        raise ChangeRefused(f"You cannot {change.words} {campaign.slug}: it is {campaign.status}.")


class FormRefused(ValueError):
    """What was typed cannot be saved: sentences by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(f"{key}: {' '.join(found)}" for key, found in faults.items()))
        self.faults = faults


class Overtaken(ValueError):
    """Somebody else changed the same thing since it was read. `stored` is what is saved now, by field."""

    def __init__(self, stored: Mapping[str, Any], by: str) -> None:
        super().__init__(f"{by or 'Somebody'} changed this while you were writing, so nothing was saved.")
        self.stored = stored


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
    kept = {key: value for key, value in _columns(old).items() if key not in _NOT_COPIED}
    said = {
        tag: {key: text for key, text in words.items() if key not in _NOT_COPIED}
        for tag, words in old.translations.items()
    }
    translated = {tag: words for tag, words in said.items() if words}
    columns = {**BLANK, **kept, **checked, "translations": translated, "status": "draft"}
    new = draft(session, {key: columns[key] for key in _FIRST}, by=by, now=now)
    save_campaign(session, columns, [_letter_columns(letter) for letter in old.letters], by=by, now=now)
    return new


_NOT_COPIED = ("deadline_at", "deadline_label", "opens_at")
_FIRST = ("slug", "title", "state", "session", "bill", "bill_title", "position", "organisation", "timezone")


def edit(session: Session, slug: str, values: Mapping[str, Any], *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Change some of a campaign's columns. `seen` is the `revision` of those that were on the page.

    Raises UnknownCampaign; FormRefused; Overtaken; ChangeRefused where the campaign is live and would get a fault.
    """
    campaign = _locked(session, slug)
    columns, faults = check_campaign(values, timezone=campaign.timezone)
    stored = columns_of(campaign, values)
    if revision(stored) != seen:
        raise Overtaken(stored, _last_author(session, campaign))
    letters = [_letter_columns(letter) for letter in campaign.letters]
    if "chambers" in columns or "targets" in columns:
        for sentence in _unreachable(campaign, columns, letters):
            faults.setdefault("chambers", []).append(sentence)
    if faults:
        raise FormRefused(faults)
    return save_campaign(session, {**_columns(campaign), **columns}, letters, by=by, now=now)


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


def columns_of(campaign: Campaign, keys: Iterable[str]) -> dict[str, Any]:
    """What the campaign has under these keys of a file."""
    return {key: getattr(campaign, "deadline_at" if key == "deadline" else key) for key in keys}


def words_of(campaign: Campaign) -> dict[str, str]:
    """The campaign's own words, of those that can be translated."""
    return {key: getattr(campaign, key) for key in translations.WORDS}


def translation_of(campaign: Campaign, tag: str) -> dict[str, str]:
    """What the campaign has in this language, word by word; "" for what is not translated."""
    return {key: campaign.translations.get(tag, {}).get(key, "") for key in translations.WORDS}


def translated(campaign: Campaign) -> list[tuple[translations.Language, list[str]]]:
    """Every language, with what the campaign says and its translation does not."""
    own = words_of(campaign)
    return [
        (language, translations.missing(own, campaign.translations.get(tag, {})))
        for tag, language in translations.LANGUAGES.items()
    ]


def translate(
    session: Session, slug: str, tag: str, values: Mapping[str, Any], *, seen: str, by: Author, now: datetime
) -> LoadReport:
    """Save the campaign's words in one language; what is empty is not translated. Raises as `edit` does."""
    campaign = _locked(session, slug)
    words, faults = check_translation(values)
    stored = translation_of(campaign, tag)
    if revision(stored) != seen:
        raise Overtaken(stored, _last_author(session, campaign))
    if faults:
        raise FormRefused(faults)
    kept = {**campaign.translations, tag: words}
    ordered = {one: kept[one] for one in translations.LANGUAGES if kept.get(one)}
    letters = [_letter_columns(letter) for letter in campaign.letters]
    return save_campaign(session, {**_columns(campaign), "translations": ordered}, letters, by=by, now=now)


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
    campaign = _locked(session, slug)
    letters = [_letter_columns(letter) for letter in campaign.letters]
    if name:
        stored = letter_columns_of(campaign, name)
        if revision(stored) != seen:
            saved_by = next(letter.saved_by for letter in campaign.letters if letter.name == name)
            raise Overtaken(stored, saved_by)
    letter = checked_letter(campaign, name, values)
    after = [letter if one["name"] == name else one for one in letters] + ([] if name else [letter])
    return save_campaign(session, _columns(campaign), after, by=by, now=now)


def checked_letter(campaign: Campaign, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A letter as typed, cleaned; `name` is the one it had. Raises FormRefused."""
    others = [one.name for one in campaign.letters if one.name != name]
    letter, faults = check_letter(_columns(campaign), values, names=others)
    if faults:
        raise FormRefused(faults)
    return letter


def unsaved_letter(columns: Mapping[str, Any]) -> Letter:
    """A letter to look at, of no campaign."""
    return Letter(**columns, version=0)


def letter_columns_of(campaign: Campaign, name: str) -> dict[str, Any]:
    """The current words of a letter. Raises UnknownVersion."""
    for letter in campaign.letters:
        if letter.name == name:
            return _letter_columns(letter)
    raise UnknownVersion(f'The campaign "{campaign.slug}" has no letter "{name}" now.')


def move_letter(session: Session, slug: str, name: str, *, by: Author, now: datetime) -> LoadReport:
    """Put a letter before the one above it: the first that fits is sent. Raises as `edit` does, and UnknownVersion."""
    campaign = _locked(session, slug)
    moved = letter_columns_of(campaign, name)
    letters = [_letter_columns(letter) for letter in campaign.letters]
    place = letters.index(moved)
    letters.insert(max(place - 1, 0), letters.pop(place))
    return save_campaign(session, _columns(campaign), letters, by=by, now=now)


def drop_letter(session: Session, slug: str, name: str, *, by: Author, now: datetime) -> LoadReport:
    """Take a letter out of use; its versions stay. Raises as `edit` does, and UnknownVersion."""
    campaign = _locked(session, slug)
    letter_columns_of(campaign, name)
    letters = [_letter_columns(letter) for letter in campaign.letters if letter.name != name]
    return save_campaign(session, _columns(campaign), letters, by=by, now=now)


def _locked(session: Session, slug: str) -> Campaign:
    session.execute(select(Campaign.id).where(Campaign.slug == slug).with_for_update())
    return campaign_of(session, slug)


def _last_author(session: Session, campaign: Campaign) -> str:
    """Who wrote on the campaign last, "" where nobody signed in did."""
    mine = or_(
        AuditEntry.subject == f"campaign {campaign.slug}", AuditEntry.subject.startswith(f"campaign {campaign.slug}:")
    )
    last = (
        select(StaffMember.email)
        .select_from(AuditEntry)
        .outerjoin(StaffMember, AuditEntry.staff_id == StaffMember.id)
        .where(mine, AuditEntry.verb.in_(("added campaign", "changed campaign")))
    )
    return session.scalar(last.order_by(AuditEntry.id.desc()).limit(1)) or ""


def versions(session: Session, slug: str) -> list[Letter]:
    """Every version of every letter of the campaign: by name, the newest first. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    found = select(Letter).where(Letter.campaign_id == campaign.id).order_by(Letter.name, Letter.version.desc())
    return list(session.scalars(found))


@dataclass(frozen=True)
class PartDifference:
    """One part of a letter in two versions."""

    part: str
    rows: tuple[differences.Row, ...]

    @property
    def is_same(self) -> bool:
        return all(row.is_same for row in self.rows)


def difference(old: Letter, new: Letter) -> list[PartDifference]:
    """Two versions of a letter side by side, part by part."""
    said = {*without_defaults(_letter_columns(old)), *without_defaults(_letter_columns(new))}
    return [
        PartDifference(key, tuple(differences.side_by_side(_as_text(getattr(old, key)), _as_text(getattr(new, key)))))
        for key in LETTER_KEYS
        if key != "name" and key in said
    ]


def _as_text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def restore(session: Session, slug: str, name: str, version: int, *, by: Author, now: datetime) -> LoadReport:
    """Make an old version of a letter its newest one. Where the letter was retired, it comes back behind the others.

    Raises UnknownCampaign; UnknownVersion; ChangeRefused where it is in use already, or has a fault and the campaign
    is live.
    """
    campaign = campaign_of(session, slug)
    old = version_of(session, slug, name, version)
    if old.retired_at is None:
        raise ChangeRefused(f'Version {version} of "{name}" is the one in use.')
    letters = [_letter_columns(old if letter.name == name else letter) for letter in campaign.letters]
    if all(letter["name"] != name for letter in letters):
        letters.append(_letter_columns(old))
    report = save_campaign(session, _columns(campaign), letters, by=by, now=now)
    if report.outcome == "unchanged":
        raise ChangeRefused(f'Version {version} of "{name}" has the same words as the one in use.')
    return report


def version_of(session: Session, slug: str, name: str, version: int) -> Letter:
    """One version of a letter. Raises UnknownCampaign, UnknownVersion."""
    campaign = campaign_of(session, slug)
    found = select(Letter).where(Letter.campaign_id == campaign.id, Letter.name == name, Letter.version == version)
    letter = session.scalar(found)
    if letter is None:
        raise UnknownVersion(f'The campaign "{slug}" has no version {version} of a letter "{name}".')
    return letter


def _refuse_unfit(session: Session, campaign: Campaign, opens_at: datetime, change: Change) -> None:
    refusal = f"You cannot {change.words} {campaign.slug}"
    if campaign.deadline_at is not None and campaign.deadline_at <= opens_at:
        over = "its deadline has passed" if change is Change.PUBLISH else "its deadline is over by then"
        raise ChangeRefused(f"{refusal}: {over}. Change the deadline first.")
    if not campaign.summary:
        raise ChangeRefused(f"{refusal}: its page has no text yet.")
    found = matrix(session, campaign.slug)
    if not found.is_clean:
        count = "1 fault" if len(found.faults) == 1 else f"{len(found.faults)} faults"
        raise ChangeRefused(f"{refusal}: the letters have {count}. The first: {_said(found.faults[0])}", found)


def _said(fault: Fault) -> str:
    return f'Letter "{fault.letter}": {fault.sentence}' if fault.letter else fault.sentence


def _faults_of_words(found: Matrix) -> list[Fault]:
    """Without those that are mended by a roster and not by other words: a file may be loaded before the roster is."""
    return [fault for fault in found.faults if fault.kind not in ("no target", "committee", "person")]


def _rendered(session: Session, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> Matrix:
    known = targets.roster(session, columns, letters)
    return render_matrix(columns, letters, known.people, committees=known.committees, gone=known.gone)


def _columns(campaign: Campaign) -> dict[str, Any]:
    return {name: getattr(campaign, name) for name in CAMPAIGN_COLUMNS}


def _letter_columns(letter: Letter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in LETTER_KEYS}


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

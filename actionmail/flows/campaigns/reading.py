"""What campaigns there are, and what stands in one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    and_,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased, selectinload

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.counters import SupporterCount
from actionmail.db.staff import AuditEntry, StaffMember
from actionmail.flows.campaigns.campaign_roster import roster
from actionmail.flows.campaigns.refusals import UnknownCampaign, UnknownVersion
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns import differences, kinds, sessions, translations
from actionmail.rules.campaigns.audiences import addressed
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.campaigns.columns import CAMPAIGN_COLUMNS, LETTER_KEYS
from actionmail.rules.campaigns.filled_letter import LetterText
from actionmail.rules.campaigns.matrix import NO_LETTERS, Matrix, render_matrix
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


def live_campaigns(session: Session) -> list[Campaign]:
    """The campaigns that may be acted on, by title, with their current letters."""
    query = select(Campaign).where(Campaign.status == "live").order_by(Campaign.title, Campaign.id)
    return list(session.scalars(query.options(selectinload(Campaign.letters))))


def newest_live(session: Session, *, limit: int) -> list[str]:
    """Under which names the newest of them are found."""
    query = select(Campaign.slug).where(Campaign.status == "live").order_by(Campaign.id.desc()).limit(limit)
    return list(session.scalars(query))


def all_campaigns(session: Session) -> list[Campaign]:
    """Every campaign, drafts too, by slug, with their current letters."""
    return list(session.scalars(select(Campaign).order_by(Campaign.slug).options(selectinload(Campaign.letters))))


def campaign_page(session: Session, slug: str) -> Campaign | None:
    """The campaign that the public sees under this slug, with its current letters; drafts and archived ones are not."""
    query = select(Campaign).where(Campaign.slug == slug, Campaign.status.not_in(("draft", "archived")))
    return session.scalar(query.options(selectinload(Campaign.letters)))


def counted() -> tuple[ColumnElement[bool], ...]:
    """Which actions count: confirmed where they had to be, not taken back, not found invalid by staff, and where staff
    look at them first, approved and not put together with another one that counts.
    """
    return (
        *undisputed(),
        Action.review.in_((Review.NONE, Review.APPROVED)),
        or_(Action.merged_into.is_(None), ~_other()),
    )


def undisputed() -> tuple[ColumnElement[bool], ...]:
    """Which actions stand, whatever staff who look at them first decide."""
    return Action.cancelled_at.is_(None), Action.unconfirmed.is_(False), Action.invalid_at.is_(None)


def is_merged() -> ColumnElement[bool]:
    """Whether another one stands for the action. Once that one is withdrawn or declined, each stands for itself."""
    return and_(Action.merged_into.is_not(None), _other())


def _other() -> ColumnElement[bool]:
    other = aliased(Action)
    return exists().where(
        other.id == Action.merged_into,
        other.cancelled_at.is_(None),
        other.invalid_at.is_(None),
        other.review != Review.DECLINED,
    )


def letter_text(letter: Letter, variant: int = 0) -> LetterText:
    """The letter in the form that `rules.letters` fills; `variant` counts through its subjects, round and round."""
    subject = letter.subjects[variant % len(letter.subjects)]
    return LetterText(opening=letter.opening, body=letter.body, closing=letter.closing, subject=subject)


def matrix(session: Session, slug: str) -> Matrix:
    """Every letter of the campaign, filled for every legislator of today's roster. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    return rendered(session, all_columns(campaign), letters_columns(campaign))


def campaign_of(session: Session, slug: str) -> Campaign:
    """The campaign with its current letters, whatever its status. Raises UnknownCampaign."""
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug).options(selectinload(Campaign.letters)))
    if campaign is None:
        raise UnknownCampaign(slug)
    return campaign


def locked_campaign(session: Session, slug: str) -> Campaign:
    """The campaign as it is now, with its current letters, which nobody else changes before this transaction ends.

    Whoever saves something compares the revision that they saw with this one. Raises UnknownCampaign.
    """
    query = select(Campaign).where(Campaign.slug == slug).options(selectinload(Campaign.letters)).with_for_update()
    campaign = session.scalar(query.execution_options(populate_existing=True))
    if campaign is None:
        raise UnknownCampaign(slug)
    return campaign


def outlived(session: Session, *, today: date) -> list[Campaign]:
    """The live and scheduled campaigns whose legislative session is over, as far as its name tells; by slug."""
    running = select(Campaign).where(Campaign.status.in_(("live", "scheduled"))).order_by(Campaign.slug)
    return [campaign for campaign in session.scalars(running) if sessions.is_over(campaign.session, today)]


def letters_revision(campaign: Campaign) -> str:
    """The `revision` of the campaign's letters in use: another one tells that somebody changed one, or their order."""
    letters = [[letter.name, letter.version] for letter in campaign.letters]
    return revision({"letters": letters})


def campaign_revision(campaign: Campaign) -> str:
    """The `revision` of all that supporters would read: another one tells that somebody changed it."""
    return revision({**all_columns(campaign), "letters": letters_revision(campaign)})


def supporters(session: Session | Connection, ids: Collection[int] | None = None) -> dict[int, int]:
    """How many supporters' actions count (`counted`), by the campaign's id: of all campaigns, or of these alone.

    Triggers keep the numbers of those that stand for themselves; the few that another one stood for are looked at.
    """
    by_triggers = select(SupporterCount.campaign_id, func.sum(SupporterCount.supporters).label("supporters"))
    again = select(Action.campaign_id, func.count().label("supporters")).where(
        Action.merged_into.is_not(None), *counted()
    )
    if ids is not None:
        by_triggers = by_triggers.where(SupporterCount.campaign_id.in_(ids))
        again = again.where(Action.campaign_id.in_(ids))
    both = union_all(by_triggers.group_by(SupporterCount.campaign_id), again.group_by(Action.campaign_id)).subquery()
    totals = select(both.c.campaign_id, func.sum(both.c.supporters)).group_by(both.c.campaign_id)
    by_campaign: dict[int, int] = {}
    for campaign_id, total in session.execute(totals):
        if total:
            by_campaign[campaign_id] = int(total)
    return by_campaign


def supporters_of(session: Session | Connection, row: Any) -> int:
    """The same of one campaign, where a row with `SUPPORTERS` was just read: without a statement, mostly."""
    if row.has_merged:
        return supporters(session, [row.campaign_id]).get(row.campaign_id, 0)
    return int(row.supporters or 0)


# To stand in statements about a campaign that ask for more: what triggers keep, and whether that is all. No EXISTS, for
# which PostgreSQL reads the whole table of actions while it has no statistics of it.
SUPPORTERS: Final = (
    "(SELECT sum(supporters) FROM supporter_counts WHERE supporter_counts.campaign_id = campaigns.id) AS supporters, "
    "(SELECT merged.merged_into FROM actions AS merged WHERE merged.campaign_id = campaigns.id "
    "AND merged.merged_into IS NOT NULL LIMIT 1) IS NOT NULL AS has_merged"
)
SUPPORTERS_COLUMNS: Final = (Column("supporters", BigInteger), Column("has_merged", Boolean))


def legislators(session: Session, campaign: Campaign) -> list[tuple[int, str]]:
    """Whom the campaign can write to, by id, with title, name and district."""
    columns = all_columns(campaign)
    known = roster(session, columns, letters_columns(campaign))
    return [(known.ids[target.key], target.label) for target, _ in addressed(columns, known.people)]


def columns_of(campaign: Campaign, keys: Iterable[str]) -> dict[str, Any]:
    """What the campaign has under these keys of a file."""
    return {key: getattr(campaign, "deadline_at" if key == "deadline" else key) for key in keys}


def words_of(campaign: Campaign) -> dict[str, str]:
    """The campaign's own words, of those that can be translated."""
    return kinds.own_words({key: getattr(campaign, key) for key in _OF_WORDS})


_OF_WORDS: Final = ("kind", "details", *translations.WORDS)  # of many columns, those that `own_words` looks at


def details_of(campaign: Campaign) -> dict[str, Any]:
    """What only the campaign's kind knows, with every key of it."""
    return kinds.whole(campaign.kind, campaign.details)


def looked_up(campaign: Campaign) -> list[str]:
    """In which chambers the supporter's own legislators are looked up; in none where the campaign asks for none."""
    return kinds.chambers_of({key: getattr(campaign, key) for key in ("kind", "chambers", "details")})


def translation_of(campaign: Campaign, tag: str) -> dict[str, str]:
    """What the campaign has in this language, word by word; "" for what is not translated."""
    return {key: campaign.translations.get(tag, {}).get(key, "") for key in words_of(campaign)}


def translation_revision(campaign: Campaign, tag: str) -> str:
    """The `revision` of a translation: of its words, and of those that it is made from."""
    return revision({**translation_of(campaign, tag), "own": words_of(campaign)})


class Translated(Struct, frozen=True, kw_only=True):
    """How far a page is translated into one language, by the keys of `words_of`.

    It `lacks` what the campaign says and the translation does not; `is_older` are those whose original changed since.
    """

    language: translations.Language
    kind: str  # of the campaign: it has words of its own
    is_begun: bool
    lacks: Sequence[str]
    is_older: Sequence[str]


def translated(campaign: Campaign) -> list[Translated]:
    """Every language."""
    own = words_of(campaign)
    languages = []
    for tag, language in translations.languages().items():
        outdated = translations.outdated(own, campaign.translated_from.get(tag, {}))
        languages.append(
            Translated(
                language=language,
                kind=campaign.kind,
                is_begun=tag in campaign.translations,
                lacks=translations.missing(own, campaign.translations.get(tag, {})),
                is_older=list(outdated),
            )
        )
    return languages


def older(campaign: Campaign) -> list[Translated]:
    """The languages in which some words are older than their original."""
    return [language for language in translated(campaign) if language.is_older]


def changed_since(campaign: Campaign, tag: str) -> dict[str, list[differences.Row]]:
    """By word of a translation that is older than its original: the original then and now, side by side."""
    own = words_of(campaign)
    made = translations.outdated(own, campaign.translated_from.get(tag, {}))
    return {key: differences.side_by_side(old, own[key]) for key, old in made.items()}


def letter_columns_of(campaign: Campaign, name: str) -> dict[str, Any]:
    """The current words of a letter. Raises UnknownVersion."""
    for letter in campaign.letters:
        if letter.name == name:
            return letter_columns(letter)
    raise UnknownVersion(campaign.slug, name)


def last_author(session: Session, campaign: Campaign) -> str:
    """Who wrote on the campaign last, "" where nobody signed in did."""
    last = (
        select(StaffMember.email)
        .select_from(AuditEntry)
        .outerjoin(StaffMember, AuditEntry.actor_id == StaffMember.id)
        .where(
            AuditEntry.object_kind == ObjectKind.CAMPAIGN.value,
            AuditEntry.object_key == campaign.slug,
            AuditEntry.action.in_((AuditAction.CAMPAIGN_ADDED.value, AuditAction.CAMPAIGN_CHANGED.value)),
        )
    )
    return session.scalar(last.order_by(AuditEntry.id.desc()).limit(1)) or ""


def rendered(session: Session, columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> Matrix:
    if not kinds.kind_of(columns["kind"]).writes_letters:
        return NO_LETTERS
    known = roster(session, columns, letters)
    return render_matrix(columns, letters, known.people, committees=known.committees, gone=known.gone)


def all_columns(campaign: Campaign) -> dict[str, Any]:
    return {**{name: getattr(campaign, name) for name in CAMPAIGN_COLUMNS}, "picture_id": campaign.picture_id}


def letters_columns(campaign: Campaign) -> list[dict[str, Any]]:
    """Of the current letters, in their order."""
    return [letter_columns(letter) for letter in campaign.letters]


def letter_columns(letter: Letter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in LETTER_KEYS}

"""Campaigns for staff: what stands where, the check of every letter, a campaign as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from actionmail.flows.campaigns import reading, saving, sources
from actionmail.flows.campaigns.publishing import changes, unconfirmed, waiting
from actionmail.flows.campaigns.refusals import UnknownCampaign, UnknownVersion
from actionmail.flows.campaigns.turnovers import TargetsChange, changes_ahead
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns import kinds as kind_rules
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.campaigns import kinds, words
from actionmail.web.campaigns.tabs import tabs_of
from actionmail.web.campaigns.words.pages import ASKED, READ, word_names
from actionmail.web.platform.context import services
from actionmail.web.staff.access import current_staff, never_stored, require, staff_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("campaigns", __name__, url_prefix="/staff/campaigns")
bp.after_request(never_stored)
bp.add_app_template_global(tabs_of)
bp.add_app_template_filter(words.sentence, "sentence")
bp.add_app_template_filter(words.not_opened, "not_opened")
bp.add_app_template_filter(word_names)
bp.add_app_template_filter(words.change_words, "change_words")
bp.add_app_template_filter(words.members, "members")
bp.add_app_template_filter(words.targets_change, "targets_change")

Answer = str | AnyResponse | tuple[str, int]

STATUS_WORDS = {
    "draft": "a draft: nobody sees it",
    "scheduled": "scheduled: it opens by itself",
    "live": "live",
    "paused": "paused: the page takes no letters",
    "closed": "closed",
    "archived": "archived: nobody sees it",
}


# Pages that a campaign has only where it writes letters.
_OF_LETTERS = frozenset(
    f"{blueprint}.{name}"
    for blueprint, names in (
        ("campaigns", ("letters", "check", "preview", "send_test", "versions", "restore", "differences")),
        ("editor", ("letter", "targets", "move_letter", "drop_letter")),
        ("targets", ("rules", "take_out")),
    )
    for name in names
)


def letters_only() -> Answer | None:
    """Not found, where the page is about the letters of a campaign that has none."""
    slug = (request.view_args or {}).get("slug", "")
    person = current_staff() if request.endpoint in _OF_LETTERS else None
    if person is None or not person.may(Permission.WRITE_LETTERS):
        return None
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    if kind_rules.kind_of(campaign.kind).writes_letters:
        return None
    return staff_page("campaigns/unknown.html", sentence=f'"{slug}" is no campaign of letters.'), 404


@bp.errorhandler(UnknownCampaign)
@bp.errorhandler(UnknownVersion)
def _unknown(error: UnknownCampaign | UnknownVersion) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


bp.before_request(letters_only)


@bp.get("")
@require(Permission.WRITE_LETTERS)
def index() -> Answer:
    with services().database.read() as db:
        campaigns, supporters = reading.all_campaigns(db), reading.supporters(db)
    return staff_page(
        "campaigns/index.html",
        campaigns=[campaign for campaign in campaigns if campaign.status != "archived"],
        archived=[campaign for campaign in campaigns if campaign.status == "archived"],
        supporters=supporters,
        kind_of=kinds.kind_of,
        words=STATUS_WORDS,
    )


@bp.get("/<slug>")
@require(Permission.WRITE_LETTERS)
def campaign(slug: str) -> Answer:
    with services().database.read() as db:
        shown = reading.campaign_of(db, slug)
        return staff_page(
            "campaigns/campaign.html",
            campaign=shown,
            kind=kinds.kind_of(shown.kind),
            has_letters=kind_rules.kind_of(shown.kind).writes_letters,
            is_act=kind_rules.kind_of(shown.kind).is_act,
            lacking=kind_rules.problems(shown.kind, shown.details, shown.translations, state=shown.state),
            words=STATUS_WORDS,
            site_address=services().settings.base_url,
            supporters=reading.supporters(db).get(shown.id, 0),
            waiting=waiting(db, shown),
            unconfirmed=unconfirmed(db, shown),
            asked=ASKED[shown.confirm],
            read_first=READ[shown.review],
            changes=changes(shown),
            matrix=reading.matrix(db, slug),
            sources=sources.by_source(db, shown.id),
            **kinds.kind_of(shown.kind).on_page(db, shown),
            turnovers=changes_ahead_or_none(db, slug=slug),
            translated=[page for page in reading.translated(shown) if page.is_begun],
        )


def changes_ahead_or_none(db: Session, *, slug: str = "") -> list[TargetsChange]:
    """Whose targets change within a week. A calendar that cannot be used says so among the roster's alarms."""
    try:
        return changes_ahead(db, services().settings.data_dir, now=services().clock(), slug=slug)
    except DatasetError:
        return []


@bp.get("/<slug>/letters")
@require(Permission.WRITE_LETTERS)
def letters(slug: str) -> Answer:
    """The letters in their order, and who gets which."""
    with services().database.read() as db:
        shown = reading.campaign_of(db, slug)
        return staff_page(
            "campaigns/letters.html",
            campaign=shown,
            revision=reading.letters_revision(shown),
            matrix=reading.matrix(db, slug),
        )


@bp.get("/<slug>/check")
@require(Permission.WRITE_LETTERS)
def check(slug: str) -> Answer:
    with services().database.read() as db:
        return staff_page(
            "campaigns/check.html", campaign=reading.campaign_of(db, slug), matrix=reading.matrix(db, slug)
        )


@bp.get("/<slug>/file")
@require(Permission.WRITE_LETTERS)
def file(slug: str) -> Answer:
    with services().database.read() as db:
        text = saving.export(db, slug)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.toml"'}
    return Response(text, headers=headers, content_type="application/toml; charset=utf-8")

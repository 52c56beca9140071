"""The picture of a campaign's page: chosen of those that there are, brought along by a file, and taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.pictures import Picture, StoredFile
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.pictures import AlreadyThere, PreparedPicture, UnknownPicture
from actionmail.flows.campaigns.reading import (
    all_columns,
    campaign_of,
    columns_of,
    last_author,
    letters_columns,
    locked_campaign,
)
from actionmail.flows.campaigns.refusals import FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author, LoadReport, save_campaign
from actionmail.rules.campaigns.campaign_form import check_campaign, revision
from actionmail.rules.campaigns.pictures import ENDINGS, PictureFile, Reencode, ShownPicture
from actionmail.rules.campaigns.translations import OWN

ALT = "picture_alt"  # the field of the words


def picture_revision(campaign: Campaign) -> str:
    """The `revision` of the campaign's picture and of its words."""
    return revision({"picture_id": campaign.picture_id, **columns_of(campaign, (ALT,))})


def of_campaigns(session: Session, campaigns: Sequence[Campaign]) -> dict[int, ShownPicture]:
    """The pictures of these campaigns by their number, in one query, and in none where there are none."""
    numbers = {campaign.picture_id for campaign in campaigns if campaign.picture_id}
    return pictures.shown(session, sorted(numbers)) if numbers else {}


def sizes_in_bytes(session: Session, hashes: Sequence[str]) -> dict[str, int]:
    """How many bytes these files have, by their hashes."""
    query = select(StoredFile.sha256, func.length(StoredFile.content)).where(StoredFile.sha256.in_(hashes))
    return dict(session.execute(query).all()) if hashes else {}


def uses(session: Session, number: int) -> list[str]:
    """The titles of the campaigns that have this picture."""
    query = select(Campaign.title).where(Campaign.picture_id == number).order_by(Campaign.title, Campaign.id)
    return list(session.scalars(query))


def choose(
    session: Session, slug: str, number: int, alternative: str, *, seen: str, by: Author, now: datetime
) -> LoadReport:
    """Give the campaign this picture; without words of its own it has those of the picture.

    `seen` is the `picture_revision` that was on the page. Raises UnknownCampaign, UnknownPicture where somebody deleted
    it meanwhile, FormRefused for the words, and Overtaken and ChangeRefused as all changes of a campaign do.
    """
    campaign = _seen(session, slug, seen)
    # Whoever deletes the picture locks its row first: either they wait for this, or it is gone by now.
    query = select(Picture).where(Picture.id == number).with_for_update(read=True, key_share=True, of=Picture)
    picture = session.scalar(query.execution_options(populate_existing=True))
    if picture is None:
        raise UnknownPicture(number)
    name = f"{slug}.{ENDINGS[picture.large.media_type]}"
    words = alternative.strip() or picture.alternatives[OWN.tag]
    return _save(session, campaign, {"picture": name, ALT: words}, number, by=by, now=now)


def take_away(session: Session, slug: str, *, seen: str, by: Author, now: datetime) -> LoadReport:
    """Leave the campaign without a picture; the picture itself stays. Raises as `choose` does."""
    campaign = _seen(session, slug, seen)
    return _save(session, campaign, {"picture": "", ALT: ""}, None, by=by, now=now)


def _seen(session: Session, slug: str, seen: str) -> Campaign:
    campaign = locked_campaign(session, slug)
    if picture_revision(campaign) != seen:
        raise Overtaken({}, last_author(session, campaign))
    return campaign


def _save(
    session: Session, campaign: Campaign, values: Mapping[str, Any], number: int | None, *, by: Author, now: datetime
) -> LoadReport:
    columns, faults = check_campaign(values, kind=campaign.kind)
    if faults:
        raise FormRefused(faults)
    whole = {**all_columns(campaign), **columns, "picture_id": number}
    if not values["picture"]:
        whole["translations"] = _without_words(campaign.translations)
    return save_campaign(session, whole, letters_columns(campaign), by=by, now=now)


def _without_words(translations: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The translations without what a picture shows."""
    others = {}
    for tag, words in translations.items():
        if left := {key: text for key, text in words.items() if key != ALT}:
            others[tag] = left
    return others


def prepare(columns: Mapping[str, Any], content: bytes, *, reencode: Reencode) -> PreparedPicture:
    """The picture of a campaign's file made anew, with its words; outside of any transaction. Raises FormRefused."""
    words = {tag: words.get(ALT, "") for tag, words in columns["translations"].items()}
    return pictures.prepare(content, {**words, OWN.tag: columns[ALT]}, reencode=reencode)


def keep(session: Session, prepared: PreparedPicture, *, now: datetime) -> int:
    """The number of the picture, which may have been there before."""
    try:
        return pictures.add(session, prepared, by=None, now=now).id
    except AlreadyThere as error:
        return error.number


def file_of(session: Session, slug: str) -> tuple[str, PictureFile] | None:
    """Name and larger size of the campaign's picture, None where it has none. Raises UnknownCampaign."""
    campaign = campaign_of(session, slug)
    picture = session.get(Picture, campaign.picture_id) if campaign.picture_id else None
    content = pictures.file_content(session, picture.large_sha256) if picture else None
    return (campaign.picture, content) if content else None

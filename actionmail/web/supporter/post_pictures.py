"""A post's picture as its reader gets it: both sizes, and its words in their language or else in the campaign's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import url_for
from msgspec import Struct

from actionmail.flows.campaigns import campaign_pictures
from actionmail.rules.campaigns.pictures import ENDINGS
from actionmail.rules.campaigns.translations import OWN

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.rules.campaigns.pictures import ShownFile, ShownPicture
    from actionmail.web.platform.languages import Reading


class PostPicture(Struct, frozen=True, kw_only=True):
    """`lang` is the tag of its words, "" for the campaign's own."""

    shown: ShownPicture
    alternative: str
    lang: str

    @property
    def src(self) -> str:
        return file_path(self.shown.large)

    @property
    def srcset(self) -> str:
        """Both sizes with their widths; "" where they are one file."""
        small, large = self.shown.small, self.shown.large
        if small.sha256 == large.sha256:
            return ""
        return f"{file_path(small)} {small.width}w, {file_path(large)} {large.width}w"


def file_path(file: ShownFile) -> str:
    return url_for("picture_files.file", sha256=file.sha256, ending=ENDINGS[file.media_type])


def page_picture(session: Session, campaign: Campaign, reading: Reading) -> PostPicture | None:
    """The campaign's picture for its own page."""
    return post_picture(campaign, reading, campaign_pictures.of_campaigns(session, [campaign]))


def post_picture(campaign: Campaign, reading: Reading, pictures: Mapping[int, ShownPicture]) -> PostPicture | None:
    """The campaign's picture out of these; None where it has none.

    Where its words are those of the picture itself, so are their translations, as far as the campaign has none.
    """
    shown = pictures.get(campaign.picture_id or 0)
    if shown is None:
        return None
    words, tag = reading.words[campaign_pictures.ALT], reading.language.tag
    if words.lang in ("", OWN.tag) and tag != OWN.tag and campaign.picture_alt == shown.alternative(OWN.tag):
        lang = tag if shown.alternatives.get(tag) else ""
        return PostPicture(shown=shown, alternative=shown.alternative(tag), lang=lang)
    return PostPicture(shown=shown, alternative=words.text, lang=words.lang)

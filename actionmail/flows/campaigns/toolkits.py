"""What a toolkit is put together from: the page that it shares, and its pictures."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.pictures import Picture
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.reading import campaign_page, details_of
from actionmail.rules.campaigns.pictures import ShownPicture

OFFERED = 100  # pictures, the newest, for a toolkit that is written


class Toolkit(Struct, frozen=True, kw_only=True):
    """`shares` is the campaign whose link goes round: the toolkit's own where it names none that can be seen.

    `lacks` are the hashes of pictures that are not on this installation.
    """

    shares: Campaign
    is_shared_as_named: bool
    pictures: Sequence[ShownPicture]
    lacks: Sequence[str]


def toolkit_of(session: Session, campaign: Campaign) -> Toolkit:
    """What this campaign shares."""
    details = details_of(campaign)
    slug = details["share"]
    shares = campaign_page(session, slug) if slug else campaign
    hashes: list[str] = details["pictures"]
    by_hash = _by_hash(session, hashes)
    return Toolkit(
        shares=shares or campaign,
        is_shared_as_named=shares is not None,
        pictures=[by_hash[sha256] for sha256 in hashes if sha256 in by_hash],
        lacks=[sha256 for sha256 in hashes if sha256 not in by_hash],
    )


def _by_hash(session: Session, hashes: Sequence[str]) -> dict[str, ShownPicture]:
    numbers = session.scalars(select(Picture.id).where(Picture.large_sha256.in_(hashes))).all()
    return {picture.large.sha256: picture for picture in pictures.shown(session, numbers).values()}


def to_choose_from(session: Session, chosen: Sequence[str]) -> list[tuple[str, ShownPicture | None]]:
    """Hash and picture, those that are chosen first, in their order; None for one that is not here."""
    newest = session.scalars(select(Picture.large_sha256).order_by(Picture.id.desc()).limit(OFFERED)).all()
    hashes = list(dict.fromkeys([*chosen, *newest]))
    by_hash = _by_hash(session, hashes)
    return [(sha256, by_hash.get(sha256)) for sha256 in hashes]


def uses(session: Session, number: int) -> list[str]:
    """The titles of the toolkits that show this picture."""
    sha256 = session.scalar(select(Picture.large_sha256).where(Picture.id == number))
    toolkits = session.scalars(select(Campaign).where(Campaign.kind == "toolkit").order_by(Campaign.title, Campaign.id))
    return [toolkit.title for toolkit in toolkits if sha256 in toolkit.details.get("pictures", ())]

"""How an organisation's pages look: saved by its staff, and what a campaign has of its own laid over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.brands import BrandRow
from actionmail.db.campaigns import Campaign
from actionmail.db.pictures import Picture
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.pictures import UnknownPicture
from actionmail.flows.campaigns.refusals import FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.branding import Brand
from actionmail.rules.campaigns.campaign_form import Faults, revision
from actionmail.rules.campaigns.columns import CAMPAIGN, check_value
from actionmail.rules.campaigns.pictures import ShownPicture
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

FIELDS: Final = ("colours", "font")  # checked as a campaign's own


class UnknownOrganisation(LookupError):
    """No campaign, and no settings, name this organisation."""


@dataclass(frozen=True, kw_only=True, eq=False)  # so that what is kept can hang on it
class Look:
    """How the pages of an organisation look, or of a campaign of its. The logo stands with its name."""

    organisation: str
    brand: Brand
    logo: ShownPicture | None = None


class Saved(Struct, frozen=True, kw_only=True):
    """What staff change: colours and font as they are kept, and the number of the logo, 0 for none."""

    organisation: str
    colours: Sequence[str]
    font: str
    logo: int

    @property
    def revision(self) -> str:
        return revision({"colours": list(self.colours), "font": self.font, "logo": self.logo})


def look_of(session: Session, campaign: Campaign) -> Look:
    """Of a campaign's pages."""
    own = Brand(colours=tuple(campaign.colours), font=campaign.font)
    theirs = organisation_look(session, campaign.organisation)
    return replace(theirs, brand=own.over(theirs.brand))


def organisation_look(session: Session, organisation: str) -> Look:
    """Of the pages that are no campaign's; one statement, and a second one where there is a logo."""
    row = session.get(BrandRow, organisation)
    if row is None:
        return Look(organisation=organisation, brand=Brand())
    logo = pictures.shown(session, [row.logo_id]).get(row.logo_id) if row.logo_id else None
    return Look(organisation=organisation, brand=Brand(colours=tuple(row.colours), font=row.font), logo=logo)


def organisations(session: Session, *, ours: str) -> list[str]:
    """Whose look there is to choose: that of the installation first, then whoever runs a campaign."""
    names = session.scalars(select(Campaign.organisation).distinct().order_by(Campaign.organisation))
    return list(dict.fromkeys([ours, *names]))


def saved(session: Session, organisation: str, *, ours: str) -> Saved:
    """What is saved now. Raises UnknownOrganisation."""
    if organisation not in organisations(session, ours=ours):
        raise UnknownOrganisation(organisation)
    return _saved(session.get(BrandRow, organisation), organisation)


def _saved(row: BrandRow | None, organisation: str) -> Saved:
    if row is None:
        return Saved(organisation=organisation, colours=(), font="", logo=0)
    return Saved(organisation=organisation, colours=tuple(row.colours), font=row.font, logo=row.logo_id or 0)


def save(
    session: Session, organisation: str, values: Mapping[str, Any], *, logo: int, seen: str, by: Author, now: datetime
) -> bool:
    """Give the organisation this look; whether anything was different. `seen` is the revision that was on the page.

    Raises FormRefused, UnknownPicture where somebody deleted the logo meanwhile, and Overtaken.
    """
    row = _locked(session, organisation, now)
    before = _saved(row, organisation)
    checked, faults = _checked(values)
    after = Saved(organisation=organisation, logo=logo, **checked) if not faults else before
    if before.revision != seen and before != after:
        raise Overtaken({**values, "colours": list(before.colours), "font": before.font}, "")
    if faults:
        raise FormRefused(faults)
    if before.revision == after.revision:
        return False
    if logo and _picture(session, logo) is None:
        raise UnknownPicture(logo)
    row.colours, row.font, row.logo_id, row.updated_at = list(after.colours), after.font, logo or None, now
    record(session, AuditAction.BRAND_CHANGED, ObjectKind.BRAND, organisation, by=by.id, now=now)
    session.flush()
    return True


def _checked(values: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    checked: dict[str, Any] = {}
    faults: Faults = {}
    for name in FIELDS:
        try:
            checked[name] = check_value(CAMPAIGN, name, values[name])
        except CampaignValueError as error:
            faults[name] = [error.problem]
    return checked, faults


def _locked(session: Session, organisation: str, now: datetime) -> BrandRow:
    """The row, made where there is none, and nobody else's until the transaction ends."""
    row = session.get(BrandRow, organisation, with_for_update=True, populate_existing=True)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = BrandRow(organisation=organisation, colours=[], font="", updated_at=now)
            session.add(row)
    except IntegrityError:  # somebody else saved the first one at this moment
        return session.get_one(BrandRow, organisation, with_for_update=True, populate_existing=True)
    return row


def _picture(session: Session, number: int) -> int | None:
    """Whoever deletes the picture locks its row first: either they wait for this, or it is gone by now."""
    return session.scalar(select(Picture.id).where(Picture.id == number).with_for_update(read=True, key_share=True))


def uses(session: Session, number: int) -> list[str]:
    """The organisations whose logo this picture is."""
    return list(session.scalars(select(BrandRow.organisation).where(BrandRow.logo_id == number)))

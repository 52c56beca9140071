"""The logo of an organisation under a statement: added by its receipt's link, looked at by staff, gone with the signer.

Each is a row of its own, however alike two are, so that whatever ends a signature ends its logo and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session, undefer

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.pictures import OrganisationLogo
from actionmail.flows.actions import organisations
from actionmail.flows.campaigns.reading import counted
from actionmail.flows.campaigns.refusals import FormRefused
from actionmail.rules.campaigns.campaign_form import Faults
from actionmail.rules.campaigns.pictures import LONGEST_ALTERNATIVE, PictureFile, Reencode, ShownFile
from actionmail.rules.campaigns.problems import CampaignValueError, Problem
from actionmail.rules.campaigns.value_checks import optional_line

UPLOAD: Final = "upload"  # the field of the file
ALTERNATIVE: Final = "alternative"  # and of the words for who cannot see it


class Logo(Struct, frozen=True, kw_only=True):
    """`alternative` is what its contact says that it shows, "" where the organisation's name stands for that."""

    file: ShownFile
    alternative: str


class PrintedLogo(Struct, frozen=True, kw_only=True):
    """A logo with its bytes, for a paper."""

    content: bytes
    alternative: str


class PreparedLogo(Struct, frozen=True, kw_only=True):
    """A logo made anew, or None where only its words change: nothing is kept yet."""

    file: PictureFile | None
    alternative: str


def prepare(content: bytes, alternative: str, *, reencode: Reencode) -> PreparedLogo:
    """The upload made anew, b"" for none, and its words checked. Takes its time, so outside of any transaction.

    Raises FormRefused, whose fields are UPLOAD and ALTERNATIVE.
    """
    faults: Faults = {}
    file = None
    try:
        file = reencode(content).small if content else None
    except CampaignValueError as error:
        faults[UPLOAD] = [error.problem]
    try:
        alternative = optional_line(LONGEST_ALTERNATIVE)(alternative)
    except CampaignValueError as error:
        faults[ALTERNATIVE] = [error.problem]
    if faults:
        raise FormRefused(faults)
    return PreparedLogo(file=file, alternative=alternative)


def keep(session: Session, token: str, prepared: PreparedLogo) -> bool:
    """Give the organisation of this receipt its logo, in place of the one before; whether anything is different.

    What staff decided, they decided on something else: they look at it again. Raises CannotCorrect, and FormRefused
    where there is neither a file nor a logo from before.
    """
    action = organisations.locked(session, token)
    row = session.get(OrganisationLogo, action.id, populate_existing=True)
    before = (row.sha256, row.alternative) if row else ()
    if prepared.file is None and row is None:
        raise FormRefused({UPLOAD: [Problem("picture.none")]})
    if row is None:
        row = OrganisationLogo(action_id=action.id)
        session.add(row)
    if prepared.file is not None:
        row.sha256, row.media_type = prepared.file.sha256, prepared.file.media_type
        row.width, row.height = prepared.file.width, prepared.file.height
        row.content = prepared.file.content
    row.alternative = prepared.alternative
    if before == (row.sha256, row.alternative):
        return False
    organisations.look_again(session, action)
    session.flush()
    return True


def take_away(session: Session, token: str) -> None:
    """Leave the organisation of this receipt without a logo, and what staff decided as it is. Raises CannotCorrect."""
    drop(session, organisations.locked(session, token).id)


def drop(session: Session, action_id: int) -> None:
    """Delete the logo of an action, where it has one."""
    session.execute(delete(OrganisationLogo).where(OrganisationLogo.action_id == action_id))


def under_receipt(session: Session, token: str) -> Logo | None:
    """The logo of a receipt's organisation, None where it has none."""
    row = session.scalar(_of_receipt(token))
    return of_row(row) if row else None


def public(session: Session, campaign: Campaign) -> Mapping[int, Logo]:
    """By the actions' numbers, the logos that stand in a statement's public list."""
    return {row.action_id: of_row(row) for row in session.scalars(_public(Action.campaign_id == campaign.id))}


def printed(session: Session, campaign: Campaign) -> Mapping[int, PrintedLogo]:
    """By the actions' numbers, the logos of the public list with their bytes, of some 20 kB each."""
    query = _public(Action.campaign_id == campaign.id).options(undefer(OrganisationLogo.content))
    rows = session.scalars(query)
    return {row.action_id: PrintedLogo(content=bytes(row.content), alternative=row.alternative) for row in rows}


def public_file(session: Session, sha256: str) -> PictureFile | None:
    """One that stands in a public list, to be served; None for any other."""
    row = session.scalars(_public(OrganisationLogo.sha256 == sha256).limit(1)).first()
    return _file(row) if row else None


def own_file(session: Session, token: str) -> PictureFile | None:
    """The logo of a receipt's organisation, whatever staff decided."""
    row = session.scalar(_of_receipt(token))
    return _file(row) if row else None


def file_under(session: Session, campaign: Campaign, number: int) -> PictureFile | None:
    """The logo of an action on this campaign, for staff, before anybody else sees it."""
    query = select(OrganisationLogo).join(Action, Action.id == OrganisationLogo.action_id)
    row = session.scalar(query.where(Action.id == number, Action.campaign_id == campaign.id))
    return _file(row) if row else None


def _of_receipt(token: str) -> Select[OrganisationLogo]:
    query = select(OrganisationLogo).join(Action, Action.id == OrganisationLogo.action_id)
    return query.where(Action.receipt_token == token)


def _public(condition: ColumnElement[bool]) -> Select[OrganisationLogo]:
    query = select(OrganisationLogo).join(Action, Action.id == OrganisationLogo.action_id)
    return query.where(condition, *counted()).order_by(OrganisationLogo.action_id)


def of_row(row: OrganisationLogo) -> Logo:
    """As pages show it."""
    file = ShownFile(sha256=row.sha256, media_type=row.media_type, width=row.width, height=row.height)
    return Logo(file=file, alternative=row.alternative)


def _file(row: OrganisationLogo) -> PictureFile:
    return PictureFile(content=bytes(row.content), media_type=row.media_type, width=row.width, height=row.height)

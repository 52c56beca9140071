"""How a page looks: the organisation's colours, font and logo, with the campaign's own laid over them.

The colours come as a style sheet of their own, whose address has all of them: our Content-Security-Policy takes no
style from within a page, and whoever has the address needs no database. `site.css` has everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import pass_context
from jinja2.runtime import Context

from actionmail import __version__
from actionmail.flows.campaigns import brands
from actionmail.flows.campaigns.brands import Look
from actionmail.rules.campaigns.branding import FONTS, Brand, colours, style_sheet
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.web.platform.arguments import short_line
from actionmail.web.platform.context import services
from actionmail.web.supporter.pictures import for_ever
from actionmail.web.supporter.post_pictures import file_path

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

bp = Blueprint("looks", __name__)
_LONGEST = 40
_ABOUT = ("step", "receipt", "asked", "letter")  # what a page may be about, besides a campaign itself


@bp.get("/look.css")
def theme() -> ResponseReturnValue:
    """The style sheet of the colours and the font that its address names."""
    brand = _named(request.args)
    if brand is None:
        abort(404)
    return for_ever(Response(style_sheet(brand), content_type="text/css; charset=utf-8"), __version__)


def _named(values: Mapping[str, str]) -> Brand | None:
    """None where one of them is none that would be saved."""
    named, font = short_line(values, "colours", most=_LONGEST), short_line(values, "font", most=_LONGEST)
    if font and font not in FONTS:
        return None
    try:
        return Brand(colours=tuple(colours(named.split("-"))) if named else (), font=font)
    except CampaignValueError:
        return None


def theme_address(brand: Brand) -> str:
    """Where the brand's style sheet is; "" for one that has nothing of its own."""
    if brand == Brand():
        return ""
    named = "-".join(colour.removeprefix("#") for colour in brand.colours)
    return url_for("looks.theme", colours=named or None, font=brand.font or None, v=__version__)


@bp.app_template_global()
@pass_context
def page_campaign(context: Context) -> Campaign | None:
    """The campaign that the page is about; found once in a request."""
    if "page_campaign" not in g:
        g.page_campaign = _campaign(context)
    return cast("Campaign | None", g.page_campaign)


def _campaign(context: Context) -> Any:
    """None too where a page of staff names a campaign by its slug alone."""
    about = [context.get("campaign"), *(getattr(context.get(name), "campaign", None) for name in _ABOUT)]
    return next((campaign for campaign in about if hasattr(campaign, "slug")), None)


@bp.app_template_global()
@pass_context
def page_look(context: Context) -> Look:
    """Of the campaign that the page is about, or else of the installation's organisation; found once in a request."""
    if "look" not in g:
        g.look = _look(page_campaign(context))
    return cast("Look", g.look)


def _look(campaign: Campaign | None) -> Look:
    if campaign:
        return campaign_look(campaign)
    with services().database.read() as db:
        return brands.organisation_look(db, services().settings.organisation)


def campaign_look(campaign: Campaign) -> Look:
    """As it was kept with the campaign, or else as it is saved now."""
    snapshot = services().campaigns.last(campaign.slug)
    if snapshot is not None and snapshot.campaign is campaign:
        return snapshot.look
    with services().database.read() as db:
        return brands.look_of(db, campaign)


bp.add_app_template_global(theme_address, "theme_address")
bp.add_app_template_global(file_path, "picture_path")

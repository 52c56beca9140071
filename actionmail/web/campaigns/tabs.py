"""The pages of one campaign, as tabs above each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request, url_for
from msgspec import Struct

from actionmail.rules.campaigns.kinds import kind_of as rules_of
from actionmail.web.campaigns.kinds import kind_of

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign


class Tab(Struct, frozen=True, kw_only=True):
    """A page's name and address, and whether it, or one below it, is the page that is shown."""

    name: str
    url: str
    is_current: bool


# The pages that stand below a tab, by their endpoints. The first is where the tab leads.
_OVERVIEW: Final = ("campaigns.campaign", "campaigns.ask_change", "editor.copy")
_KIND: Final = ("editor.kind",)
_PAGES: Final = {
    "Details": ("editor.details",),
    "The page's text": ("editor.page",),
    "Picture": ("campaigns.post_picture",),
    "Translations": ("editor.translations", "editor.translation"),
    "In the news": ("editor.post",),
    "Thanks and look": ("editor.look",),
}
_OF_LETTERS: Final = {
    "Targets": ("targets.rules", "editor.targets"),
    "Letters": (
        "campaigns.letters",
        "editor.letter",
        "campaigns.preview",
        "campaigns.send_test",
        "campaigns.check",
        "campaigns.versions",
        "campaigns.differences",
    ),
}


def tabs_of(campaign: Campaign) -> list[Tab]:
    """A campaign's tabs, in the order in which it is written."""
    kind = kind_of(campaign.kind)
    pages: dict[str, tuple[str, ...]] = {"Overview": _OVERVIEW}
    if kind.form is not None:
        pages[kind.heading] = _KIND
    pages |= _PAGES
    if rules_of(campaign.kind).writes_letters:
        pages |= _OF_LETTERS
    return [
        Tab(name=name, url=url_for(endpoints[0], slug=campaign.slug), is_current=request.endpoint in endpoints)
        for name, endpoints in pages.items()
    ]

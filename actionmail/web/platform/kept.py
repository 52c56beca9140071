"""What is made of a campaign for everybody alike: once for each form of it that the process keeps."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

from flask import request
from markupsafe import Markup

from actionmail.rules.speech import spoken
from actionmail.web.platform.context import services
from actionmail.web.platform.embedding import embedded

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

_T = TypeVar("_T")


def made_of(campaign: Campaign, of: Hashable, make: Callable[[], _T]) -> _T:
    """What `make` makes of this form of the campaign and of `of`, which has few values: nothing of a visitor."""
    snapshot = services().campaigns.last(campaign.slug)
    if snapshot is None or snapshot.campaign is not campaign:
        return make()
    if of not in snapshot.made:
        snapshot.made[of] = make()
    return cast(_T, snapshot.made[of])


def part_of_page(campaign: Campaign, name: str, make: Callable[[], str]) -> Markup:
    """The same of a part of its pages that hangs on nothing but the campaign and the language that is spoken.

    Within a page of others addresses are each visitor's own.
    """
    of = name, spoken().tag, request.script_root
    return Markup(make() if embedded() else made_of(campaign, of, make))  # noqa: S704  # of a template of ours

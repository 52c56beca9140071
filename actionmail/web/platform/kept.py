"""What is made of a campaign for everybody alike: once for each form of it that the process keeps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

from flask import g, request
from markupsafe import Markup, escape
from msgspec import Struct

from actionmail.rules.speech import spoken
from actionmail.web.platform.context import services
from actionmail.web.platform.embedding import embedded

if TYPE_CHECKING:
    from jinja2.runtime import Macro

    from actionmail.db.campaigns import Campaign

_T = TypeVar("_T")
MOST: Final = 1000  # things made of one campaign; where it would be more, all of them are made anew
_MARK: Final = secrets.token_hex(16)  # no text has it by chance
_GAP: Final = re.compile(rf"{_MARK}\[(\w+)\]")


class _Place(Struct, frozen=True):
    """Where what is made of a campaign is kept; `root` is the address of the application, None within another page."""

    campaign: Campaign
    made: dict[Hashable, Any] | None  # None: it is no form of it that the process keeps
    root: str | None


def _place(campaign: Campaign) -> _Place:
    """Found once in a request: a page has a dozen such things."""
    place: _Place | None = g.get("place_of_made")
    if place is None or place.campaign is not campaign:
        snapshot = services().campaigns.last(campaign.slug)
        is_kept = snapshot is not None and snapshot.campaign is campaign
        made = snapshot.made if snapshot and is_kept else None
        place = g.place_of_made = _Place(campaign, made, None if embedded() else request.script_root)
    return place


def made_of(campaign: Campaign, of: Hashable, make: Callable[[], _T]) -> _T:
    """What `make` makes of this form of the campaign and of `of`, which has few values: nothing of a visitor."""
    return _made(_place(campaign).made, of, make)


def _made(before: dict[Hashable, Any] | None, of: Hashable, make: Callable[[], _T]) -> _T:
    if before is None:
        return make()
    try:
        return cast(_T, before[of])
    except KeyError:
        made = make()
    if len(before) >= MOST:
        before.clear()
    before[of] = made
    return made


def made_for_pages(campaign: Campaign, of: Hashable, make: Callable[[], _T]) -> _T:
    """The same of what hangs on the language that is spoken and the address of the application too.

    Within a page of others addresses are each visitor's own, so nothing is kept there.
    """
    place = _place(campaign)
    return make() if place.root is None else _made(place.made, (of, spoken().tag, place.root), make)


def kept_part(campaign: Campaign | None, macro: Macro, *alike: Hashable, is_kept: bool = True, **own: object) -> Markup:
    """A part of a page about the campaign, as `macro(*alike, **own)` makes it: once for everybody whose page is alike.

    What a macro is given is all that it knows (it is imported without the page's context), so what is kept hangs on
    `alike`, of which there are few, on the language that is spoken, and on the address of the application. `own` is
    each visitor's: the macro shows it and does nothing else with it, leaving a gap there that is filled for each of
    them. Within a page of others nothing is kept, nor where `is_kept` says so.
    """
    if campaign is None or not is_kept or (place := _place(campaign)).root is None:
        return Markup(macro(*alike, **own))  # noqa: S704  # of a template of ours

    def make() -> Sequence[str]:
        return _GAP.split(macro(*alike, **{name: _Gap(name) for name in own}))

    pieces = list(_made(place.made, (macro, spoken().tag, place.root, alike), make))
    shown = {name: escape(value) for name, value in own.items()}  # once, in however many gaps it stands
    pieces[1::2] = [shown[name] for name in pieces[1::2]]
    return Markup("".join(pieces))  # noqa: S704  # the same, and what is a visitor's is escaped


class _Gap:
    """Stands for what is a visitor's own, in what is made for everybody. It can be shown, and nothing else."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __html__(self) -> str:
        return f"{_MARK}[{self._name}]"

    def _refuse(self, *_args: object) -> NoReturn:
        raise TypeError(f"{self._name} is a visitor's own: a part of a page that is kept can only show it")

    __str__ = __bool__ = __len__ = __iter__ = __eq__ = _refuse

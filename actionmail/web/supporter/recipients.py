"""Whom a supporter writes to, in the words of their page: by name, or if many by what they have in common."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from actionmail.flows.actions.composing import Copy, Recipients
from actionmail.flows.actions.previewing import Preview
from actionmail.rules.campaigns.targets import Members
from actionmail.rules.moments import listed
from actionmail.rules.speech import gettext, ngettext
from actionmail.web.campaigns.words import members
from actionmail.web.supporter.step import bp
from actionmail.web.supporter.words import NO_EMAIL_KNOWN, refusal

_NAMED = 3  # others who are named one by one
_SHORT = 70  # characters of what they have in common, to stand on a button


class Others(Struct, frozen=True, kw_only=True):
    """Legislators who are not the supporter's own, and what they have in common: "members of the …", or ""."""

    why: str
    copies: tuple[Copy, ...]


def others(recipients: Recipients) -> list[Others]:
    """Those who are not the supporter's own, by what they have in common; who is named alone comes last."""
    by_why: dict[Members | None, list[Copy]] = {}
    for copy in recipients.others:
        by_why.setdefault(copy.why, []).append(copy)
    groups = []
    for why, copies in by_why.items():
        groups.append(Others(why=members(why) if why else "", copies=tuple(copies)))
    return sorted(groups, key=lambda group: not group.why)


def button(recipients: Recipients) -> str:
    """What pressing it does, with everybody who gets an e-mail named or counted."""
    if not recipients.writable:
        return ngettext("Get my letter to copy", "Get my letters to copy", len(recipients.copied))
    return gettext("Send to %(whom)s", whom=listed(_names(recipients.writable, short=True)))


def heading(copies: Sequence[Copy]) -> str:
    """Whom one letter goes to: "Senator Uma Pattern and 9 members of the …"."""
    return listed(_names(copies, short=False))


def to_preview(copies: Sequence[Copy]) -> list[Copy]:
    """Each of the supporter's own, and of the others, who differ in name alone, the first."""
    own, rest = _parted(copies)
    return [*own, *(rest if len(rest) <= _NAMED else rest[:1])]


def _parted(copies: Sequence[Copy]) -> tuple[list[Copy], list[Copy]]:
    """Those to the supporter's own, and the rest."""
    own: list[Copy] = []
    rest: list[Copy] = []
    for copy in copies:
        (own if copy.is_own else rest).append(copy)
    return own, rest


@bp.app_template_filter("preview_problem")
def preview_problem(shown: Preview) -> str:
    """Why the letter that is shown would not go, "" where it would."""
    if shown.unwritable is not None:
        return refusal(shown.unwritable)
    return "" if shown.copy.can_go else str(NO_EMAIL_KNOWN)


def _names(copies: Sequence[Copy], *, short: bool) -> list[str]:
    def name(copy: Copy) -> str:
        return copy.short_name if short else copy.title_name

    own_copies, rest = _parted(copies)
    own = [*map(name, own_copies)]
    if len(rest) <= _NAMED:
        return [*own, *map(name, rest)]
    common = {copy.why for copy in rest}
    alike = common.pop() if len(common) == 1 else None
    why = members(alike) if alike else ""
    if not why or (short and len(why) > _SHORT):
        if own:
            return [*own, ngettext("%(count)s other", "%(count)s others", len(rest))]
        return [ngettext("%(count)s legislator", "%(count)s legislators", len(rest))]
    return [*own, gettext("%(count)s %(members)s", count=len(rest), members=why)]

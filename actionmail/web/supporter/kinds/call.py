"""A call: whom, with which words, and how it went. Its pages' forms are its own (`web.supporter.calling`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from actionmail.rules.speech import lazy, ngettext
from actionmail.web.supporter.call_panel import panel
from actionmail.web.supporter.kinds.kind import Kind, Texts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


def _shown(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    shown = panel(session, campaign)
    return {"panel": shown, "own_form": shown.form}


KIND: Final = Kind(
    code="call",
    name=lazy("Call"),
    act=lazy("Make a call"),
    counted=lambda count: ngettext("%(count)s call was made", "%(count)s calls were made", count),
    has_own_forms=True,
    shown=_shown,
    texts=Texts(
        done=lazy("Thank you for calling"),
        undone=lazy("This call is taken back"),
        undo=lazy("This call does not count: take it back"),
        seen=lazy("This link needs no account. Whoever has it can see how your call went, so keep it to yourself."),
        go_on=lazy("Continue to your calls"),
        whose=lazy("You call only the people who represent you, so please tell us who they are."),
        nobody=lazy("You call nobody in the %(chamber)s."),
        nobody_as_yours=lazy("You call nobody in the %(chamber)s as their constituent."),
        choose_one=lazy("Choose at least one legislator: without one, there is nobody to call."),
        street_asked=lazy(
            "Where you live in %(zip)s. It goes to %(finder)s, without your name, "
            "and we do not keep it; for the map we remember, for about a day, about where it is."
        ),
        street_stays=lazy(
            "Where you live in %(zip)s. It stays on our machine, and we do not keep it; "
            "for the map we remember, for about a day, about where it is."
        ),
        closed=lazy("“%(campaign)s” is closed. Thank you for wanting to call."),
    ),
)

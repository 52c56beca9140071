"""A call: whom, with which words, and how it went. Its pages' forms are its own (`web.supporter.calling`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

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
    name="Call",
    act="Make a call",
    counted=lambda count: f"{count:,} {'call was' if count == 1 else 'calls were'} made",
    has_own_forms=True,
    shown=_shown,
    texts=Texts(
        done="Thank you for calling",
        undone="This call is taken back",
        undo="This call does not count: take it back",
        seen="how your call went",
        go_on="Continue to your calls",
        whose="You call only the people who represent you",
        nobody="You call nobody in the {chamber}",
        choose_one="Choose at least one legislator: without one, there is nobody to call.",
        until="for about a day",
        closed="is closed. Thank you for wanting to call.",
        paused="is paused at the moment. Please come back later.",
        early="is not open yet. Please come back later.",
    ),
)

"""A signature: one a mailbox, and none without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actionmail.flows.actions.kinds.kind import Kind
from actionmail.flows.actions.refusals import OtherState
from actionmail.rules.speech import mark

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.actions.taking import Press


def _check(campaign: Campaign, press: Press) -> None:
    """Raises OtherState for somebody from elsewhere than the petition asks for."""
    if campaign.details.get("only_from_state") and campaign.state and press.state != campaign.state:
        raise OtherState(campaign.state)


KIND: Final = Kind(
    code="petition",
    did=mark("Somebody, most likely you, signed a petition with this e-mail address."),
    is_once=True,
    check=_check,
    ends_with_erasure=True,
)  # fmt: skip

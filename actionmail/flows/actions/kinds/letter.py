"""Letters are composed, frozen and queued by `submitting`; which legislator has one already, their messages say."""

from __future__ import annotations

from typing import Final

from actionmail.flows.actions.kinds.kind import Kind

KIND: Final = Kind(code="letter")

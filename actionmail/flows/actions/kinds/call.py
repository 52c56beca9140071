"""A call: what is kept of it names nobody but who was called, so all of it outlives an erasure; see `calling`."""

from __future__ import annotations

from typing import Final

from actionmail.flows.actions.kinds.kind import Kind
from actionmail.rules.speech import mark

KIND: Final = Kind(
    code="call", did=mark("Somebody, most likely you, made a call with this e-mail address."), lasting=dict
)

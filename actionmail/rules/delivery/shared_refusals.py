"""When a mail server refuses everybody with the same words, it is not about the mailboxes: it is about us.

A relay that passes nothing on for us may answer each RCPT as if that recipient were at fault: "Invalid recipient"
(OpenSMTPD). Where the words do not say whom they are about (`answer_table`), what tells is that several recipients
meet one and the same refusal, and none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from actionmail.rules.delivery.states import Outcome, Phase, State

FEWEST: Final = 2  # different recipients
_ADDRESS = re.compile(r"[^\s<>{}()\[\]:;,@]{1,64}@[^\s<>{}()\[\]:;,@]{1,255}")
_NUMBER = re.compile(r"\d+")
_AT_RCPT: Final = frozenset({Phase.RCPT})
_BEFORE_DATA: Final = frozenset({Phase.CONNECT, Phase.MAIL, Phase.RCPT})
_FOR_GOOD: Final = frozenset({State.FAILED, State.HELD})


def shared_refusal(
    outcomes: Mapping[int, Outcome], recipients: Mapping[int, str], *, earlier: str = "", is_direct: bool = False
) -> str:
    """The one refusal that all these letters met at RCPT, as `refusal_of` has it, or "" where that is not so.

    `outcomes` are those of one handover by letter, `recipients` the addresses. Where `earlier` is such a refusal, one
    letter that meets it again is enough. Where the domains' own servers answered (`is_direct`), it takes several
    domains: one refuses whom it likes.
    """
    on_wire = {id_: outcome for id_, outcome in outcomes.items() if outcome.code is not None}
    refusals = {refusal_of(outcome, is_direct=is_direct) for outcome in on_wire.values()}
    if len(refusals) != 1:
        return ""
    (refusal,) = refusals
    addresses = {recipients[id_].casefold() for id_ in on_wire}
    if is_direct:
        addresses = {address.rpartition("@")[2] for address in addresses}
    return refusal if len(addresses) >= FEWEST or refusal == earlier else ""


def refusal_of(outcome: Outcome, *, is_direct: bool = False) -> str:
    """A refusal at RCPT without what differs from recipient to recipient; "" for what is none.

    Of the domains' own servers (`is_direct`) one before it as well: with a relay, such a one stops the worker anyway.
    """
    if outcome.phase not in (_BEFORE_DATA if is_direct else _AT_RCPT) or outcome.state not in _FOR_GOOD:
        return ""
    words = _NUMBER.sub("", _ADDRESS.sub("", outcome.text.removeprefix(outcome.enhanced)))
    parts = [str(outcome.code), outcome.enhanced, " ".join(words.split())[:120]]
    return " ".join(part for part in parts if part)

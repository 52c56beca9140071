"""Every refusal of an action has its sentence, and every fault of a letter."""

from __future__ import annotations

import pytest

from actionmail.flows.actions import refusals
from actionmail.flows.actions.refusals import (
    ActRefused,
    AlreadyActed,
    LetterRefused,
    LikelySigned,
    OtherState,
    Unwritable,
)
from actionmail.rules.campaigns.letter_faults import Fault, LetterFault, Part
from actionmail.rules.delivery.mail_headers import EnvelopeError, EnvelopeFault
from actionmail.web.supporter import words


def refused(kind: type[ActRefused]) -> ActRefused:
    if kind is AlreadyActed:
        return AlreadyActed([f"Senator {number}" for number in range(6)])
    if kind is LetterRefused:
        return LetterRefused([LetterFault(letter="x", part=Part.BODY, code=Fault.NO_TEXT)])
    if kind is Unwritable:
        return Unwritable("Senator Sample", EnvelopeError("subject", EnvelopeFault.EMPTY))
    if kind is OtherState:
        return OtherState("WI")
    if kind is LikelySigned:
        return LikelySigned(["Moon Aid", "Sun Aid"])
    return kind()


@pytest.mark.parametrize("kind", ActRefused.__subclasses__(), ids=lambda kind: str(kind.__name__))
def test_every_refusal_has_a_sentence(kind: type[ActRefused]) -> None:
    assert kind.__module__ == refusals.__name__
    assert words.refusal(refused(kind)).endswith(".")


@pytest.mark.parametrize("code", Fault)
@pytest.mark.parametrize("part", Part)
def test_every_fault_has_a_sentence(code: Fault, part: Part) -> None:
    sentence = words.letter_fault(LetterFault(letter="everyone", part=part, code=code, value="3:7"))
    assert sentence.endswith(".")
    assert code in {Fault.NO_SUBJECT, Fault.NO_TEXT} or "3" in sentence


@pytest.mark.parametrize("code", EnvelopeFault)
def test_every_fault_of_an_envelope_has_a_sentence(code: EnvelopeFault) -> None:
    sentence = words.envelope_fault(EnvelopeError("recipient", code, "201"))
    assert sentence.startswith("recipient: ")
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_of_many_legislators_the_first_three_are_named() -> None:
    said = words.refusal(AlreadyActed([f"Senator {number}" for number in range(6)]))
    assert "Senator 0 and Senator 1 and Senator 2 and 3 others is there already" in said
    said = words.refusal(AlreadyActed(["Senator 0", "Senator 1"]))
    assert "Senator 0 and Senator 1 is there already" in said

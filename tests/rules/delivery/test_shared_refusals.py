from __future__ import annotations

import pytest

from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.domain_word import read_as_domains
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.shared_refusals import refusal_of, shared_refusal
from actionmail.rules.delivery.states import Phase, refused_here

A, B, C = "rep.a@one.example", "rep.b@two.example", "rep.c@one.example"


def no(address: str, words: str = "Invalid recipient", phase: Phase = Phase.RCPT) -> object:
    return classify(phase, 550, f"{words}: <{address}>")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({1: no(A), 2: no(B)}, "550 Invalid recipient: <>"),
        ({1: no(A), 2: no(C)}, "550 Invalid recipient: <>"),
        ({1: no(A), 2: no(B), 3: refused_here(Reason.TEXT_GONE)}, "550 Invalid recipient: <>"),  # not on the wire
        ({1: no(A)}, ""),
        ({1: no(A), 4: no(A)}, ""),  # one recipient, twice
        ({1: no(A), 2: no(B, "No such user")}, ""),
        ({1: no(A), 2: no(B), 3: classify(Phase.BODY, 250, "ok")}, ""),
        ({1: no(A), 2: no(B), 3: classify(Phase.RCPT, 450, "later")}, ""),
        ({1: no(A, phase=Phase.BODY), 2: no(B, phase=Phase.BODY)}, ""),
        ({}, ""),
    ],
)
def test_what_everybody_meets_is_not_about_the_mailboxes(outcomes: dict, expected: str) -> None:  # type: ignore[type-arg]
    assert shared_refusal(outcomes, {1: A, 2: B, 3: C, 4: A}) == expected


def test_one_letter_that_meets_the_earlier_refusal_is_enough() -> None:
    earlier = refusal_of(no(B))  # type: ignore[arg-type]
    assert shared_refusal({1: no(A)}, {1: A}, earlier=earlier) == earlier  # type: ignore[dict-item]
    assert shared_refusal({1: no(A, "Unknown")}, {1: A}, earlier=earlier) == ""  # type: ignore[dict-item]


def test_a_refusal_is_kept_without_addresses_and_numbers_and_bounded() -> None:
    refusal = refusal_of(classify(Phase.RCPT, 550, f"5.1.1 <{A}> gone (see 12345) " + "x" * 300))
    assert refusal.startswith("550 5.1.1 <> gone (see ) xxx")
    assert len(refusal) < 140


def blocked(phase: Phase) -> object:
    return read_as_domains(phase, 554, "blocked")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({1: no(A), 2: no(B)}, "550 Invalid recipient: <>"),
        ({1: no(A), 3: no(C)}, ""),  # of one domain, which refuses whom it likes
        ({1: blocked(Phase.CONNECT), 2: blocked(Phase.MAIL)}, "554 blocked"),
        ({1: blocked(Phase.CONNECT)}, ""),
        ({1: blocked(Phase.BODY), 2: blocked(Phase.BODY)}, ""),
    ],
)
def test_of_the_domains_own_servers_several_have_to_refuse(outcomes: dict, expected: str) -> None:  # type: ignore[type-arg]
    assert shared_refusal(outcomes, {1: A, 2: B, 3: C}, is_direct=True) == expected

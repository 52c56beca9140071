"""Every letter for every target, and what is wrong in it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from actionmail.rules import letters, matrix, titles
from actionmail.rules.campaign_file import read_campaign
from actionmail.rules.matrix import Matrix, Target, render_matrix
from actionmail.settings import bundled
from actionmail.web.forms import MAX_BODY

CAMPAIGNS = {
    path.stem: read_campaign(path.read_text(encoding="utf-8"), source=path.name)
    for path in sorted((bundled("data") / "campaigns").glob("*.toml"))
}


def target(chamber: str = "lower", **different: Any) -> Target:
    values = {"state": "WI", "district": "76", "name": "Lara Sample", "family_name": "Sample", "has_address": True}
    return Target(chamber=chamber, **{**values, **different})


BOTH = [target("upper", name="Uma Pattern", family_name="Pattern", district="26"), target()]


def check(letter: dict[str, Any] | None = None, *, slug: str = "ab969", **campaign: Any) -> Matrix:
    """The matrix of a sample with its first letter changed."""
    columns, found = CAMPAIGNS[slug]
    return render_matrix({**columns, **campaign}, [{**found[0], **(letter or {})}, *found[1:]], BOTH)


def kinds(found: Matrix) -> list[tuple[str, int]]:
    return [(fault.kind, fault.targets) for fault in found.faults]


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_the_samples_are_clean_for_every_chamber(slug: str) -> None:
    columns, found = CAMPAIGNS[slug]
    targets = [target(chamber, state=columns["state"]) for chamber in ("upper", "lower")]
    done = render_matrix(columns, found, targets)
    assert done.faults == ()
    assert done.is_clean
    subjects = sum(len(one["subjects"]) * len(one["chambers"]) for one in found)
    assert done.rendered == len(matrix.SAMPLES) * subjects


AB969_BODY = CAMPAIGNS["ab969"][1][0]["body"]


@pytest.mark.parametrize(
    ("letter", "kind", "targets", "words"),
    [
        ({"body": f"{AB969_BODY}\n\n[add your story here]"}, "prompt", 2, "add your story here"),
        ({"opening": "Dear Senator {{ legislator_last_name }},"}, "title", 1, "it is Representative"),
        ({"opening": "Dear Sen. {{ legislator_last_name }},"}, "title", 1, "it is Representative"),
        ({"opening": "Representative {{ legislator_name }},"}, "title", 1, "it is Senator"),
        ({"opening": "Dear {{ legislator_title }} Pattern,"}, "name", 1, "Lara Sample"),
        ({"closing": "{{ supporter_name }}\nWisconsin State Senate"}, "chamber", 1, "Wisconsin State Assembly"),
        ({"opening": "{{ salutation }}\n\nAs a member of the Senate, help."}, "chamber", 1, "member of the Senate"),
        ({"body": "Please support AB 969."}, "position", 2, "the campaign's position is: oppose"),
        ({"body": "AB 969 matters. Please vote yes!"}, "position", 2, "Please vote yes"),
        ({"body": "{{ bill }}: I support this bill."}, "position", 2, "I support this bill"),
        ({"subjects": ["AB 969: vote yes"]}, "position", 2, "The subject says"),
        ({"body": "Please vote no."}, "bill", 2, "does not name the bill, AB 969"),
        ({"subjects": ["AB 969 " + "x" * 72]}, "subject too long", 2, "79 characters"),
        ({"subjects": ["Short", "{% if street %}{{ street }}{% endif %}, no to bill"]}, "subject too long", 2, "Boul"),
        ({"body": "AB 969. " + "x" * 5_000}, "too long", 2, "supporters can send 5,000"),
        ({"subjects": ["STOP THIS BILL AB 969 NOW"]}, "capitals", 2, "all capitals"),
        ({"body": "AB 969 must go. WE WILL NOT BE SILENT about it."}, "capitals", 2, "WE WILL NOT BE SILENT"),
        ({"body": "AB 969: https://a.example and www.b.example"}, "links", 2, "2 links"),
        ({"subjects": ["{% if city %}AB{% endif %}"]}, "blank", 2, "empty"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(letter: dict[str, Any], kind: str, targets: int, words: str) -> None:
    found = check(letter)
    fault = next(fault for fault in found.faults if fault.kind == kind)
    assert fault.targets == targets
    assert len(fault.examples) == targets
    assert words in fault.sentence
    assert not found.is_clean


@pytest.mark.parametrize(
    "words",
    [
        "Please do not support AB 969.",
        "The groups that support AB 969 are wrong.",
        "I can't support this bill.",
        "Please support counselors, nurses and teachers.",
        "Support our schools. Some who vote yes say otherwise.",
        "When the Senate passed it, nobody asked us.",
        "It is time for ACT 31 and AB 969 to be read.",
        "One link is fine: https://example.org/",
        "The bill is in the Assembly and in the Senate.",
    ],
)
def test_honest_words_are_no_fault(words: str) -> None:
    assert check({"body": f"Please vote no on A.B. 969.\n\n{words}"}).faults == ()


def test_a_support_campaign_may_not_ask_for_a_no() -> None:
    assert kinds(check({"body": "Please vote no on SB 1161."}, slug="sb1161", state="WI")) == [("position", 1)]
    assert kinds(check({"body": "Please stop SB1161."}, slug="sb1161", state="WI")) == [("position", 1)]
    assert kinds(check({"body": "Please vote yes on SB1161."}, slug="sb1161", state="WI")) == []


@pytest.mark.parametrize("text", ["SB1161", "S.B. 1161", "sb-1161", "(SB 1161)"])
def test_a_bills_number_may_be_spaced_and_dotted(text: str) -> None:
    assert matrix.bill_pattern("SB 1161").search(text)


@pytest.mark.parametrize("text", ["SB 11612", "ASB 1161", "SB 116", "AB 1161"])
def test_another_bills_number_is_not_taken_for_it(text: str) -> None:
    assert not matrix.bill_pattern("SB 1161").search(text)


def test_who_gets_which_letter_is_the_first_that_fits() -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    senate = {**one, "name": "Senate", "chambers": ["upper"]}
    never = {**one, "name": "Never"}
    targets = [*BOTH, target(has_address=False, name="No Address", family_name="Address")]
    found = render_matrix(columns, [senate, one, never], targets)
    assert [(row.chamber_name, row.letter, row.targets, row.without_address) for row in found.audiences] == [
        ("Wisconsin State Senate", "Senate", 1, 0),
        ("Wisconsin State Assembly", "Both chambers", 2, 1),
    ]
    assert found.unused == ("Never",)
    assert found.is_clean


def test_a_chamber_without_a_letter_and_a_roster_without_anybody_are_faults() -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    found = render_matrix(columns, [{**one, "chambers": ["upper"]}], [])
    assert [(fault.kind, fault.letter) for fault in found.faults] == [("no letter", ""), ("no target", "")]
    assert "Wisconsin State Assembly" in found.faults[0].sentence


def test_where_there_is_one_chamber_every_letter_is_for_it() -> None:
    found = render_matrix(
        {**CAMPAIGNS["ab969"][0], "state": "NE"}, CAMPAIGNS["ab969"][1], [target("legislature", state="NE")]
    )
    assert [(row.chamber_name, row.letter) for row in found.audiences] == [("Nebraska Legislature", "Both chambers")]
    assert found.is_clean


def test_the_longest_body_is_what_supporters_can_send() -> None:
    assert matrix.MAX_BODY == MAX_BODY


def test_the_whole_countrys_legislators_times_five_letters_take_seconds() -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    opening = "{{ salutation }}\n\nI live in {{ place }}, in your district {{ legislator_district }}."
    five = [{**one, "name": f"Letter {number}", "opening": opening} for number in range(5)]
    states = [state for state in titles.STATES if state not in titles.ONE_CHAMBER]
    targets = [
        target("upper" if n % 3 else "lower", state=states[n % len(states)], district=str(n), family_name=f"Name{n}")
        for n in range(7_500)
    ]
    begun = time.process_time()
    found = render_matrix(columns, five, targets)
    assert time.process_time() - begun < 3
    assert found.rendered >= 37_500
    assert found.is_clean


def test_a_letter_that_cannot_be_filled_is_a_fault() -> None:
    (fault,) = check({"body": "AB 969 {{ bil }}"}).faults
    assert (fault.kind, fault.letter) == ("unreadable", "Both chambers")
    assert "did you mean bill?" in fault.sentence


def test_samples_of_supporters_fill_every_field_or_leave_it_out() -> None:
    (one,) = CAMPAIGNS["ab969"][1]
    assert letters.parse(one["closing"]).names == ("supporter_name", "address")
    assert {sample.city for sample in matrix.SAMPLES} >= {""}

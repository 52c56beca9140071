"""Every letter for every target, and what is wrong in it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from actionmail.rules.campaigns import letter_language, lint, matrix
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.fields import CampaignFields, LegislatorFields, SupporterFields, field_values
from actionmail.rules.campaigns.filled_letter import LetterText, fill_letter, for_another
from actionmail.rules.campaigns.matrix import Matrix, render_matrix
from actionmail.rules.campaigns.targets import Target
from actionmail.rules.roster import titles
from actionmail.settings import bundled
from actionmail.web.campaigns.words import members, sentence
from actionmail.web.supporter.forms import MAX_BODY
from tests.growth import LINEAR, growth

CAMPAIGNS = {
    path.stem: read_campaign(path.read_text(encoding="utf-8"), source=path.name)
    for path in sorted((bundled("data") / "campaigns").glob("*.toml"))
    if "[[letters]]" in path.read_text(encoding="utf-8")
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
        ({"body": f"{AB969_BODY}\n\n[agregue su historia]"}, "prompt", 2, "agregue su historia"),
        ({"body": f"{AB969_BODY}\n\nMy child is ____ years old."}, "prompt", 2, "____"),
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
        ({"subjects": ["AB 969 " + "x" * 72]}, "subject-too-long", 2, "79 characters"),
        ({"subjects": ["Short", "{% if street %}{{ street }}{% endif %}, no to bill"]}, "subject-too-long", 2, "Boul"),
        ({"body": "AB 969. " + "x" * 5_000}, "too-long", 2, "supporters can send 5,000"),
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
    assert words in sentence(fault.problem)
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
    assert lint.bill_pattern("SB 1161").search(text)


@pytest.mark.parametrize("text", ["SB 11612", "ASB 1161", "SB 116", "AB 1161"])
def test_another_bills_number_is_not_taken_for_it(text: str) -> None:
    assert not lint.bill_pattern("SB 1161").search(text)


BILLS = (Path(__file__).parent / "bills.csv").read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize("bill", [next(csv.reader([line]))[0] for line in BILLS])
def test_a_bill_is_named_as_legislatures_write_it(bill: str) -> None:
    pattern = lint.bill_pattern(bill)
    assert pattern.search(f"Please vote for {bill}, which is before you.")
    assert pattern.search(f"{bill}.")
    assert not pattern.search(f"Please vote for it, X{bill}1.")


@pytest.mark.parametrize(
    ("bill", "text"),
    [
        ("HF 3434/SF 3551", "vote for HF3434 / SF3551"),
        ("HF 3434/SF 3551", "vote for H.F. 3434 and S.F. 3551"),
        ("HF 3434, SF 3551", "vote for HF 3434 and SF 3551"),
        ("SB 5 & HB 7", "vote for SB 5 and HB 7"),
        ("H.R. 1234 (118th Congress)", "vote for HR 1234 today"),
        ("HB#12", "vote for HB 12"),
        ("HB 5\u20137", "vote for HB 5-7"),
        ("HB 5-7", "vote for HB 5\u20137"),
        ("H.F. 3434", "vote for HF 3434"),
        ("HB24-1011", "vote for HB 24\u20111011"),
        ("2R25-1", "vote for 2R25\u20131"),
        ("LD 1", "vote for L.D. 1"),
    ],
)
def test_a_bill_is_named_as_people_write_it(bill: str, text: str) -> None:
    assert lint.bill_pattern(bill).search(text)


@pytest.mark.parametrize(
    ("bill", "text"),
    [
        ("LD 1", "vote for LD 12"),
        ("HB 5 & HB 7", "vote for HB 5"),
        ("SB 5", "vote for SB, 5 of us"),
        ("HB#12", "HB 123"),
    ],
)
def test_another_bill_is_not_it(bill: str, text: str) -> None:
    assert not lint.bill_pattern(bill).search(text)


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
    assert [(fault.kind, fault.letter) for fault in found.faults] == [("no-letter", ""), ("no-target", "")]
    assert "Wisconsin State Assembly" in sentence(found.faults[0].problem)


def test_where_there_is_one_chamber_every_letter_is_for_it() -> None:
    found = render_matrix(
        {**CAMPAIGNS["ab969"][0], "state": "NE"}, CAMPAIGNS["ab969"][1], [target("legislature", state="NE")]
    )
    assert [(row.chamber_name, row.letter) for row in found.audiences] == [("Nebraska Legislature", "Both chambers")]
    assert found.is_clean


def test_the_longest_body_is_what_supporters_can_send() -> None:
    assert lint.MAX_BODY == MAX_BODY


@pytest.mark.slow
def test_the_whole_countrys_legislators_times_five_letters_are_checked_one_by_one() -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    opening = "{{ salutation }}\n\nI live in {{ place }}, in your district {{ legislator_district }}."
    five = [{**one, "name": f"Letter {number}", "opening": opening} for number in range(5)]
    states = [state for state in titles.STATES if state not in titles.ONE_CHAMBER]
    targets = [
        target("upper" if n % 3 else "lower", state=states[n % len(states)], district=str(n), family_name=f"Name{n}")
        for n in range(7_500)
    ]
    found = render_matrix(columns, five, targets)
    assert found.rendered >= 37_500
    assert found.is_clean
    assert growth(lambda count: render_matrix(columns, five, targets[:count]), 500, 1_000) <= LINEAR


@pytest.mark.parametrize(
    "opening", ["{{ salutation }}", "To whom it may concern,", "{{ organisation }} {{ salutation }}"]
)
@pytest.mark.parametrize("closing", ["{{ supporter_name }}", "Copy: {{ legislator_name }}", "{{ bill }} {{ place }}"])
def test_a_letter_for_another_is_what_it_would_be_if_filled_whole(opening: str, closing: str) -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    text = LetterText(opening, one["body"], closing, one["subjects"][0])
    about = CampaignFields.of({**columns, "organisation": ""})
    supporter = SupporterFields(name="Mai Example", zip_code="53703", state="WI")
    lara, uma = (
        field_values(
            LegislatorFields(state="WI", chamber="upper", name=name, family_name=name[4:], district="7"),
            supporter,
            about,
        )
        for name in ("Lara Sample", "Uma Pattern")
    )
    first, second = fill_letter(text, lara), fill_letter(text, uma)
    assert for_another(first, text, uma) == second
    assert for_another(first, text, uma).blanks == second.blanks


def test_whoever_is_written_to_alike_is_filled_by_what_names_them_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    filled: list[object] = []
    monkeypatch.setattr(matrix, "fill_letter", lambda *given: filled.append(given) or fill_letter(*given))
    render_matrix(columns, [one], [target(district=str(number), name=f"N {number}") for number in range(500)])
    assert len(filled) == len(matrix.SAMPLES) * len(one["subjects"]) + 1


def test_a_letter_that_cannot_be_filled_is_a_fault() -> None:
    (fault,) = check({"body": "AB 969 {{ bil }}"}).faults
    assert (fault.kind, fault.letter) == ("unreadable", "Both chambers")
    assert "did you mean bill?" in sentence(fault.problem)


def test_samples_of_supporters_fill_every_field_or_leave_it_out() -> None:
    (one,) = CAMPAIGNS["ab969"][1]
    assert letter_language.parse(one["closing"]).names == ("supporter_name", "address")
    assert {sample.city for sample in matrix.SAMPLES} >= {""}


ROADS = {"roads": "Assembly Committee on Roads"}
ADD_ROADS = {"do": "add", "committees": ["roads"]}
LARA = target(key="p/1", committees=frozenset({"roads"}))
UMA = target("upper", key="p/2", name="Uma Pattern", family_name="Pattern", district="26", party="Green")
NEUTRAL = {"body": "{{ bill }} is before you. Please vote no on {{ bill }}.", "subjects": ["{{ bill }}: vote no"]}


def with_rules(
    *rules: dict[str, Any], people: tuple[Target, ...] = (UMA, LARA), letters: Any = None, **columns: Any
) -> Matrix:
    """The matrix of AB 969 with these rules; its letter says nothing about constituents."""
    campaign, (one,) = CAMPAIGNS["ab969"]
    made = [{**one, **NEUTRAL, **letter} for letter in (letters or [{}])]
    return render_matrix({**campaign, "targets": list(rules), **columns}, made, people, committees=ROADS)


def told(found: Matrix) -> list[tuple[str, str, str, str, int]]:
    return [(row.chamber, row.own, row.to, row.letter, row.targets) for row in found.audiences]


def test_own_and_others_and_thanked_get_letters_of_their_own() -> None:
    letters = [
        {"name": "Thanks", "to": "thank", "chambers": []},
        {"name": "Committee", "own": "other", "committees": ["roads"], "chambers": []},
        {"name": "Own", "own": "own"},
    ]
    found = with_rules(ADD_ROADS, {"do": "thank", "people": ["p/2"]}, letters=letters)
    assert told(found) == [
        ("upper", "own", "thank", "Thanks", 1),
        ("lower", "own", "ask", "Own", 1),
        ("lower", "other", "ask", "Committee", 1),
    ]
    assert (found.unused, found.faults, found.most) == ((), (), 2)
    assert [(do, members(whom), count) for do, whom, count in found.rules] == [
        ("add", "members of the Assembly Committee on Roads", 1),
        ("thank", "Senator Uma Pattern, district 26", 1),
    ]


@pytest.mark.parametrize(
    ("words", "is_claim"),
    [
        ("I am your constituent. No to AB 969.", True),
        ("As a constituent I say no to AB 969.", True),
        ("You are my representative. No to AB 969.", True),
        ("I live in your district. No to AB 969.", True),
        ("I am not your constituent, but AB 969 harms us.", False),
        ("I have also written to my senator about AB 969.", False),
        ("Your committee looks at AB 969.", False),
    ],
)
def test_a_letter_to_others_must_not_say_that_they_represent_the_supporter(words: str, is_claim: bool) -> None:
    found = with_rules(ADD_ROADS, letters=[{"body": words}])
    assert kinds(found) == ([("constituent", 1)] if is_claim else [])
    assert with_rules(letters=[{"body": words}]).is_clean  # own legislators may be told so
    mine = [{"name": "Own", "own": "own", "body": words}, {"name": "Others", "own": "other"}]
    assert with_rules(ADD_ROADS, letters=mine).is_clean


def test_who_gets_another_letter_first_is_not_told_so() -> None:
    committee = {"name": "Committee", "committees": ["roads"], "chambers": []}
    general = {"name": "Everybody", "body": "I am your constituent. No to AB 969."}
    assert with_rules(ADD_ROADS, letters=[committee, general]).is_clean
    assert kinds(with_rules(ADD_ROADS, letters=[general, committee])) == [("constituent", 1)]


def test_a_subject_must_not_say_so_either() -> None:
    assert kinds(with_rules(ADD_ROADS, letters=[{"subjects": ["AB 969 - constituent in {{ zip }}"]}])) == [
        ("constituent", 1)
    ]


@pytest.mark.parametrize(
    ("rules", "people", "kind", "words"),
    [
        ([{"do": "add", "committees": ["parks"]}], (UMA, LARA), "committee", "no more (parks)"),
        ([ADD_ROADS], (UMA,), "committee", "Committee on Roads, which has no member in office"),
        ([{"do": "leave out", "people": ["p/7"]}], (UMA, LARA), "person", "names p/7, who is no longer in office"),
        ([{"do": "thank", "people": ["p/1"]}], (UMA, LARA), "no-letter", "no letter of thanks"),
        ([{"do": "leave out", "chambers": ["upper", "lower"]}], (UMA, LARA), "no-target", "the rules leave nobody"),
        ([{"do": "only", "parties": ["Red"]}], (UMA, LARA), "no-target", "the rules leave nobody"),
    ],
)
def test_rules_that_lead_nowhere_are_faults(
    rules: list[dict[str, Any]], people: tuple[Target, ...], kind: str, words: str
) -> None:
    fault = next(fault for fault in with_rules(*rules, people=people).faults if fault.kind == kind)
    assert words in sentence(fault.problem)


def test_more_than_forty_letters_at_once_are_a_fault_with_their_number() -> None:
    def crowd(count: int) -> tuple[Target, ...]:
        return tuple(
            target(key=f"p/{n}", district=str(n), committees=frozenset({"roads"}), name=f"Sample {n}")
            for n in range(count)
        )

    assert with_rules(ADD_ROADS, people=crowd(40)).is_clean
    many = with_rules(ADD_ROADS, people=(UMA, *crowd(40)))
    assert (many.most, kinds(many)) == (41, [("too-many", 0)])
    assert "41 letters" in sentence(many.faults[0].problem)


def test_of_two_alike_a_rule_leaves_out_only_the_one_that_it_names() -> None:
    pair = (LARA, target(key="p/3", district="15", name="Lena Sample"))
    assert with_rules(people=pair).targets == 2
    assert with_rules({"do": "leave out", "people": ["p/3"]}, people=pair).targets == 1


def test_the_committee_stands_in_the_letter_to_its_members() -> None:
    letters = [{"name": "Committee", "committees": ["roads"], "own": "other",
                "closing": "To a member of the {{ committee }}.\n\n{{ supporter_name }}"}, {"own": "own"}]  # fmt: skip
    assert with_rules(ADD_ROADS, letters=letters).is_clean


@pytest.mark.slow
def test_rules_do_not_make_the_check_of_everybody_grow_with_the_square_of_them() -> None:
    columns, (one,) = CAMPAIGNS["ab969"]
    five = [{**one, **NEUTRAL, "name": f"Letter {n}", "parties": ["Green"] if n else []} for n in range(5)]
    people = [
        target("upper" if n % 3 else "lower", key=f"p/{n}", district=str(n), party="Green", family_name=f"Name{n}")
        for n in range(7_500)
    ]
    rules = [
        {"do": "add", "parties": ["Green"]},
        {"do": "leave out", "people": ["p/0"]},
        {"do": "only", "chambers": ["upper"]},
    ]
    ruled = {**columns, "targets": rules}
    found = render_matrix(ruled, five, people)
    assert found.rendered >= 37_000
    assert kinds(found) == [("too-many", 0)]
    assert growth(lambda count: render_matrix(ruled, five, people[:count]), 500, 1_000) <= LINEAR

from __future__ import annotations

import contextlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns import letter_language
from actionmail.rules.campaigns.fields import FIELDS, CampaignFields, LegislatorFields, SupporterFields, field_values
from actionmail.rules.campaigns.filled_letter import FilledLetter, LetterText, fill_letter
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_check import check_letter, check_part, faults
from actionmail.rules.campaigns.problems import LetterError
from actionmail.rules.replacing import replace
from actionmail.web.campaigns.words import sentence
from actionmail.web.campaigns.words.letters import FIELDS as FIELD_WORDS
from tests.growth import LINEAR, growth
from tests.hostile import GROWING
from tests.wording import raises, told

LARA = LegislatorFields(state="CA", chamber="lower", name="Lara Sample", family_name="Sample", district="14")
MAI = SupporterFields(name="Mai Example", street="12 Sample Street", city="Berkeley", zip_code="94703", state="CA")
RIDES = CampaignFields(
    bill="SB 1161",
    bill_title="Safer rides",
    session="2021-2022",
    position="support",
    title="Make every ride a safe ride",
    organisation="Example Community Group",
)
VALUES = field_values(LARA, MAI, RIDES)
LETTER = LetterText(
    opening="{{ salutation }}\n\nI live in {{ place }}.",
    body="Please support {{ bill }}.",
    closing="Sincerely,\n{{ supporter_name }}\n{{ address }}",
    subject="Please support {{ bill }} - constituent in {{ place }}",
)
SHARED = sorted(name for name, field in FIELDS.items() if not field.per_legislator)


def test_a_letter_is_put_together_with_the_supporters_own_words_after_the_greeting() -> None:
    filled = fill_letter(LETTER, VALUES, personal="I ride line 51B.")
    assert filled.subject == "Please support SB 1161 - constituent in Berkeley 94703"
    assert filled.text == (
        "Dear Assemblymember Sample,\n\nI live in Berkeley 94703.\n\nI ride line 51B.\n\nPlease support SB 1161.\n\n"
        "Sincerely,\nMai Example\n12 Sample Street\nBerkeley, CA 94703"
    )
    assert (filled.opening, filled.body) == (
        "Dear Assemblymember Sample,\n\nI live in Berkeley 94703.",
        "Please support SB 1161.",
    )
    assert faults(filled) == []


def test_what_the_supporter_edited_stands_as_typed() -> None:
    filled = fill_letter(LETTER, VALUES, body="My {{ bill }}  {% if %}", subject=" About\n{{ bill }} ")
    assert filled.body == "My {{ bill }}  {% if %}"
    assert filled.subject == "About {{ bill }}"


@pytest.mark.parametrize(
    ("street", "city", "address"),
    [
        ("12 Sample Street", "Berkeley", "12 Sample Street\nBerkeley, CA 94703"),
        ("", "Berkeley", "Berkeley, CA 94703"),
        ("", "", "CA 94703"),
        (" ", " ", "CA 94703"),
    ],
)
def test_an_address_has_no_holes(street: str, city: str, address: str) -> None:
    keys = {"street": street, "city": city}
    assert field_values_with(**keys)["address"] == address


def field_values_with(**changed: str) -> dict[str, str]:
    """The values of a supporter who gave no street and no city, but for what is `changed` of theirs."""
    nowhere = replace(MAI, street="", city="")
    return field_values(LARA, replace(nowhere, **changed), RIDES)


def test_every_field_has_a_value_a_sentence_and_an_example() -> None:
    assert set(VALUES) == set(FIELDS)
    assert set(FIELD_WORDS) == set(FIELDS)
    assert all(FIELD_WORDS[name].endswith(".") and field.example for name, field in FIELDS.items())


def test_an_absent_part_leaves_no_gap() -> None:
    text = "One\n{% if city %}\nin {{ city }}\n{% else %}\nsomewhere\n{% endif %}\ntwo{% if city %}!{% endif %}\nthree"
    template = letter_language.parse(text)
    assert template.fill({"city": "Berkeley"}) == "One\nin Berkeley\ntwo!\nthree"
    assert template.fill({"city": " "}) == "One\nsomewhere\ntwo\nthree"


def test_conditions_within_conditions() -> None:
    template = letter_language.parse(
        "{% if street %}{{ street }}{% if city %}, {{ city }}{% endif %}{% else %}none{% endif %}"
    )
    assert template.fill({"street": "A", "city": "B"}) == "A, B"
    assert template.fill({"street": "A", "city": ""}) == "A"
    assert template.fill({"street": "", "city": "B"}) == "none"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("{{ 'x'*10**9 }}", 1, 1, "more than a field's name"),
        ("Hello\n  {{ bill|upper }}", 2, 3, "more than a field's name"),
        ("{{ bill.x }}", 1, 1, "more than a field's name"),
        ("{{ bill() }}", 1, 1, "more than a field's name"),
        ("{{ bill['x'] }}", 1, 1, "more than a field's name"),
        ("{{{ bill }}}", 1, 1, "more than a field's name"),
        ("{{- bill -}}", 1, 1, "more than a field's name"),
        ("{{ }}", 1, 1, "more than a field's name"),
        ("a\nb {{ legislater_title }}", 2, 6, "did you mean legislator_title?"),
        ("{{ Bill }}", 1, 4, "did you mean bill?"),
        ("{{ qqqqqqqq }}", 1, 4, "the fields are: address, bill"),
        ("{{ none }}", 1, 4, 'no field "none"'),
        ("{% for x in bill %}{% endfor %}", 1, 1, "none of {% if field %}"),
        ("{% macro a() %}{% endmacro %}", 1, 1, "none of {% if field %}"),
        ("{% set bill = 1 %}", 1, 1, "none of {% if field %}"),
        ("{% raw %}{{{% endraw %}", 1, 1, "none of {% if field %}"),
        ("{% include 'x' %}", 1, 1, "none of {% if field %}"),
        ("{% if bill == 'x' %}{% endif %}", 1, 1, "none of {% if field %}"),
        ("{% if not bill %}{% endif %}", 1, 1, "none of {% if field %}"),
        ("{% if bill %}{% elif state %}{% endif %}", 1, 14, "none of {% if field %}"),
        ("{% if bil %}{% endif %}", 1, 7, "did you mean bill?"),
        ("{% if bill %}x", 1, 1, "never closed"),
        ("x{% endif %}", 1, 2, "no {% if %} before"),
        ("{% else %}", 1, 1, "no {% if %} before"),
        ("{% if bill %}{% else %}{% else %}{% endif %}", 1, 24, "has an {% else %} already"),
        ("{% if bill %}" * 4 + "{% endif %}" * 4, 1, 40, "within each other"),
        ("{# note #}", 1, 1, "Comments"),
        ("{{ bill", 1, 1, "not closed"),
        ("{% if bill", 1, 1, "not closed"),
        ("bill }}", 1, 6, "closes nothing"),
        ("bill %}", 1, 6, "closes nothing"),
        ("{{ city }}", 1, 1, "may be empty"),
        ("{% if city %}{% else %}{{ city }}{% endif %}", 1, 24, "may be empty"),
        ("a\r\nb\x00", 2, 2, "U+0000"),
        ("a\x1b[31m", 1, 2, "U+001B"),
        ("good \u202eevil", 1, 6, "U+202E"),
        ("good \u202d\u05d0evil", 1, 6, "U+202D"),
        ("\ud800", 1, 1, "U+D800"),
    ],
)
def test_anything_but_text_fields_and_conditions_is_refused_with_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(LetterError) as refused:
        letter_language.parse(text)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert words in told(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000_000,
        "{{ bill }}" * 1_000_000,
        "{% if bill %}" * 1_500,
        "{{ " * 6_000,
        "{%" + " " * 19_000,
        "{{ 'x' * 10**9 }}",
    ],
)
def test_a_bomb_is_refused_in_little_memory(text: str) -> None:
    tracemalloc.start()
    with pytest.raises(LetterError):
        letter_language.parse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def _parse(text: str) -> None:
    with contextlib.suppress(LetterError):
        letter_language.parse(text)


@pytest.mark.parametrize("size", [letter_language.MAX_SOURCE // 2, 500_000], ids=["as long as is taken", "longer"])
@pytest.mark.parametrize("name", GROWING)
def test_a_text_takes_no_longer_than_it_is(name: str, size: int) -> None:
    bomb = GROWING[name]
    assert growth(_parse, bomb(size), bomb(2 * size)) <= LINEAR


@pytest.mark.parametrize("number", ["{{ 'x' * NUMBER }}", "{% for x in range(NUMBER) %}{{ x }}{% endfor %}"])
def test_a_number_is_not_counted_to(number: str) -> None:
    small, large = (number.replace("NUMBER", digits) for digits in ("10", "10**7"))
    assert growth(_parse, small, large) <= LINEAR


def test_filling_is_bounded() -> None:
    template = letter_language.parse("{{ bill }}" * 1000)
    with raises(LetterError, match="longer than"):
        template.fill({"bill": "x" * 1000})


def test_what_a_word_processor_pastes_is_taken() -> None:
    text = "\ufeff“{{\u00a0bill\u00a0}}” – it’s\u00a0good\u2028next\r\nlast"
    assert letter_language.parse(text).fill({"bill": "AB 1"}) == "“AB 1” – it’s good\nnext\nlast"


@pytest.mark.parametrize(
    "name", ["សុខ ចាន់ធូ", "ວຽງ ສະຫວັນ", "မောင်မောင်", "Nguyễn Thị Minh Khai", "陳大文", "Ntxhais Xyooj"]
)
def test_every_script_stays_as_it_is(name: str) -> None:
    assert letter_language.parse(f"{name} {{{{ supporter_name }}}}").fill({"supporter_name": name}) == f"{name} {name}"


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["Text ", "\n", " - ", "{", "}", "%"]).map(lambda text: (text, None)),
        st.sampled_from(["bill", "place", "supporter_name"]).map(lambda name: ("", name)),
    ),
    max_size=12,
)
VALUE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["{{ place }}", "{% if bill %}", "{{", "}}", "{# x #}", "<b>&amp;", "%(a)s", "{0}", "\\1", "$bill"]
    ),
)


@given(PIECES, st.fixed_dictionaries(dict.fromkeys(("bill", "place", "supporter_name"), VALUE)))
def test_filling_leaves_no_blank_and_never_reads_a_value_again(
    pieces: list[tuple[str, str | None]], values: dict[str, str]
) -> None:
    source = "".join(text if name is None else " {{ " + name + " }} " for text, name in pieces)
    try:
        template = letter_language.parse(source)
    except LetterError:  # "{" and "%" met by chance
        return
    blanks: dict[str, None] = {}
    filled = template.fill(values, blanks)
    assert filled == "".join(text if name is None else f" {values[name]} " for text, name in pieces)
    empty = {name for _, name in pieces if name is not None and not values[name].strip()}
    assert set(blanks) == empty


@given(st.text(max_size=200))
def test_reading_ends_in_a_template_or_in_a_letter_error(text: str) -> None:
    try:
        letter_language.parse(text).fill(VALUES)
    except LetterError as error:
        assert error.line >= 1
        assert error.column >= 1


@given(st.text(alphabet="{}%# abifelsndt\n", max_size=60))
def test_tags_in_any_order_end_in_a_template_or_in_a_letter_error(text: str) -> None:
    try:
        letter_language.parse(text, allowed={"a"}).fill({"a": "x"})
    except LetterError as error:
        assert "This cannot be read" not in str(error)  # the scan is the wall that names the place


def test_a_subject_gives_up_the_city_before_it_grows_too_long() -> None:
    values = field_values_with(city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch")
    filled = fill_letter(LETTER, values)
    assert filled.subject == "Please support SB 1161 - constituent in 94703"
    assert faults(filled) == []


@pytest.mark.parametrize("name", sorted(name for name, field in FIELDS.items() if field.per_legislator))
@pytest.mark.parametrize("part", ["body", "subject"])
def test_what_one_supporter_edits_for_all_names_no_single_legislator(part: str, name: str) -> None:
    parts = {"opening": LETTER.opening, "body": LETTER.body, "closing": LETTER.closing, "subject": LETTER.subject}
    with raises(LetterError, match="differs from legislator to legislator") as refused:
        check_letter(LetterText(**{**parts, part: f"x {{{{ {name} }}}}"}))
    assert (refused.value.part, refused.value.line, refused.value.column) == (part, 1, 6)


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("opening", " \n", "The opening is empty"),
        ("body", "", "The body is empty"),
        ("closing", "Bye", "sign with"),
        ("subject", "a\nb", "one line"),
        ("subject", "x" * 79, "longer than 78"),
    ],
)
def test_a_letter_that_could_not_be_sent_is_refused(part: str, text: str, words: str) -> None:
    parts = {"opening": LETTER.opening, "body": LETTER.body, "closing": LETTER.closing, "subject": LETTER.subject}
    check_letter(LETTER)
    with raises(LetterError, match=words) as refused:
        check_letter(LetterText(**{**parts, part: text}))
    assert refused.value.part == part


@pytest.mark.parametrize(
    "left",
    [
        "[add your story here]",
        "Please add your story here.",
        "your story here",
        "[your name]",
        "[City]",
        "[insert reason]",
        "{{ bill }}",
        "%}",
        "Lorem ipsum dolor",
        "Name:____",
        "I live in ____.",
        "I live in {city}",
        "{ { bill } }",
        "<<first name>>",
        "<your street>",
        "[[first_name]]",
        "*|FNAME|*",
        "%%name%%",
        "My name is ____",
        "___, my child",
        "(insert your reason)",
        "INSERT A REASON HERE",
    ],
)
def test_a_prompt_left_in_a_letter_is_a_fault(left: str) -> None:
    assert faults(fill_letter(LETTER, VALUES, body=f"Good day. {left} Thanks."))
    assert faults(fill_letter(LETTER, VALUES, personal=left))
    assert faults(fill_letter(LETTER, VALUES, subject=left))


@pytest.mark.parametrize(
    "fine",
    [
        "I told my story here last year.",
        "[sic]",
        "Thank you for your time.",
        "I want to add your voice to ours.",
        "todo",
        "I quote: [the bill] will help.",
        "Write to me: Mai <name@example.org>",
        "If a < b then your c > d.",
        "One thought\n______\nand another",
        "Thank you :}",
        "100%% sure, 50% of us",
        "(and your colleagues)",
        "Por favor, escuchen a TODO el barrio: mis hijos van a esa escuela.",
        "The paper wrote: “[the city] has asked for counselors.”",
        "I wear a size XXX vest as a crossing guard.",
        "My e-mail is mai___example@example.org.",
        "The letter says [our city] and [a date in May].",
        "TBD is what the school said about the counselor.",
        "\u200ePlease vote no.",
        "בית ספר \u200fבטוח, \u061cمدرسة \u2067آمنة\u2069",
        "Call \u202d+1 (608)\u00a0555\u20110100\u202c",
    ],
)
def test_ordinary_words_are_no_fault(fine: str) -> None:
    assert faults(fill_letter(LETTER, VALUES, body=fine, personal=fine)) == []


@pytest.mark.parametrize(
    ("text", "column"), [("Stop {bill}.", 6), ("{{ bill }}}", 11), ("A { { bill } }", 3), ("Fine\n :}", 3)]
)
def test_a_single_brace_is_no_field(text: str, column: int) -> None:
    with raises(LetterError, match=r"A single [{}] stands here") as refused:
        check_part("body", text)
    assert (refused.value.line, refused.value.column) == (text.count("\n") + 1, column)


@pytest.mark.parametrize(
    "note", ["[su nombre]", "the reasons [ask Mai]", "［您的姓名］", "TODO", "XXX", "TBD", "FIXME"]
)
def test_what_staff_put_in_brackets_is_a_note_to_somebody(note: str) -> None:
    assert prompts(note, of_staff=True)
    assert not prompts(note)
    assert not prompts("[sic] [1] [...] [R]eform", of_staff=True)


def test_an_emptied_letter_an_empty_value_and_a_long_subject_are_faults() -> None:
    def told_of(**words: str) -> list[str]:
        return [sentence(problem) for problem in faults(fill_letter(LETTER, VALUES, **words))]

    assert told_of(body=" \n \n") == ["The letter has no text."]
    assert told_of(subject=" ") == ["The subject is empty."]
    assert told_of(subject="x" * 79) == ["The subject has 79 characters; at most 78 fit."]
    (blank,) = faults(fill_letter(LETTER, {**VALUES, "supporter_name": " "}))
    assert sentence(blank) == '"supporter_name" is empty where the letter needs it.'
    assert faults(FilledLetter(subject="s", text="x" * 40_001, opening="", personal="", body="x", closing=""))


@pytest.mark.parametrize("typed", ["a\x00b", "a\u202eb"])
def test_what_no_letter_may_hold_is_refused_in_the_supporters_words_too(typed: str) -> None:
    for keys in ({"personal": typed}, {"body": typed}, {"subject": typed}):
        with raises(LetterError, match="line 1, column 2"):
            fill_letter(LETTER, VALUES, **keys)


@pytest.mark.parametrize("piece", ["I ride line 51B. ", "_", "[", "{{", "{% ", "<", " ", "\n", "x", "__ "])
def test_filling_a_letter_takes_no_longer_than_it_is(piece: str) -> None:
    def fill(size: int) -> None:
        text = (piece * size)[:size]
        with contextlib.suppress(LetterError):
            faults(fill_letter(LETTER, VALUES, personal=text[: size // 2], body=text))

    assert growth(fill, 2_500, 5_000) <= LINEAR


def test_the_guide_for_staff_lists_every_field_with_its_sentence_and_example() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "letters.md").read_text(encoding="utf-8")
    for name, field in FIELDS.items():
        assert f"| `{name}` | {FIELD_WORDS[name]} | {field.example.replace(chr(10), ' / ')} |" in guide


@pytest.mark.parametrize("of_staff", [True, False])
def test_a_prompt_in_brackets_is_told_once_and_whole(of_staff: bool) -> None:
    assert prompts("Good day. [add your story here] Thanks.", of_staff=of_staff) == ["[add your story here]"]

"""Kinds of action in a campaign's file and form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from wtforms import FieldList

from actionmail.flows.actions import kinds as of_flows
from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.campaign_form import check_campaign, check_details, check_translation
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.web.campaigns import kinds as of_staff
from actionmail.web.supporter import kinds as of_supporters
from tests.wording import told

PETITION = """\
slug = "clemency"
kind = "petition"
status = "draft"
title = "A second chance"
summary = "Why."
organisation = "Example Justice Network"
organisation_url = "https://justice.example.org"
posted_on = 2022-02-14
categories = ["Justice", "Prisons"]
listed = false
then = ["ab969"]
link_url = "https://example.org/letter"
link_text = "The full letter"
privacy_line = "To the Governor."
timezone = "America/New_York"
goal = 3000

[petition]
to = "The Governor"
to_address = \"\"\"
State Capitol
Albany\"\"\"
text = "Let people earn a second chance."
comments = false

[translations.es]
title = "Otra oportunidad"
text = "Que puedan ganarse otra oportunidad."
"""


def read(text: str) -> dict[str, Any]:
    return read_campaign(text, source="file.toml")[0]


def refusal(text: str) -> str:
    with pytest.raises(CampaignFileError) as caught:
        read_campaign(text, source="file.toml")
    return told(caught.value)


def test_every_kind_stands_on_every_floor() -> None:
    assert len(set(kinds.CODES)) == len(kinds.CODES)
    for floor in (of_flows, of_staff, of_supporters):
        assert [kind.code for kind in floor.KINDS] == list(kinds.CODES)


@pytest.mark.parametrize("kind", kinds.KINDS, ids=kinds.CODES)
def test_a_form_has_a_field_for_each_key_of_its_kind(kind: kinds.Kind) -> None:
    form = of_staff.kind_of(kind.code).form
    assert (form is None) == (not kind.table and not kind.rows)
    if form is not None:
        assert list(form()._fields) == [*kind.table, *[key for key, _ in kinds.lists_in(kind.rows)]]
        for row, columns in kind.rows.items():
            if not isinstance(form()[row.partition(".")[0]], FieldList):  # rows typed as lines of one field
                continue
            of_row: Any = form
            for key in row.split("."):
                of_row = getattr(of_row, key).args[0].args[0]
            assert list(of_row()._fields) == [*columns, *[key for key, _ in kinds.lists_in(kind.rows, row)]]
    assert set(kind.words) <= set(kind.table)
    assert set(of_staff.kind_of(kind.code).word_names) == set(kind.words)
    of_rows = set()
    for row, columns in kind.row_words.items():
        assert {"key", *columns} <= set(kind.rows[row])
        of_rows |= {f"{row}.{name}" for name in columns}
    assert set(of_staff.kind_of(kind.code).row_word_names) == of_rows


def test_a_petition_is_read_and_comes_out_the_same_to_the_byte() -> None:
    columns, letters = read_campaign(PETITION, source="file.toml")
    assert letters == []
    assert (columns["kind"], columns["state"], columns["posted_on"]) == ("petition", "", date(2022, 2, 14))
    assert columns["details"] == {
        "to": "The Governor",
        "to_title": "",
        "to_address": "State Capitol\nAlbany",
        "to_email": "",
        "text": "Let people earn a second chance.",
        "comments": False,
        "public_names": True,
        "only_from_state": False,
    }
    assert write_campaign(columns, letters) == PETITION
    assert kinds.own_words(columns)["text"] == "Let people earn a second chance."


def test_a_statement_is_read_and_comes_out_the_same_to_the_byte() -> None:
    begin = PETITION[: PETITION.index("\n[petition]")].replace('"petition"', '"statement"')
    table = '\n[statement]\ntext = "We stand with every student."\norder = "approval"\n'
    words = '\n[translations.es]\ntext = "Estamos con cada estudiante."\n'
    columns, letters = read_campaign(begin + table + words, source="file.toml")
    assert columns["details"] == {"text": "We stand with every student.", "order": "approval"}
    assert write_campaign(columns, letters) == begin + table + words
    assert kinds.whole("statement", {})["order"] == "alphabet"
    said = refusal(begin + table.replace('"approval"', '"aproval"') + words)
    assert "order: It must be one of alphabet, approval. Did you mean approval?" in said


def test_a_post_needs_nothing_of_its_own() -> None:
    news = PETITION[: PETITION.index("\n[petition]")].replace('"petition"', '"news"')
    assert write_campaign(read(news), []) == news


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            'kind = "petition"',
            'kind = "petitoin"',
            f"line 2, column 8: kind: It must be one of {', '.join(kinds.CODES)}.",
        ),
        ('kind = "petition"', "kind = 3", "line 2, column 8: kind: It must be text in quotes."),
        ("[petition]", "[news]", 'line 18, column 1: "news" is not for a campaign of kind "petition".'),
        ("goal = 3000", 'chambers = ["upper"]', 'line 16, column 12: "chambers" is not for a campaign of kind'),
        ("[translations.es]", '[[letters]]\nname = "x"\n[translations.es]', 'line 26, column 1: "letters" is not'),
        ('to = "The Governor"', "", 'line 18, column 1: "to" is missing in [petition].'),
        ('to = "The Governor"', 'to = ""', "line 19, column 6: to: It is empty."),
        ("comments = false", 'comments = "no"', "line 24, column 12: comments: It must be true or false"),
        (
            "comments = false",
            "coments = false",
            'line 24, column 11: There is no "coments" here; did you mean comments?',
        ),
        ("posted_on = 2022-02-14", 'posted_on = "14 Feb"', "posted_on: It must be a date, not in quotes: 2022-02-18."),
        ("posted_on = 2022-02-14", "posted_on = 2022-02-14T09:00:00", "posted_on: It must be a date, not in quotes"),
        ('"https://justice.example.org"', '"javascript:alert(1)"', "It must be an address on the web"),
        ('"https://justice.example.org"', '"https://a:b@example.org"', "It must be an address on the web"),
        ('["Justice", "Prisons"]', '["Justice", "justice"]', "categories: It lists one of them twice."),
        ('["Justice", "Prisons"]', '["a,b"]', "categories: A category has no quotes, commas or backslashes"),
        ('["ab969"]', '["clemency"]', "then: A campaign cannot be offered after itself."),
        ("listed = false", "listed = 0", "listed: It must be true or false, without quotes."),
        ('text = "Que', 'txt = "Que', 'There is no "txt" here; did you mean text?'),
        ("[petition]", "[[petition]]", "petition: It must be a table."),
    ],
)
def test_a_mistake_is_told_with_its_place(before: str, after: str, said: str) -> None:
    assert said in refusal(PETITION.replace(before, after))


@pytest.mark.parametrize("key", ["state", "session", "bill", "bill_title", "position"])
def test_what_only_letters_need_is_asked_of_letters_alone(key: str) -> None:
    assert key not in check_campaign({key: "", "kind": "petition"})[1]
    assert key in check_campaign({key: ""})[1]
    assert key in check_campaign({key: "x" * 400, "kind": "petition"})[1]


def test_what_a_petition_lacks_keeps_it_from_being_published() -> None:
    assert [problem.values["name"] for problem in kinds.problems("petition", {})] == ["to", "text"]
    assert kinds.problems("petition", {"to": "x", "text": "y"}) == []
    assert kinds.problems("news", {}) == []


def test_details_from_a_form_are_checked_as_those_from_a_file() -> None:
    details, faults = check_details("petition", {"to": " The Governor ", "text": "", "comments": True})
    assert details["to"] == "The Governor"
    assert [problem.code for problem in faults["text"]] == ["value.empty"]
    typed = {**dict.fromkeys(kinds.own_words(read(PETITION)), ""), "text": "Que"}
    assert check_translation("petition", typed, details=details) == ({"text": "Que"}, {})

"""A toolkit in its file: texts that fit their networks, hashtags, pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.campaign_form import check_translation
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.rules.campaigns.sharing import Network
from tests.wording import told

PICTURE = "0123456789abcdef" * 4
TOOLKIT = f"""\
slug = "ride"
kind = "toolkit"
status = "draft"
title = "Tell others"
summary = "Why."
organisation = "Example Riders Alliance"
privacy_line = "No trace."
timezone = "America/Los_Angeles"

[toolkit]
share = "sb1161"
hashtags = ["#SB1161", "#Justícia", "#安全"]
sms = "Short."
x = "Ask riders."
op_ed = \"\"\"
Dear editor,

ask riders.\"\"\"
pictures = ["{PICTURE}"]

[translations.es]
x = "Pregunten."
"""
SAMPLES = Path(__file__).parents[4] / "data" / "campaigns"


def refusal(text: str) -> str:
    with pytest.raises(CampaignFileError) as caught:
        read_campaign(text, source="file.toml")
    return told(caught.value)


def test_it_comes_out_the_same_to_the_byte() -> None:
    columns, letters = read_campaign(TOOLKIT, source="file.toml")
    assert columns["details"]["hashtags"] == ["#SB1161", "#Justícia", "#安全"]
    assert columns["details"]["bluesky"] == ""
    assert write_campaign(columns, letters) == TOOLKIT
    assert kinds.problems("toolkit", columns["details"], columns["translations"]) == []


@pytest.mark.parametrize("name", ["ride-safe-toolkit", "freedom-toolkit"])
def test_the_samples_can_be_read_written_and_read_again(name: str) -> None:
    columns, _ = read_campaign((SAMPLES / f"{name}.toml").read_text(), source=name)
    written = write_campaign(columns, [])
    again, _ = read_campaign(written, source=name)
    assert again == columns
    assert write_campaign(again, []) == written
    assert "historical sample" in columns["notice"]


@pytest.mark.parametrize("network", Network)
def test_every_network_has_a_text_that_can_be_translated(network: Network) -> None:
    kind = kinds.kind_of("toolkit")
    assert network.value in kind.table
    assert network.value in kind.words


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        # "Ask riders." and hashtags: 11 + 1 + 7 + 1 + 9 + 1 + 5 (two Chinese letters weigh 4), then 1 + 23 for the link
        ('x = "Ask riders."', f'x = "{"a" * 234}"', "line 14, column 5: x: The text for X is too long"),
        ('x = "Ask riders."', f'bluesky = "{"a" * 250}"', "300 fit."),
        ('x = "Ask riders."', f'mastodon = "{"a" * 470}"', "500 fit."),
        ('x = "Pregunten."', f'x = "{"a" * 234}"', "line 22, column 5: x: The text for X is too long"),
        ('"#SB1161"', '"SB1161"', 'A hashtag is "#" with letters and digits'),
        ('"#SB1161"', '"#1161"', 'A hashtag is "#" with letters and digits'),
        ('"#SB1161"', '"#safe rides"', 'A hashtag is "#" with letters and digits'),
        ('"#SB1161"', '"#sb1161", "#SB1161"', "hashtags: It lists one of them twice."),
        ('"#SB1161"', ", ".join(f'"#a{n}"' for n in range(10)), "hashtags: It lists more than 10."),
        ('"#SB1161"', f'"#{"a" * 60}"', "hashtags: It has 61 characters; at most 60 fit."),
        ('"#SB1161"', "3", "hashtags: It must be text in quotes."),
        (f'"{PICTURE}"', '"../etc/passwd"', "pictures: A picture is named by the 64 letters and digits"),
        (f'"{PICTURE}"', f'"{PICTURE}", "{PICTURE}"', "pictures: It lists one of them twice."),
        ('share = "sb1161"', 'share = "//evil.example"', "share: It must be small letters, digits"),
    ],
)
def test_a_mistake_is_told_with_its_place(before: str, after: str, said: str) -> None:
    assert said in refusal(TOOLKIT.replace(before, after))


def test_the_longest_that_fits_is_taken() -> None:
    # 280, less 23 of the link, less a space each before hashtags and link, less the hashtags themselves
    longest = 280 - 23 - 1 - len("#SB1161 #Justícia #安全 ") - 2
    text = TOOLKIT.replace('x = "Ask riders."', f'x = "{"a" * longest}"')
    assert read_campaign(text, source="file.toml")
    assert "too long" in refusal(text.replace('x = "a', 'x = "aa', 1))


def test_a_toolkit_without_anything_is_none() -> None:
    assert "There is nothing to share" in refusal(TOOLKIT[: TOOLKIT.index("[toolkit]")])
    assert [problem.code for problem in kinds.problems("toolkit", {})] == ["toolkit.empty"]


def test_a_translated_text_is_measured_with_the_toolkits_own_hashtags() -> None:
    columns, _ = read_campaign(TOOLKIT, source="file.toml")
    typed = {**dict.fromkeys(kinds.own_words(columns), ""), "x": "a" * 234}
    _words, faults = check_translation("toolkit", typed, details=columns["details"])
    assert [problem.code for problem in faults["x"]] == ["toolkit.too-long"]
    problems = kinds.problems("toolkit", columns["details"], {"es": {"x": "a" * 234}})
    assert [problem.code for problem in problems] == ["kind.translation"]


def test_a_draft_that_is_not_whole_can_be_translated() -> None:
    typed = {**dict.fromkeys(kinds.own_words(read_campaign(TOOLKIT, source="f")[0]), ""), "x": "Pregunten."}
    assert check_translation("toolkit", typed, details={}) == ({"x": "Pregunten."}, {})

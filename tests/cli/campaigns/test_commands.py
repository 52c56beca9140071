from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from actionmail.cli.campaigns.commands import campaigns, letters
from actionmail.cli.platform.doctor import doctor
from actionmail.db.engine import Database
from actionmail.db.pictures import Picture
from actionmail.flows.campaigns import publishing, reading
from actionmail.settings import Settings, bundled
from tests.pictures import png
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_legislators, sample_message

SAMPLE = bundled("data") / "campaigns" / "ab969.toml"


def run(settings: Settings, *words: str) -> Result:
    group, *rest = words
    return CliRunner().invoke({"campaigns": campaigns, "letters": letters}[group], rest, obj=settings)


def listed(settings: Settings) -> list[list[str]]:
    return [line.split("\t")[:6] for line in run(settings, "campaigns", "list").stdout.splitlines()]


def test_without_a_file_nothing_is_loaded(settings: Settings, database: Database) -> None:
    refused = run(settings, "campaigns", "load")
    assert (refused.exit_code, "Name a campaign's file" in refused.stderr) == (2, True)
    assert run(settings, "campaigns", "list").stderr.startswith("There is no campaign yet")


def test_the_samples_are_drafts_whether_asked_for_or_named(settings: Settings, database: Database) -> None:
    first = run(settings, "campaigns", "load", "--samples")
    assert first.exit_code == 0
    assert first.output == (
        "ab969: added; new: Both chambers (version 1)\nclemency: added\ncomment-line: added\nfreedom-toolkit: added\n"
        "hf3434: added; new: Both chambers (version 1)\nride-safe-toolkit: added\nsb1161-law: added\n"
        "sb1161: added; new: Senate (version 1), Assembly (version 1)\nsolidarity: added\n"
        "together: added\nweek-of-action: added\n"
    )
    assert run(settings, "campaigns", "load", str(SAMPLE)).output == "ab969: unchanged\n"
    assert listed(settings) == [
        ["ab969", "draft", "WI", "AB 969", "oppose", "1 letter"],
        ["clemency", "draft", "NY", "Clemency Justice Act", "support", "0 people have signed"],
        ["comment-line", "draft", "", "", "", "0 calls were made"],
        ["freedom-toolkit", "draft", "NY", "", "", ""],
        ["hf3434", "draft", "MN", "H.F. 3434", "support", "1 letter"],
        ["ride-safe-toolkit", "draft", "CA", "SB 1161", "support", ""],
        ["sb1161", "draft", "CA", "SB 1161", "support", "2 letters"],
        ["sb1161-law", "draft", "CA", "SB 1161", "", ""],
        ["solidarity", "draft", "", "", "", ""],
        ["together", "draft", "", "", "", "0 organisations have signed"],
        ["week-of-action", "draft", "", "", "", "0 people want to be reminded"],
    ]


def test_the_samples_go_live_only_where_no_letter_leaves_the_machine(settings: Settings, database: Database) -> None:
    refused = run(replace(settings, loopback_only=False), "campaigns", "load", "--samples", "--live")
    assert refused.exit_code == 1
    assert "ACTIONMAIL_LOOPBACK_ONLY=1" in refused.stderr
    assert listed(settings) == []
    assert run(settings, "campaigns", "load", str(SAMPLE), "--live").exit_code == 2
    for _ in range(2):
        assert run(settings, "campaigns", "load", "--samples", "--live").exit_code == 0
        assert [line[1] for line in listed(settings)] == ["live"] * 11


def test_a_live_campaign_of_a_session_that_is_over_is_amiss(settings: Settings, database: Database) -> None:
    run(settings, "campaigns", "load", "--samples", "--live")
    told = CliRunner().invoke(doctor, obj=settings).output
    assert "LOOK: ab969 is live, but its session, 2021-2022, is over by its name." in told
    run(settings, "campaigns", "close", "ab969", "--yes")
    assert "LOOK: ab969" not in CliRunner().invoke(doctor, obj=settings).output


def test_a_wrong_file_is_refused_and_the_others_are_loaded(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SAMPLE.read_text(encoding="utf-8").replace("{{ address }}", "{{ adress }}"), encoding="utf-8")
    result = run(settings, "campaigns", "load", str(wrong), str(SAMPLE))
    assert result.exit_code == 1
    line = wrong.read_text(encoding="utf-8").splitlines().index('{{ adress }}"""') + 1
    assert f"Not loaded: wrong.toml, line {line}, column 4:" in result.stderr
    assert "did you mean address?" in result.stderr
    assert result.stdout.startswith("ab969: added")


def test_a_good_file_passes_the_check(settings: Settings) -> None:
    result = run(settings, "letters", "check", str(SAMPLE))
    assert (result.exit_code, result.output) == (0, "ab969.toml: good, 1 letter\n")


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("part.txt", b"Hello\n{{ 'x'*10**9 }}", "Error: part.txt, line 2, column 1: {{ 'x'*10**9 }} is more than"),
        ("part.txt", b"a\xff", "Error: part.txt, line 1, column 2: This is not UTF-8"),
        ("part.txt", b"x" * 10_000_000, "Error: part.txt, line 1, column 1: The text has 10,000,000"),
        ("a.toml", b"slug = ", "Error: a.toml, line 1, column 8: This is not TOML"),
        ("a.toml", b"x" * 10_000_000, "Error: a.toml: The file has 10,000,000"),
    ],
)
def test_a_wrong_file_fails_the_check_with_line_column_and_reason(
    settings: Settings, tmp_path: Path, name: str, raw: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    result = run(settings, "letters", "check", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith(sentence)


def test_a_part_of_a_letter_can_be_checked_by_itself(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "part.txt"
    path.write_text("I live in {{ place }}.", encoding="utf-8")
    assert run(settings, "letters", "check", str(path)).output == "part.txt: good, fields: place\n"


def test_the_matrix_is_json_and_its_status_says_whether_there_is_a_fault(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, slug="wrong", position="support", status="draft")
    run(settings, "campaigns", "load", "--samples", "--live")
    clean = run(settings, "campaigns", "matrix", "ab969")
    assert clean.exit_code == 0
    found = json.loads(clean.output)
    assert (found["targets"], found["letters"], found["faults"]) == (3, 1, [])
    assert found["audiences"][0]["letter"] == "Both chambers"
    wrong = run(settings, "campaigns", "matrix", "wrong")
    assert wrong.exit_code == 1
    assert [fault["kind"] for fault in json.loads(wrong.output)["faults"]] == ["position", "position"]
    assert run(settings, "campaigns", "matrix", "none").stderr == 'Error: There is no campaign "none".\n'


def test_a_campaign_is_paused_and_published_after_its_effect_was_said(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislators(session)
    run(settings, "campaigns", "load", "--samples", "--live")
    asked = run(settings, "campaigns", "pause", "ab969")
    assert asked.exit_code == 1
    assert asked.stdout.startswith("The page says that the campaign is paused")
    assert "No letter is waiting to be sent." in asked.stdout
    assert run(settings, "campaigns", "pause", "ab969", "--yes").output.endswith("ab969 is paused.\n")
    assert "it stays paused" in run(settings, "campaigns", "load", str(SAMPLE)).output
    assert run(settings, "campaigns", "publish", "ab969", "--yes").output.endswith("ab969 is live.\n")
    assert run(settings, "campaigns", "close", "ab969", "--yes").output.endswith("ab969 is closed.\n")
    again = run(settings, "campaigns", "pause", "ab969", "--yes")
    assert (again.exit_code, again.stderr) == (1, "Error: You cannot pause ab969: it is closed.\n")
    assert again.stdout == ""


def test_a_campaign_is_scheduled_for_a_time_of_its_zone_and_unscheduled(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, status="draft")
    asked = run(settings, "campaigns", "publish", "ab969", "--at", "2199-02-11 09:00")
    assert asked.exit_code == 1
    assert "The page opens by itself at the time that you give" in asked.stdout
    done = run(settings, "campaigns", "publish", "ab969", "--at", "2199-02-11 09:00", "--yes")
    assert done.output.endswith("ab969 is scheduled and opens at 2199-02-11 15:00 UTC.\n")
    assert run(settings, "campaigns", "publish", "ab969", "--at", "soon", "--yes").exit_code == 2
    past = run(settings, "campaigns", "publish", "ab969", "--at", "2020-02-11 09:00", "--yes")
    assert "a time that has passed" in past.stderr
    assert run(settings, "campaigns", "unschedule", "ab969", "--yes").output.endswith("ab969 is draft.\n")


def test_letters_that_wait_are_held_back_and_released(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislators(session)
        campaign = sample_campaign(session)
        sample_message(session, sample_action(session, campaign), sample_legislator(session), campaign.letters[0])
    asked = run(settings, "campaigns", "pause", "ab969", "--hold-letters")
    assert "1 letter that waits is held back" in asked.stdout
    run(settings, "campaigns", "pause", "ab969", "--hold-letters", "--yes")
    said = run(settings, "campaigns", "publish", "ab969")
    assert "1 letter was held back before, and stays so." in said.stdout
    released = run(settings, "campaigns", "publish", "ab969", "--release-letters", "--yes")
    assert "1 letter was held back before: released, to go out now" in released.stdout
    with database.read() as session:
        assert publishing.waiting(session, reading.campaign_of(session, "ab969")) == 1


def test_a_faulty_campaign_is_not_published(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, position="support", status="draft")
    result = run(settings, "campaigns", "publish", "ab969", "--yes")
    assert result.exit_code == 1
    assert "the letters have 2 faults. The first: Letter" in result.stderr


def test_an_export_is_a_file_to_load(settings: Settings, database: Database, tmp_path: Path) -> None:
    run(settings, "campaigns", "load", "--samples", "--live")
    path = tmp_path / "exported.toml"
    path.write_text(run(settings, "campaigns", "export", "ab969").output, encoding="utf-8")
    assert run(settings, "letters", "check", str(path)).output == "exported.toml: good, 1 letter\n"
    assert run(settings, "campaigns", "load", str(path)).output == "ab969: unchanged\n"


def test_publishing_names_translations_that_are_older_than_the_original(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislators(session)
        made = {"es": {"title": "Otro título"}}, {"es": {"title": "Another title"}}
        sample_campaign(session, status="paused", translations=made[0], translated_from=made[1])
    said = "The translation into Spanish is older than the original: title.\n"
    done = run(settings, "campaigns", "publish", "ab969", "--yes")
    assert (done.exit_code, said in done.output) == (0, True)
    assert said not in run(settings, "campaigns", "pause", "ab969", "--yes").output


WITH_PICTURE = """\
slug = "opening"
kind = "news"
status = "draft"
title = "We open"
summary = "Come and see."
organisation = "Example Org"
picture = "door.png"
picture_alt = "A school door."
outcome = "Forty people came."
privacy_line = "Nobody."
timezone = "America/Chicago"

[translations.es]
picture_alt = "La puerta de una escuela."
"""


def _numbers(database: Database) -> tuple[str, int | None, int]:
    """The campaign's picture by name and number, and how many pictures there are."""
    with database.read() as session:
        campaign = reading.campaign_of(session, "opening")
        count = session.scalar(select(func.count()).select_from(Picture)) or 0
    return campaign.picture, campaign.picture_id, count


def test_a_picture_beside_the_file_comes_along_and_out_again(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    file, out = tmp_path / "opening.toml", tmp_path / "out"
    file.write_text(WITH_PICTURE)
    out.mkdir()
    (tmp_path / "door.png").write_bytes(png())
    assert run(settings, "campaigns", "load", str(file)).output == "opening: added\n"
    assert _numbers(database) == ("door.png", 1, 1)
    with database.read() as session:
        assert session.get_one(Picture, 1).alternatives == {"en": "A school door.", "es": "La puerta de una escuela."}
    assert run(settings, "campaigns", "load", str(file)).output == "opening: unchanged\n"
    exported = run(settings, "campaigns", "export", "opening", "--picture", str(out))
    assert exported.stdout == WITH_PICTURE
    # What comes out is what goes in again: our own file is the picture that it is.
    (out / "opening.toml").write_text(exported.stdout)
    assert run(settings, "campaigns", "load", str(out / "opening.toml")).output == "opening: unchanged\n"
    assert _numbers(database) == ("door.png", 1, 1)
    (tmp_path / "door.png").unlink()
    assert run(settings, "campaigns", "load", str(file)).output == "opening: unchanged\n"
    file.write_text(WITH_PICTURE.replace('picture = "door.png"\n', "").replace('picture_alt = "A school door."\n', ""))
    assert run(settings, "campaigns", "load", str(file)).output == "opening: changed\n"
    assert _numbers(database) == ("", None, 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", "opening.toml, line 7, column 11: picture: This picture is not beside the file."),
        ('"door.png"', '"../door.png"', "line 7, column 11: picture: It must be the name of a picture's file"),
        ('"door.png"', '"door.svg"', "line 7, column 11: picture: It must be the name of a picture's file"),
        ('picture_alt = "A school door."\n', "", "line 7, column 11: picture: Say in a sentence what"),
        ('picture = "door.png"\n', "", "line 7, column 15: picture_alt: There is no picture of which"),
        ("door.png", "text.png", "line 7, column 11: picture: This is no picture that can be taken here."),
    ],
)
def test_a_picture_that_cannot_be_taken_refuses_the_file_with_its_place(
    settings: Settings, database: Database, tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = tmp_path / "opening.toml"
    file.write_text(WITH_PICTURE.replace(old, new) if old else WITH_PICTURE)
    (tmp_path / "text.png").write_text("no picture")
    refused = run(settings, "campaigns", "load", str(file))
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert run(settings, "campaigns", "list").stdout == ""

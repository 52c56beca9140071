from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.roster.datasets import data
from actionmail.settings import Settings

ROWS = """zip,state,chamber,district,share,method,as_of,kind,guess
53701,WI,lower,76,1,around,2024-11-05,PO BOX,yes
53703,WI,lower,76,0.7,pop,2024-11-05,,
53703,WI,lower,77,0.295,pop,2024-11-05,,
53703,WI,lower,78,0.005,pop,2024-11-05,,
53704,WI,lower,76,1,pop,2024-11-05,,
53705,WI,lower,77,1,pop,2024-11-05,,
53705,WI,upper,26,1,pop,2024-11-05,,
"""
REFERENCE = """zip,state,chamber,district,share
53701,WI,lower,77,1
53703,WI,lower,76,1
53704,WI,lower,76,0.99
53704,WI,lower,48,0.01
53705,WI,lower,77,
53705,WI,upper,26,1
53705,WI,us_lower,2,1
"""


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "zip_districts.csv").write_text(ROWS)
    return replace(settings, data_dir=tmp_path)


def run(settings: Settings, path: Path) -> Result:
    return CliRunner().invoke(data, ["measure", str(path)], obj=settings)


def test_the_tables_are_measured(here: Settings, tmp_path: Path) -> None:
    path = tmp_path / "reference.csv"
    path.write_text(REFERENCE)
    result = run(here, path)
    assert result.exit_code == 0
    assert result.output == (
        "lower: 4 ZIP codes, 5 pairs with a district\n"
        "  found       3 (60.00%)\n"
        "  missed      2 (40.00%), 1 of them in guesses\n"
        "  extra       3 (50.00%) of the table's, 2 (33.33%) with a share of 1 % or more\n"
        "  certain     2 (50.00%) of the answers\n"
        "  incomplete  1 (50.00%) of the certain ones\n"
        "  look at     53704, 53701\n"
        "upper: 1 ZIP codes, 1 pairs with a district\n"
        "  found       1 (100.00%)\n"
        "  missed      0 (0.00%), 0 of them in guesses\n"
        "  extra       0 (0.00%) of the table's, 0 (0.00%) with a share of 1 % or more\n"
        "  certain     1 (100.00%) of the answers\n"
        "  incomplete  0 (0.00%) of the certain ones\n"
        "us_lower: 1 ZIP codes, 1 pairs with a district\n"
        "  found       0 (0.00%)\n"
        "  missed      1 (100.00%), 0 of them in guesses\n"
        "  extra       0 of the table's, 0 with a share of 1 % or more\n"
        "  certain     0 (0.00%) of the answers\n"
        "  incomplete  0 of the certain ones\n"
        "  look at     53705\n"
    )


def test_further_columns_and_another_order_are_taken(here: Settings, tmp_path: Path) -> None:
    path = tmp_path / "reference.csv"
    path.write_text(REFERENCE)
    plain = run(here, path).output
    lines = ["source,district,zip,share,chamber,state,note"]
    for line in REFERENCE.splitlines()[1:]:
        zip5, state, chamber, district, share = line.split(",")
        lines.append(f'made up,{district},{zip5},{share},{chamber},{state},"a, b"')
    path.write_text("\n".join(lines) + "\n")
    result = run(here, path)
    assert (result.exit_code, result.output) == (0, plain)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "",
            "line 1: the first line must name zip,state,chamber,district, each column once; share may be missing",
        ),
        ("zip,state,chamber\n53703,WI,lower\n", "the first line must name zip,state,chamber,district"),
        ("zip,zip,state,chamber,district\n", "each column once"),
        ("zip,state,chamber,district\n", "there is no row in it"),
        ("zip,state,chamber,district\n5370,WI,lower,76\n", "line 2, column zip: '5370' is no ZIP code"),
        ("zip,state,chamber,district\n53703,XX,lower,76\n", "'XX' is no state"),
        ("zip,state,chamber,district\n53703,NE,lower,76\n", "'lower' is no chamber of NE"),
        ("zip,state,chamber,district\n53703,WI,lower\n", "line 2: too few or too many cells"),
        ("zip,state,chamber,district,share\n53703,WI,lower,76,nan\n", "'nan' is no share"),
        ("zip,state,chamber,district,share\n53703,WI,lower,76,2\n", "'2' is no share"),
    ],
)
def test_a_reference_that_is_none_is_said(here: Settings, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "reference.csv"
    path.write_text(text)
    result = run(here, path)
    assert result.exit_code == 1
    assert sentence in result.output


def test_no_file_is_a_sentence(here: Settings, tmp_path: Path) -> None:
    assert "cannot be read" in run(here, tmp_path / "none.csv").output

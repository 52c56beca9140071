from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from actionmail.gateways.datasets.congress_committees import holds_congress, read_congress_committees
from actionmail.rules.roster.committees import MemberRow, from_csv, in_order, to_csv
from tests.datasets import unusable

COMMITTEES = """\
- type: house
  name: House Committee on Agriculture
  url: https://agriculture.house.gov/
  thomas_id: HSAG
  house_committee_id: AG
  subcommittees:
  - name: Conservation and Forestry
    thomas_id: '15'
    address: 1301 LHOB; Washington, DC 20515
    phone: (202) 225-2171
  phone: (202) 225-2171
- type: senate
  name: Senate Committee on the Budget
  thomas_id: SSBU
- type: joint
  name: Joint Committee on Printing
  thomas_id: JSPR
"""
MEMBERS = """\
HSAG:
- name: Sample Member 1
  party: majority
  rank: 1
  title: Chairman
  bioguide: S000001
- name: Sample Member 2
  party: minority
  rank: 1
  title: Ranking Member
  bioguide: S000002
HSAG15:
- name: Sample Member 2
  party: minority
  rank: 1
  bioguide: S000002
JSPR:
- name: Sample Member 3
  party: majority
  rank: 1
  bioguide: S000003
  chamber: senate
HSXX:
- name: Sample Member 4
  bioguide: S000004
"""


def written(folder: Path, committees: str | None = COMMITTEES, members: str | None = MEMBERS) -> Path:
    for name, text in (("committees-current.yaml", committees), ("committee-membership-current.yaml", members)):
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_committees_and_subcommittees_have_their_members_by_bioguide(tmp_path: Path) -> None:
    assert holds_congress(written(tmp_path))
    found = read_congress_committees(tmp_path, as_of=date(2026, 6, 15))
    assert [(row.key, row.state, row.chamber, row.parent_key, len(row.members)) for row in found.rows] == [
        ("congress/HSAG", "US", "us_lower", "", 2),
        ("congress/HSAG15", "US", "us_lower", "congress/HSAG", 1),
        ("congress/SSBU", "US", "us_upper", "", 0),
        ("congress/JSPR", "US", "legislature", "", 1),
    ]
    assert found.rows[0].members == (
        MemberRow(key="bioguide/S000001", name="Sample Member 1", role="Chairman"),
        MemberRow(key="bioguide/S000002", name="Sample Member 2", role="Ranking Member"),
    )
    assert found.rows[0].website == "https://agriculture.house.gov/"
    assert in_order(from_csv(to_csv(found.rows), "version 1")) == in_order(found.rows)


def test_the_zip_of_the_project_is_read_too(tmp_path: Path) -> None:
    written(tmp_path)
    path = tmp_path / "congress-legislators-2026-06-15.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("committees-current.yaml", "committee-membership-current.yaml"):
            archive.write(tmp_path / name, f"congress-legislators-main/{name}")
    assert holds_congress(path)
    found = read_congress_committees(path)
    assert (len(found.rows), found.as_of) == (4, date(2026, 6, 15))


@pytest.mark.parametrize(
    ("committees", "members", "sentence"),
    [
        (COMMITTEES, None, "committee-membership-current.yaml is missing"),
        (COMMITTEES.replace("type: senate", "type: lords"), MEMBERS, "committees-current.yaml, line 14: committee 2"),
        (COMMITTEES.replace("JSPR", "HSAG"), MEMBERS, "committees-current.yaml, line 4: HSAG is there twice"),
        (COMMITTEES.replace("    thomas_id: '15'\n", ""), MEMBERS, "a subcommittee without a thomas_id"),
        (COMMITTEES, MEMBERS.replace("HSAG15:\n", "HSAG15: none\nX:\n"), "line 12: HSAG15 must have a list"),
        (COMMITTEES, MEMBERS.replace("bioguide: S000003", "bioguide: [1]"), "line 17: JSPR: bioguide must be text"),
        (COMMITTEES, "HSXX: []\n", "no member of any committee"),
        (COMMITTEES, "HSAG:\n- name: [\n", "committee-membership-current.yaml, line 3, column 1: not readable as YAML"),
        ("{}", MEMBERS, "committees-current.yaml, line 1, column 1: not a list of committees"),
    ],
)
def test_bad_files_are_named_with_the_line(tmp_path: Path, committees: str, members: str | None, sentence: str) -> None:
    with unusable(re.escape(sentence)):
        read_congress_committees(written(tmp_path, committees, members))

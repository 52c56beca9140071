"""Open States files as tests need them: a few fictional people."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from actionmail.rules.roster.seats import SeatRow


def person(number: int, *, district: str = "76", chamber: str = "lower", state: str = "wi", more: str = "") -> str:
    """One legislator's YAML. `more` is appended."""
    kind = "district" if state == "dc" else "state"
    return (
        f"id: ocd-person/{number:08d}\nname: Sample Person {number}\ngiven_name: Sample\nfamily_name: Person {number}\n"
        f"party:\n- name: Example Party\nroles:\n- start_date: 2025-01-06\n  type: {chamber}\n"
        f"  jurisdiction: ocd-jurisdiction/country:us/{kind}:{state}/government\n  district: '{district}'\n{more}"
    )


def path_of(number: int, state: str = "wi") -> str:
    return f"data/{state}/legislature/Sample-Person-{number:08d}.yml"


def people_zip(folder: Path, files: dict[str, str], name: str = "people-2026-08-05.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return path


def seat_row(number: int, **columns: Any) -> SeatRow:
    return SeatRow(
        **{
            "key": f"ocd-person/{number:08d}",
            "state": "WI",
            "chamber": "lower",
            "district": str(number),
            "name": f"Sample Person {number}",
            "family_name": f"Person {number}",
            "email": f"rep{number}@legis.example.org",
            "phone": f"555-{number:04d}",
            "source": "made up",
            "as_of": date(2026, 8, 5),
            **columns,
        }
    )


def committee(number: int, *, state: str = "wi", members: Sequence[tuple[str, int]] = ()) -> str:
    """One committee's YAML. Members are (role, number); number 0 has no id."""
    text = (
        f"id: ocd-organization/{number:08d}\njurisdiction: ocd-jurisdiction/country:us/state:{state}/government\n"
        f"classification: committee\nname: Committee {number}\nchamber: lower\n"
        f"links:\n- url: https://example.org/old\n- url: https://example.org/{number}\n  note: homepage\n"
    )
    if members:
        text += "members:\n"
    for role, person_number in members:
        text += f"- name: Sample Person {person_number}\n"
        text += f"  role: {role}\n" if role else ""
        text += f"  person_id: ocd-person/{person_number:08d}\n" if person_number else ""
    return text

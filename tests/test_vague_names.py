"""Variables, parameters and fields are named after the things that they hold, not after having been found or said."""

from __future__ import annotations

import pytest

from tests.vague_names import ROOT, TOP, Place, bound, bound_in_template, in_floor, in_templates

FLOORS = (TOP, "cli", "db", "flows", "gateways", "rules", "web")
# Columns of tables, and of a file that staff may edit: a name of theirs is for others to read too.
COLUMNS = {("db/roster.py", "kept"), ("db/staff.py", "told"), ("rules/roster/seats.py", "kept")}


@pytest.mark.parametrize("floor", FLOORS)
def test_names_of_a_floor_say_what_they_hold(floor: str) -> None:
    assert _listed([place for place in in_floor(floor) if not _is_column(place)]) == []


def _is_column(place: Place) -> bool:
    path, _line, name = place
    return (path.relative_to(ROOT / "actionmail").as_posix(), name) in COLUMNS


def test_names_of_templates_say_what_they_hold() -> None:
    assert _listed(in_templates()) == []


def _listed(places: list[Place]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}: {name}" for path, line, name in places]


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "found: int",
        "first, *found = pair",
        "for found in rows: pass",
        "firsts = [found for found in rows]",
        "def look(found): pass",
        "def look(*, found=None): pass",
        "look = lambda found: 1",
        "with look() as found: pass",
        "if found := look(): pass",
        "from rows import first as found",
        "try: look()\nexcept LookupError as found: pass",
        "class Row:\n    found: int",
    ],
)
def test_a_name_that_is_bound_is_noticed(source: str) -> None:
    assert [name for _, name in bound(source)] == ["found"]


@pytest.mark.parametrize(
    "source",
    ["row.found = 1", "look(found=1)", "print(found)", "# found", '"found"', "def found(): pass", "found_rows = 1"],
)
def test_another_use_of_the_word_is_none(source: str) -> None:
    assert list(bound(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "{% for found in rows %}{% endfor %}",
        "{% for first, found in rows %}{% endfor %}",
        "{% set found = rows %}",
        "{% set found %}words{% endset %}",
        "{% with found = rows %}{% endwith %}",
        "{% macro look(found) %}{% endmacro %}",
        "{% macro found() %}{% endmacro %}",
        "{% call(found) look() %}{% endcall %}",
        '{% import "rows.html" as found %}',
        '{% from "rows.html" import found %}',
        '{% from "rows.html" import first as found %}',
    ],
)
def test_a_name_that_a_template_binds_is_noticed(source: str) -> None:
    assert [name for _, name in bound_in_template(source)] == ["found"]


def test_what_a_template_says_is_none() -> None:
    assert list(bound_in_template("{{ found }}{{ look(found=row.found) }} found {# found #}")) == []

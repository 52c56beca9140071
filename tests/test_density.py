"""No function of the package is too long to be seen at once, and no comprehension stands in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.density import MOST_LINES, ROOT, Module, measure, modules

MOST_MODULE_LINES = 400
MOST_COMPREHENSIONS = 19.0  # in 1,000 lines; 31.6 before the limit was set


@pytest.fixture(scope="module")
def package() -> list[Module]:
    return modules(ROOT / "actionmail")


def test_no_function_is_longer_than_a_screen(package: list[Module]) -> None:
    long = [(module.path.name, *function) for module in package for function in module.long_functions]
    assert long == []


def test_no_comprehension_stands_in_another(package: list[Module]) -> None:
    assert [(module.path.name, module.nested) for module in package if module.nested] == []


def test_no_module_outgrows_a_few_screens(package: list[Module]) -> None:
    assert [(module.path.name, module.lines) for module in package if module.lines > MOST_MODULE_LINES] == []


def test_comprehensions_stay_few(package: list[Module]) -> None:
    lines = sum(module.lines for module in package)
    assert 1000 * sum(module.comprehensions for module in package) / lines <= MOST_COMPREHENSIONS


def test_what_is_over_a_limit_is_found(tmp_path: Path) -> None:
    source = tmp_path / "dense.py"
    body = "\n".join(f"    x{number} = {number}" for number in range(MOST_LINES))
    source.write_text(f"def long():\n{body}\n\n\npairs = [[b for b in a] for a in ()]\n", encoding="utf-8")
    found = measure(source)
    assert found.long_functions == [(1, "long", MOST_LINES + 1)]
    assert found.nested == [MOST_LINES + 4]

"""How dense the code is: long functions, nested comprehensions, comprehensions per 1,000 lines, sizes of modules.

`python -m tests.density [FOLDER ...]` prints the figures and every place over a limit; `test_density.py` holds them.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 50  # of a function, its decorators and docstring counted
# Each migration tells one step from top to bottom, and never changes again.
MIGRATIONS = ROOT / "actionmail" / "db" / "migrations"

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Module:
    """One source file: its length in lines, and what of it is dense, as (line, name or length)."""

    path: Path
    lines: int
    comprehensions: int
    nested: list[int]
    long_functions: list[tuple[int, str, int]]


def modules(*folders: Path) -> list[Module]:
    """Every module below `folders`, migrations left out."""
    paths: set[Path] = set()
    for folder in folders:
        paths.update(folder.rglob("*.py"))
    return [measure(path) for path in sorted(paths) if MIGRATIONS not in path.parents]


def measure(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found = [node for node in ast.walk(tree) if isinstance(node, _COMPREHENSIONS)]
    return Module(
        path=path,
        lines=len(source.splitlines()),
        comprehensions=len(found),
        nested=sorted({node.lineno for node in found if _is_nested(node)}),
        long_functions=list(_long_functions(tree)),
    )


def _is_nested(comprehension: ast.AST) -> bool:
    """Whether another comprehension stands in it."""
    inner = ast.walk(comprehension)
    next(inner)
    return any(isinstance(node, _COMPREHENSIONS) for node in inner)


def _long_functions(tree: ast.AST) -> Iterator[tuple[int, str, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, _Function):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        length = (node.end_lineno or node.lineno) - first + 1
        if length > MOST_LINES:
            yield node.lineno, node.name, length


def main(arguments: list[str]) -> None:
    measured = modules(*(Path(argument).resolve() for argument in arguments or ["actionmail"]))
    lines = sum(module.lines for module in measured)
    comprehensions = sum(module.comprehensions for module in measured)
    sizes = [module.lines for module in measured]
    for module in measured:
        place = module.path.relative_to(ROOT)
        for line, name, length in module.long_functions:
            print(f"{place}:{line}: {name} has {length} lines")
        for line in module.nested:
            print(f"{place}:{line}: a comprehension within another")
    print(f"{len(measured)} modules, {lines} lines; largest {max(sizes)}, median {statistics.median(sizes):.0f}")
    print(f"functions over {MOST_LINES} lines: {sum(len(module.long_functions) for module in measured)}")
    print(f"nested comprehensions: {sum(len(module.nested) for module in measured)}")
    print(f"comprehensions per 1,000 lines: {1000 * comprehensions / lines:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])

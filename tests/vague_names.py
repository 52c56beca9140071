"""Where a variable, a parameter or a field has a name that says nothing of what it holds.

`python -m tests.vague_names [FLOOR ...]` prints each place; `test_vague_names.py` holds those floors that have none.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jinja2 import Environment, nodes

from tests.density import MIGRATIONS, ROOT

VAGUE: Final = frozenset({"one", "found", "said", "told", "kept"})
PACKAGE: Final = ROOT / "actionmail"
TEMPLATES: Final = ROOT / "templates"
TOP: Final = "top"  # the modules beside the floors

Place = tuple[Path, int, str]


def in_floor(floor: str) -> list[Place]:
    """Each such name in a floor's modules; migrations never change again."""
    paths = PACKAGE.glob("*.py") if floor == TOP else (PACKAGE / floor).rglob("*.py")
    places: list[Place] = []
    for path in sorted(paths):
        if MIGRATIONS not in path.parents:
            places.extend((path, *place) for place in bound(path.read_text(encoding="utf-8")))
    return places


def in_templates() -> list[Place]:
    places: list[Place] = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        places.extend((path, *place) for place in bound_in_template(path.read_text(encoding="utf-8")))
    return places


def bound(source: str) -> Iterator[tuple[int, str]]:
    """By line: what is assigned to, loop variables, fields of classes, parameters, names of imports."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) if name in VAGUE:
                yield node.lineno, name
            case ast.alias(name=imported, asname=name) if (name or imported) in VAGUE:
                yield node.lineno, name or imported
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) if name in VAGUE:
                yield node.lineno, name


def bound_in_template(source: str) -> Iterator[tuple[int, str]]:
    """The same of a template: what is set, loop variables, parameters and names of macros, what is imported."""
    for node in Environment(autoescape=True).parse(source).find_all(nodes.Node):
        for name in _names(node):
            if name in VAGUE:
                yield node.lineno, name


def _names(node: nodes.Node) -> Iterator[str]:
    match node:
        case nodes.Name(name=name, ctx="store" | "param") | nodes.Macro(name=name) | nodes.Import(target=name):
            yield name
        case nodes.FromImport(names=names):
            yield from (name if isinstance(name, str) else name[1] for name in names)


def main(arguments: list[str]) -> None:
    places = [place for floor in arguments for place in in_floor(floor)]
    if not arguments:
        places = [*in_templates(), *in_floor("")]
    for path, line, name in places:
        print(f"{path.relative_to(ROOT)}:{line}: {name}")
    print(f"{len(places)} names in {len({path for path, _, _ in places})} files")


if __name__ == "__main__":
    main(sys.argv[1:])

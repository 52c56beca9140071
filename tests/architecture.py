"""The picture of the house, drawn from the imports: which room of which floor uses which.

`make architecture` writes it into docs/architecture.md; `test_architecture.py` holds the document against the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import grimp

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
FLOORS: Final = ("cli", "web", "flows", "gateways", "rules")  # those that have rooms, from the doors down
_MARKS: Final = re.compile(r"(<!-- picture of (\w+) -->\n).*?(<!-- end of picture -->)", re.DOTALL)

Arrow = tuple[str, str]


def arrows_within(graph: grimp.ImportGraph, floor: str) -> set[Arrow]:
    """Which room of this floor uses which other room of it."""
    arrows = set()
    for module in graph.modules:
        room = _room(module, floor)
        if not room:
            continue
        for imported in graph.find_modules_directly_imported_by(module):
            other = _room(imported, floor)
            if other and other != room:
                arrows.add((room, other))
    return arrows


def arrows_between(graph: grimp.ImportGraph) -> set[Arrow]:
    """Which floor, or single module above the floors, uses which."""
    arrows = set()
    for module in graph.modules:
        floor = _floor(module)
        for imported in graph.find_modules_directly_imported_by(module):
            other = _floor(imported)
            if floor and other and other != floor:
                arrows.add((floor, other))
    return arrows


def mermaid(names: Iterable[str], arrows: Iterable[Arrow]) -> str:
    """A Mermaid flow chart, from the one that uses to the one that is used."""
    lines = ["```mermaid", "flowchart TD"]
    for name in sorted(names):
        lines.append(f"    {name}")
    for user, used in sorted(arrows):
        lines.append(f"    {user} --> {used}")
    lines.append("```")
    return "\n".join(lines)


def redrawn(text: str) -> str:
    """The document with each of its pictures drawn anew."""
    graph = grimp.build_graph("actionmail", exclude_type_checking_imports=True)

    def picture(match: re.Match[str]) -> str:
        subject = match[2]
        if subject == "floors":
            arrows = arrows_between(graph)
            drawn = mermaid({end for arrow in arrows for end in arrow}, arrows)
        else:
            rooms = {_room(module, subject) for module in graph.modules}
            drawn = mermaid(rooms - {""}, arrows_within(graph, subject))
        return f"{match[1]}\n{drawn}\n\n{match[3]}"

    return _MARKS.sub(picture, text)


def _floor(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _room(module: str, floor: str) -> str:
    parts = module.split(".")
    return parts[2] if len(parts) > 2 and parts[1] == floor else ""


if __name__ == "__main__":
    DOCUMENT.write_text(redrawn(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")

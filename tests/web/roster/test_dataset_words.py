"""Every code that a file is refused with has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import actionmail
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.roster.dataset_words import dataset_sentence

CODE_AT = {"DatasetError": 1, "fault_in": 1, "_BrokeOff": 0}  # of the arguments


def codes() -> set[str]:
    """The codes that stand in the source."""
    literals = set()
    for path in Path(actionmail.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CODE_AT:
                continue
            arguments = node.args[CODE_AT[node.func.id] :]
            if arguments and isinstance(arguments[0], ast.Constant):
                literals.add(str(arguments[0].value))
    return literals


def test_every_code_has_words() -> None:
    unknown = []
    for code in sorted(codes()):
        try:
            dataset_sentence(DatasetError("file.csv", code))
        except KeyError as missing:
            if missing.args == (code,):
                unknown.append(code)
    assert len(codes()) > 100
    assert unknown == []

"""Every regular expression of the code, and for each the texts on which it may take longest.

Expressions are gathered from the source, so that none is missed that is made where it is used. What one is grown with
comes from its own parse tree: each thing that repeats, alone and behind what leads to it, and with an end that does
not fit, so that whatever can be tried in more than one way is tried in all of them.
"""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "actionmail"
MIGRATIONS = PACKAGE / "db" / "migrations"

_FROM_THE_START = frozenset({"match", "fullmatch"})
_FUNCTIONS = frozenset({"search", "sub", "subn", "findall", "finditer", "split", "compile", *_FROM_THE_START})


@dataclass(frozen=True, kw_only=True)
class Found:
    """One expression: where it stands, and whether it is only tried at a text's start, not everywhere in it."""

    where: str
    pattern: re.Pattern[Any]
    from_start: bool

    def run(self, text: str) -> None:
        subject = text if isinstance(self.pattern.pattern, str) else text.encode("utf-8", "replace")
        if self.from_start:
            self.pattern.fullmatch(subject)
            self.pattern.match(subject)
        else:
            for _ in self.pattern.finditer(subject):
                pass


class Unknown(Exception):
    """An expression that is put together where it is used: the test has to be told one."""


def everything() -> list[Found]:
    """The expressions of every module but migrations. Raises Unknown."""
    found: list[Found] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if MIGRATIONS not in path.parents and "re." in path.read_text(encoding="utf-8"):
            found += of_module(path)
    return found


def of_module(path: Path) -> Iterator[Found]:
    """Compiled ones that the module holds by a name, and those written into its functions."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    uses = _uses(nodes)
    module = importlib.import_module(name)
    for key, pattern in _held(vars(module)):
        owner = key.partition("[")[0]
        if re.search(rf"^{owner}\b", source, re.MULTILINE):  # not one that is only imported
            yield Found(where=f"{name}.{key}", pattern=pattern, from_start=_only_from_start(uses[owner]))
    if not any(_is_made(node) for node in nodes):
        return
    for function in (node for node in nodes if isinstance(node, _Function)):
        for call in filter(_is_made, ast.walk(function)):
            yield _of_call(name, function.name, call, vars(module))


def _held(names: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[Any]]]:
    for key, value in list(names.items()):
        if isinstance(value, re.Pattern):
            yield key, value
        elif isinstance(value, tuple | list | dict) and not key.startswith("__"):
            inner = value.values() if isinstance(value, dict) else value
            for place, item in enumerate(inner):
                if isinstance(item, re.Pattern):
                    yield f"{key}[{place}]", item


def _uses(nodes: list[ast.AST]) -> defaultdict[str, set[str]]:
    """What is asked of each name, as the `match` of `_WORD.match(text)`."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found[node.value.id].add(node.attr)
    return found


def _only_from_start(uses: set[str]) -> bool:
    """Whether every use of an expression is a `match` or `fullmatch`."""
    return bool(uses) and _FROM_THE_START.issuperset(uses)


_REPEATED = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _is_made(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether it is a call of the module `re` that is given an expression."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in _FUNCTIONS


# Expressions put together from what a campaign or a file says, each as it may look; by the function that makes it.
_BILL = r"(?<!\w)S[\s.\-\u2010-\u2015]*B(?:[\s.\-\u2010-\u2015/]|and|or)*1161(?!\w)"
_MADE: dict[str, str] = {
    "_line": r"\bSSAF13\b",
    "_any": r"(?:\bone\b|\bother\b)",  # what it makes has names of its own
    "bill_pattern": _BILL,
    "_contrary": rf"\b(?:vote (?:no|nay))\b|\b(?:oppose|veto)\s+(?:{_BILL}|the bill)",
    "without_token": r"(?i)(?:b\+\s?)?" + r"[\s>=]{0,4}".join("abcdefgh2345"),
    "_folded": r"[^:]+:?",
    "_controls": "[\\x00-\\x1f\\ud800-\\udfff]",
    "_blotted_out": r"(?<!\w)Mai\s+Example(?!\w)",
}


def _of_call(module: str, function: str, call: ast.Call, names: dict[str, Any]) -> Found:
    where = f"{module}.{function}"
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    flags = re.NOFLAG
    for part in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
        if isinstance(part, ast.Attribute) and isinstance(getattr(re, part.attr, None), re.RegexFlag):
            flags |= getattr(re, part.attr)
    try:
        source = ast.literal_eval(call.args[0])
    except ValueError:
        source = _put_together(where, call.args[0], names)
    pattern = source if isinstance(source, re.Pattern) else re.compile(source, flags)
    return Found(where=where, pattern=pattern, from_start=kind in _FROM_THE_START)


def _put_together(where: str, written: ast.expr, names: dict[str, Any]) -> Any:
    """An expression made of the module's own names; or else the one that `_MADE` tells. Raises Unknown."""
    free = {node.id for node in ast.walk(written) if isinstance(node, ast.Name)}
    if free <= names.keys():
        return eval(compile(ast.Expression(written), where, "eval"), names)
    function = where.rpartition(".")[2]
    if function in _MADE:
        return _MADE[function]
    raise Unknown(where)


def growing(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """(what leads in, what is repeated, what does not fit at the end): texts on which `pattern` may take longest."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~(re.UNICODE | re.LOCALE)
    tree = parser.parse(source, flags)
    pumps: dict[tuple[str, str], None] = {}
    for lead, body in _repeats(list(tree), ""):
        pumps[lead, body] = None
        pumps["", lead + body] = None
    for text in _pieces(list(tree)):
        pumps["", text] = None
    pumps["", "a"] = pumps["", " "] = None
    inputs = []
    for lead, body in pumps:
        if body:
            inputs += [(lead, body, ""), (lead, body, "\x00"), ("\n" + lead, body, "\n\x00!")]
    return inputs


def _repeats(tree: list[Any], lead: str) -> Iterator[tuple[str, str]]:
    """Each part that may repeat often, with the shortest text that leads to it."""
    for kind, value in tree:
        if kind in _REPEATED:
            least, most, body = value
            if most > 1:
                for text in _samples(list(body)):
                    yield lead, text
            yield from _repeats(list(body), lead)
            lead += _shortest(list(body)) * least
            continue
        for inner in _inner(kind, value):
            yield from _repeats(inner, lead)
        lead += _shortest([(kind, value)])


def _inner(kind: Any, value: Any) -> list[list[Any]]:
    """The trees within one node."""
    if kind is kinds.SUBPATTERN:
        return [list(value[3])]
    if kind is kinds.BRANCH:
        return [list(branch) for branch in value[1]]
    if kind in (kinds.ASSERT, kinds.ASSERT_NOT):
        return [list(value[1])]
    if kind is kinds.ATOMIC_GROUP:
        return [list(value)]
    return []


def _samples(tree: list[Any]) -> list[str]:
    """Several texts for a part: its shortest, and one with each character of a set that it is made of."""
    if len(tree) == 1:
        kind, value = tree[0]
        if kind is kinds.IN:
            return list(dict.fromkeys(_members(value)))[:6]
        if kind is kinds.SUBPATTERN:
            return _samples(list(value[3]))
        if kind is kinds.BRANCH:
            return [_shortest(list(branch)) for branch in value[1]]
    return [_shortest(tree)]


def _pieces(tree: list[Any]) -> Iterator[str]:
    """The shortest text that fits, and its beginnings where something may follow that repeats."""
    lead = ""
    for kind, value in tree:
        if kind in _REPEATED:
            yield lead
        lead += _shortest([(kind, value)])
    yield lead


def _shortest(tree: list[Any]) -> str:
    text = ""
    for kind, value in tree:
        if kind is kinds.LITERAL:
            text += chr(value)
        elif kind is kinds.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif kind is kinds.ANY:
            text += "a"
        elif kind is kinds.IN:
            text += _members(value)[0]
        elif kind is kinds.CATEGORY:
            text += _CATEGORIES[value]
        elif kind in _REPEATED:
            text += _shortest(list(value[2])) * value[0]
        elif kind is kinds.SUBPATTERN:
            text += _shortest(list(value[3]))
        elif kind is kinds.ATOMIC_GROUP:
            text += _shortest(list(value))
        elif kind is kinds.BRANCH:
            text += min((_shortest(list(branch)) for branch in value[1]), key=len)
    return text


_CATEGORIES = {
    kinds.CATEGORY_DIGIT: "1",
    kinds.CATEGORY_NOT_DIGIT: "a",
    kinds.CATEGORY_SPACE: " ",
    kinds.CATEGORY_NOT_SPACE: "a",
    kinds.CATEGORY_WORD: "a",
    kinds.CATEGORY_NOT_WORD: "-",
}
_ANYTHING = "a1 A-_.@<[(,"


def _members(value: list[Any]) -> list[str]:
    """Characters of a set, each kind of them once; for a negated set, what it does not name."""
    named: list[str] = []
    is_negated = False
    for kind, inner in value:
        if kind is kinds.NEGATE:
            is_negated = True
        elif kind is kinds.LITERAL:
            named.append(chr(inner))
        elif kind is kinds.RANGE:
            named.append(chr(inner[0]))
        elif kind is kinds.CATEGORY:
            named.append(_CATEGORIES[inner])
    if not is_negated:
        return named
    allowed = re.compile(_as_source(value))
    return [character for character in _ANYTHING if allowed.fullmatch(character)] or ["\u00e9"]


def _as_source(value: list[Any]) -> str:
    source = "[^"
    for kind, inner in value:
        if kind is kinds.LITERAL:
            source += re.escape(chr(inner))
        elif kind is kinds.RANGE:
            source += f"{re.escape(chr(inner[0]))}-{re.escape(chr(inner[1]))}"
        elif kind is kinds.CATEGORY:
            source += _CLASSES[inner]
    return source + "]"


_CLASSES = {
    kinds.CATEGORY_DIGIT: r"\d",
    kinds.CATEGORY_NOT_DIGIT: r"\D",
    kinds.CATEGORY_SPACE: r"\s",
    kinds.CATEGORY_NOT_SPACE: r"\S",
    kinds.CATEGORY_WORD: r"\w",
    kinds.CATEGORY_NOT_WORD: r"\W",
}

"""Every code has words, and no words stand for a code that there is no more."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from actionmail.rules.campaigns.problems import Problem, from_json, to_json
from actionmail.web.campaigns.words import SENTENCES, not_opened, sentence

PACKAGE = Path(__file__).parents[3] / "actionmail"
ROOMS = (
    PACKAGE / "rules" / "campaigns",
    PACKAGE / "flows" / "campaigns",
    PACKAGE / "web" / "campaigns",
    PACKAGE / "gateways" / "pictures",
    PACKAGE / "cli",
)


def constants() -> set[str]:
    """Every text written in the code that makes problems, the words themselves left out."""
    found: set[str] = set()
    for room in ROOMS:
        for path in room.rglob("*.py"):
            if path.parent.name != "words":
                nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                found.update(
                    node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
                )
    return found


WRITTEN = constants()
KINDS = {code.partition(".")[0] for code in SENTENCES}


def is_code(text: str) -> bool:
    """Whether it is written as a code; one that ends in a hyphen goes on with what is put in there."""
    kind, _, rest = text.partition(".")
    return kind in KINDS and rest.replace("-", "").isalnum() and not rest.endswith("-")


def test_every_code_has_words() -> None:
    codes = {text for text in WRITTEN if is_code(text)}
    assert len(codes) > 80
    assert codes - SENTENCES.keys() == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_no_words_are_left_over(code: str) -> None:
    kind, _, rest = code.partition(".")
    made = {code, rest, f"{kind}.", code[: code.rindex("-") + 1] if "-" in code else code}
    assert made & WRITTEN


def test_why_a_campaign_did_not_open_is_kept_as_a_code() -> None:
    within = Problem("prompt.letter", {"words": "TODO"})
    values = {"slug": "ab969", "change": "publish", "count": 2, "letter": "All", "problem": within}
    kept = to_json(Problem("publishing.faults", values))
    assert from_json(kept) == Problem("publishing.faults", values)
    assert not_opened(kept) == sentence(Problem("publishing.faults", values))
    assert not_opened(kept).endswith(
        'the letters have 2 faults. The first: Letter "All": The letter still says "TODO".'
    )
    assert not_opened("A sentence of the version before.") == "A sentence of the version before."

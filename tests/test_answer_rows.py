from __future__ import annotations

from tests.answer_rows import DOCUMENT, rewritten


def test_the_document_has_the_rows_that_decide() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert rewritten(text) == text, "run: .venv/bin/python -m tests.answer_rows"
    assert text.count("\n| ") > 40

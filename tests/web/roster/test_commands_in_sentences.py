"""Commands in the sentences of staff's pages are shown as commands, and nothing else as markup."""

from __future__ import annotations

import pytest

from actionmail.web.roster.pages import with_commands


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("Run `actionmail migrate`.", "Run <code>actionmail migrate</code>."),
        ("With `a` or `b <c>`", "With <code>a</code> or <code>b &lt;c&gt;</code>"),
        ("One ` alone & no pair", "One ` alone &amp; no pair"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code(sentence: str, right: str) -> None:
    assert str(with_commands(sentence)) == right

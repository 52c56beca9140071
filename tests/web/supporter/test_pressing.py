"""The last step: what one press costs, and what stands in the way of it."""

from __future__ import annotations

import pytest

from tests.web.supporter_pages import SupporterBrowser, problems


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u202e"])
def test_an_invisible_mark_is_refused_at_its_field(supporter: SupporterBrowser, mark: str) -> None:
    supporter.to_letter()
    for name in ("subject_1", "body_1", "personal"):
        page = supporter.send(**{name: f"Please{mark} vote no."})
        assert page.status_code == 400, name
        assert problems(page), name
    for name in ("name", "street", "city"):
        page = supporter.to_letter(**{name: f"Mai{mark} Example"})
        assert page.status_code == 400, name
        assert problems(page), name

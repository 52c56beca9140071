"""Which subject was offered, and whether it was kept."""

from __future__ import annotations

import pytest

from actionmail.rules.campaigns.subjects import is_filled_from, offered

SOURCE = "Oppose AB 969 - a constituent in {{ zip }}"
IF = "{% if city %}{{ city }} says no{% else %}We say no{% endif %} to AB 969"


def test_the_same_key_is_offered_the_same_subject_and_keys_spread() -> None:
    places = [offered(f"key-{number}", 3) for number in range(300)]
    assert places == [offered(f"key-{number}", 3) for number in range(300)]
    assert min(places.count(place) for place in (0, 1, 2)) > 60


@pytest.mark.parametrize(
    ("source", "subject"),
    [
        (SOURCE, "Oppose AB 969 - a constituent in 53703"),
        (SOURCE, "Oppose AB 969 - a constituent in"),
        ("{{ zip }}: vote no, {{ legislator_name }}!", "53703: vote no, Uma Pattern!"),
        (IF, "Madison says no to AB 969"),
        (IF, "We say no to AB 969"),
        ("Vote  no", "Vote no"),
    ],
)
def test_a_filled_subject_is_known(source: str, subject: str) -> None:
    assert is_filled_from(source, subject)


@pytest.mark.parametrize(
    ("source", "subject"),
    [
        (SOURCE, "Please oppose AB 969 - a constituent in 53703"),
        (SOURCE, "Oppose AB 970 - a constituent in 53703"),
        (SOURCE, "Please: Oppose AB 969 - a constituent in 53703"),
        ("Vote no", "Vote no!"),
        ("Vote no", "Do vote no"),
        ("{{ zip }}: vote no", "53703: vote no, please"),
        (IF, "We say yes to AB 970"),
    ],
)
def test_another_one_is_told(source: str, subject: str) -> None:
    assert not is_filled_from(source, subject)

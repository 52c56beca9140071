"""What is found, however it is written."""

from __future__ import annotations

import pytest

from actionmail.rules.campaigns.searching import searchable, terms


@pytest.mark.parametrize(
    ("typed", "bill", "text"),
    [
        ("ecole", "", "Une École pour tous"),
        ("ÉCOLE", "", "une ecole"),
        ("dia dam", "", "Địa điểm, đàm phán"),
        ("wisconsin's", "", "Wisconsin’s schools"),
        ("strasse", "", "Straße"),
        ("ab969", "AB 969", ""),
        ("AB 969", "AB 969", ""),
        ("hf3434", "H.F. 3434", ""),
        ("ロハ", "", "イロハニ"),
        ("学校", "", "我们的学校很安全"),
        ("ໂຮງຮຽນ", "", "ຢູ່ໃນໂຮງຮຽນຂອງພວກເຮົາ"),
        ("សាលា", "", "នៅក្នុងសាលារៀន"),
        ("ကျောင်း", "", "စာသင်ကျောင်းများ"),
    ],
)
def test_it_is_found(typed: str, bill: str, text: str) -> None:
    words = searchable(bill, [text])
    assert all(term in words for term in terms(typed))
    assert terms(typed)


@pytest.mark.parametrize(("typed", "text"), [("100%", "100 of them"), ("ກາ", "ກີ"), ("a\u030a", "o")])
def test_it_is_not_found(typed: str, text: str) -> None:
    words = searchable("", [text])
    assert not all(term in words for term in terms(typed))


def test_each_word_is_looked_for_once() -> None:
    assert terms("  Schools schools\u3000SCHOOLS safe ") == ["schools", "safe"]
    assert terms(" \u00a0 ") == []

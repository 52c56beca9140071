"""Which of the languages that we speak a browser asks for."""

from __future__ import annotations

import pytest
from flask import Flask

from actionmail.web.platform import languages

_FILLING = ", ".join(f"x-{number};q=0.1" for number in range(200))


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("", "en"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("en;q=0.5, es;q=0.9", "es"),
        ("es;q=0, en", "en"),
        ("tlh, vi", "vi"),
        (f"{_FILLING}, es", "es"),
        (";;;,=,q", "en"),
    ],
)
def test_the_best_wish_of_a_browser_is_spoken_however_often_it_is_said(site: Flask, header: str, spoken: str) -> None:
    client = site.test_client()
    for _ in range(2):
        page = client.get("/privacy", base_url="http://127.0.0.1:8000", headers={"Accept-Language": header}).text
        assert f'<html lang="{spoken}"' in page


def test_a_header_is_read_once_and_a_long_one_is_not_kept(site: Flask) -> None:
    languages._best.cache_clear()
    client = site.test_client()
    for header in ("vi-VN, vi;q=0.9", f"{_FILLING}, vi"):
        for _ in range(3):
            client.get("/privacy", base_url="http://127.0.0.1:8000", headers={"Accept-Language": header})
    kept = languages._best.cache_info()
    assert (kept.misses, kept.currsize) == (1, 1)

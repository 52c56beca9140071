"""The three steps in Firefox, in WebKitGTK, and in Lynx, which knows neither scripts nor style sheets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.journeys import lynx, other_browsers
from tests.journeys.house import House
from tests.journeys.steps import OWN_WORDS
from tests.journeys.webdriver import WebDriver

pytestmark = pytest.mark.browser


def arrived(house: House, email: str) -> None:
    """Both letters, once, with the supporter's own words."""
    letters = house.wait_for_letters(email, 2)
    assert len(letters) == 2
    assert all(OWN_WORDS in letter.get_content() for letter in letters)
    assert house.actions(email) == 1


@pytest.mark.parametrize("opened", [other_browsers.firefox, other_browsers.webkit], ids=["firefox", "webkitgtk"])
def test_the_three_steps_in_another_browser(
    house: House, email: str, tmp_path: Path, opened: Callable[[Path], AbstractContextManager[WebDriver]]
) -> None:
    try:
        with opened(tmp_path) as driver:
            act(driver, f"{house.site}/campaigns/ab969", email)
    except other_browsers.Missing as missing:
        unavailable(str(missing))
    arrived(house, email)


def act(driver: WebDriver, url: str, email: str) -> None:
    """Each step begins with what stands on its page alone."""
    driver.go(url)
    for name, text in (("name", "Mai Example"), ("email", email), ("zip", "53703")):
        driver.type(f"#{name}", text)
    driver.click("#act button")
    driver.click("input[name=lower]:not([value=unsure])")
    driver.click("form:has(input[name=lower]) button")
    driver.type("#personal", OWN_WORDS)
    driver.click("#consent")
    driver.click("button[value=send]")
    assert driver.text(".outcomes th") == "Legislator"
    assert driver.text("h1") == "Thank you, Mai Example."
    assert driver.run("return document.documentElement.scrollWidth <= innerWidth")


def test_the_three_steps_in_lynx(house: House, email: str, tmp_path: Path) -> None:
    program = other_browsers.find_lynx()
    if program is None:
        unavailable(other_browsers.advice("Lynx"))
    keys = lynx.Keys()
    keys.find("Full name").write("Mai Example").write(email).write("53703")
    keys.find("Continue to your legislators").press()
    keys.find("I am not sure").down().press()  # the first of those who are named
    keys.find("Continue to your letter").press()
    keys.find("Why does this matter").write(OWN_WORDS)
    keys.find("Send this in my name").press()
    keys.find("Send to Sen").press()
    shown = lynx.browse(program, f"{house.site}/campaigns/ab969", keys, tmp_path)
    assert "Thank you, Mai Example." in shown
    arrived(house, email)

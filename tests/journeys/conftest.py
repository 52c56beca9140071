"""A real browser in front of a running installation, narrow and wide, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from actionmail.cli.platform.processes import DemoError
from tests.conftest import folder_in_memory, unavailable
from tests.journeys.browser import ADVICE, LAUNCH_FLAGS, find_chromium
from tests.journeys.house import House, running_house

_WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
_HEIGHT = 800
_TIMEOUT_MS = 120_000  # nothing is asked of the machine's speed: what hangs ends, some time
_COLOURS = 64


@dataclass(frozen=True)
class View:
    """How a person looks at the pages."""

    width: int
    scripts: bool
    language: str = ""  # that the browser asks for; English where it is ""
    is_still: bool = True  # whether it asks for less motion

    def __str__(self) -> str:
        return "-".join(filter(None, [f"{self.width}px", "" if self.scripts else "scriptless", self.language]))


class Site(Protocol):
    """What a page may ask for things."""

    site: str
    inbox_site: str


VIEWS = [View(width, scripts) for width in (360, 1280) for scripts in (True, False)]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=_TIMEOUT_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        unavailable(ADVICE)
    opened = playwright.chromium.launch(executable_path=program, args=list(LAUNCH_FLAGS))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    try:
        with folder_in_memory() as folder, running_house(folder) as running:
            yield running
    except DemoError as error:
        pytest.fail(f"{error}\n{error.tail()}")


@pytest.fixture(scope="session")
def empty_house() -> Iterator[House]:
    """As it stands on the first day: the roster, no campaign, nobody who may sign in; who wrote may not publish."""
    with (
        folder_in_memory() as folder,
        running_house(folder, is_new=True, ACTIONMAIL_TWO_PERSON_PUBLISH="1") as running,
    ):
        yield running


@pytest.fixture(params=VIEWS, ids=str)
def view(request: pytest.FixtureRequest) -> View:
    found: View = request.param
    return found


@pytest.fixture
def page(browser: Browser, house: House, view: View) -> Iterator[Page]:
    with opened_page(browser, house, view) as opened:
        yield opened


@contextmanager
def opened_page(browser: Browser, place: Site, view: View) -> Iterator[Page]:
    """A fresh page. At its end: no script was refused or failed, and no other host was asked for anything."""
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # a 404 page is no trouble
            troubles.append(message.text)

    def see(request: Request) -> None:
        if not request.url.startswith((place.site + "/", place.inbox_site + "/", "data:")):
            troubles.append(f"asked for {request.url}")

    headers = {"X-Forwarded-For": _another_visitor()}  # limits are counted by address
    if view.language:
        headers["Accept-Language"] = view.language  # as a header, since browsers' own locales have no Hmong
    context = browser.new_context(
        viewport={"width": view.width, "height": _HEIGHT},
        java_script_enabled=view.scripts,
        extra_http_headers=headers,
        reduced_motion="reduce" if view.is_still else None,
    )
    context.set_default_timeout(_TIMEOUT_MS)
    opened = context.new_page()
    opened.on("console", hear)
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("request", see)
    yield opened
    context.close()
    assert troubles == []


def _another_visitor() -> str:
    """An address of the range for documentation (RFC 3849), in a /64 that no other journey comes from."""
    return f"2001:db8:{token_hex(2)}:{token_hex(2)}::1"


@pytest.fixture
def email() -> str:
    """A supporter nobody else in this run is."""
    return f"mai.{token_hex(4)}@example.org"


Look = Callable[[Page, str], None]


@pytest.fixture
def look(view: View, request: pytest.FixtureRequest) -> Look:
    """Judge the page that stands open: WCAG 2.2 AA, nothing wider than the screen. Photographs it where asked for."""
    folder = request.config.getoption("--screenshots")

    def judge(page: Page, name: str) -> None:
        page.wait_for_load_state()
        page.locator("html").wait_for(state="attached")  # with scripts off, a page may be on its way all the same
        if view.scripts:  # axe waits on timers, which stand still where scripts are off; the markup is the same
            options = {"runOnly": {"type": "tag", "values": _WCAG_2_2_AA}, "resultTypes": ["violations"]}
            found = Axe().run(page, options=options)
            assert found.violations_count == 0, f"{name} at {view}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= view.width, f"{name} is {wide} px wide at {view}"
        assert page.title(), f"{name} has no title"
        if folder and view.scripts:
            _photograph(page, Path(folder) / f"{name}-{view.width}.png")

    return judge


def _photograph(page: Page, path: Path) -> None:
    """The whole page in few colours, which keeps the file small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)

"""A campaign within a page of another website, in a browser that blocks cookies of third parties: by keyboard alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect
from sqlalchemy import select

from actionmail.db.actions import Action
from tests.conftest import unavailable
from tests.journeys.browser import ADVICE, LAUNCH_FLAGS, find_chromium
from tests.journeys.hands import Keyboard
from tests.journeys.house import House
from tests.samples import sample_campaign

pytestmark = pytest.mark.browser
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


class Partner:
    """Another website: one page, with whatever one line stands in it."""

    def __init__(self) -> None:
        self.line = ""
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = f"<!doctype html><html lang=en><title>Partner</title><main><h1>Ours</h1>{partner.line}</main>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.site = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def partner() -> Iterator[Partner]:
    made = Partner()
    yield made
    made.close()


@pytest.fixture
def strict(browser: Browser) -> Iterator[Page]:
    """A page in a browser that gives third parties no cookie. The other browser is there, so this one starts too."""
    program = find_chromium()
    if program is None:
        unavailable(ADVICE)
    flags = [*LAUNCH_FLAGS, "--test-third-party-cookie-phaseout"]
    opened = browser.browser_type.launch(executable_path=program, args=flags)
    context = opened.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_extra_http_headers({"X-Forwarded-For": f"2001:db8:{token_hex(2)}:2::1"})
    yield context.new_page()
    opened.close()


def embedded_campaign(house: House, partner: Partner, *, is_listed: bool = True, more: str = "") -> str:
    slug = f"embed-{token_hex(4)}"
    with house.database.write() as session:
        sites = [partner.site] if is_listed else ["https://other.example"]
        sample_campaign(session, slug=slug, title=f"Within a page of others: {slug}", sites=sites)
    partner.line = f'<script src="{house.site}/embed.js" data-campaign="{slug}" {more} async></script>'
    return slug


def frame_of(page: Page, house: House) -> Frame:
    (frame,) = (frame for frame in page.frames if frame.url.startswith(house.site))
    return frame


def test_a_letter_is_written_by_keyboard_in_a_foreign_page_without_any_cookie(
    strict: Page, house: House, partner: Partner, email: str
) -> None:
    troubles: list[str] = []
    strict.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    strict.on("pageerror", lambda error: troubles.append(str(error)))
    slug = embedded_campaign(house, partner, more='data-accent="#0a5a3c" data-source="partner" title="Write"')
    strict.goto(partner.site)
    within = strict.frame_locator("iframe")
    expect(within.get_by_label("Full name")).to_be_visible()
    heights = [height_of(strict)]
    judged(frame_of(strict, house))
    colour = within.locator("button.button").first.evaluate("button => getComputedStyle(button).backgroundColor")
    assert colour == "rgb(10, 90, 60)"

    hands = Keyboard(strict)
    hands.skip(within.get_by_role("link", name="Write now").first)
    hands.write(within.get_by_label("Full name"), "Mai Example")
    hands.write(within.get_by_label("E-mail address"), email)
    hands.write(within.get_by_label("ZIP code"), "53004")
    hands.send(within.get_by_role("button", name="Continue to your legislators"))
    expect(within.get_by_label("Send this in my name")).to_be_visible()
    heights.append(height_of(strict))
    judged(frame_of(strict, house))
    hands.skip(within.get_by_role("link", name="Ready to send?"))
    hands.tick(within.get_by_label("Send this in my name"))
    hands.press(within.get_by_role("button", name=re.compile("^Send ")))
    expect(within.locator("h1")).to_contain_text("Thank you, Mai Example")
    judged(frame_of(strict, house))
    heights.append(height_of(strict))
    assert len(house.wait_for_letters(email, 2)) == 2
    with house.database.read() as session:
        action = session.scalars(select(Action).where(Action.email == email)).one()
        assert action.source == "partner"
    hands.pages = len(heights)
    print(f"within a foreign page, without cookies: {hands.told()}; heights of the frame: {heights}")
    assert hands.keys <= 60
    assert len(set(heights)) == 3
    inner = frame_of(strict, house).evaluate("document.documentElement.scrollHeight - window.innerHeight")
    assert inner <= 1, "the frame scrolls by itself"
    assert strict.context.cookies() == []
    assert troubles == []
    assert slug in strict.frames[1].url or "/receipts/" in strict.frames[1].url


def test_a_site_that_is_not_listed_shows_nothing(strict: Page, house: House, partner: Partner) -> None:
    refused: list[str] = []
    strict.on("console", lambda message: refused.append(message.text))
    embedded_campaign(house, partner, is_listed=False)
    strict.goto(partner.site)
    expect(strict.locator("iframe")).to_be_attached()
    strict.wait_for_function("() => true")
    strict.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in text for text in refused), refused
    assert strict.frame_locator("iframe").get_by_label("Full name").count() == 0


OWN_FORM = """async ([site, slug, email]) => {
  const at = (noun) => `${site}/api/v1/campaigns/${slug}/${noun}`;
  const send = async (noun, typed) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(at(noun), { method: "POST", headers, body: JSON.stringify(typed) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const form = await (await fetch(at("form"))).json();
  const typed = { token: form.token, name: "Mai Example", email, zip: "53004" };
  const shown = await send("letters", typed);
  return send("actions", { ...typed, consent: shown.consent, seen: shown.seen, source: "own-form" });
}"""


def test_a_form_of_the_partners_own_sends_letters_from_a_visitors_browser(
    strict: Page, house: House, partner: Partner, email: str
) -> None:
    slug = embedded_campaign(house, partner)
    partner.line = "<p>A form of ours.</p>"
    strict.context.set_extra_http_headers({})  # of a header that is added so, a browser asks first (CORS)
    strict.goto(partner.site)
    taken = strict.evaluate(OWN_FORM, [house.site, slug, email])
    assert (taken["status"], taken["waits"]) == (201, "")
    assert len(house.wait_for_letters(email, 2)) == 2
    strict.goto(taken["receipt"])
    expect(strict.locator("main")).to_contain_text("Mai Example")


def test_without_scripts_a_plain_frame_does_it_too(
    browser: Browser, house: House, partner: Partner, email: str
) -> None:
    slug = embedded_campaign(house, partner)
    partner.line = f'<iframe src="{house.site}/embed/{slug}" title="Write" width="360" height="700"></iframe>'
    context = browser.new_context(java_script_enabled=False)
    context.set_extra_http_headers({"X-Forwarded-For": f"2001:db8:{token_hex(2)}:3::1"})
    page = context.new_page()
    page.goto(partner.site)
    within = page.frame_locator("iframe")
    within.get_by_label("Full name").fill("Mai Example")
    within.get_by_label("E-mail address").fill(email)
    within.get_by_label("ZIP code").fill("53004")
    within.get_by_role("button", name="Continue to your legislators").click()
    within.get_by_label("Send this in my name").check()
    within.get_by_role("button", name=re.compile("^Send ")).click()
    expect(within.get_by_role("heading", level=1)).to_contain_text("Thank you, Mai Example.")
    assert len(house.wait_for_letters(email, 2)) == 2
    assert context.cookies() == []
    context.close()


def height_of(page: Page) -> int:
    """Of the frame, once it has grown to what stands in it."""
    frame = page.locator("iframe")
    expect(frame).not_to_have_attribute("style", re.compile("40rem"))
    return int(frame.evaluate("frame => frame.offsetHeight"))


def judged(frame: Frame) -> None:
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(frame, options=options)  # type: ignore[arg-type]  # it only evaluates
    assert found.violations_count == 0, found.generate_report()

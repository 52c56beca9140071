"""States of the supporters' pages that no journey comes through, at 400 % zoom, in forced colours and without motion.

400 % of a screen of 1280 by 1024 points is one of 320 by 256 (WCAG 1.4.10). No worker runs here, so that letters stay
in the states that they are put in.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex, token_urlsafe
from threading import Event
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.wsgi import get_input_stream

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.tokens import verify_token
from actionmail.settings import Settings
from actionmail.web.platform.rush import RushPage
from tests.any_state import any_state
from tests.journeys.conftest import VIEWS, Look, View, opened_page
from tests.journeys.steps import OWN_WORDS, choose_first, go_on, who
from tests.ports import free_port
from tests.samples import (
    NOW,
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_legislators,
    sample_message,
)
from tests.web.application import on, open_app
from tests.web.supporter_pages import zip_table

# In a process of its own, beside the journeys that share a house.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("states")]

ZOOMED = View(320, scripts=True)
EVERY_VIEW = pytest.mark.parametrize("view", [ZOOMED, *VIEWS], ids=str)
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# Everything on the page that moves, or would on its way to another place.
_MOVES = """() => [document.scrollingElement, ...document.querySelectorAll("*")].filter(one => {
  const style = getComputedStyle(one);
  const seconds = [style.transitionDuration, style.animationDuration].join(",").split(",").map(parseFloat);
  return style.scrollBehavior === "smooth" || seconds.some(one => one > 0);
}).length + document.getAnimations().length"""


@dataclass(frozen=True)
class Served:
    """An installation of this process, with a real server before it. While `is_full`, nobody finds a turn."""

    site: str
    database: Database
    settings: Settings
    is_full: Event = field(default_factory=Event)
    inbox_site: str = "http://127.0.0.1:9"


@pytest.fixture
def served(settings: Settings, database: Database, tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    here = replace(
        settings,
        base_url=f"http://127.0.0.1:{port}",
        data_dir=zip_table(tmp_path / "data"),
        undo_seconds=60,
        proxies=1,
        ask_hour=1,  # of letters from one place: a browser is asked to work for the second
    )
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    opened = Served(site=here.base_url, database=database, settings=here)
    app = on(database, open_app(here))
    rush = RushPage(app)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        has_turn = not opened.is_full.is_set() or environ["PATH_INFO"].startswith("/static/")
        environ["wsgi.input"] = get_input_stream(environ)  # ends where the body does, as gunicorn's
        return (app.wsgi_app if has_turn else rush)(environ, start_response)

    with serving(answer, port):
        yield opened


@contextmanager
def serving(app: Wsgi, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[ZOOMED], ids=str)
def view(request: pytest.FixtureRequest) -> View:
    found: View = request.param
    return found


@pytest.fixture
def page(browser: Browser, served: Served, view: View) -> Iterator[Page]:
    with opened_page(browser, served, view) as opened:
        yield opened


@pytest.fixture
def judge(look: Look, view: View) -> Look:
    """As `look`; and nothing moves, and all can be read where the device chooses the colours."""

    def judged(page: Page, name: str) -> None:
        look(page, name)
        assert page.evaluate(_MOVES) == 0, f"something moves on {name}"
        page.emulate_media(forced_colors="active")
        if view.scripts:
            rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
            found = Axe().run(page, options=rules)
            assert found.violations_count == 0, f"{name} in forced colours: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
        page.emulate_media(forced_colors="none")

    return judged


def letters_in(session: Session, *states: State, **columns: object) -> Action:
    """An action with a letter in each of these states, to one legislator each, who has a form and a telephone."""
    letter = session.query(Letter).first()
    campaign = session.query(Campaign).first()
    assert letter
    assert campaign
    action = sample_action(session, campaign, **columns)
    with any_state(session):
        for number, state in enumerate(states, 1):
            reached = {"website": "https://legis.example/form", "phone": "608 555 0199"}
            to = sample_legislator(session, name=f"Pat Example {number}", district=str(number), **reached)
            sample_message(session, action, to, letter, state=state)
    return action


def test_the_three_steps_and_their_mistakes(page: Page, served: Served, judge: Look, email: str) -> None:
    page.goto(f"{served.site}/")
    judge(page, "zoomed-news")
    page.goto(f"{served.site}/campaigns/ab969")
    judge(page, "zoomed-campaign")
    who(page, "mai@nowhere", "53703")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error:"))
    judge(page, "zoomed-campaign-error")
    page.get_by_label("E-mail address").fill(email)
    go_on(page)
    expect(page).to_have_url(re.compile("/legislators$"))
    judge(page, "zoomed-legislators")
    page.get_by_role("button", name="Continue to your letter").click()
    expect(page).to_have_title(re.compile("^Error:"))
    judge(page, "zoomed-legislators-error")
    choose_first(page)
    expect(page).to_have_url(re.compile("/letter$"))
    judge(page, "zoomed-letter")
    page.get_by_label("Why does this matter to you?").fill(OWN_WORDS)
    page.locator("#previews > details > summary").click()
    page.get_by_role("button", name="Update the preview").last.click()
    expect(page).to_have_url(re.compile("preview"))
    judge(page, "zoomed-letter-preview")
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page).to_have_title(re.compile("^Error:"))
    judge(page, "zoomed-letter-error")
    page.get_by_label("Send this in my name").check()
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page).to_have_url(re.compile("/receipts/"))
    judge(page, "zoomed-receipt")
    page.get_by_role("button", name="Take my letters back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You took your letter back")
    judge(page, "zoomed-receipt-taken-back")
    page.get_by_role("link", name="Erase my personal data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase your personal data?")
    judge(page, "zoomed-erasure")
    page.get_by_role("button", name="Erase my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data was erased")
    judge(page, "zoomed-receipt-erased")


def test_receipts_in_every_state(page: Page, served: Served, judge: Look) -> None:
    with served.database.write() as session:
        every = letters_in(session, *State).receipt_token
        declined = letters_in(
            session, State.REJECTED, review="declined", review_reason="It names a child."
        ).receipt_token
        bounced = letters_in(session, State.BOUNCED, email="kou@example.org").receipt_token
    page.goto(f"{served.site}/receipts/{every}")
    expect(page.locator(".outcomes tbody tr")).to_have_count(len(State))
    judge(page, "zoomed-receipt-every-state")
    page.goto(f"{served.site}/receipts/{declined}")
    expect(page.locator("main")).to_contain_text("It names a child.")
    judge(page, "zoomed-receipt-declined")
    page.goto(f"{served.site}/receipts/{bounced}")
    expect(page.get_by_role("heading", name="Where your words need you")).to_be_visible()
    for summary in page.locator(".by-hand details:not([open]) > summary").all():
        summary.click()
    judge(page, "zoomed-receipt-by-hand")


def test_links_that_were_mailed(page: Page, served: Served, judge: Look) -> None:
    token, number = token_urlsafe(32), token_hex(13)
    with served.database.write() as session:
        action = letters_in(session, State.ACCEPTED, State.SETTLED)
        session.add(AnswerQuestion(action_id=action.id, token=token, agreed_at=NOW, ask_at=None, asked_at=NOW))
        to, letter = sample_legislator(session, district="99"), session.query(Letter).first()
        assert letter
        identity = f"<am.{number}@{served.settings.mail_domain}>"
        sample_message(session, action, to, letter, state=State.QUEUED, message_id=identity)
    page.goto(f"{served.site}/answers/{token}")
    judge(page, "zoomed-answers")
    page.get_by_role("button").last.click()
    expect(page).to_have_title(re.compile("^Error:"))
    judge(page, "zoomed-answers-error")
    page.get_by_label("Yes, they answered").first.check()
    page.get_by_role("button").last.click()
    expect(page).to_have_url(re.compile(r"\?said=1$"))
    judge(page, "zoomed-answers-said")
    page.goto(f"{served.site}/answers/{token}/stop")
    judge(page, "zoomed-answers-stop")
    page.locator("main").get_by_role("button").click()
    judge(page, "zoomed-answers-stopped")
    page.goto(f"{served.site}/v/{verify_token(number, served.settings.secret_key)}")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("unknown")
    judge(page, "zoomed-verify")


@pytest.mark.parametrize("path", ["answers/none", "confirmations/none", "confirmations/none/denial", "receipts/none"])
def test_links_that_open_nothing(page: Page, served: Served, judge: Look, path: str) -> None:
    answer = page.goto(f"{served.site}/{path}")
    assert answer is not None
    assert answer.status == 404
    judge(page, f"zoomed-{path.replace('/', '-')}")


def test_what_cannot_go_on(page: Page, served: Served, judge: Look, email: str) -> None:
    start = f"{served.site}/campaigns/ab969"
    page.goto(start)
    who(page, email, "53704")
    go_on(page)
    expect(page).to_have_url(re.compile("/letter$"))
    page.context.clear_cookies()
    page.get_by_label("Send this in my name").check()
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page).not_to_have_url(re.compile("/receipts/"))
    judge(page, "zoomed-without-cookies")
    with served.database.write() as session:
        session.execute(update(Campaign).values(status="paused"))
    page.goto(start)
    judge(page, "zoomed-paused")


@EVERY_VIEW
def test_what_is_told_while_very_many_are_here(page: Page, served: Served, judge: Look, email: str) -> None:
    page.goto(f"{served.site}/campaigns/ab969")
    who(page, email, "53704")
    served.is_full.set()
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still on this page")
    judge(page, "rush-typed")
    served.is_full.clear()
    page.get_by_role("button", name="Try again with what I typed").click()
    expect(page).to_have_url(re.compile("/letter$"))
    served.is_full.set()
    answer = page.goto(f"{served.site}/")
    assert answer is not None
    assert (answer.status, answer.header_value("Retry-After")) == (503, "5")
    judge(page, "rush")
    served.is_full.clear()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Very many people are here")).to_have_count(0)


@EVERY_VIEW
def test_what_is_told_after_too_many_presses(page: Page, served: Served, judge: Look, email: str) -> None:
    start = f"{served.site}/campaigns/ab969"
    page.goto(start)
    who(page, email, "53704")
    token = page.locator("input[name=csrf_token]").first.input_value()
    for _ in range(60):
        assert page.request.post(start, form={"csrf_token": token}, max_redirects=0).status == 303
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("wait a minute")
    judge(page, "too-many-presses")
    expect(page.locator("input[name=email]")).to_have_value(email)


@EVERY_VIEW
def test_what_is_told_while_a_browser_works(page: Page, served: Served, judge: Look, view: View, email: str) -> None:
    asked: list[Route] = []
    page.route("**/altcha/pbkdf2.js*", lambda route: asked.append(route))  # until the page was looked at
    for number, address in enumerate((f"first.{email}", email)):
        page.goto(f"{served.site}/campaigns/ab969")
        who(page, address, "53704")
        go_on(page)
        expect(page).to_have_url(re.compile("/letter$"))
        page.get_by_label("Send this in my name").check()
        page.get_by_role("button", name=re.compile("^Send ")).click()
        expect(page).to_have_url(re.compile("/receipts/" if number == 0 else "/check$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")
    while view.scripts and not asked:
        page.wait_for_timeout(50)
    expect(page.get_by_role("status")).to_have_text(re.compile("^Your browser works" if view.scripts else "^$"))
    judge(page, "check")
    if view.scripts:
        for route in asked:
            route.continue_()
    else:
        page.get_by_role("button", name="Go on by mail").click()
    expect(page).to_have_url(re.compile("/receipts/"))

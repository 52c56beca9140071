"""The questions that staff are asked, each answered in a real browser: `python -m bench.questions URL`.

URL is a database that `bench.seed` has filled. Clicks and fields are counted from the page that staff begin from, and
so are the statements and the processor's time (of this process) of each page. One of its supporters is erased thereby,
an account is added, and a stop is set and lifted; else the database stays as it was.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from playwright.sync_api import Browser, Download, Locator, Page, expect, sync_playwright
from sqlalchemy import event, func, select
from werkzeug.serving import make_server

from actionmail.app import create_app
from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows import staff
from actionmail.settings import Settings
from tests.journeys.browser import ADVICE, LAUNCH_FLAGS, find_chromium

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PATIENCE = 120_000  # milliseconds
_REASON = "They asked for it by telephone"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One page as the server made it. `cpu` is in seconds."""

    path: str
    cpu: float
    statements: int


class Watched:
    """The application, with each request for a page written down."""

    def __init__(self, application: Callable[..., Iterable[bytes]], database: Database) -> None:
        self._application = application
        self._thread = threading.local()
        self.requests: list[Request] = []
        event.listen(database.engine, "before_cursor_execute", self._count)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        self._thread.statements, begun = 0, time.thread_time()
        answer = self._application(environ, start_response)
        try:
            yield from answer
        finally:
            if isinstance(closing := getattr(answer, "close", None), Callable):  # type: ignore[arg-type]
                closing()
            if not environ["PATH_INFO"].startswith("/static/"):
                spent = time.thread_time() - begun
                self.requests.append(Request(path=environ["PATH_INFO"], cpu=spent, statements=self._thread.statements))

    def _count(self, *_: Any) -> None:
        self._thread.statements = getattr(self._thread, "statements", 0) + 1


@dataclass(kw_only=True)
class Hands:
    """How a person works a page, counted."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def press(self, control: Locator) -> None:
        self.clicks += 1
        control.click()

    def go(self, name: str) -> None:
        """To another room, by its name at the top."""
        self.press(self.page.get_by_label("Staff", exact=True).get_by_role("link", name=name, exact=True))

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name).first)

    def write(self, control: Locator, text: str) -> None:
        """Into a field that is clicked first."""
        self.clicks += 1
        self.fields += 1
        control.fill(text)

    def choose(self, control: Locator, **option: str) -> None:
        self.clicks += 1
        self.fields += 1
        control.select_option(**option)

    def tick(self, control: Locator) -> None:
        self.clicks += 1
        control.check()

    def enter(self) -> None:
        """Send the form whose field was written."""
        self.page.keyboard.press("Enter")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Of the seeded log: a supporter in the middle of it, and when the last letter was made."""

    name: str
    email: str
    newest: datetime
    letters: int


@dataclass(kw_only=True)
class Answered:
    """What one question took. `said` is what stood on the last page."""

    question: str
    said: str
    clicks: int
    fields: int
    requests: list[Request] = field(default_factory=list)


def _never_got_it(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Send log")
    hands.write(page.get_by_role("searchbox"), sample.name)
    hands.enter()
    hands.press(page.get_by_role("table").get_by_role("link").first)
    expect(page).to_have_url(re.compile(r"/staff/messages/\d+$"))
    return page.locator("h1").inner_text()


def _before_the_hearing(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Send log")
    hands.press(page.locator("summary", has_text="Filter"))
    filters = page.get_by_role("form", name="Filter the send log")
    hands.choose(filters.get_by_label("Committee"), label="WI: Education")
    hands.choose(filters.get_by_label("From and to are when"), label="the mail server accepted it")
    hearing = sample.newest - timedelta(hours=3)
    hands.write(filters.get_by_label("To", exact=True), hearing.strftime("%Y-%m-%dT%H:%M"))
    hands.press(filters.get_by_role("button", name="Show"))
    hands.press(page.get_by_role("link", name="Count all of them"))
    return page.get_by_role("navigation", name="Letters by state").get_by_role("link").first.inner_text()


def _what_became_of_mine(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Supporters")
    hands.write(page.get_by_label("E-mail address, part of a name"), sample.email)
    hands.enter()
    expect(page).to_have_url(re.compile(r"/staff/supporters/\d+$"))
    return page.get_by_role("table").first.inner_text().split("\n")[-1]


def _for_the_board(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Numbers")
    expect(page.get_by_role("img", name="Letters a day")).to_be_visible()
    hands.go("Send log")
    hands.press(page.locator("summary", has_text="Filter"))
    filters = page.get_by_role("form", name="Filter the send log")
    hands.write(
        filters.get_by_label("From", exact=True), (sample.newest - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    )
    hands.press(filters.get_by_role("button", name="Show"))
    hands.press(page.get_by_role("link", name="Export these letters"))
    with page.expect_download(timeout=_PATIENCE) as waiting:
        hands.button("Export the letters")
    return f"a file of {_rows(waiting.value)} letters"


def _hold_a_domain(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Stops")
    hands.write(page.get_by_label("Mail domain", exact=True), "legis.example")
    hands.write(page.get_by_label("Why?"), _REASON)
    hands.press(page.get_by_role("button", name="Stop", exact=True))
    note = page.get_by_role("note", name="Stops")
    expect(note).to_contain_text("legis.example")
    return note.inner_text().split("\n")[0]


def _lift_it(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.press(page.get_by_role("link", name=re.compile("Look, and lift it")).first)
    expect(page.get_by_label("Why can letters go again?").first).to_be_focused()
    page.keyboard.type(_REASON)  # it has the focus, and needs no click
    hands.press(page.get_by_role("button", name=re.compile("^Lift")).first)
    expect(page.get_by_role("status")).to_contain_text("Lifted.")
    return page.get_by_role("status").inner_text()


def _delete_them(hands: Hands, sample: Sample) -> str:
    page = hands.page
    hands.go("Supporters")
    hands.write(page.get_by_label("E-mail address, part of a name"), sample.email)
    hands.enter()
    hands.press(page.get_by_role("link", name=re.compile("Erase them")))
    hands.tick(page.get_by_label("They asked for it"))
    hands.button("Erase them")
    expect(page.get_by_role("status").first).to_contain_text("Erased: 1 action")
    return page.get_by_role("status").first.inner_text().split("\n")[0]


def _who_asked_for_news(hands: Hands, sample: Sample) -> str:
    hands.go("Exports")
    with hands.page.expect_download(timeout=_PATIENCE) as waiting:
        hands.button("Export the supporters")
    return f"a file of {_rows(waiting.value)} supporters"


def _rows(download: Download) -> str:
    with download.path().open("rb") as file:
        return f"{sum(1 for _ in file) - 1:,}"


def _who_changed_what(hands: Hands, sample: Sample) -> str:
    hands.press(hands.page.get_by_role("link", name="Audit trail"))
    return hands.page.locator("h1").inner_text()


QUESTIONS: tuple[tuple[str, Callable[[Hands, Sample], str]], ...] = (
    ("the office of X says it never got it", _never_got_it),
    ("how many reached the committee before the hearing?", _before_the_hearing),
    ("what became of mine?", _what_became_of_mine),
    ("an export for the board", _for_the_board),
    ("hold everything to one domain", _hold_a_domain),
    ("lift that stop", _lift_it),
    ("who asked for news?", _who_asked_for_news),
    ("who changed what?", _who_changed_what),
    ("delete this person", _delete_them),
)


@dataclass(frozen=True, kw_only=True)
class Account:
    email: str
    password: str


def answered(browser: Browser, watched: Watched, site: str, account: Account, sample: Sample) -> Iterator[Answered]:
    """Each question, from the page that staff begin from."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{site}/staff/sign-in")
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile(r"/staff/sign-in"))
    page.goto(f"{site}/staff/")
    yield Answered(question="(where they begin)", said="", clicks=0, fields=0, requests=watched.requests[-1:])
    for question, answer in QUESTIONS:
        page.goto(f"{site}/staff/")
        watched.requests.clear()
        hands = Hands(page=page)
        said = " ".join(answer(hands, sample).split())
        page.wait_for_load_state("networkidle")
        yield Answered(
            question=question, said=said, clicks=hands.clicks, fields=hands.fields, requests=list(watched.requests)
        )


def sample_of(database: Database) -> Sample:
    with database.read() as session:
        newest, letters = session.execute(select(func.max(Message.created_at), func.max(Message.id))).one()
        number = letters // 2 + 1
        action = session.get_one(Action, number)
        while action.erased_at is not None:  # by an earlier run
            number += 1
            action = session.get_one(Action, number)
        return Sample(name=action.name, email=action.email, newest=newest, letters=letters)


@contextmanager
def served(url: str, account: Account) -> Iterator[tuple[Watched, str]]:
    """The application on this database and its address; `account` is an admin's."""

    def start(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return watched(environ, start_response)

    server = make_server("127.0.0.1", 0, start, threaded=True)
    site = f"http://localhost:{server.server_port}"
    settings = Settings(
        database_url=url,
        secret_key=secrets.token_urlsafe(48),
        base_url=site,
        organisation="Example Org",
        contact_address="hello@act.example.org",
        from_address="letters@act.example.org",
        loopback_only=True,
    )
    app = create_app(settings)
    database = app.extensions["actionmail"].database
    watched = Watched(app, database)
    hashed = staff.hash_password(account.password)
    with database.write() as session:
        staff.add(session, account.email, staff.Role.ADMIN, hashed, now=datetime.now(UTC))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield watched, site
    finally:
        server.shutdown()
        thread.join()
        database.engine.dispose()


def render(answers: Iterable[Answered], letters: int) -> str:
    """A table in Markdown. The dearest page of each question is the one whose costs are told."""
    lines = [
        f"| asked, of {letters:,} letters | clicks | of them fields | pages | dearest: CPU ms | statements | said |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for one in answers:
        dearest = max(one.requests, key=lambda request: request.cpu)
        costs = f"{len(one.requests)} | {dearest.cpu * 1000:.0f} (`{dearest.path}`) | {dearest.statements}"
        lines.append(f"| {one.question} | {one.clicks} | {one.fields} | {costs} | {one.said[:120]} |")
    return "\n".join(lines)


@click.command()
@click.argument("url")
def main(url: str) -> None:
    """Answer the questions on the database at URL, and print what each took."""
    program = find_chromium()
    if program is None:
        raise click.ClickException(ADVICE)
    database = Database(url)
    sample = sample_of(database)
    database.engine.dispose()
    account = Account(email=f"bench.{secrets.token_hex(4)}@act.example.org", password=secrets.token_urlsafe(12))
    with served(url, account) as (watched, site), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(LAUNCH_FLAGS))
        expect.set_options(timeout=_PATIENCE)
        answers = []
        for answer in answered(browser, watched, site, account, sample):
            click.echo(f"... {answer.question}: {answer.said[:80]}", err=True)
            answers.append(answer)
        browser.close()
    click.echo(render(answers, sample.letters))


if __name__ == "__main__":
    main()

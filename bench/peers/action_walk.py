"""One side's whole actions, as a browser does them: `python action_walk.py DATABASE_URL ACTIONS OTHERS [--profile]`.

Runs whichever `actionmail` can be imported, this build's or an older one's, so it uses of it what both have. With
`--form MODULE` it runs another form, such as `bare_form`, and DATABASE_URL is a folder. Prints JSON: the server's
processor milliseconds of each request (medians) and, of ActionMail, its SQL statements and transactions. `--profile`
prints what took the time. `action_walk.py DATABASE_URL --prepare OTHERS` only makes the tables, with the campaign in
them and actions, and prints ZIP codes to act with.
"""

from __future__ import annotations

import csv
import gc
import gzip
import hashlib
import html
import io
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1:8000"
STEPS = ("GET page", "POST who", "GET letter", "POST letter", "GET receipt")
SLUG = "ab969"
SUBJECT = "Oppose AB 969 - a constituent in {{ zip }}"
PARAGRAPH = (
    "I am writing as somebody who lives in your district, and I ask you to vote no on this bill. Our schools need "
    "counsellors, nurses and teachers; what they do not need is armed police in the corridors."
)
BODY = "\n\n".join([PARAGRAPH] * 5)
SUMMARY = "\n\n".join([f"**The bill** would put armed police back in schools. {PARAGRAPH}"] * 3)
_WARM = 12  # actions before any is counted
_SEATS = {"upper": 33, "lower": 99}  # of Wisconsin

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Browser:
    """One visitor with cookies and an address of their own. `cpu` is the server's time for the last answer, in ms."""

    def __init__(self, application: Wsgi, number: int) -> None:
        self._application = application
        # Of a network that few others come from: in most of them at once would be a flood (docs/floods.md).
        self._address = f"10.{number & 255}.{number >> 8 & 255}.{number >> 16 & 255}"
        self._cookies: dict[str, str] = {}
        self.cpu = 0.0
        self.status = 0
        self.location = ""
        self.text = ""

    def get(self, path: str) -> None:
        self._ask("GET", path, b"")

    def post(self, path: str, fields: dict[str, str]) -> None:
        self._ask("POST", path, urlencode(fields).encode())

    def _ask(self, method: str, path: str, body: bytes) -> None:
        plain, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": plain,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self._address,
            "HTTP_HOST": HOST,
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if self._cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if method == "POST":
            environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
            environ["CONTENT_LENGTH"] = str(len(body))
        answered: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _trouble: Any = None) -> None:
            answered[:] = [status, headers]

        begun = time.process_time()
        answer = self._application(environ, start_response)
        content = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        self.cpu = (time.process_time() - begun) * 1000
        self.status, self.location = int(answered[0][:3]), ""
        for name, value in answered[1]:
            if name.lower() == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self._cookies[cookie] = kept
            elif name.lower() == "location":
                self.location = value.removeprefix(f"http://{HOST}").partition("#")[0]
        self.text = content.decode()

    def fields(self) -> dict[str, str]:
        """What stands in the page's form, as far as nobody has to tick it."""
        found: dict[str, str] = {}
        for tag in re.findall(r"<input\b[^>]*>", self.text):
            name, value = re.search(r'\bname="([^"]+)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
            if name and not re.search(r'type="(checkbox|radio)"', tag):
                found[name[1]] = html.unescape(value[1]) if value else ""
        for name, text in re.findall(r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', self.text, re.DOTALL):
            found[name] = html.unescape(text.removeprefix("\n").removeprefix("\r\n"))
        return found


def act(application: Wsgi, number: int, zip_code: str, note: Callable[[int, Browser], None]) -> bool:
    """One whole action. False where this ZIP code asks for more; stops the run where anything else went wrong."""
    browser = Browser(application, number)
    page = f"/campaigns/{SLUG}"
    browser.get(page)
    note(0, browser)
    who = {"name": f"Mai Example {number}", "email": f"mai{number}@example.org", "zip": zip_code, "city": "Madison"}
    browser.post(page, {**browser.fields(), **who})
    if not browser.location.endswith("/letter"):
        return False
    note(1, browser)
    browser.get(browser.location)
    note(2, browser)
    letter = {**browser.fields(), "personal": "My children go to school here.", "consent": "y", "go": "send"}
    browser.post(f"{page}/letter", letter)
    if browser.status != 303 or "/receipts/" not in browser.location:
        raise SystemExit(f"the letter was not taken: {browser.status}")
    note(3, browser)
    browser.get(browser.location)
    if browser.status != 200 or "Thank you" not in browser.text:
        raise SystemExit(f"no receipt: {browser.status}")
    note(4, browser)
    return True


def zip_codes() -> list[str]:
    """ZIP codes of Wisconsin that lie in one district of each house."""
    held: dict[str, list[str]] = {}
    with gzip.open(HERE.parent.parent / "data" / "zip_districts.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["state"] == "WI":
                held.setdefault(row["zip"], []).append(row["chamber"])
    return [code for code, chambers in held.items() if sorted(chambers) == ["lower", "upper"]][:60]


def sample_rows(session: Any) -> int:
    """A campaign with one letter, and Wisconsin's legislators; its number."""
    from actionmail.db.campaigns import Campaign, Letter
    from actionmail.db.roster import Legislator

    now = datetime.now(UTC)
    words = {"slug": SLUG, "status": "live", "title": "Keep armed police out of Wisconsin's schools", "state": "WI"}
    bill = {"session": "2025-2026", "bill": "AB 969", "bill_title": "School safety", "position": "oppose"}
    rest = {"chambers": ["upper", "lower"], "summary": SUMMARY, "organisation": "Example Org", "goal": 10_000}
    times = {"timezone": "America/Chicago", "deadline_label": "", "created_at": now, "updated_at": now}
    line = "We pass your name, address and letter to your legislators and to nobody else."
    campaign = Campaign(**words, **bill, **rest, **times, privacy_line=line, notice="")
    session.add(campaign)
    session.flush()
    text = {"subjects": [SUBJECT], "opening": "{{ salutation }}", "body": BODY}
    closing = "Sincerely,\n{{ supporter_name }}\n{{ zip }}"
    place = {"name": "everyone", "version": 1, "place": 1, "language": "en", "chambers": ["upper", "lower"]}
    digest = hashlib.sha256(BODY.encode()).hexdigest()
    session.add(Letter(campaign_id=campaign.id, **place, **text, closing=closing, sha256=digest, created_at=now))
    for chamber, count in _SEATS.items():
        for district in range(1, count + 1):
            key, name = f"sample/{chamber}/{district}", f"Sample {chamber.title()} {district}"
            seat = {"state": "WI", "chamber": chamber, "district": str(district), "status": "sitting"}
            address = f"{chamber}.{district}@legis.example"
            session.add(Legislator(key=key, **seat, name=name, family_name=name, email=address, as_of=date(2026, 3, 1)))
    session.flush()
    return int(campaign.id)


def take_before(session: Any, campaign_id: int, numbers: Iterable[int]) -> None:
    """Actions that others took before."""
    from sqlalchemy import insert

    from actionmail.db.actions import Action

    blank = {"zip": "53703", "state": "WI", "lookup": {}, "consent_text": "", "wants_updates": False}
    rows = []
    for number in numbers:
        key = f"other-{number:020d}"
        who = {"name": "Somebody", "email": f"somebody{number}@example.org"}
        keys = {"campaign_id": campaign_id, "idempotency_key": key, "receipt_token": key}
        rows.append({**keys, **who, **blank, "created_at": datetime.now(UTC)})
    session.execute(insert(cast(Any, Action.__table__)), rows)


def prepare(url: str, others: int) -> None:
    """Tables in an empty database, with the campaign in them."""
    from actionmail.db.engine import Database

    database = Database(url)
    database.upgrade()
    with database.write() as session:
        campaign_id = sample_rows(session)
    for first in range(0, others, 1000):  # in one transaction PostgreSQL would go through each version of their count
        with database.write() as session:
            take_before(session, campaign_id, range(first, min(first + 1000, others)))
    database.engine.dispose()


def actionmail(url: str, others: int) -> tuple[Wsgi, Counter]:
    from actionmail.app import create_app
    from actionmail.settings import Settings

    prepare(url, others)
    settings = Settings(
        database_url=url,
        secret_key="0123456789abcdef" * 4,
        base_url=f"http://{HOST}",
        organisation="Example Org",
        contact_address="hello@act.example.org",
        from_address="letters@act.example.org",
    )
    return cast(Wsgi, create_app(settings).wsgi_app), Counter()


class Counter:
    """Statements and transactions, as SQLAlchemy hands them to the driver; of transactions also which change something.

    A statement for which none was begun is none: what SQLAlchemy calls one is asked of the driver.
    """

    _CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE)|.*\bFOR (SHARE|UPDATE)", re.IGNORECASE | re.DOTALL)

    def __init__(self) -> None:
        from sqlalchemy import Engine, event

        self.statements = self.transactions = self.writes = 0
        self._is_new = self._is_counted = False
        event.listen(Engine, "begin", self._begin)
        event.listen(Engine, "before_cursor_execute", self._statement)

    def end(self) -> None:
        """Count no more: it would be part of the time."""
        from sqlalchemy import Engine, event

        event.remove(Engine, "begin", self._begin)
        event.remove(Engine, "before_cursor_execute", self._statement)

    def _begin(self, _connection: Any) -> None:
        self._is_new, self._is_counted = True, False

    def _statement(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            return
        if not self._is_counted:
            self._is_counted = True
            self.transactions += _is_in_transaction(connection.connection.driver_connection)
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements += 1
        if self._is_new and self._CHANGE.match(statement):
            self.writes += 1
            self._is_new = False


def _is_in_transaction(driver: Any) -> bool:
    """Of sqlite3 whether there is one, of psycopg whether the next statement begins one."""
    return bool(driver.in_transaction) if hasattr(driver, "in_transaction") else not driver.autocommit


def other_form(module: str, folder: str) -> tuple[Wsgi, None]:
    texts = {"slug": SLUG, "summary": SUMMARY, "subject": SUBJECT, "body": BODY}
    return cast(Wsgi, import_module(module).create_app(folder, texts, zip_codes())), None


def main() -> None:
    if "--prepare" in sys.argv:
        application, counter = actionmail(sys.argv[1], int(sys.argv[3]))
        counter.end()
        print(json.dumps({"zip_codes": usable_zip_codes(application)}))
        return
    where, actions, others = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if "--form" in sys.argv:
        application, counter = other_form(sys.argv[sys.argv.index("--form") + 1], where)
    else:
        application, counter = actionmail(where, others)
    gc.freeze()  # as wsgi.py does
    number, usable = _WARM * 2, usable_zip_codes(application)
    counts = [dict[str, int]() for _ in STEPS]
    before = dict[str, int]()

    def count(step: int, _browser: Browser) -> None:
        now = {name: value for name, value in vars(counter).items() if not name.startswith("_")}
        counts[step] = {name: value - before.get(name, 0) for name, value in now.items()}
        before.update(now)

    if counter is not None:
        number += 1
        before.update({name: value for name, value in vars(counter).items() if not name.startswith("_")})
        act(application, number, usable[0], count)
        counter.end()
    times: list[list[float]] = [[] for _ in STEPS]
    profile = _profiled() if "--profile" in sys.argv else None
    for turn in range(actions):
        number += 1
        act(application, number, usable[turn % len(usable)], lambda step, browser: times[step].append(browser.cpu))
    if profile is not None:
        profile(actions)
    middle = [statistics.median(each) for each in times]
    print(json.dumps({"cpu": sum(middle), "steps": dict(zip(STEPS, middle, strict=True)), "counts": counts}))


def usable_zip_codes(application: Wsgi) -> list[str]:
    """ZIP codes that ask for nothing more, of those of the first actions."""
    codes = enumerate(zip_codes()[: _WARM * 2], 1)
    return [code for number, code in codes if act(application, number, code, lambda step, browser: None)]


def _profiled() -> Callable[[int], None]:
    """Begin to profile; what is returned ends it and prints what took the time, to the standard error."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.enable()

    def end(actions: int) -> None:
        profiler.disable()
        for order in ("cumulative", "tottime"):
            print(f"{actions} actions, by {order}:", file=sys.stderr)
            pstats.Stats(profiler, stream=sys.stderr).sort_stats(order).print_stats(70)

    return end


if __name__ == "__main__":
    main()

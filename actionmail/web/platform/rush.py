"""More requests at once than a process can answer: few wait for their turn, the others are told to come back.

Whoever is told loses nothing of what they typed. The page is made without the database and without a session, in a
small part of the time that any other page takes: else telling would be what keeps everybody waiting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from flask import Flask, render_template
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from actionmail.rules import speech
from actionmail.rules.campaigns.translations import look_up
from actionmail.rules.speech import ENGLISH, Tongue, lazy
from actionmail.web.api.cross_origin import last_listed, readable_by
from actionmail.web.api.problems import PROBLEM_JSON, problem
from actionmail.web.platform.embedding import visited
from actionmail.web.platform.languages import known_tongues
from actionmail.web.platform.security import HEADERS, MAX_FORM_PARTS, MAX_POST_BYTES, headers_within
from actionmail.web.supporter.again import texts_of

if TYPE_CHECKING:
    from actionmail.web.platform.context import Services

PLACES_A_TURN: Final = 8  # for each request that is answered, so many wait; of staff twice as many
PATIENCE_SECONDS: Final = 1.0
RETRY_AFTER_SECONDS: Final = 5
AT_ONCE: Final = frozenset({"/healthz"})  # waits for nobody, and needs nothing
READY: Final = "/readyz"  # has a line of its own, or a load balancer would take a process away since a crowd is there
STAFF: Final = "/staff"

_URLENCODED: Final = "application/x-www-form-urlencoded"
_NOT_SENT: Final = lazy(
    "Nothing was sent, because very many people are here at this moment. What you typed is still on this page: please "
    "press the button again in a few seconds."
)
_GO_BACK: Final = lazy(
    "Nothing was sent or changed, because very many people are here at this moment. Please go back, where what you "
    "typed still stands, and press the button again in a few seconds."
)
_COME_BACK: Final = lazy("Very many people are here at this moment. Please try again in a few seconds.")
_HERE: Final = "WHAT-WAS-TYPED"  # stands once in the page as it is made beforehand


class Turns:
    """`at_once` turns. Whoever finds none free waits in line for one, if there is a place, and not for long."""

    def __init__(self, at_once: int, *, places: int, patience: float = PATIENCE_SECONDS) -> None:
        self._lock = Lock()
        self._free = at_once  # while anybody waits there is none: it goes from one to the next
        self._places = places
        self._patience = patience
        self._line: deque[Lock] = deque()

    def take(self, *, more_places: int = 0) -> bool:
        """Whether it is one's turn now; then `give_back` ends it. Some may wait where others find no place."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if len(self._line) >= self._places + more_places:
                return False
            place = Lock()
            place.acquire()
            self._line.append(place)
        if place.acquire(timeout=self._patience):
            return True
        with self._lock:
            if place not in self._line:  # handed over at this very moment
                return True
            self._line.remove(place)
            return False

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Have others use one's turn meanwhile. Whoever gets it back waits for the next one, before all who are in line
        and for as long as it takes: their answer has begun.
        """
        self.give_back()
        try:
            yield
        finally:
            self._take_again()

    def _take_again(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            place = Lock()
            place.acquire()
            self._line.appendleft(place)
        place.acquire()

    def give_back(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().release()
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        return len(self._line)


class RushPage:
    """A WSGI application that answers everything with 503, and keeps what was typed on the page. Only to a browser that
    asks whether a partner's page may post it says yes, or that page would never hear of the 503.

    In the language that the link or the browser asks for: what was chosen on another page stands in a cookie, which is
    not opened here.
    """

    def __init__(self, app: Flask) -> None:
        self._services: Services = app.extensions["actionmail"]
        self._prefix = self._services.settings.prefix
        self._views, self._addresses = app.view_functions, app.url_map.bind("")
        self._pages: dict[str, _Pages] = {}
        with app.test_request_context(base_url=self._services.settings.base_url):
            self._to_programs = problem(HTTPStatus.SERVICE_UNAVAILABLE, str(_COME_BACK)).get_data(as_text=True)
            for tag, tongue in known_tongues().items():
                with speech.speaking(tongue):
                    self._pages[tag] = _Pages(tongue)
        self._typed = app.jinja_env.get_template("errors/_typed_again.html")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix(self._prefix)
        is_program = path.startswith("/api/")
        partner = self._partner(environ, path) if is_program else ""
        for_partner = {**readable_by(partner), "Vary": "Origin"} if partner else {}
        if partner and environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", list({**HEADERS, **for_partner}.items()))
            return []
        body = (self._to_programs if is_program else self._page(environ, path)).encode()
        headers = {
            **headers_within(self._sites(path)),
            "Cache-Control": "no-store",
            "Content-Type": PROBLEM_JSON if is_program else "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Retry-After": str(RETRY_AFTER_SECONDS),
            **for_partner,
        }
        start_response("503 Service Unavailable", list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _partner(self, environ: dict[str, Any], path: str) -> str:
        """The website that a campaign lists, whose page asks; else ""."""
        try:
            endpoint, values = self._addresses.match(path, environ["REQUEST_METHOD"])
        except HTTPException:
            return ""
        return last_listed(self._services, self._views.get(endpoint), values, environ.get("HTTP_ORIGIN", ""))

    def _sites(self, path: str) -> Sequence[str]:
        """Those of others that may show this page within theirs, as far as this process knows without asking."""
        slug = visited(path, self._services.settings.keys.for_itsdangerous)
        snapshot = self._services.campaigns.last(slug) if slug else None
        return snapshot.campaign.sites if snapshot else ()

    def _page(self, environ: dict[str, Any], path: str) -> str:
        pages = self._pages[self._tag(environ, path)]
        if environ["REQUEST_METHOD"] != "POST":
            return pages.to_get
        # Of staff none: no page shows their passwords.
        fields = None if path.startswith(STAFF) else _posted(environ)
        if fields is None:
            return pages.to_post
        typed_texts = texts_of(dict(reversed(fields)).items())
        with speech.speaking(pages.tongue):
            return pages.before + self._typed.render(fields=fields, typed_texts=typed_texts) + pages.after

    def _tag(self, environ: dict[str, Any], path: str) -> str:
        """The language: English for staff."""
        if path.startswith(STAFF):
            return ENGLISH.tag
        asked = [value for name, value in parse_qsl(environ.get("QUERY_STRING", "")) if name == "lang"]
        by_browser = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE"), LanguageAccept)
        wishes = [*asked, *(tag for tag, quality in by_browser if quality > 0)]
        return look_up(wishes, self._pages) or ENGLISH.tag


class _Pages:
    """The pages in the language that is spoken at this moment, as far as they can be made beforehand."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.to_get = render_template("errors/rush.html", sentence=_COME_BACK, typed=None)
        self.to_post = render_template("errors/rush.html", sentence=_GO_BACK, typed="")
        page = render_template("errors/rush.html", sentence=_NOT_SENT, typed=_HERE)
        self.before, _, self.after = page.partition(_HERE)


def _posted(environ: dict[str, Any]) -> list[tuple[str, str]] | None:
    """The fields of the form. None where they are not to be repeated: of a form with files, or of more than a page
    takes.
    """
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _URLENCODED:
        return None
    body = environ["wsgi.input"].read(MAX_POST_BYTES + 1)
    if len(body) > MAX_POST_BYTES:
        return None
    try:
        text = body.decode(errors="replace")
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_FORM_PARTS)
    except ValueError:
        return None

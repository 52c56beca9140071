"""A campaign's pages within a page of another website.

Browsers give no cookie to a page within a page of others. So none is wanted there: whatever takes a visitor from step
to step stands, signed, in the address: /embed/STATE/campaigns/slug. In front of the application the first part becomes
the place where it is mounted, so that all of its links and forms stay within. Nobody's sign-in is at hand, so no post
needs a token against forgery: none can do more than its sender.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SessionMixin
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from msgspec import Struct

from actionmail.web.platform.context import services
from actionmail.web.platform.session_cookies import SessionCookies

_KEY: Final = "actionmail.embedded"  # in the environment of a request
_SALT: Final = "actionmail embedded"
_PREFIX: Final = re.compile(r"/embed/(?P<state>[A-Za-z0-9._-]{20,4000})(?P<rest>/.*)")
# All that may stand within: the steps, receipts, pictures, and the files of the pages.
_INSIDE: Final = re.compile(
    r"/(campaigns/(?P<slug>[A-Za-z0-9_-]+)(/.*)?|receipts/.+|static/.+|pictures/.+|logos/.+|theme\.css)"
)
_NOT_KEPT: Final = frozenset({"csrf_token"})
SECONDS: Final = 24 * 60 * 60  # as long as a draft is kept

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Embedded(Struct, frozen=True, kw_only=True):
    """One visit: of which campaign, in which colours ("accent": "#00aa55"), and what a session would hold of it."""

    slug: str
    theme: Mapping[str, str]
    values: Mapping[str, Any]
    root: str  # "/embed/STATE"


def _serializer(secret: str | list[str]) -> URLSafeTimedSerializer:
    """Of several keys the last signs, and each verifies."""
    return URLSafeTimedSerializer(secret, salt=_SALT)


def root_of(slug: str, theme: Mapping[str, str], values: Mapping[str, Any], *, secret: str) -> str:
    """Where a visit goes on: "/embed/STATE"."""
    return f"/embed/{_serializer(secret).dumps({'s': slug, 't': theme, 'v': values})}"


def embedded() -> Embedded | None:
    """The visit that this request is part of; None where the page stands for itself."""
    visit: Embedded | None = request.environ.get(_KEY)
    return visit


def visited(path: str, secret: str | list[str]) -> str:
    """The slug of the campaign whose visit goes on at this path, "" where it is none's or is over."""
    match = _PREFIX.fullmatch(path)
    if match is None:
        return ""
    try:
        return str(_serializer(secret).loads(match["state"], max_age=SECONDS)["s"])
    except BadData:
        return ""


def mounting(application: Wsgi, secret: str | list[str]) -> Wsgi:
    """`application`, mounted at each visit's place."""

    def mounted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop(_KEY, None)
        match = _PREFIX.fullmatch(environ.get("PATH_INFO", ""))
        if match is None:
            return application(environ, start_response)
        inside = _INSIDE.fullmatch(match["rest"])
        try:
            state = _serializer(secret).loads(match["state"], max_age=SECONDS)
        except SignatureExpired as error:
            return _begin_again(error, secret, environ.get("SCRIPT_NAME", ""), start_response)
        except BadData:
            return _refused(start_response)
        if inside is None or inside["slug"] not in (None, state["s"]):
            return _refused(start_response)
        root = f"/embed/{match['state']}"
        environ[_KEY] = Embedded(slug=state["s"], theme=state["t"], values=state["v"], root=root)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + root
        environ["PATH_INFO"] = match["rest"]
        return application(environ, start_response)

    return mounted


def _begin_again(
    error: SignatureExpired, secret: str | list[str], prefix: str, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """A visit that is over: to the beginning of another one, below the path of the application."""
    slug = _serializer(secret).load_payload(error.payload or b"")["s"]  # its signature is ours
    start_response("303 See Other", [("Location", f"{prefix}/embed/{slug}"), ("Content-Length", "0")])
    return [b""]


def _refused(start_response: Callable[..., Any]) -> Iterable[bytes]:
    text = b"This page cannot be shown here.\n"
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


class Sessions(SessionCookies):
    """A cookie's session; within a page of others one that stands in the addresses of the page."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        visit: Embedded | None = request.environ.get(_KEY)
        return super().open_session(app, request) if visit is None else self.session_class(visit.values)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        visit = embedded()
        if visit is None:
            super().save_session(app, session, response)
        else:
            _stay_within(response, visit, {name: session[name] for name in session if name not in _NOT_KEPT})


def _stay_within(response: Response, visit: Embedded, values: Mapping[str, Any]) -> None:
    """Let links that lead elsewhere open there, what is to be kept (a receipt's address) be the page's own, and what
    comes next be of the visit as it is by now.
    """
    settings = services().settings
    root = visit.root
    if values != visit.values:
        root = root_of(visit.slug, visit.theme, values, secret=settings.secret_key)
    if response.location:
        response.location = response.location.replace(visit.root, root, 1)
    if response.mimetype != "text/html" or response.direct_passthrough:
        return
    text = response.get_data(as_text=True)
    text = text.replace(settings.base_url + visit.root, settings.base_url)
    text = _LINK.sub(lambda match: _opened(match, settings.prefix + visit.root), text)
    text = text.replace(f"{visit.root}/static/", "/static/")  # so that browsers keep them from visit to visit
    response.set_data(text.replace(visit.root, root))


_LINK: Final = re.compile(r'<a (?P<before>[^<>]*?)href="(?P<href>[^"]*)"')


def _opened(match: re.Match[str], root: str) -> str:
    href = match["href"].removeprefix(root)
    is_within = href != match["href"] and _INSIDE.fullmatch(re.split(r"[?#]", href, maxsplit=1)[0])
    if is_within or href.startswith(("#", "?", "mailto:", "tel:", "sms:")):
        return match[0]
    return f'<a {match["before"]}target="_blank" href="{href}"'

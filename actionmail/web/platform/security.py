"""What guards every page: host check, headers, tokens against forged posts, limits on posting."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from actionmail.rules.actions.networks import network_of
from actionmail.settings import Settings
from actionmail.web.platform import arguments, forgery
from actionmail.web.platform.client_address import parsing_addresses
from actionmail.web.platform.embedding import Sessions, embedded, mounting
from actionmail.web.platform.limits import Limiter
from actionmail.web.platform.sub_path import below

MAX_POST_BYTES = 256 * 1024
MAX_FORM_PARTS = 200
TOKEN_SECONDS = 24 * 60 * 60  # as long as a draft is kept

# Generous, since a whole meeting may act from behind one address.
POST_LIMIT = "60 per minute"

_FORWARDED: Final = {  # as WSGI names them
    "HTTP_X_FORWARDED_FOR": "X-Forwarded-For",
    "HTTP_FORWARDED": "Forwarded",
    "HTTP_X_REAL_IP": "X-Real-Ip",
}


def client_network() -> str:
    """Whom limits count: an address of IPv4, the /64 of an address of IPv6. All without an address count as one."""
    return network_of(request.remote_addr or "") or "unknown"  # canonical, or "" (client_address.py)


limiter = Limiter(client_network)
csrf = CSRFProtect()

_NO_FRAMES = "frame-ancestors 'none'"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        _NO_FRAMES,
        "base-uri 'none'",
    )
)


def protect(app: Flask, settings: Settings) -> None:
    """Put the guards around `app`; call before its blueprints are registered."""
    arguments.bind(app)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_keys),
        WTF_CSRF_SECRET_KEY=settings.keys.for_itsdangerous,
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname],
        MAX_CONTENT_LENGTH=MAX_POST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_POST_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME=cookie_name(settings, "actionmail"),
        SESSION_COOKIE_PATH=cookie_path(settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=TOKEN_SECONDS,
        WTF_CSRF_CHECK_DEFAULT=False,  # `no_forged_posts` does
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our own Referrer-Policy withholds
    )
    app.session_interface = Sessions()
    app.wsgi_app = mounting(app.wsgi_app, settings.keys.for_itsdangerous)  # type: ignore[assignment, method-assign]
    if settings.prefix:
        app.wsgi_app = below(settings.prefix, app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.wsgi_app = parsing_addresses(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if settings.proxies:
        proxies = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    else:
        _tell_of_forwarded_headers(app)
    csrf.init_app(app)
    forgery.bind(app)
    app.before_request(lambda: no_forged_posts(apply_exemptions=True))
    limiter.init_app(app)
    app.after_request(_headers)
    if settings.secure_cookies:
        app.after_request(_stay_with_https)


def cookie_name(settings: Settings, name: str) -> str:
    """`__Host-` is for cookies of the whole host (RFC 6265bis); below a path another application has the rest."""
    if not settings.secure_cookies:
        return name
    return f"__Secure-{name}" if settings.prefix else f"__Host-{name}"


def cookie_path(settings: Settings) -> str:
    return settings.prefix or "/"


def no_forged_posts(*, apply_exemptions: bool = False) -> None:
    """Raises CSRFError."""
    if embedded() is None:
        csrf.protect(apply_exemptions=apply_exemptions)
    else:
        g.csrf_valid = True  # there is no session that somebody else could use


def _tell_of_forwarded_headers(app: Flask) -> None:
    """Log, once in each process, that a proxy names its visitors and nobody listens."""
    first = Lock()

    @app.before_request
    def _tell() -> None:
        sent = [name for key, name in _FORWARDED.items() if key in request.environ]
        if sent and first.acquire(blocking=False):  # never released
            app.logger.warning(
                "A request came with %s, and ACTIONMAIL_PROXIES is 0: if a proxy of yours sets it, set "
                "ACTIONMAIL_PROXIES to how many there are, or else all visitors count as one.",
                sent[0],
            )


def _stay_with_https(response: Response) -> Response:
    """Whatever scheme a proxy names, or does not: people come by ACTIONMAIL_BASE_URL."""
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a receipt's address is its key: no other site may learn it
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Not no-store: with it, the browser's back button would lose what was typed.
_OF_PAGES: Final = {**HEADERS, "Cache-Control": "private, no-cache"}


def _headers(response: Response) -> Response:
    headers = response.headers
    there = {name.lower() for name, _ in headers}
    if sites := g.get("sites"):  # of others that may show this page within theirs
        headers.setdefault("Content-Security-Policy", headers_within(sites)["Content-Security-Policy"])
        there |= {"content-security-policy", "x-frame-options"}
    for name, value in (HEADERS if request.endpoint == "static" else _OF_PAGES).items():
        if name.lower() not in there:
            headers.add(name, value)
    return response


def headers_within(sites: Sequence[str]) -> dict[str, str]:
    """HEADERS of a page that these sites of others may show within theirs; without any, nobody may."""
    if not sites:
        return HEADERS
    policy = CONTENT_SECURITY_POLICY.replace(_NO_FRAMES, f"frame-ancestors 'self' {' '.join(sites)}")
    others = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    return {**others, "Content-Security-Policy": policy}

"""What guards every page: host check, headers, tokens against forged posts, limits on posting."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from actionmail.settings import Settings
from actionmail.web.platform import arguments
from actionmail.web.platform.client_address import parsing_addresses

MAX_POST_BYTES = 256 * 1024
MAX_FORM_PARTS = 200
TOKEN_SECONDS = 24 * 60 * 60  # as long as a draft is kept

# Generous, since a whole meeting may act from behind one address.
POST_LIMIT = "60 per minute"

# Counted in each web process's own memory: with n processes a sender gets at most n times the limit.
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def protect(app: Flask, settings: Settings) -> None:
    """Put the guards around `app`; call before its blueprints are registered."""
    arguments.bind(app)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname],
        MAX_CONTENT_LENGTH=MAX_POST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_POST_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME="__Host-actionmail" if settings.secure_cookies else "actionmail",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=TOKEN_SECONDS,
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our own Referrer-Policy withholds
    )
    app.wsgi_app = parsing_addresses(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if settings.proxies:
        proxies = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    # A receipt's address is its key: no other site may learn it.
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        # Not no-store: with it, the browser's back button would lose what was typed.
        headers.setdefault("Cache-Control", "private, no-cache")
    return response

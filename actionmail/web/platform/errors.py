"""Pages for what cannot be served: each says what happened and offers a way on."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from actionmail.rules.speech import lazy
from actionmail.web import supporter
from actionmail.web.api.problems import problem
from actionmail.web.campaigns import editor, pages, pictures, targets
from actionmail.web.platform.context import services
from actionmail.web.review import (
    bulk_changes,
    campaign_actions,
    crowds,
    new_address,
    petition_delivery,
    reviews,
    send_log,
    stops,
    webhooks,
)
from actionmail.web.review import organisations as staff_organisations
from actionmail.web.roster import pages as roster
from actionmail.web.staff import account, accounts, api_tokens, home, links, passkeys
from actionmail.web.staff.access import SignedOut, current_staff
from actionmail.web.supporter import answers, confirmations, organisations, receipts

NOT_KEPT = lazy(
    "We cannot save anything at this moment, so nothing was sent. What you typed is still on this page: "
    "please try again in a minute."
)
NO_COOKIE = lazy(
    "Nothing was sent, because your browser sent no cookie. Please allow cookies for this site in your browser's "
    "settings, then press the button again. It is one cookie, which takes you from step to step and is gone when you "
    "close the browser. What you typed is still here."
)
FORGED = lazy(
    "Nothing was sent, because this page had been open for a long time. What you typed is still here: please press the "
    "button again."
)
TOO_FAST = lazy(
    "Nothing was sent, because too many requests came from your network within a minute. "
    "What you typed is still here: please wait a minute and press the button again."
)

STAFF_NOT_KEPT = (
    "We cannot save anything at this moment, so nothing was changed. What you typed is still on this page: "
    "please try again in a minute."
)
STAFF_NO_COOKIE = (
    "Nothing was changed, because your browser sent no cookie. Please allow cookies for this site in your browser's "
    "settings and sign in again in another tab. What you typed is still here: then press the button again."
)
STAFF_FORGED = (
    "Nothing was changed, because this page had been open for a long time, or you signed in again meanwhile. "
    "What you typed is still here: please press the button again."
)
STAFF_TOO_FAST = (
    "Nothing was changed, because too many requests came from your network within a minute. "
    "What you typed is still here: please wait a minute and press the button again."
)
STAFF_SIGNED_OUT = (
    "Nothing was changed, because your session has ended. What you typed is still here. Keep this page open, sign in "
    "again in another tab, come back and press the button: the page opens with all that you typed."
)

ACCOUNTS_NO_COOKIE = (
    "Nothing was changed, because your browser sent no cookie. Please allow cookies for this site in your browser's "
    "settings. Passwords and codes are never shown again: fill them in, if there are any, and press the button again."
)
ACCOUNTS_FORGED = (
    "Nothing was changed, because this page had been open for a long time. Passwords and codes are never shown again: "
    "fill them in, if there are any, and press the button again."
)
ACCOUNTS_TOO_FAST = (
    "Nothing was changed, because too many requests came from your network within a minute. Passwords and codes are "
    "never shown again: wait a minute, fill them in, if there are any, and press the button again."
)
ACCOUNTS_NOT_KEPT = "We cannot save anything at this moment, so nothing was changed. Please try again in a minute."

LINKS_NO_COOKIE = lazy(
    "Nothing was changed. Please press the button again after you allow cookies for this site in your browser's "
    "settings: it sent none."
)
LINKS_AGAIN = lazy("Nothing was changed. Please press the button again in a minute.")

# Staff forms whose text comes back.
_STAFF_MODULES = (
    pages,
    editor,
    roster,
    send_log,
    bulk_changes,
    new_address,
    stops,
    reviews,
    petition_delivery,
    campaign_actions,
    crowds,
    staff_organisations,
    targets,
    pictures,
)
_STAFF_FORMS = {module.bp.name for module in _STAFF_MODULES}

# Those for accounts hold passwords and codes, which no page repeats, and what a forged post may have put there: they
# are shown as the forms that they are, never as one button.
_ACCOUNTS = (accounts, account, api_tokens, webhooks, links, passkeys, home)
_ACCOUNT_FORMS = {module.bp.name for module in _ACCOUNTS}
_ACCOUNT_PAGES = {**accounts.PAGES, **account.PAGES, **api_tokens.PAGES, **webhooks.PAGES, **links.PAGES, **home.PAGES}

_PAGES: dict[int, tuple[str, str]] = {
    400: (lazy("This request could not be understood"), lazy("Please go back and try again.")),
    403: (lazy("You may not open this page"), lazy("Please check the address, or sign in with another account.")),
    404: (
        lazy("Page not found"),
        lazy("Please check the address. If it came from a link, the link may be out of date."),
    ),
    405: (lazy("Page not found"), lazy("This address cannot be opened like that. Please go back and try again.")),
    413: (
        lazy("This is too much text"),
        lazy(
            "Nothing was sent or saved, because what you entered is larger than this page can take. "
            "Please go back, where your text still stands, and shorten it."
        ),
    ),
    429: (lazy("Too many requests"), lazy("Please wait a minute and try again.")),
    500: (
        lazy("Something went wrong on our side"),
        lazy("We have noted it. Please go back and try again in a minute: a letter is never sent twice."),
    ),
    503: (
        lazy("We cannot do this at the moment"),
        lazy("We cannot reach our records right now, so nothing was sent. Please go back and try again in a minute."),
    ),
}


def register(app: Flask) -> None:
    """Make `app` answer its errors with these pages."""
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(SecurityError, OtherHosts())
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(429, lambda error: _again(429, TOO_FAST, STAFF_TOO_FAST, ACCOUNTS_TOO_FAST))
    app.register_error_handler(SignedOut, signed_out)


def forged(error: CSRFError) -> ResponseReturnValue:
    """The token of the page is missing, too old or of another session; without any cookie it can never be right."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return _again(403, NO_COOKIE, STAFF_NO_COOKIE, ACCOUNTS_NO_COOKIE, LINKS_NO_COOKIE)
    return _again(403, FORGED, STAFF_FORGED, ACCOUNTS_FORGED)


def page(error: HTTPException) -> ResponseReturnValue:
    """The page for an HTTP error; redirects and answers made elsewhere pass through."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    response = plain_page(error.code)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response


def plain_page(status: int) -> Response:
    """The page for `status`, made without the database."""
    title, sentence = _PAGES.get(status, _PAGES[500] if status >= 500 else _PAGES[400])
    if request.path.startswith("/api/"):  # where no rule of it fits, or the database is away
        return problem(status, f"{title}. {sentence}")
    response = make_response(render_template("errors/error.html", title=title, sentence=sentence), status)
    response.headers["Cache-Control"] = "no-store"
    return response


class OtherHosts:
    """Refuses requests for a host that is not ours, and logs the first of them: a proxy may have lost the name."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, error: SecurityError) -> ResponseReturnValue:
        """No template: links cannot be made for a host that is not ours."""
        came = request.environ.get("HTTP_HOST", "")[:_HOST_LENGTH]
        if came not in self._told and len(self._told) < _HOSTS_TOLD:
            self._told.add(came)
            wanted = services().settings.base_url
            current_app.logger.warning(
                "A request came for the host %r, and ACTIONMAIL_BASE_URL is %s. If it came through a proxy of yours, "
                "have it pass on the host that was asked for: docs/install.md has the lines for it.",
                came,
                wanted,
            )
        return Response("This server does not answer for that address.\n", 400, mimetype="text/plain")


_HOST_LENGTH = 100
_HOSTS_TOLD = 10  # by each process: scanners ask for any


def not_kept() -> ResponseReturnValue:
    """The database is locked, read-only, full or away: the page again, with what was typed. Raises what that raises."""
    return _posted_again(503, NOT_KEPT, STAFF_NOT_KEPT, ACCOUNTS_NOT_KEPT)


def out_of_reach() -> ResponseReturnValue:
    """The database cannot even be read: a page made without it, whose button posts again all that was typed."""
    if request.method == "POST" and request.blueprint in _STAFF_FORMS:
        return _typed(503, _PAGES[503][0], STAFF_NOT_KEPT)
    if request.method == "POST" and request.blueprint == supporter.bp.name:
        return _typed(503, _PAGES[503][0], NOT_KEPT)
    return plain_page(503)


def signed_out(error: SignedOut) -> ResponseReturnValue:
    """Nobody is signed in any more who posted a staff form: what was typed stays in that browser's page, and only
    there, until they have signed in and press its button.
    """
    if request.blueprint in _STAFF_FORMS and supporter.typed_texts():
        return _typed(403, "You are signed out", STAFF_SIGNED_OUT, signed_out=True)
    return redirect(url_for("staff.sign_in"), 303)


def _typed(status: int, title: str, sentence: str, *, signed_out: bool = False) -> ResponseReturnValue:
    """A page made without the database: what was typed, to read, and a button that posts all of it again."""
    page = render_template(
        "errors/again.html",
        title=title,
        sentence=sentence,
        fields=[(name, value) for name, value in supporter.posted_form().items(multi=True) if name != "csrf_token"],
        typed_texts=_prose() if request.blueprint in _STAFF_FORMS else supporter.typed_texts(),
        kept_for="saved" if request.blueprint in _STAFF_FORMS else "sent",
        signed_out=signed_out,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _prose() -> list[str]:
    """What staff typed, without what they only chose; the button posts all of it."""
    return [text for text in supporter.typed_texts() if " " in text.strip()]


def _again(
    status: int, sentence: str, to_staff: str, of_accounts: str, by_link: str = LINKS_AGAIN
) -> ResponseReturnValue:
    """As `_posted_again`, or what Flask would answer to an error of that page."""
    try:
        return _posted_again(status, sentence, to_staff, of_accounts, by_link)
    except Exception as error:  # of that page, whose campaign may be gone: Flask takes none from a handler of errors
        return current_app.handle_user_exception(error)


def _posted_again(
    status: int, sentence: str, to_staff: str, of_accounts: str, by_link: str = LINKS_AGAIN
) -> ResponseReturnValue:
    """The page that was posted to, with all that was typed; elsewhere the page for `status`."""
    if request.method == "POST" and request.blueprint == supporter.bp.name:
        return supporter.again(status, str(sentence))
    if request.method == "POST" and request.blueprint == receipts.bp.name:
        return receipts.again(status, str(by_link))
    if request.method == "POST" and request.blueprint == organisations.bp.name:
        return organisations.again(status, str(sentence))
    if request.method == "POST" and request.blueprint == confirmations.bp.name:
        return confirmations.again(status, str(by_link))
    if request.method == "POST" and request.blueprint == answers.bp.name:
        return answers.again(status, str(by_link))
    if request.method == "POST" and request.blueprint in _STAFF_FORMS:
        return _staff_again(status, to_staff)
    if request.method == "POST" and request.blueprint in _ACCOUNT_FORMS:
        return _account_again(status, of_accounts)
    return plain_page(status)


def _account_again(status: int, sentence: str) -> ResponseReturnValue:
    """The form that was posted to, with `sentence` on top; where it is a button alone, a page that says so."""
    view = _ACCOUNT_PAGES.get(request.endpoint or "")
    if view is None:
        response = make_response(render_template("errors/error.html", title="Nothing was changed", sentence=sentence))
    else:
        g.trouble = sentence
        try:
            response = make_response(view(**(request.view_args or {})))
        except SignedOut as error:
            return signed_out(error)
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 200:
        response.status_code = status
    return response


def _staff_again(status: int, sentence: str) -> ResponseReturnValue:
    if request.endpoint in editor.PAGES:
        try:
            return editor.again(status, sentence)
        except SignedOut as error:
            return signed_out(error)
    if current_staff() is None:
        return signed_out(SignedOut())
    return _typed(status, "Nothing was changed", sentence) if supporter.typed_texts() else plain_page(status)

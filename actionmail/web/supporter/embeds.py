"""Where a visit within a page of another website begins, its colours, and which sites may show it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from actionmail.flows.campaigns import content
from actionmail.rules.campaigns.colours import Theme, theme_css
from actionmail.web.platform import embedding
from actionmail.web.platform.context import services
from actionmail.web.supporter.step import in_force

bp = Blueprint("embeds", __name__)
_PASSED_ON: Final = ("lang", "source")


@bp.get("/embed/<slug>")
def begin(slug: str) -> ResponseReturnValue:
    """To the campaign's page, mounted for this visit."""
    if not sites_of(slug):
        return render_template("supporter/unknown.html"), 404
    theme = {name: value for name in Theme.NAMES if (value := _colour(request.args.get(name, "")))}
    root = embedding.root_of(slug, theme, {}, secret=services().settings.secret_key)
    query = urlencode({name: request.args[name][:100] for name in _PASSED_ON if request.args.get(name)})
    response = redirect(f"{request.script_root}{root}/campaigns/{slug}{'?' if query else ''}{query}", 303)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/theme.css")
def theme() -> ResponseReturnValue:
    """The colours of this visit, as far as they can be read."""
    visit = embedding.embedded()
    css = theme_css(Theme.of(visit.theme if visit else {}))
    return Response(css, mimetype="text/css")


def _colour(text: str) -> str:
    return text.lower() if re.fullmatch(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text) else ""


def sites_of(slug: str) -> list[str]:
    """The websites that may show this campaign; none where there is no such campaign."""
    with services().database.read() as db:
        snapshot = in_force(slug, content.version(db))
    return list(snapshot.campaign.sites) if snapshot else []


@bp.before_app_request
def _who_may_show_it() -> ResponseReturnValue | None:
    visit = embedding.embedded()
    if visit is None or request.endpoint == "static":
        return None
    last = services().campaigns.last(visit.slug)
    g.sites = last.campaign.sites if last else []  # for the page that tells it, where the database does not answer
    g.sites = sites_of(visit.slug)
    if not g.sites:
        return Response("This page cannot be shown here.\n", 404, mimetype="text/plain")
    return None


@bp.app_context_processor
def _is_embedded() -> dict[str, object]:
    return {"embedded": embedding.embedded()}


@bp.get("/embed.js")
def script() -> ResponseReturnValue:
    """The one line's script, for pages of other websites: the only file that they may load."""
    response = current_app.send_static_file("embed.js")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response

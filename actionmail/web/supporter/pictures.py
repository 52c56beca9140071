"""Pictures as everybody gets them: under the hash of their bytes, so that they can be kept for ever."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from actionmail.flows.campaigns import pictures
from actionmail.rules.campaigns.pictures import ENDINGS
from actionmail.web.platform.context import services

bp = Blueprint("picture_files", __name__)


@bp.get("/pictures/<sha256>.<ending>")
def file(sha256: str, ending: str) -> ResponseReturnValue:
    """One size of a picture."""
    with services().database.read() as db:
        stored = pictures.file_content(db, sha256)
    if stored is None or ENDINGS[stored.media_type] != ending:
        abort(404)
    return for_ever(alone(stored.content, stored.media_type), sha256)


def alone(content: bytes, media_type: str) -> Response:
    """A picture and nothing else, whatever a browser might make of it that opens it by itself."""
    response = Response(content, content_type=media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def for_ever(response: Response, version: str) -> Response:
    """For an address whose bytes never change: any cache keeps it, and any page and feed reader may show it."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(version)
    response.make_conditional(request)
    return response

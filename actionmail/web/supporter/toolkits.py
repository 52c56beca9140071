"""A toolkit as one file to take away."""

from __future__ import annotations

from flask import Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue

from actionmail.flows.campaigns import pictures
from actionmail.rules import speech
from actionmail.rules.campaigns.toolkit_zip import ZIP_TYPE, toolkit_zip
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter.kinds import toolkit
from actionmail.web.supporter.step import bp, public_campaign


class PictureGone(RuntimeError):
    """A picture was deleted while its toolkit was being sent: the file breaks off, and nobody takes it for whole."""


@bp.get("/campaigns/<slug>/toolkit.zip")
@limiter.limit(POST_LIMIT)
def toolkit_file(slug: str) -> ResponseReturnValue:
    """Texts and pictures in the language of `?lang=`, or the campaign's own; sent piece by piece."""
    with services().database.read() as db:
        campaign = public_campaign(db, slug)
        if campaign is None or campaign.kind != toolkit.KIND.code or campaign.status == "scheduled":
            abort(404)
        tag = request.args.get("lang", "")
        spoken = languages.known_tongues()
        known = languages.in_language(campaign, tag)
        speech.speak(spoken.get(tag, speech.ENGLISH))
        kit = toolkit.kit_of(db, campaign, known)
    pieces = toolkit_zip(kit.texts(), kit.files(_read))
    response = Response(stream_with_context(pieces), content_type=ZIP_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.zip"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(kit.etag)
    return response.make_conditional(request)


def _read(sha256: str) -> bytes:
    """Raises PictureGone."""
    with services().database.read() as db:
        stored = pictures.file_content(db, sha256)
    if stored is None:
        raise PictureGone
    return stored.content

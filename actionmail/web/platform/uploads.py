"""Files that come with a form. Such a form is parsed by its own view, after it was asked who sends it and how much:
everywhere else the guard against forged posts reads the form first, and no form may be larger than a page of text.
"""

from __future__ import annotations

import sys
from typing import Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from actionmail.rules.campaigns.pictures import MAX_UPLOAD
from actionmail.rules.campaigns.problems import Problem
from actionmail.web.platform.security import MAX_POST_BYTES, no_forged_posts

ACCEPTED: Final = f"JPEG, PNG, WebP or GIF, of at most {MAX_UPLOAD // 1024**2} MB."
TOO_LARGE: Final = Problem("picture.too-large", {"most": MAX_UPLOAD // 1024**2})

_MOST_BODY: Final = MAX_UPLOAD + MAX_POST_BYTES
_MOST_READ_AWAY: Final = 256 * 1024 * 1024  # of a body that is too large, so that its sender gets to read why
_PIECE: Final = 1024 * 1024


class BodyTooLarge(Exception):
    """More was posted than any of these forms may hold, and nothing of it can be read."""


def posted_file(name: str) -> bytes:
    """The file that was posted under this name, b"" without one: for views that are exempt from the guard, which is
    asked here. It may be larger than MAX_UPLOAD. Raises BodyTooLarge, and CSRFError as the guard does.
    """
    if (request.content_length or 0) > _MOST_BODY:
        _read_away()
        raise BodyTooLarge
    request.max_content_length = _MOST_BODY
    try:
        no_forged_posts()
        sent = request.files.get(name)
    except RequestEntityTooLarge:
        raise BodyTooLarge from None
    return sent.read() if sent else b""


def _read_away() -> None:
    """Let the body arrive, and forget it: a browser whose sending is cut off shows no answer."""
    request.max_content_length = sys.maxsize
    left = _MOST_READ_AWAY
    while left > 0 and (piece := request.stream.read(min(_PIECE, left))):
        left -= len(piece)

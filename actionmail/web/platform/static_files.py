"""Style and script as they stand in the program, packed for whoever takes them packed.

Only these: a page has a token in it beside what somebody else may have put into its address, and of both together the
packed length would tell something (BREACH).
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from flask import Flask, Response, current_app, request

from actionmail import __version__
from actionmail.web.platform.templates import SharingEnvironment

_TEXTS: Final = (".css", ".js", ".svg")
_LEAST: Final = 1000  # octets; below that the headers are most of it


class PackingFlask(Flask):
    jinja_environment = SharingEnvironment

    def send_static_file(self, filename: str) -> Response:
        response = super().send_static_file(filename)
        if not filename.endswith(_TEXTS):
            return response
        response.vary.add("Accept-Encoding")
        is_whole = response.status_code == 200 and (response.content_length or 0) >= _LEAST
        if is_whole and request.accept_encodings["gzip"] > 0:
            etag, _ = response.get_etag()
            response.direct_passthrough = False
            response.set_data(_packed(response.get_data()))
            response.content_encoding = "gzip"
            response.set_etag(etag or "", weak=True)  # one name for both ways to write the same
        return response


def asset(filename: str) -> str:
    """The address of a file that comes with the pages; another one in each version, so that none is taken for old."""
    return f"{request.script_root}{current_app.static_url_path}/{filename}?v={_VERSION}"


_VERSION: Final = quote(__version__)


@lru_cache(maxsize=16)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)

"""Requests and answers as Flask has them, made of WSGI's environment and turned into its headers in fewer steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import flask
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LOCATIONS: Final = frozenset({"location", "content-location"})


class Request(flask.Request):
    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Werkzeug looks for them among the names of all headers."""
        return parse_cookie(self.environ.get("HTTP_COOKIE", ""), cls=self.dict_storage_class)  # type: ignore[return-value]


class Response(flask.Response):
    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Werkzeug copies all of them, for what it does to some; to those of most pages nothing is to be done."""
        names = {name.lower() for name, _ in self.headers}
        is_ready = self.status_code == 200 and "content-length" in names and names.isdisjoint(_LOCATIONS)
        return self.headers if is_ready else super().get_wsgi_headers(environ)

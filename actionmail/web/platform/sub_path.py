"""All pages below a path, where the host has something else at its root."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_ELSEWHERE = b"Nothing is here. If a proxy of yours takes the path away, let it pass on the address as it is.\n"


def below(prefix: str, application: WSGI) -> WSGI:
    """The application as if it began at `prefix`: links that it makes have it, rules are without it."""

    def routed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(f"{prefix}/"):
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(_ELSEWHERE)))]
            start_response("404 Not Found", headers)
            return [_ELSEWHERE]
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return application(environ, start_response)

    return routed

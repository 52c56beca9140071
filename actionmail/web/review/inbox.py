"""The local inbox in the browser: an application of its own, on this machine only, that shows text and nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, render_template
from werkzeug.serving import WSGIRequestHandler, make_server

from actionmail.settings import bundled

if TYPE_CHECKING:
    from actionmail.gateways.mail.maildir_server import KeptLetter

HOST = "127.0.0.1"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def create_inbox(letters: Callable[[], Sequence[KeptLetter]], letter: Callable[[str], KeptLetter | None]) -> Flask:
    """The application: `letters()` lists, newest first; `letter(name)` reads one."""
    app = Flask("actionmail", template_folder=str(bundled("templates")))
    app.config["TRUSTED_HOSTS"] = [HOST, "localhost"]

    @app.get("/")
    def listing() -> str:
        return render_template("inbox/letters.html", letters=letters())

    @app.get("/letters/<name>")
    def show(name: str) -> str:
        shown = letter(name) or abort(404)
        return render_template("inbox/letter.html", letter=shown)

    @app.get("/letters/<name>/raw")
    def raw(name: str) -> Response:
        shown = letter(name) or abort(404)
        return Response(shown.raw, content_type="text/plain; charset=utf-8")

    @app.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return render_template("inbox/missing.html"), 404

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


@contextmanager
def serve_inbox(app: Flask, *, port: int) -> Iterator[str]:
    """Serve `app` on 127.0.0.1:`port` (0: any free one) until the block ends; its URL. Raises OSError."""
    with socket.create_server((HOST, port)) as listener:
        server = make_server(
            HOST, listener.getsockname()[1], app, threaded=True, request_handler=_Quiet, fd=listener.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}/"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

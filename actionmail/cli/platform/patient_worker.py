"""gunicorn's threaded worker, made patient: a request gets a thread of the pages only once all of it has come.

gunicorn's own reads a request in the thread that answers it, without a limit, so as many slow connections as there are
threads end the site. Here many threads read, and what they read waits for one of a few turns. Whoever sends more slowly
than PACE after the first seconds is hung up on. Where more come than can be answered, a few wait for a turn, and the
others get a page that says so and keeps what they typed (web.platform.rush).
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from threading import local
from typing import Any, Final

from gunicorn.http.errors import NoMoreData
from gunicorn.util import close_graceful, write_error
from gunicorn.workers.gthread import TConn, ThreadWorker

from actionmail.cli.platform.first_pages import make_first_pages
from actionmail.web.platform.rush import AT_ONCE, PLACES_A_TURN, STAFF, RushPage, Turns

READERS: Final = 128  # threads of one process that read, and sleep mostly; whoever waits in line takes none of them
GRACE_SECONDS: Final = 20.0
PACE: Final = 16 * 1024  # octets a second from then on
_WRITING_SECONDS = 60.0  # for one piece of an answer
_KEPT = 24 * 1024**2  # no page takes more; a picture has up to 20 MB
_LARGEST = 256 * 1024**2  # that is read, and thrown away, so that its sender gets to see the answer
_IN_MEMORY = 256 * 1024
_PIECE = 64 * 1024


def places(threads: int) -> int:
    """In the line of a process that answers so many at once; staff have as many more."""
    return threads * PLACES_A_TURN


def thread_pool(threads: int) -> ThreadPoolExecutor:
    """However many are answered or wait for it, READERS are left: `/healthz` is read like any other request."""
    return ThreadPoolExecutor(max_workers=threads + 2 * places(threads) + READERS)


class PatientSocket:
    """A connection whose request must come in time. What is not here is the socket's own."""

    def __init__(self, sock: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self.plain = sock
        self._clock = clock
        self._began = clock()
        self._came = 0

    def begin(self) -> None:
        """The next request is to come."""
        self._began, self._came = self._clock(), 0

    def recv(self, size: int) -> bytes:
        """Raises NoMoreData where time is over: the connection is then closed without a word in the log."""
        left = self._began + GRACE_SECONDS + self._came / PACE - self._clock()
        if left <= 0:
            raise NoMoreData()
        self.plain.settimeout(left)
        try:
            got: bytes = self.plain.recv(size)
        except TimeoutError:
            raise NoMoreData() from None
        self._came += len(got)
        return got

    def sendall(self, data: bytes) -> None:
        self.plain.settimeout(_WRITING_SECONDS)
        try:
            self.plain.sendall(data)
        except TimeoutError:
            raise OSError(errno.EPIPE, "the client does not read") from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """`--threads` is how many requests of a process are answered at once."""

    wsgi: Any

    def init_process(self) -> None:
        self.turns = Turns(self.cfg.threads, places=places(self.cfg.threads))
        self._here = local()
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._pages, self._rush = self.wsgi, RushPage(self.wsgi)
        self.wsgi = self._answer
        make_first_pages(self._pages)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The whole of gunicorn's handling goes on in one thread, which knows whether this request got a turn."""
        application = self._rush if getattr(self._here, "is_told", False) else self._pages
        return application(environ, start_response)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return thread_pool(self.cfg.threads)

    def handle(self, conn: TConn) -> Any:
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock)
        conn.sock.begin()
        is_kept = super().handle(conn)
        if not is_kept:
            _leave(conn)
        return is_kept

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """In the loop that takes new connections, where gunicorn's own waits for the client to close its side."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
        else:
            self.nr_conns -= 1

    def handle_request(self, req: Any, conn: TConn) -> bool:
        if req._expected_100_continue:
            conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            req._expected_100_continue = False
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            if not _read_whole(req.body, body):
                write_error(conn.sock, 413, "Content Too Large", "")
                return False
            body.seek(0)
            req.body = body
            try:
                return self._in_turn(req, conn)
            finally:
                req.body = BytesIO()  # all of it is read, as gunicorn makes sure of before the next request

    def _in_turn(self, req: Any, conn: TConn) -> bool:
        """Have it answered by the pages when its turn comes, or by the page that tells of the rush."""
        if req.path in AT_ONCE:
            self._here.is_told = False
            return bool(super().handle_request(req, conn))
        is_staff = req.path.startswith(STAFF)
        has_turn = self.turns.take(more_places=places(self.cfg.threads) if is_staff else 0)
        self._here.is_told = not has_turn
        try:
            return bool(super().handle_request(req, conn))
        finally:
            if has_turn:
                self.turns.give_back()


def _leave(conn: TConn) -> None:
    """Say that this is all, and wait a moment for the client to close: else its end of the answer may get lost."""
    close_graceful(conn.sock.plain)


def _read_whole(source: Any, body: Any) -> bool:
    """Whether its end came. Of what is larger than any page takes, the pages get the beginning, and refuse it."""
    count = 0
    while piece := source.read(_PIECE):
        count += len(piece)
        if count > _LARGEST:
            return False
        if count <= _KEPT:
            body.write(piece)
    return True

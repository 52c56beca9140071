"""gunicorn's threaded worker, made patient: a request gets a thread of the pages only once all of it has come.

gunicorn's own reads a request in the thread that answers it, without a limit, so as many slow connections as there are
threads end the site. Here many threads read, and what they read waits for one of a few turns. Whoever sends more slowly
than PACE after the first seconds is hung up on. Where more come than can be answered, a few wait for a turn, and the
others get a page that says so and keeps what they typed (web.platform.rush).
"""

from __future__ import annotations

import errno
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from socket import MSG_DONTWAIT, MSG_PEEK
from tempfile import SpooledTemporaryFile
from threading import local
from typing import Any, Final

from gunicorn.http.errors import NoMoreData
from gunicorn.util import close_graceful, write_error
from gunicorn.workers.gthread import TConn, ThreadWorker

from actionmail.cli.platform.first_pages import make_first_pages
from actionmail.web.platform.rush import AT_ONCE, PLACES_A_TURN, READY, STAFF, RushPage, Turns

READERS: Final = 128  # threads of one process that read, and sleep mostly; whoever waits in line takes none of them
GRACE_SECONDS: Final = 20.0
PACE: Final = 16 * 1024  # octets a second from then on
# After which Python's threads take turns. By its own 5 ms whoever is next to write on SQLite waits as long to begin.
_SWITCH_SECONDS = 0.0005
_WRITING_SECONDS = 60.0  # for one piece of an answer
_KEPT = 24 * 1024**2  # no page takes more; a picture has up to 20 MB
_LARGEST = 256 * 1024**2  # that is read, and thrown away, so that its sender gets to see the answer
_IN_MEMORY = 256 * 1024
_PIECE = 64 * 1024
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_FULL_SECONDS = 0.05  # until it is tried again


def places(threads: int) -> int:
    """In the line of a process that answers so many at once; staff have as many more."""
    return threads * PLACES_A_TURN


def thread_pool(threads: int) -> ThreadPoolExecutor:
    """However many are answered or wait for it, READERS are left: `/healthz` is read like any other request."""
    visitors_and_staff = threads + 2 * places(threads)
    machinery = 1 + places(1)
    return ThreadPoolExecutor(max_workers=visitors_and_staff + machinery + READERS)


class PatientSocket:
    """A connection whose request must come in time. What is not here is the socket's own.

    Each call that could wait is tried first without waiting: of most requests all is there, and most answers fit. So
    the socket keeps no timeout of a wait that is over: with one Python waits in every call, whatever its flags say.
    """

    def __init__(self, sock: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self.plain = sock
        self._clock = clock
        self._began = clock()
        self._came = 0
        self._is_holding = False
        self._held = b""
        self.meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext  # around each wait for a slow reader

    def begin(self) -> None:
        """The next request is to come."""
        self._began, self._came = self._clock(), 0

    def has_come(self) -> bool:
        """Whether something is there to be read, or the other side's end."""
        try:
            self.plain.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def recv(self, size: int) -> bytes:
        """Raises NoMoreData where time is over: the connection is then closed without a word in the log."""
        left = self._began + GRACE_SECONDS + self._came / PACE - self._clock()
        if left <= 0:
            raise NoMoreData()
        try:
            got: bytes = self.plain.recv(size, MSG_DONTWAIT)
        except BlockingIOError:
            got = self._wait_for(size, left)
        self._came += len(got)
        return got

    def _wait_for(self, size: int, seconds: float) -> bytes:
        self.plain.settimeout(seconds)
        try:
            got: bytes = self.plain.recv(size)
        except TimeoutError:
            raise NoMoreData() from None
        finally:
            self.plain.settimeout(None)
        return got

    def hold(self) -> None:
        """Let what is sent first, an answer's headers, wait for what follows: both go at once."""
        self._is_holding = True

    def let_go(self) -> None:
        """Nothing follows."""
        self._is_holding = False
        if self._held:
            self.sendall(b"")

    def sendall(self, data: bytes) -> None:
        if self._is_holding:
            self._is_holding, self._held = False, data
            return
        data, self._held = self._held + data, b""
        try:
            sent = self.plain.send(data, MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_slowly(data[sent:])

    def _send_slowly(self, data: bytes) -> None:
        with self._being_read():
            self.plain.sendall(data)

    def sendfile(self, *args: Any, **options: Any) -> int:
        self.let_go()
        with self._being_read():
            sent: int = self.plain.sendfile(*args, **options)
        return sent

    @contextmanager
    def _being_read(self) -> Iterator[None]:
        """For what is sent as the client reads it. Raises OSError where that is too slow."""
        self.plain.settimeout(_WRITING_SECONDS)
        try:
            with self.meanwhile():
                yield
        except TimeoutError:
            raise OSError(errno.EPIPE, "the client does not read") from None
        finally:
            self.plain.settimeout(None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """`--threads` is how many requests of a process are answered at once."""

    wsgi: Any

    def init_process(self) -> None:
        self.turns = Turns(self.cfg.threads, places=places(self.cfg.threads))
        self.turns_of_machinery = Turns(1, places=places(1))
        self._here = local()
        self._left: deque[TConn] = deque()  # connections that were closed, and are not counted off yet
        sys.setswitchinterval(_SWITCH_SECONDS)
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._pages, self._rush = self.wsgi, RushPage(self.wsgi)
        self._prefix = self._pages.extensions["actionmail"].settings.prefix
        self.wsgi = self._answer
        make_first_pages(self._pages)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The whole of gunicorn's handling goes on in one thread, which knows whether this request got a turn."""
        application = self._rush if getattr(self._here, "is_told", False) else self._pages
        return application(environ, start_response)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return thread_pool(self.cfg.threads)

    def accept(self, listener: Any) -> None:
        """As gunicorn does it, whose process ends where the system has no more descriptors to give: whoever comes then
        waits until somebody leaves.
        """
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            time.sleep(_FULL_SECONDS)

    def enqueue_req(self, conn: TConn) -> None:
        """As gunicorn does it, which has the loop that takes connections told of each that is closed."""
        self.tpool.submit(self.handle, conn).add_done_callback(lambda done: self._after(conn, done))

    def _after(self, conn: TConn, done: Future[Any]) -> None:
        if done.cancelled() or done.exception() is not None or done.result():
            self.method_queue.defer(self.finish_request, conn, done)
            return
        self._left.append(conn)
        if not (self.alive and self._accepting):  # that loop waits for this one
            self.method_queue.defer(self._count_off)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(timeout)
        self._count_off()

    def _count_off(self) -> None:
        while self._left:
            self._left.popleft()
            self.nr_conns -= 1

    def handle(self, conn: TConn) -> Any:
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock)
        conn.sock.begin()
        conn.data_ready = conn.data_ready or conn.sock.has_come()  # else gunicorn waits for it, at greater cost
        self._here.is_last = False
        is_kept = super().handle(conn)
        if not is_kept:
            _leave(conn, is_last=self._here.is_last)
        return is_kept

    def handle_request(self, req: Any, conn: TConn) -> bool:
        if req._expected_100_continue:
            conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            req._expected_100_continue = False
        first = req.body.read(_PIECE)
        if len(first) < _PIECE:  # there is no more of it
            _settle_length(req, len(first))
            return self._answered(req, conn, BytesIO(first))
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            body.write(first)
            count = _read_rest(req.body, body)
            if count > _LARGEST:
                write_error(conn.sock, 413, "Content Too Large", "")
                return False
            _settle_length(req, count)
            body.seek(0)
            return self._answered(req, conn, body)

    def _answered(self, req: Any, conn: TConn, body: Any) -> bool:
        """Whether the connection is kept for another request, when this one, all of which was read, is answered."""
        req.body = body
        conn.sock.hold()
        try:
            is_kept = self._in_turn(req, conn)
        finally:
            conn.sock.let_go()
            req.body = BytesIO()  # all of it is read, as gunicorn makes sure of before the next request
        self._here.is_last = bool(req.should_close())
        return is_kept

    def _in_turn(self, req: Any, conn: TConn) -> bool:
        """Have it answered by the pages when its turn comes, or by the page that tells of the rush."""
        path = req.path.removeprefix(self._prefix)
        if path in AT_ONCE:
            self._here.is_told = False
            return bool(super().handle_request(req, conn))
        turns = self.turns_of_machinery if path == READY else self.turns
        is_staff = path.startswith(STAFF)
        has_turn = turns.take(more_places=places(self.cfg.threads) if is_staff else 0)
        self._here.is_told = not has_turn
        if not has_turn:
            return bool(super().handle_request(req, conn))
        conn.sock.meanwhile = turns.lent  # or as many as there are turns, who do not read, would end the site
        try:
            return bool(super().handle_request(req, conn))
        finally:
            conn.sock.meanwhile = nullcontext
            turns.give_back()


def _leave(conn: TConn, *, is_last: bool) -> None:
    """Say that this is all, and wait a moment for the client to close: else its end of the answer may get lost.

    Not where the client said that this was its last request (RFC 9112, 9.6), and nothing more came: then nothing that
    it sends can meet a connection that is closed.
    """
    if is_last and not conn.sock.has_come():
        conn.sock.plain.close()
    else:
        close_graceful(conn.sock.plain)


def _read_rest(source: Any, body: Any) -> int:
    """How much it was, to its end or until it was more than _LARGEST. Of what is larger than any page takes, the pages
    get the beginning, and refuse it.
    """
    count: int = body.tell()
    while piece := source.read(_PIECE):
        count += len(piece)
        if count > _LARGEST:
            return count
        if count <= _KEPT:
            body.write(piece)
    return count


def _settle_length(req: Any, count: int) -> None:
    """A body that ended before its Content-Length is not to be acted on (RFC 9112, 8): whoever sent it went away, and
    half a form looks like a whole one. Raises NoMoreData, as gunicorn does where one in chunks has no end.

    One in chunks, which is put together here, has a length from now on. Without it Werkzeug takes the beginning of what
    is too long for a page, and no more.
    """
    headers = dict(req.headers)
    announced = headers.get("CONTENT-LENGTH")
    if announced is not None and count < int(announced):
        raise NoMoreData()
    if "TRANSFER-ENCODING" in headers:
        others = [(name, value) for name, value in req.headers if name != "TRANSFER-ENCODING"]
        req.headers = [*others, ("CONTENT-LENGTH", str(count))]

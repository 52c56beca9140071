"""Connections of PostgreSQL whose server went while they rested."""

from __future__ import annotations

import select as waiting
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

ASKED_AFTER_SECONDS: Final = 10.0  # of rest, for a connection whose server perhaps went without a word
_SINCE: Final = "actionmail_resting_since"


def keep_alive(engine: Engine) -> None:
    """Hand out no connection that its server has closed, without a question to the server each time.

    Whoever closes a connection says so, and then there is something to read on it. A server that lost its power says
    nothing: so what has rested for a while is asked all the same. Where one is gone, so are all that were made before.
    """

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_SINCE)  # None of one that is new
        if since is None or (time.monotonic() - since < ASKED_AFTER_SECONDS and not _has_news(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None


def _has_news(connection: Any) -> bool:
    """Whether the server said anything since it was asked last, as its end."""
    if connection.closed:
        return True
    poll = waiting.poll()
    poll.register(connection.fileno(), waiting.POLLIN)
    return bool(poll.poll(0))

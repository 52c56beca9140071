"""Work that no page waits for."""

from __future__ import annotations

import logging
from threading import Event

import pytest

from actionmail.web.platform.background_tasks import BackgroundTasks

_PATIENCE = 300.0


def test_tasks_are_done_in_their_order_and_one_that_fails_stops_none(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    finished = Event()

    def fail() -> None:
        raise ValueError("anna@example.org")

    later = BackgroundTasks(logging.getLogger("test"))
    for task in (lambda: done.append("first"), fail, lambda: done.append("second"), finished.set):
        later.do(task)
    assert finished.wait(_PATIENCE)
    assert done == ["first", "second"]
    assert "was not sent: ValueError" in caplog.text
    assert "anna@example.org" not in caplog.text


def test_what_is_too_much_is_dropped_and_said(caplog: pytest.LogCaptureFixture) -> None:
    begin, finished = Event(), Event()
    done: list[int] = []
    later = BackgroundTasks(logging.getLogger("test"))
    later.do(lambda: done.append(int(begin.wait(_PATIENCE))))
    for _ in range(98):
        later.do(lambda: done.append(1))
    later.do(finished.set)
    later.do(lambda: done.append(2))
    assert "100 wait already" in caplog.text
    begin.set()
    assert finished.wait(_PATIENCE)
    assert done == [1] * 99

"""Who writes to SQLite does so in line, among the processes of a machine too; and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from actionmail.db.write_line import WriteLine

PATIENCE = 60.0  # seconds after which something hangs


def taken_by(line: WriteLine, events: list[str], name: str) -> None:
    with line.turn():
        events.append(name)


@pytest.mark.parametrize("is_same_process", [True, False])
def test_one_comes_after_the_other(tmp_path: Path, is_same_process: bool) -> None:
    """Two lines of one folder stand for two processes: each has opened it for itself."""
    first = WriteLine(tmp_path, patience=PATIENCE)
    second = first if is_same_process else WriteLine(tmp_path, patience=PATIENCE)
    events: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with first.turn():
            waiting = pool.submit(taken_by, second, events, "second")
            time.sleep(0.1)
            events.append("first")
        waiting.result(PATIENCE)
    assert events == ["first", "second"]


def test_who_has_it_for_long_is_waited_for_a_while_only(tmp_path: Path) -> None:
    events: list[str] = []
    with WriteLine(tmp_path, patience=PATIENCE).turn():
        taken_by(WriteLine(tmp_path, patience=PATIENCE), events, "another process")
    impatient = WriteLine(tmp_path, patience=0.01)
    with impatient.turn(), ThreadPoolExecutor(1) as pool:
        pool.submit(taken_by, impatient, events, "another thread").result(PATIENCE)
    assert events == ["another process", "another thread"]
    with impatient.turn():
        events.append("and again")


def test_after_a_fork_each_process_stands_for_itself(tmp_path: Path) -> None:
    line = WriteLine(tmp_path, patience=PATIENCE)
    with line.turn():
        pass
    forking = get_context("fork")
    has_it, may_end = forking.Event(), forking.Event()

    def child() -> None:
        with line.turn():
            has_it.set()
            may_end.wait(PATIENCE)

    process = forking.Process(target=child)
    process.start()
    assert has_it.wait(PATIENCE)
    has_turn = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: taken_by(line, [], "") or has_turn.set())
        assert not has_turn.wait(0.2)
        process.kill()  # whose lock ends with it
        waiting.result(PATIENCE)
    process.join(PATIENCE)


@pytest.mark.parametrize("folder", [None, Path("/nowhere/at/all")])
def test_without_a_folder_the_threads_have_a_line_all_the_same(folder: Path | None) -> None:
    events: list[str] = []
    taken_by(WriteLine(folder, patience=PATIENCE), events, "written")
    assert events == ["written"]


def test_what_was_opened_is_closed_with_it(tmp_path: Path) -> None:
    before = opened()
    for _ in range(20):
        taken_by(WriteLine(tmp_path, patience=PATIENCE), [], "")
    assert opened() <= before + 1


def opened() -> int:
    return len(list(Path("/dev/fd").iterdir()))

"""Talks that take turns, on sockets whose other ends are in the test's hands."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import cast

import pytest

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.turns import Talk, take_turns


class Wire:
    """What a connection shows to `take_turns`."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.left = [60.0, 0.0]  # at the second look the time is over
        self.was_looked_for = True

    def fileno(self) -> int:
        return self.near.fileno()

    def patience_left(self) -> float:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@pytest.fixture
def wires() -> Iterator[list[Wire]]:
    made = [Wire(), Wire()]
    yield made
    for wire in made:
        wire.near.close()
        wire.far.close()


def talk(name: str, wire: Wire, said: list[str]) -> Talk:
    said.append(f"{name} asks")
    yield cast(Connection, wire)
    said.append(f"{name} goes on")


def test_whose_answer_is_there_goes_on_before_who_asked_first(wires: list[Wire]) -> None:
    said: list[str] = []
    wires[1].far.send(b"250 ok\r\n")
    take_turns([talk("first", wires[0], said), talk("second", wires[1], said)])
    assert said == ["first asks", "second asks", "second goes on", "first goes on"]


def test_who_asked_first_looks_first_whether_its_answer_came(wires: list[Wire]) -> None:
    """Without asking the system which of them may."""
    said: list[str] = []
    wires[0].was_looked_for = False
    wires[1].far.send(b"250 ok\r\n")
    take_turns([talk("first", wires[0], said), talk("second", wires[1], said)])
    assert said == ["first asks", "second asks", "first goes on", "second goes on"]


def test_whose_time_is_over_goes_on_without_an_answer(wires: list[Wire]) -> None:
    said: list[str] = []
    wires[0].left = [0.01, 0.0]
    take_turns([talk("first", wires[0], said), talk("second", wires[1], said)])
    assert said == ["first asks", "second asks", "first goes on", "second goes on"]


def test_what_one_raises_ends_the_others_where_they_stand(wires: list[Wire]) -> None:
    ended: list[str] = []

    def unending() -> Talk:
        try:
            yield cast(Connection, wires[0])
        finally:
            ended.append("unending")

    def broken() -> Talk:
        yield cast(Connection, wires[1])
        raise RuntimeError

    wires[1].far.send(b"x")
    with pytest.raises(RuntimeError):
        take_turns([unending(), broken()])
    assert ended == ["unending"]


def test_nobody_waits_where_nobody_talks() -> None:
    take_turns([])

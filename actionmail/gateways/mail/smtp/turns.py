"""Several talks with a mail server in one thread, so that it works at one letter while we work at another."""

from __future__ import annotations

import select
from collections.abc import Generator, Mapping, Sequence
from math import ceil

from actionmail.gateways.mail.smtp.connection import Connection

Talk = Generator[Connection, None, None]  # yields its connection whenever it waits for an answer there


def take_turns(talks: Sequence[Talk]) -> None:
    """Run all to their ends. Each goes on once its answer is there, or the time for it is over.

    What one of them raises ends them all.
    """
    waiting: dict[Talk, Connection] = {}
    going = talks
    try:
        while going or waiting:
            for talk in going:
                waiting.pop(talk, None)
                connection = next(talk, None)
                if connection is not None:
                    waiting[talk] = connection  # behind all who asked before
            going = _to_go_on(waiting)
    finally:
        for talk in talks:
            talk.close()


def _to_go_on(waiting: Mapping[Talk, Connection]) -> Sequence[Talk]:
    """Who asked first, where others asked since: meanwhile its answer came, or it tells that it did not. Else those
    that need not wait any more, once there are some; none where nobody waits.
    """
    if len(waiting) > 1:
        first = next(iter(waiting))
        if not waiting[first].was_looked_for:
            return (first,)
    return _answered(waiting)


def _answered(waiting: Mapping[Talk, Connection]) -> Sequence[Talk]:
    """Those whose answers are there, or for which the time is over; it waits until there are some."""
    poll, talks, patience, going = select.poll(), {}, float("inf"), []
    for talk, connection in waiting.items():
        left = connection.patience_left()
        if left > 0:
            patience = min(patience, left)
            talks[connection.fileno()] = talk
            poll.register(connection.fileno(), select.POLLIN)
        else:
            going.append(talk)
    if talks and not going:
        for number, _event in poll.poll(ceil(patience * 1000)):
            going.append(talks[number])
    return going

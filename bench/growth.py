"""Whether the claim and the send log's pages stay as quick as the table grows.

`python -m bench.growth LONG SHORT`, two URLs that `bench.seed` has filled, prints the rows alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import claim, expire, recover
from actionmail.flows.review import dashboard, numbers, recent_days, send_log
from actionmail.flows.review.filters import Filter, Moment
from actionmail.flows.review.numbers import Asked
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from bench.queue import COMMITTEE, message_id
from bench.table import Row, compare, limit, render

_TIMES = 5
_SOON = timedelta(seconds=1)
_LATER = timedelta(hours=1)


def pages(newest: datetime, letters: int) -> Mapping[str, Filter]:
    """What should cost the same however long the log is, whose `newest` letter was made then."""
    hour = {"since": newest - _LATER, "until": newest}
    middle = letters * 5 // 7  # whom `bench.questions` does not erase, with a number of several groups of digits
    return {
        "first log page": Filter(),
        "page of waiting": Filter(campaign="ab969", state=State.QUEUED),
        "page of a state that none has": Filter(state=State.HELD),
        "page of one letter": Filter(campaign="ab969", letter="everyone"),
        "page of one legislator": Filter(target="Sample 77"),
        "page of one committee, 11 legislators": Filter(committee=COMMITTEE),
        "page of one state, 132 legislators": Filter(us_state="WI"),
        "page of one district": Filter(district="77"),
        "page of one party, 66 legislators": Filter(party="Democratic"),
        "page of one domain": Filter(domain="legis.example"),
        "page of an hour": Filter(**hour),
        "page of accepted in an hour": Filter(moment=Moment.ACCEPTED, **hour),
        "page of accepted before an hour": Filter(moment=Moment.ACCEPTED, until=hour["since"]),
        "page of came back": Filter(moment=Moment.BACK, until=newest),
        "page of a code": Filter(code="550"),
        "page of an enhanced code": Filter(code="5.1.1"),
        "page of words of an answer": Filter(answer="unknown"),
        "page of words of an answer, which none has": Filter(answer="quota"),
        "page of one source": Filter(source="flyer"),
        "page of one language": Filter(language="hmn"),
        "page of the language of most": Filter(language="en"),
        "page of one number": Filter(number=str(middle)),
        "page of one Message-ID": Filter(number=message_id(middle)),
        "search of a word that all have": Filter(words="example"),
        "search of a name that one in ten has": Filter(words="Ingrid"),
        "search of a name that one in 110 has": Filter(words="Ingrid Lee"),
        "search of one supporter": Filter(words=f"Mai {middle}"),
        "search of one address": Filter(words=f"mai{middle}@example.org"),
        "search of what nobody wrote": Filter(words="exampleton"),
        "page of a committee, accepted before an hour": Filter(
            campaign="ab969", committee=COMMITTEE, moment=Moment.ACCEPTED, until=hour["since"]
        ),
        "page of a domain and a code": Filter(domain="legis.example", code="550"),
        "page of a legislator and a state": Filter(target="Sample 66", state=State.FAILED),
        "page of a committee and a state": Filter(committee=COMMITTEE, state=State.FAILED),
        "page of a source and a state": Filter(source="flyer", state=State.ACCEPTED),
        "search of a name in an hour": Filter(words="Ingrid", **hour),
        "search of a name, one legislator": Filter(words="Ingrid", target="Sample 78"),
        "search of a name, one committee": Filter(words="Ingrid", committee=COMMITTEE),
    }


def numbers_asked(newest: datetime) -> Mapping[str, Asked]:
    """What the page of numbers is looked at for."""
    today = newest.date()
    month = {"since": today - timedelta(days=29), "until": today}
    theirs = {"campaign": "ab969", "timezone": "America/Chicago"}
    return {
        "numbers of a day of a campaign": Asked(since=today, until=today, **theirs),
        "numbers of 30 days": Asked(**month),
        "numbers of 30 days of a campaign": Asked(**month, **theirs),
        "numbers of a campaign": Asked(**theirs),
        "numbers of everything": Asked(),
    }


Block = Callable[[Session], object]


@dataclass(frozen=True, kw_only=True)
class Log:
    """A send log with what is measured of it."""

    database: Database
    letters: int
    blocks: Mapping[str, Block]


def log_of(database: Database) -> Log:
    """With the claim, each filter's page and its counts, and the page that staff begin from."""
    with database.read() as session:
        newest, letters = session.execute(select(func.max(Message.created_at), func.max(Message.id))).one()
    blocks: dict[str, Block] = {"claim of 200": partial(_claim, now=newest + _SOON)}
    for name, wanted in pages(newest, letters).items():
        blocks[name] = partial(send_log.page, wanted=wanted)
    for name, wanted in pages(newest, letters).items():
        blocks[f"counts, {name}"] = partial(send_log.counts, wanted=wanted)
    for name, asked in numbers_asked(newest).items():
        blocks[name] = partial(numbers.numbers, asked=asked)
    blocks["home"] = partial(dashboard.dashboard, now=newest + _SOON)
    blocks["home, recent days"] = partial(recent_days.recent_days, now=newest + _SOON)
    return Log(database=database, letters=letters, blocks=blocks)


def rows(kind: str, long: Database, short: Database) -> list[Row]:
    """What takes how long of either log, measured in turn."""
    logs = log_of(long), log_of(short)
    among = f"{kind}, {logs[0].letters:,} messages : {logs[1].letters:,}"
    found = []
    for name in logs[0].blocks:
        lines = [_lines(log, name) for log in logs]
        # What is counted stops at send_log.COUNTED, which the shorter log may not reach; nor may it fill a page.
        is_unlike = name.startswith(("counts", "home")) or lines[0] != lines[1]
        taken = _in_turn([(log.database, log.blocks[name]) for log in logs])
        if name.startswith("numbers"):  # as many days as there are, of which the shorter log has two
            found.append(limit(f"{name}, {among}", taken[0], taken[1], "CPU ms", "<= 25"))
            continue
        row = compare(f"{name}, {among}", taken[0], taken[1], "CPU ms", "" if is_unlike else "<= 1.5")
        note = f"{lines[0]} lines beside {lines[1]}, so there is more to read" if lines[0] != lines[1] else ""
        found.append(replace(row, note=note))
    return found


def _lines(log: Log, name: str) -> int:
    """Of the page that is measured; of what is no page, 0."""
    with log.database.read() as session:
        told = log.blocks[name](session)
        session.rollback()
    return len(told.entries) if isinstance(told, send_log.LogPage) else 0


def _claim(session: Session, *, now: datetime) -> None:
    """What a worker's round begins with."""
    recover(session, actor=Actor.worker("bench"), now=now)
    expire(session, actor=Actor.worker("bench"), now=now)
    claimed = claim(session, owner="bench", now=now, limit=200, lease=timedelta(minutes=5), after=50)
    if len(claimed.ids) != 200:
        raise RuntimeError("the queue is shorter than a batch")


def _in_turn(sides: Sequence[tuple[Database, Block]]) -> list[float]:
    """The least that each of these takes, in milliseconds: other work on the machine can only add to it."""
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(_TIMES):
        for times, (database, block) in zip(taken, sides, strict=True):
            times.append(_once(database, block) * 1000)
    return [min(times) for times in taken]


def _once(database: Database, block: Block) -> float:
    """In a transaction that is undone, so that the table stays as it was."""
    with database.read() as session:
        server = server_of(session)
        begun = cpu_seconds(server)
        block(session)
        taken = cpu_seconds(server) - begun
        session.rollback()
    return taken


def server_of(session: Session) -> Path | None:
    """Where Linux says how long the process of PostgreSQL that serves this session was at work; None on SQLite."""
    if session.connection().dialect.name == "sqlite":
        return None
    return Path(f"/proc/{session.scalar(select(func.pg_backend_pid()))}/schedstat")


def cpu_seconds(server: Path | None) -> float:
    """The processor's time of this process, and of the database's: what other work on the machine does not move."""
    ours = time.process_time()
    return ours if server is None else ours + int(server.read_text().split()[0]) / 1e9


@click.command()
@click.argument("long")
@click.argument("short")
def main(long: str, short: str) -> None:
    """Measure the logs at the URLs LONG and SHORT, and leave them as they are."""
    databases = Database(long), Database(short)
    print(render(rows(databases[0].engine.dialect.name, *databases)))


if __name__ == "__main__":
    main()

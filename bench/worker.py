"""One worker of ours, as `actionmail worker --once` wires it but without rate limits, that tells what it took.

python -m bench.worker DATABASE_URL PORT LETTERS [BATCH]
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from datetime import UTC, datetime

from actionmail.db.engine import Database
from actionmail.flows.delivery import LeaseClock, Worker, WorkerSettings, run_once
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import State
from actionmail.settings import parse_relay
from bench.memory import peak_mb


def main(url: str, port: str, letters: int, batch: int) -> None:
    forbid_other_hosts()
    database = Database(url)
    database.use_memory_to_undo()
    database.is_current()  # opens the connection, as the command does
    relay = SmtpRelay(parse_relay(f"smtp://127.0.0.1:{port}"), hello="act.example.org")
    settings = WorkerSettings(batch=batch)
    clock = LeaseClock(wall=lambda: datetime.now(UTC), steady=time.monotonic, patience=settings.window_lease)
    worker = Worker(
        name=f"bench:{os.getpid()}",
        write=database.write,
        relay=relay,
        clock=clock,
        measure=clock.measure,
        wait=lambda _seconds: False,
        say=lambda line: print(line, file=sys.stderr),
        jitter=random.random,
        settings=settings,
    )
    accepted = rounds = cursor = 0
    gc.freeze()
    start, cpu = time.monotonic(), time.process_time()
    while accepted < letters:
        done = run_once(worker, after=cursor)
        if not done.claimed:
            break
        rounds, cursor = rounds + 1, done.cursor
        accepted += done.states.get(State.ACCEPTED, 0)
        if done.trouble or set(done.states) - {State.ACCEPTED}:
            sys.exit(f"unexpected: {done} {done.trouble}")
    end, cpu = time.monotonic(), time.process_time() - cpu
    relay.close()
    database.engine.dispose()
    result = {
        "start": start,
        "end": end,
        "cpu": cpu,
        "letters": accepted,
        "rounds": rounds,
        "connections": relay.connections,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else WorkerSettings().batch)

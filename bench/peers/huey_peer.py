"""Huey on SQLite with fsync: a task per letter. python huey_peer.py PORT LETTERS FOLDER"""

from __future__ import annotations

import logging
import os
import sys

from common import Stamps, sent
from huey import SqliteHuey

port, letters, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["BENCH_PORT"] = port
os.environ["BENCH_STAMPS"] = f"{folder}/stamps"
logging.disable(logging.CRITICAL)
huey = SqliteHuey("bench", filename=f"{folder}/huey.sqlite3", fsync=True, results=False)


@huey.task()
def deliver(number: int) -> None:
    sent(number)


for number in range(letters):
    deliver(number)
consumer = huey.create_consumer(workers=4, periodic=False, initial_delay=0.01, max_delay=0.01)
consumer.start()
print(Stamps(os.environ["BENCH_STAMPS"]).wait(letters), flush=True)
consumer.stop()

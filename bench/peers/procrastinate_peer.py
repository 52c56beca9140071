"""Procrastinate on PostgreSQL: a task per letter.

python procrastinate_peer.py PORT LETTERS FOLDER (with BENCH_POSTGRES)
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import procrastinate
from common import Stamps, sent

port, letters, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["BENCH_PORT"] = port
os.environ["BENCH_STAMPS"] = f"{folder}/stamps"
logging.disable(logging.CRITICAL)
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES"]))


@app.task(name="deliver")
def deliver(number: int) -> None:
    sent(number)


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await deliver.batch_defer_async(*({"number": number} for number in range(letters)))
        await app.run_worker_async(wait=False, concurrency=4, install_signal_handlers=False)


asyncio.run(main())
print(Stamps(os.environ["BENCH_STAMPS"]).wait(letters))

"""Celery with Redis: a task per letter. python celery_peer.py PORT LETTERS FOLDER (with BENCH_REDIS)"""

from __future__ import annotations

import os
import subprocess
import sys

from celery import Celery
from common import Stamps, sent

app = Celery("celery_peer", broker=f"redis://127.0.0.1:{os.environ['BENCH_REDIS']}/0")
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=4, broker_pool_limit=4)


@app.task
def deliver(number: int) -> None:
    sent(number)


if __name__ == "__main__":
    port, letters, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    os.environ["BENCH_PORT"] = port
    os.environ["BENCH_STAMPS"] = f"{folder}/stamps"
    with app.producer_pool.acquire() as producer:
        for number in range(letters):
            app.send_task("celery_peer.deliver", (number,), producer=producer)
    command = [sys.executable, "-m", "celery", "-A", "celery_peer", "worker", "-c", "2", "-l", "ERROR"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    cwd = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        try:
            print(Stamps(os.environ["BENCH_STAMPS"]).wait(letters))
        finally:
            worker.terminate()

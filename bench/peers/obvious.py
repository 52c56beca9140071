"""The obvious design: claim one, build it, connect, send, commit. python obvious.py PORT LETTERS FOLDER"""

from __future__ import annotations

import os
import sqlite3
import sys
import time

from common import report, send

port, letters, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["BENCH_PORT"] = port
database = sqlite3.connect(f"{folder}/obvious.sqlite3", isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=FULL")
database.execute("CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT NOT NULL, sent_at REAL)")
database.execute("CREATE INDEX queued ON queue (id) WHERE state = 'queued'")
database.execute("BEGIN")
database.executemany("INSERT INTO queue VALUES (?, 'queued', NULL)", ((n,) for n in range(1, letters + 1)))
database.execute("COMMIT")
start = time.monotonic()
count = 0
while True:
    first = "SELECT id FROM queue WHERE state = 'queued' ORDER BY id LIMIT 1"
    claim = f"UPDATE queue SET state = 'sending' WHERE id = ({first}) RETURNING id"
    row = database.execute(claim).fetchone()
    if row is None:
        break
    send(row[0])
    database.execute("UPDATE queue SET state = 'sent', sent_at = ? WHERE id = ?", (time.time(), row[0]))
    count += 1
print(report(start, time.monotonic(), count))

"""Two people take the letters away at the same time, while a worker sends them: each file is of one moment."""

from __future__ import annotations

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import Flask

from actionmail.db.engine import Database
from actionmail.flows.delivery import claim, record
from actionmail.flows.staff import Role
from actionmail.rules.delivery.states import Outcome, State
from actionmail.settings import Settings
from bench.queue import NOW, fill_log
from tests.audit import audited
from tests.web.staff_pages import hire, signed_in, staff_app

LETTERS = 2_400
ROUNDS = 5


def test_two_downloads_while_letters_go_out(any_database: Database, settings: Settings, tmp_path: Path) -> None:
    fill_log(any_database, LETTERS)
    url = any_database.engine.url.render_as_string(hide_password=False)
    app = staff_app(replace(settings, database_url=url), tmp_path)
    for name in ("ray", "sue"):
        hire(any_database, f"{name}@example.org", Role.REVIEWER)
    with ThreadPoolExecutor(3) as pool:
        files = [pool.submit(_taken, app, f"{name}@example.org") for name in ("ray", "sue")]
        sending = pool.submit(_send, any_database)
    sent = [0, *sending.result()]
    assert sent[-1] > 0
    for file in files:
        numbers, states = file.result()
        assert numbers == set(range(1, LETTERS + 1))
        assert states["queued"] + states["accepted"] == LETTERS  # none is seen on its way
        assert states["queued"] in {LETTERS // 2 - number for number in sent}
    with any_database.read() as session:
        assert [details["count"] for _, _, _, details in audited(session, "exported")] == [LETTERS, LETTERS]


def _taken(app: Flask, email: str) -> tuple[set[int], Counter[str]]:
    browser = signed_in(app, email)
    browser.get("/staff/exports")
    table = browser.post("/staff/exports/messages")
    assert table.status_code == 200
    rows = list(csv.DictReader(table.data.decode("utf-8-sig").splitlines()))
    assert len(rows) == LETTERS
    return {int(row["letter_number"]) for row in rows}, Counter(row["state"] for row in rows)


def _send(database: Database) -> list[int]:
    """Some rounds of a worker, each one transaction; how many letters were out after each."""
    sent = []
    for number in range(ROUNDS):
        now = NOW + timedelta(seconds=1 + number)
        with database.write() as session:
            taken = claim(session, owner="w:1", now=now, limit=100, lease=timedelta(minutes=5)).ids
            outcomes = {letter: Outcome(state=State.ACCEPTED, phase="body", code=250) for letter in taken}
            record(session, outcomes, owner="w:1", now=now, jitter=lambda: 0.5)
        sent.append(len(taken) + (sent[-1] if sent else 0))
    return sent

"""What `actionmail petitions export` takes, database and all: `python -m bench.petition_export 100000` prints JSON."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from bench.petition import NAMES
from bench.table import Row, absent, compare, limit
from tests import chinese_fonts
from tests.samples import sample_petition

_SIGNED_AT = datetime(2022, 3, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Exported:
    cpu_seconds: float
    seconds: float
    peak_mb: float
    pdf_octets: int
    csv_octets: int


def rows(*, many: int, few: int) -> list[Row]:
    """Each number in a process of its own, on SQLite."""
    if not chinese_fonts.are_there():
        return [absent("a petition's export", chinese_fonts.ADVICE)]
    more, less = _measured(many), _measured(few)
    among = f"a petition's export, {many:,} signatures : {few:,}"
    note = f"PDF {more.pdf_octets / 1e6:.1f} MB, CSV {more.csv_octets / 1e6:.1f} MB, {more.seconds:.0f} s on the clock"
    each, each_of_few = more.cpu_seconds / many * 1000, less.cpu_seconds / few * 1000
    return [
        limit(f"memory of {among}", more.peak_mb, less.peak_mb, "MB", "<= 200", note),
        compare(f"each signature of {among}", each, each_of_few, "CPU ms", "<= 1.5"),
    ]


def _measured(number: int) -> Exported:
    command = [sys.executable, "-m", "bench.petition_export", str(number)]
    return Exported(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _signatures(campaign: int, number: int) -> Iterator[dict[str, Any]]:
    """In 33 districts, every name another, a comment from each tenth."""
    for index in range(number):
        comment = "My cousin waits for an answer." if index % 10 == 0 else ""
        yield {
            "campaign_id": campaign,
            "idempotency_key": f"key-{index}",
            "receipt_token": f"token-{index}",
            "name": f"{NAMES[index % len(NAMES)]} {index}",
            "email": f"signer-{index}@example.org",
            "zip": "53703",
            "city": f"City {index % 800}",
            "state": "WI",
            "lookup": {"districts": [f"upper/{index % 33 + 1}"]},
            "details": {"comment": comment, "show_name": True},
            "consent_text": "Sign.",
            "wants_updates": False,
            "created_at": _SIGNED_AT,
        }


def main() -> None:
    number = int(sys.argv[1])
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        database = Database(url)
        database.upgrade()
        with database.write() as session:
            campaign = sample_petition(session)
            signatures = _signatures(campaign.id, number)
            while some := list(islice(signatures, 5_000)):
                session.execute(insert(Action), some)
        pdf, table = folder / "petition.pdf", folder / "petition.csv"
        command = [sys.executable, "-m", "actionmail.cli", "petitions", "export", campaign.slug]
        begun = time.monotonic()
        environment = {**os.environ, "ACTIONMAIL_DATABASE_URL": url}
        subprocess.run([*command, "--pdf", pdf, "--csv", table], check=True, capture_output=True, env=environment)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        exported = Exported(
            cpu_seconds=used.ru_utime + used.ru_stime,
            seconds=time.monotonic() - begun,
            peak_mb=used.ru_maxrss / 1024,
            pdf_octets=pdf.stat().st_size,
            csv_octets=table.stat().st_size,
        )
    json.dump(asdict(exported), sys.stdout)


if __name__ == "__main__":
    main()

"""What `actionmail petitions export` takes, database and all: `python -m bench.petition_export 100000` prints JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from bench.exporting import measured, print_measured
from bench.petition import NAMES
from bench.table import Row, absent, compare, limit
from tests import chinese_fonts
from tests.samples import sample_petition

_SIGNED_AT = datetime(2022, 3, 9, tzinfo=UTC)


def rows(*, many: int, few: int) -> list[Row]:
    if not chinese_fonts.are_there():
        return [absent("a petition's export", chinese_fonts.ADVICE)]
    more, less = measured(__name__, many), measured(__name__, few)
    pdf, table = more.octets
    among = f"a petition's export, {many:,} signatures : {few:,}"
    note = f"PDF {pdf / 1e6:.1f} MB, CSV {table / 1e6:.1f} MB, {more.seconds:.0f} s on the clock"
    each, each_of_few = more.cpu_seconds / many * 1000, less.cpu_seconds / few * 1000
    return [
        limit(f"memory of {among}", more.peak_mb, less.peak_mb, "MB", "<= 200", note),
        compare(f"each signature of {among}", each, each_of_few, "CPU ms", "<= 1.5"),
    ]


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


def _filled(database: Database) -> Sequence[str]:
    with database.write() as session:
        campaign = sample_petition(session)
        signatures = _signatures(campaign.id, int(sys.argv[1]))
        while some := list(islice(signatures, 5_000)):
            session.execute(insert(Action), some)
    return "petitions", "export", campaign.slug


if __name__ == "__main__":
    print_measured(_filled, [("--pdf", "petition.pdf"), ("--csv", "petition.csv")])

"""What a petition takes in a fresh process: `python -m bench.petition 100000` prints it as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from actionmail.gateways.documents.petition_pdf import write_petition
from actionmail.rules.actions.papers import PetitionCover, PetitionWords, PrintedSignature, Sheet
from bench.memory import peak_mb
from bench.table import Row, absent, compare, limit
from tests import chinese_fonts

NAMES = (
    "Siaosi Tāufaʻāhau",
    "Nguyễn Thị Ngọc Diễm",
    "Yaj Ntxhi Vaj",
    "Pat O’Neil",
    "សុខា ចាន់",
    "ທອງ ສີສຸກ",
    "မြင့် သန်း",
    "阮玉",
    "José Muñoz",
    "Mai Xiong",
)
SHEET = Sheet(language="en", title="A petition", author="An Organization", page_words="Page {number} of {total}")
WORDS = PetitionWords(
    addressee="To",
    organisation="Organized by",
    dated="Date",
    number="Signatures",
    signatures="Signatures",
    comments="Comments",
    text="The petition",
    name="Name",
    place="City",
    state="State",
    signed_on="Signed on",
    nobody="Nobody has signed yet.",
)


@dataclass(frozen=True, kw_only=True)
class Printing:
    seconds: float  # of the processor
    peak_mb: float
    octets: int
    pages: int


def signatures(number: int) -> Iterator[PrintedSignature]:
    """In 100 districts, every name another."""
    for index in range(number):
        yield PrintedSignature(
            name=f"{NAMES[index % len(NAMES)]} {index}",
            place=f"City {index % 800}",
            state="Wisconsin",
            district=f"Senate District {index * 100 // number + 1}",
            signed_on="March 9, 2022",
        )


def rows(*, many: int, few: int) -> list[Row]:
    """Each number in a process of its own."""
    if not chinese_fonts.are_there():
        return [absent("a petition's PDF", chinese_fonts.ADVICE)]
    more, less = _measured(many), _measured(few)
    among = f"a petition's PDF, {many:,} signatures : {few:,}"
    note = f"{more.pages:,} pages, {more.octets / 1e6:.1f} MB"
    return [
        limit(f"memory of {among}", more.peak_mb, less.peak_mb, "MB", "<= 60", note),
        compare(
            f"each signature of {among}", more.seconds / many * 1000, less.seconds / few * 1000, "CPU ms", "<= 1.5"
        ),
    ]


def _measured(number: int) -> Printing:
    command = [sys.executable, "-m", "bench.petition", str(number)]
    return Printing(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    number = int(sys.argv[1])
    cover = PetitionCover(
        addressee="Governor",
        title="A petition",
        text="We ask you to sign the bill. " * 40,
        organisation="An Organization",
        dated="March 9, 2022",
        number=number,
        number_text=f"{number:,}",
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "petition.pdf"
        begun = time.process_time()
        printed = write_petition(
            path,
            cover,
            signatures(number),
            iter(()),
            look=(SHEET, WORDS),
            progress=lambda _: None,
            made_at=datetime(2022, 3, 9, tzinfo=UTC),
        )
        seconds = time.process_time() - begun
        peak = peak_mb()
        octets = path.stat().st_size
    json.dump(asdict(Printing(seconds=seconds, peak_mb=peak, octets=octets, pages=printed.pages)), sys.stdout)


if __name__ == "__main__":
    main()

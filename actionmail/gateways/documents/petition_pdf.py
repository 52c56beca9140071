"""A petition as it is handed over: a cover, the text, the signatures by state and district, the public comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from actionmail.gateways.documents.paper import TEXT_WIDTH, Column, Paper
from actionmail.gateways.documents.printing import printing
from actionmail.rules.actions.papers import (
    NumberDiffers,
    OutOfOrder,
    PetitionCover,
    PetitionWords,
    Printed,
    PrintedComment,
    PrintedSignature,
    Sheet,
)

_TOLD_EVERY: Final = 500  # signatures
_A_SECTION: Final = 100  # comments


def write_petition(
    path: Path,
    cover: PetitionCover,
    signatures: Iterator[PrintedSignature],
    comments: Iterator[PrintedComment],
    *,
    look: tuple[Sheet, PetitionWords],
    progress: Callable[[int], None],
    made_at: datetime,
) -> Printed:
    """Write the PDF to `path`, where nothing appears unless all of it is right.

    Signatures come by state and district, comments as they are to be read; both are asked for one at a time and none is
    kept. `progress` is told how many signatures are set, now and then and at the end. Raises UnprintableText,
    OutOfOrder where a district comes twice, NumberDiffers where other than `cover.number` signatures came.
    """
    sheet, words = look
    with printing(path, sheet, made_at=made_at) as paper:
        _cover(paper, cover, words)
        paper.new_page()
        paper.text(words.text, name="H2", size=15)
        paper.text(cover.text, name="P", size=11, after=14)
        paper.make_room(120)
        paper.text(words.signatures, name="H2", size=15)
        came = _signatures(paper, signatures, words, progress)
        if came != cover.number:
            raise NumberDiffers(cover.number, came)
        if came == 0:
            paper.text(words.nobody, name="P", size=11)
        _comments(paper, comments, words)
        paper.finish()
        return Printed(pages=paper.pages, signers=came)


def _cover(paper: Paper, cover: PetitionCover, words: PetitionWords) -> None:
    paper.space(90)
    paper.text(cover.title, name="H1", size=24, after=24)
    for label, value in (
        (words.addressee, cover.addressee),
        (words.organisation, cover.organisation),
        (words.number, cover.number_text),
        (words.dated, cover.dated),
    ):
        paper.text(label, name="P", size=10, after=0)
        paper.text(value, name="P", size=14, after=14)


def _signatures(
    paper: Paper, signatures: Iterator[PrintedSignature], words: PetitionWords, progress: Callable[[int], None]
) -> int:
    widths = (0.42, 0.26, 0.14, 0.18)
    heads = (words.name, words.place, words.state, words.signed_on)
    columns = [Column(head=head, width=TEXT_WIDTH * width) for head, width in zip(heads, widths, strict=True)]
    came = 0
    seen: set[tuple[str, str]] = set()
    for district, group in groupby(signatures, key=lambda signature: (signature.state, signature.district)):
        if district in seen:
            raise OutOfOrder(*district)
        seen.add(district)
        with paper.table(_heading(*district), columns):
            for signature in group:
                cells = (signature.name, signature.place, signature.state, signature.signed_on)
                paper.row(cells, columns)
                came += 1
                if came % _TOLD_EVERY == 0:
                    progress(came)
    progress(came)
    return came


def _heading(state: str, district: str) -> str:
    """Of a district's signatures; most houses have their state in their name: "Wisconsin State Senate, District 2"."""
    return district if state in district else ", ".join(filter(None, (state, district)))


def _comments(paper: Paper, comments: Iterator[PrintedComment], words: PetitionWords) -> None:
    for number, comment in enumerate(comments):
        if number == 0:
            paper.make_room(90)
            paper.text(words.comments, name="H2", size=15)
        if number % _A_SECTION == 0:
            if number:
                paper.tags.end()
            paper.tags.begin("Sect")  # what is open is kept, so not all of them under the document itself
        paper.make_room(40)
        paper.text(", ".join(filter(None, (comment.name, comment.place))), name="P", size=9, after=0)
        paper.text(comment.text, name="P", size=11, after=10)
    if paper.tags.is_within("Sect"):
        paper.tags.end()

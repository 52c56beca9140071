"""A statement with the organisations that have signed it, to be printed on a letterhead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from actionmail.gateways.documents.paper import Paper
from actionmail.gateways.documents.printing import printing
from actionmail.rules.actions.papers import Printed, PrintedOrganisation, Sheet, StatementText

_LOGO_WIDTH: Final = 86.0  # points; the names stand to the right of it
_LOGO_HEIGHT: Final = 30.0
_GAP: Final = 12.0


def write_statement(
    path: Path,
    statement: StatementText,
    organisations: Iterator[PrintedOrganisation],
    *,
    sheet: Sheet,
    made_at: datetime,
) -> Printed:
    """Write the PDF to `path`, where nothing appears unless all of it is right; the organisations in the order given.

    `sheet.top` leaves room for the letterhead. Where any has a logo, all names stand to the right of the logos. Raises
    UnprintableText.
    """
    with printing(path, sheet, made_at=made_at) as paper:
        paper.text(statement.dated, name="P", size=11, after=12)
        paper.text(statement.title, name="H1", size=16, after=12)
        paper.text(statement.text, name="P", size=11, after=16)
        paper.make_room(70)
        paper.text(statement.signers, name="H2", size=13)
        indent = _LOGO_WIDTH + _GAP if statement.has_logos else 0.0
        signers = _organisations(paper, organisations, indent)
        if signers == 0:
            paper.text(statement.nobody, name="P", size=11)
        paper.finish()
        return Printed(pages=paper.pages, signers=signers)


def _organisations(paper: Paper, organisations: Iterator[PrintedOrganisation], indent: float) -> int:
    signers = 0
    paper.tags.begin("L")
    for organisation in organisations:
        paper.tags.begin("LI")
        line = ", ".join(filter(None, (organisation.name, organisation.place)))
        if not organisation.logo:
            paper.text(line, name="LBody", size=11, after=0, indent=indent)
        else:
            size = (_LOGO_WIDTH, _LOGO_HEIGHT)
            with paper.beside(organisation.logo, organisation.logo_alternative, size=size):
                paper.text(line, name="LBody", size=11, after=0, indent=indent)
        paper.tags.end()
        signers += 1
    paper.tags.end()
    return signers

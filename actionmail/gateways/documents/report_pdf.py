"""A report of letters, to be laid on a table: what it is of, and its tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from actionmail.gateways.documents.paper import TEXT_WIDTH, Column
from actionmail.gateways.documents.printing import printing
from actionmail.rules.actions.papers import ReportText, Sheet


def write_report(path: Path, report: ReportText, *, sheet: Sheet, made_at: datetime) -> int:
    """Write the PDF to `path`, where nothing appears unless all of it is right; how many pages.

    Raises UnprintableText.
    """
    with printing(path, sheet, made_at=made_at) as paper:
        paper.text(report.title, name="H1", size=18, after=6)
        for line in report.lines:
            paper.text(line, name="P", size=11, after=2)
        paper.space(10)
        for table in report.tables:
            columns = []
            for head, width in zip(table.heads, table.widths, strict=True):
                columns.append(Column(head=head, width=TEXT_WIDTH * width))
            with paper.table(table.caption, columns):
                for row in table.rows:
                    paper.row(row, columns)
        if report.quotes:
            paper.make_room(90)
            paper.text(report.quoted, name="H2", size=15)
        for text, place in report.quotes:
            paper.make_room(40)
            paper.text(place, name="P", size=9, after=0)
            paper.text(text, name="P", size=11, after=10)
        paper.text(report.note, name="P", size=9)
        paper.finish()
        return paper.pages

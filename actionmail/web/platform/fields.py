"""What forms of every room share: filters that a text passes first, and the choices of a field."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from wtforms import BooleanField, DateField, Field, FieldList, Form, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional, ValidationError

from actionmail.rules.actions import invisible_marks

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
NO_DAY: Final = "Write the day as year-month-day, such as 2026-03-04."


class ShownLabel(NamedTuple):
    text: str


class ShownField(NamedTuple):
    """What a page shows of a field: to be compared with another's, as a form's own fields cannot be."""

    id: str
    name: str
    label: ShownLabel
    data: Hashable
    errors: Sequence[str]


def shown_field(field: Field) -> ShownField:
    return ShownField(field.id, field.name, ShownLabel(field.label.text), field.data, tuple(field.errors))


def shown_text(field: Field) -> ShownField:
    """The same without what is typed into it, which is somebody's own."""
    return ShownField(field.id, field.name, ShownLabel(field.label.text), "", tuple(field.errors))


def every_field(fields: Iterable[Any]) -> Iterator[Any]:
    """The fields of a form in their order, with those in its rows."""
    for field in fields:
        yield field
        if isinstance(field, FieldList):
            for row in field:
                yield from every_field(row.form)


def strip(text: str | None) -> str:
    return (text or "").strip()


def tidy(text: str | None) -> str:
    """In one line, without what is not printable."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())


def one_line(text: str | None) -> str:
    """A supporter's line as it was meant (`invisible_marks.line`)."""
    return invisible_marks.line(text or "")


def plain_number(text: str | None) -> str:
    """A telephone number or ZIP code as it was meant (`invisible_marks.number`)."""
    return invisible_marks.number(text or "")


def plain_email(text: str | None) -> str:
    """An e-mail address as it was meant (`invisible_marks.email`)."""
    return invisible_marks.email(text or "")


def sought(text: str | None) -> str:
    """What is looked for among what supporters typed (`invisible_marks.sought`)."""
    return invisible_marks.sought(text or "")


def line_ends(text: str | None) -> str:
    """With one kind of line end, and white space at both ends kept: it may be meant."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def choices_of(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """What a field offers: pairs of a value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]


def line_field(label: str, hint: str = "") -> StringField:
    return StringField(label, filters=[strip], description=hint)


def area_field(label: str, hint: str = "", rows: int = 6) -> TextAreaField:
    return TextAreaField(label, filters=[line_ends], description=hint, render_kw={"rows": rows})


def box_field(label: str, hint: str = "") -> BooleanField:
    return BooleanField(label, description=hint)


class DayField(DateField):
    """A day that may be left out, and that a calendar has in every time zone."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, validators=[Optional(), _near], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NO_DAY) from None


def _near(_form: Form, field: DateField) -> None:
    if field.data and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(f"Choose a day from {FIRST_DAY.year} to {LAST_DAY.year}.")

"""Rows of a form that are added, taken out and moved by a button, without scripts and without saving."""

from __future__ import annotations

from typing import Any, Final

from wtforms import FieldList, Form

_ACTS: Final = ("add", "remove", "up", "down")
_CARRIED: Final = ("timezone",)  # a new row begins with that of the row before


def is_row_button(pressed: str | None) -> bool:
    return (pressed or "").partition(":")[0] in _ACTS


def rearranged(form: Form, pressed: str) -> Form:
    """The form with its rows as the button says: "add:day", "remove:day-1", "up:day-1-sessions-0".

    What names no row changes nothing.
    """
    act, _, name = pressed.partition(":")
    data: dict[str, Any] = dict(form.data)
    try:
        if act == "add":
            _add(_at(form, name), _at_data(data, name))
        else:
            path, _, number = name.rpartition("-")
            _change(_at_data(data, path), act, int(number))
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        return form
    return type(form)(data=data)


def _at(form: Any, name: str) -> Any:
    here = form
    for step in name.split("-"):
        here = here.entries[int(step)].form if isinstance(here, FieldList) else here[step]
    return here


def _at_data(data: Any, name: str) -> Any:
    for step in name.split("-"):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def _add(field: Any, rows: list[dict[str, Any]]) -> None:
    if len(rows) < field.max_entries:
        last = rows[-1] if rows else {}
        rows.append({key: last[key] for key in _CARRIED if key in last})


def _change(rows: list[Any], act: str, number: int) -> None:
    row = rows.pop(number)
    if act != "remove":
        rows.insert(max(number - 1, 0) if act == "up" else number + 1, row)

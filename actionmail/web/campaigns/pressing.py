"""What every page of the editor does with what was pressed on it: save, say who was quicker, discard, show again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import flash, redirect, request
from msgspec import Struct
from werkzeug.wrappers import Response
from wtforms import Form

from actionmail.flows.campaigns import unsaved_edits
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.web.campaigns import words
from actionmail.web.campaigns.forms import show
from actionmail.web.campaigns.unsaved_edits import discard
from actionmail.web.platform.arguments import LONGEST_REVISION, short_line
from actionmail.web.platform.context import services

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.flows.campaigns.saving import LoadReport

Answer = str | Response | tuple[str, int]


class Trouble(Struct, frozen=True, kw_only=True):
    """Why nothing is to be done with what was posted, but to show it again."""

    status: int
    sentence: str


class Attempt(Struct, frozen=True, kw_only=True):
    """What became of pressing "save": `done`, or the `problem` where no field has it, and what `overtaken` it."""

    done: LoadReport | None = None
    problem: str = ""
    overtaken: Overtaken | None = None

    @property
    def status(self) -> int:
        return 409 if self.overtaken else 422


def save(form: Form, write: Callable[[Session], LoadReport]) -> Attempt:
    """Write in one transaction; what is refused is put to the fields, or told."""
    try:
        with services().database.write() as db:
            return Attempt(done=write(db))
    except FormRefused as refused:
        show(form, refused)
        return Attempt()
    except ChangeRefused as refused:
        return Attempt(problem=words.sentence(refused.problem))
    except Overtaken as error:
        problem = f"{words.overtaken(error)} Compare both below. Save again to replace what is saved now."
        return Attempt(problem=problem, overtaken=error)


def discarded(here: unsaved_edits.EditorPage) -> Answer:
    """Forget what was typed and not saved."""
    discard(here)
    flash("Your unsaved changes are discarded. This is what is saved.")
    return redirect(f"{request.script_root}{request.full_path}".rstrip("?"), 303)


def seen() -> str:
    """The revision of what the page showed."""
    return short_line(request.form, "revision", most=LONGEST_REVISION)

"""The link of the mail that asks whether offices answered. Opening it changes nothing: mail scanners follow links."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import Optional

from actionmail.flows.actions import answer_questions
from actionmail.flows.actions.answer_questions import Question, Said, Saying
from actionmail.rules.actions.answer_mail import LONGEST_WORDS
from actionmail.rules.speech import gettext, lazy
from actionmail.web.platform.arguments import MOST_MESSAGES, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, line_ends
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.supporter.forms import free_text
from actionmail.web.supporter.receipts import secret

bp = Blueprint("answers", __name__)

_YES, _NO = "yes", "no"
_CHOICES = [(_YES, lazy("Yes, they answered")), (_NO, lazy("No, nothing came"))]


@bp.get("/answers/<token>")
@limiter.limit(POST_LIMIT)
def ask(token: str) -> ResponseReturnValue:
    """The letters, each with a choice; the one that the link names is chosen already, and not yet said."""
    return _page(token)


@bp.post("/answers/<token>")
@limiter.limit(POST_LIMIT)
def say(token: str) -> ResponseReturnValue:
    question = _find(token)
    if question is None:
        return _page(token)
    form = _form(question.letters)
    if not form.validate_on_submit():
        return _page(token, 422, form=form)
    sayings = _said(form, question.letters)
    if not sayings:
        return _page(token, 422, [gettext("Choose an answer for at least one of them.")], form=form)
    with services().database.write() as db:
        is_kept = answer_questions.say(db, token, sayings, now=services().clock())
    return redirect(url_for(".ask", token=token, said=1), 303) if is_kept else _page(token)


@bp.get("/answers/<token>/stop")
@limiter.limit(POST_LIMIT)
def ask_stop(token: str) -> ResponseReturnValue:
    """A button, since mail scanners follow links."""
    page = render_template("supporter/answers_stop.html", token=token, question=_find(token), is_done=False)
    return secret(make_response(page))


@bp.post("/answers/<token>/stop")
@limiter.limit(POST_LIMIT)
def stop(token: str) -> ResponseReturnValue:
    """What the button does, and one click in a mail program (RFC 8058): no cookie, no token of a page, no redirect.

    Doing it again is answered alike.
    """
    with services().database.write() as db:
        answer_questions.stop(db, token)
    page = render_template("supporter/answers_stop.html", token=token, question=None, is_done=True)
    return secret(make_response(page))


csrf.exempt(stop)  # a mail program has no page to take it from; the address is the key


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The link's page with `sentence` on top and what was chosen, for a post to it that could not be done."""
    return _page((request.view_args or {}).get("token", ""), status, [sentence])


def _find(token: str) -> Question | None:
    with services().database.read() as db:
        return answer_questions.find(db, token)


def _page(
    token: str, status: int = 200, sentences: Sequence[str] = (), *, form: FlaskForm | None = None
) -> ResponseReturnValue:
    question = _find(token)
    if question is None:
        return secret(make_response(render_template("supporter/answers_unknown.html"), 404))
    page = render_template(
        "supporter/answers.html",
        token=token,
        question=question,
        form=form or _form(question.letters),
        sentences=sentences,
        longest=LONGEST_WORDS,
        is_said="said" in request.args,
    )
    return secret(make_response(page, status))


def _form(letters: Sequence[Said]) -> FlaskForm:
    """As it was posted; else with what was said before, or what the link says."""
    values: dict[str, Any] = {}
    for number, letter in enumerate(letters):
        if letter.is_answered is not None:
            values[f"answer_{number}"] = _YES if letter.is_answered else _NO
        values[f"words_{number}"] = letter.words
    return _form_of(tuple(letter.name for letter in letters))(data=values | _linked(letters))


def _linked(letters: Sequence[Said]) -> dict[str, Any]:
    named = whole_number(request.args, "letter", default=0, most=MOST_MESSAGES)
    answer = request.args.get("answer", "")
    places = [place for place, letter in enumerate(letters) if letter.number == named]
    return {f"answer_{places[0]}": answer} if places and answer in {_YES, _NO} else {}


@lru_cache(maxsize=32)
def _form_of(names: tuple[str, ...]) -> type[FlaskForm]:
    fields: dict[str, Any] = {}
    for number, name in enumerate(names):
        fields[f"answer_{number}"] = RadioField(name, choices=choices_of(_CHOICES), validators=[Optional()])
        fields[f"words_{number}"] = TextAreaField(
            lazy("What they answered"),
            filters=[line_ends],
            validators=[free_text("The answer", LONGEST_WORDS)],
            default="",
        )
    return type("AnswersForm", (FlaskForm,), fields)


def _said(form: FlaskForm, letters: Sequence[Said]) -> dict[int, Saying]:
    """What was chosen, by the numbers of the letters. Words alone say that there was an answer."""
    sayings = {}
    for number, letter in enumerate(letters):
        chosen, words = form[f"answer_{number}"].data, (form[f"words_{number}"].data or "").strip()
        if chosen in {_YES, _NO}:
            sayings[letter.number] = Saying(is_answered=chosen == _YES, words=words if chosen == _YES else "")
        elif words:
            sayings[letter.number] = Saying(is_answered=True, words=words)
    return sayings

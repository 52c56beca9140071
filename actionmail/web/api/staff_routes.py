"""What programs of the staff read: letters with their history, and supporters. Each behind a token's scope."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from actionmail.flows.review import letter_records, send_log, supporter_records
from actionmail.flows.review.letter_records import LetterRecord, PlaceIsGone
from actionmail.flows.review.message_detail import HistoryStep
from actionmail.rules.staff import cursors
from actionmail.rules.staff.api_scopes import ApiScope
from actionmail.web.api.bearer import tells_of_people, this_bearer, with_token
from actionmail.web.api.problems import ApiProblem, json_answer
from actionmail.web.api.routes import bp
from actionmail.web.api.staff_schemas import (
    MOST,
    USUAL,
    Change,
    LetterHistory,
    LetterPage,
    StaffLetter,
    Supporter,
    SupporterPage,
)
from actionmail.web.platform.arguments import LONGEST_KEY, MOST_MESSAGES, short_line
from actionmail.web.platform.context import services
from actionmail.web.review.log_filters import FilterForm, query_of, set_values

if TYPE_CHECKING:
    from actionmail.flows.review.filters import Filter

Shape = TypeVar("Shape", bound=msgspec.Struct)
PAGING: Final = frozenset({"cursor", "limit"})
WHICH_SUPPORTERS: Final = frozenset({"campaign", "updates"})
_WHOSE = frozenset({"subject", "supporter", "email"})
_STALE = "The letter where the last page ended does not fit the filters any more. Begin again without a cursor."
_TAMPERED = "This cursor is not one of ours, or was given for other filters. Begin again without a cursor."


@bp.get("/letters")
@with_token(ApiScope.LETTERS)
def letters() -> ResponseReturnValue:
    """A page of the send log, filtered as the staff's page is."""
    _nothing_but(FilterForm().data.keys() | PAGING)
    limit, may_see = _limit(), _may_see_people()
    form = FilterForm(MultiDict((name, value) for name, value in request.args.items(multi=True) if name not in PAGING))
    with services().database.read() as db:
        form.choose(send_log.choices(db, short_line(request.args, "campaign", most=LONGEST_KEY)))
    wanted = _wanted(form)
    if (wanted.words or wanted.answer or wanted.near or wanted.alike) and not may_see:
        raise ApiProblem(
            403,
            "Only a token with the scope read:supporters may look for people and their words (words), for what mail"
            " servers said (answer), or for who came from one network or wrote the same (near, alike).",
        )
    question = "letters?" + query_of(set_values(form))
    if may_see:
        tells_of_people()
    with services().database.read() as db:
        try:
            records, behind = letter_records.letters(db, wanted, limit=limit, behind=_behind(question))
        except PlaceIsGone:
            raise ApiProblem(400, _STALE) from None
    page = [_letter(record, may_see=may_see) for record in records]
    return json_answer(LetterPage(letters=page, next=_cursor(behind, question)))


@bp.get(f"/letters/<int({MOST_MESSAGES}):number>")
@with_token(ApiScope.LETTERS)
def letter(number: int) -> ResponseReturnValue:
    """One letter with its history."""
    _nothing_but(frozenset())
    may_see = _may_see_people()
    with services().database.read() as db:
        known = letter_records.letter(db, number)
    if known is None:
        raise ApiProblem(404, "There is no letter of this number.")
    if may_see:
        tells_of_people()
    record, steps = known
    changes = [_change(step, may_see=may_see) for step in steps]
    return json_answer(LetterHistory(letter=_letter(record, may_see=may_see), history=changes))


@bp.get("/supporters")
@with_token(ApiScope.UPDATES, ApiScope.SUPPORTERS)
def supporters() -> ResponseReturnValue:
    """Who acted. A token for those who asked for news gets them alone."""
    _nothing_but(WHICH_SUPPORTERS | PAGING)
    limit, campaign = _limit(), short_line(request.args, "campaign", most=LONGEST_KEY)
    wish = request.args.get("updates", "")
    if wish not in ("", "0", "1"):
        raise ApiProblem(400, "updates is 1 for those who asked for news, or 0 for everybody.")
    scopes = this_bearer().scopes
    only_updates = wish == "1" or ApiScope.SUPPORTERS not in scopes
    if wish == "0" and only_updates:
        raise ApiProblem(403, "Only a token with the scope read:supporters may read those who asked for no news.")
    question = f"supporters?{query_of({'campaign': campaign, 'updates': str(int(only_updates))})}"
    behind = _behind(question)
    tells_of_people()
    with services().database.read() as db:
        records, go_on = supporter_records.supporters(
            db, campaign=campaign, only_updates=only_updates, limit=limit, behind=behind
        )
    page = [_shaped(asdict(record), Supporter) for record in records]
    return json_answer(SupporterPage(supporters=page, next=_cursor(go_on, question)))


def _may_see_people() -> bool:
    return ApiScope.SUPPORTERS in this_bearer().scopes


def _nothing_but(known: frozenset[str] | set[str]) -> None:
    """A misspelt filter would be a wider one."""
    for name in request.args:
        if name not in known:
            raise ApiProblem(400, f"There is nothing called {name[:40]!r} to ask by.")


def _limit() -> int:
    text = request.args.get("limit", str(USUAL))
    if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST:
        return int(text)
    raise ApiProblem(400, f"limit is a number from 1 to {MOST}.")


def _wanted(form: FilterForm) -> Filter:
    if not form.validate():
        name, faults = next((field.name, field.errors) for field in form if field.errors)
        raise ApiProblem(400, f"{name}: {faults[0]}")
    return form.wanted()


def _behind(question: str) -> int | None:
    text = request.args.get("cursor", "")
    if not text:
        return None
    number = None
    if len(text) <= cursors.LONGEST:
        number = cursors.number_of(text, question=question, key=services().settings.keys)
    if number is None:
        raise ApiProblem(400, _TAMPERED)
    return number


def _cursor(behind: int | None, question: str) -> str | None:
    if behind is None:
        return None
    return cursors.cursor(behind, question=question, key=services().settings.secret_key)


def _letter(record: LetterRecord, *, may_see: bool) -> StaffLetter:
    values = asdict(record)
    return _shaped({name: value for name, value in values.items() if may_see or name not in _WHOSE}, StaffLetter)


def _change(step: HistoryStep, *, may_see: bool) -> Change:
    values = {name: getattr(step, name, "") for name in Change.__struct_fields__}
    values |= {"before": step.before or "", "actor": step.actor.kind.value}
    if not may_see:
        values.pop("text")
    return _shaped(values, Change)


def _shaped(values: dict[str, Any], shape: type[Shape]) -> Shape:
    return msgspec.convert(values, shape)

"""Many letters at once: first what an act would come to, then, with a reason, the act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from actionmail.flows.delivery.readdressing import Naming
from actionmail.flows.review import bulk_changes, send_log
from actionmail.flows.review.bulk_changes import AT_ONCE, Chosen, Named, NotAsSeen, Reach, Survey, ToLegislator
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import (
    LONGEST_REASON,
    Act,
    Change,
    MessageChangeRefused,
    Refusal,
    reason_of,
)
from actionmail.flows.staff import Permission
from actionmail.rules.delivery.seen_letters import NotSeen, packed, unpacked
from actionmail.web.platform.arguments import LONGEST_KEY, MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.review.bulk_words import (
    ACTS,
    BY_NOUN,
    WHY_NOT,
    broke_off_words,
    counted,
    outcome_words,
    reach_words,
)
from actionmail.web.review.log_filters import FilterForm
from actionmail.web.review.words import STATE_WORDS, refusal_words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("bulk_changes", __name__, url_prefix="/staff/messages/many")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]
_CHOSEN = 500  # letters that an address may name
_NONE_TICKED = "No letter is ticked. Go back to the send log, and tick those that you mean."
_NO_FILTER = "This address names no letters that there could be. Go back to the send log, and filter there."
_NOT_SEEN = "Nothing was changed, since it could not be told which letters you saw. Look at them, and press again."
_NONE_LEFT = "Nothing was changed: none of the letters that you saw stands where this could begin any more."


@bp.get("")
@require(Permission.CHANGE_MESSAGES)
def acts() -> Answer:
    """What can be done to all these letters."""
    with services().database.read() as db:
        reach = _reach(db)
        named = bulk_changes.named(db, reach) if reach is not None else None
    if reach is None or named is None:
        return _not_there()
    return staff_page("many.html", which=reach_words(reach, named), back=_back(reach), acts=_links())


@bp.get("/<noun>")
@require(Permission.CHANGE_MESSAGES)
def look(noun: str) -> Answer:
    """What the act would come to."""
    return _page(_act(noun))


@bp.post("/<noun>")
@require(Permission.CHANGE_MESSAGES)
def press(noun: str) -> Answer:
    """Do it, where the letters are those that were seen."""
    act, now, typed = _act(noun), services().clock(), request.form.get("reason", "")
    try:
        reason = reason_of(typed, act)
        seen = unpacked(request.form.get("seen", ""))
    except MessageChangeRefused as refused:
        return _page(act, status=422, reason=typed, problem=refusal_words(refused), is_reason=True)
    except NotSeen:
        return _page(act, status=422, reason=typed, problem=_NOT_SEEN)
    with services().database.read() as db:
        reach = _reach(db)
        if reach is None:
            return _not_there()
        try:
            most = bulk_changes.most_at_once(act)
            ids = bulk_changes.still_to_do(db, reach, act, seen, now=now, most=most)
        except NotAsSeen as grown:
            return _page(act, status=409, reason=typed, problem=_grown(grown))
    if not ids:
        return _page(act, status=409, reason=typed, problem=_NONE_LEFT)
    settings = services().settings
    naming = Naming(secret=settings.secret_key, domain=settings.mail_domain)
    change = Change(act=act, reason=reason, by=signed_in().id, naming=naming)
    left_alone, tried = _carry_out(reach, change, ids)
    changed = tried - sum(left_alone.values())
    if tried < len(ids):
        return _page(act, status=503, reason=typed, problem=broke_off_words(act, changed, len(ids) - tried))
    flash(outcome_words(act, changed, left_alone, gone=len(seen) - len(ids)))
    return redirect(_back(reach), 303)


def _carry_out(reach: Reach, change: Change, ids: Sequence[int]) -> tuple[Counter[Refusal], int]:
    """Batch by batch, each a transaction, so that neither workers nor supporters wait for long.

    Why letters were left alone, and of how many that is known: of fewer than all where the database broke off.
    """
    now, database = services().clock(), services().database
    refused: Counter[Refusal] = Counter()
    with database.read() as db:
        change = bulk_changes.without_supporters(db, change, ids)
    with database.write() as db:
        bulk_changes.begin(db, reach, change, len(ids), now=now)
    for start in range(0, len(ids), AT_ONCE):
        batch = ids[start : start + AT_ONCE]
        met: dict[int, Refusal] = {}
        if not database.write_if_possible(partial(_batch, batch, change, now, met)):
            return refused, start
        refused.update(met.values())
    return refused, len(ids)


def _batch(ids: Sequence[int], change: Change, now: datetime, met: dict[int, Refusal], db: Session) -> None:
    met.update(bulk_changes.change_batch(db, ids, change, now=now))


def _reach(db: Session) -> Reach | None:
    """Which letters the address names; None where it names what cannot be."""
    if "ids" in request.args:
        ids = set()
        for text in request.args.getlist("ids")[:_CHOSEN]:
            ids.add(whole_number({"id": text}, "id", default=0, most=MOST_MESSAGES))
        ids.discard(0)
        return Chosen(ids=tuple(sorted(ids))) if ids else None
    if "legislator" in request.args:
        return ToLegislator(number=whole_number(request.args, "legislator", default=0))
    return _filter(db)


def _filter(db: Session) -> Filter | None:
    form = FilterForm(request.args)
    form.choose(send_log.choices(db, short_line(request.args, "campaign", most=LONGEST_KEY)))
    return form.wanted() if form.validate() else None


def _page(act: Act, *, status: int = 200, reason: str = "", problem: str = "", is_reason: bool = False) -> Answer:
    with services().database.read() as db:
        reach = _reach(db)
        named = bulk_changes.named(db, reach) if reach is not None else None
        if reach is None or named is None:
            return _not_there()
        most = bulk_changes.most_at_once(act)
        survey = bulk_changes.survey(db, reach, act, now=services().clock(), most=most)
    return _shown(act, reach, named, survey, reason, problem, is_reason), status


def _shown(act: Act, reach: Reach, named: Named, survey: Survey, reason: str, problem: str, is_reason: bool) -> str:
    return staff_page(
        "many_change.html",
        act=ACTS[act],
        is_readdressing=act is Act.READDRESS,
        which=reach_words(reach, named),
        legislator=named.legislator_id,
        address=named.address,
        survey=survey,
        seen=packed(survey.ids),
        back=_back(reach),
        action=_with_query(url_for(".press", noun=ACTS[act].noun)),
        words=STATE_WORDS,
        why_not=WHY_NOT,
        counted=counted,
        most=bulk_changes.most_at_once(act),
        reason=reason,
        problem=problem,
        is_reason=is_reason,
        longest_reason=LONGEST_REASON,
    )


def _act(noun: str) -> Act:
    if noun not in BY_NOUN:
        abort(404)
    return BY_NOUN[noun]


def _links() -> list[tuple[str, str, str]]:
    """The label, the effect and the address of each act on these letters."""
    return [(words.label, words.effect, _with_query(url_for(".look", noun=words.noun))) for words in ACTS.values()]


def _with_query(path: str, *, without: str = "") -> str:
    query = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != without])
    return f"{path}?{query}" if query else path


def _back(reach: Reach) -> str:
    if isinstance(reach, ToLegislator):
        return url_for("roster.legislator", number=reach.number)
    return _with_query(url_for("send_log.log"), without="ids")


def _grown(grown: NotAsSeen) -> str:
    count, fresh = counted(len(grown.survey.ids)), counted(grown.fresh)
    return f"Nothing was changed. {fresh} came since you looked: it would be {count} now. Look again, and press."


def _not_there() -> Answer:
    problem = _NONE_TICKED if "ids" in request.args else _NO_FILTER
    return staff_page("many.html", which=[], back=url_for("send_log.log"), acts=[], problem=problem), 422

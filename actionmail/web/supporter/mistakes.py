"""What could not be taken is told by a page that is fetched, and not by the answer to a post.

So the browser's Back and Reload lead to it without asking to send a form once more. Until then what was typed, and what
is wrong with it, is kept in the supporter's draft, or in their browser's cookie alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from msgspec import Struct

from actionmail.flows.actions import drafts, submitting
from actionmail.web.platform.context import services
from actionmail.web.platform.embedding import embedded
from actionmail.web.supporter.step import MISTAKES, arrival_source, draft_key, remember

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_LONGEST: Final = 30_000  # characters of what is kept of one page: more than any page takes
_LONGEST_IN_COOKIE: Final = 1_500  # of the 4,096 that browsers take
_IN_DRAFT: Final = "1"  # behind the question mark
_IN_COOKIE: Final = "2"


class Mistakes(Struct, frozen=True, kw_only=True):
    """`typed` and `errors` by the names of the fields; `sentences` belong to no field."""

    typed: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    sentences: tuple[str, ...]
    status: int


NONE: Final = Mistakes(typed={}, errors={}, sentences=(), status=200)


def told_by(endpoint: str, form: FlaskForm, *, status: int, sentences: Iterable[str] = ()) -> dict[str, Any]:
    """For a draft: what `endpoint` shall tell, without what was typed."""
    errors = {field.name: list(map(str, field.errors)) for field in form if field.errors}
    return {"page": endpoint, "errors": errors, "sentences": list(sentences), "status": status}


def tell(
    campaign: Campaign,
    form: FlaskForm,
    *,
    endpoint: str,
    at_once: Callable[[], ResponseReturnValue],
    status: int = 400,
    sentences: Iterable[str] = (),
) -> ResponseReturnValue:
    """Keep what was typed and what is wrong with it, and lead to the page that tells it.

    `at_once` answers with the same where that is more than is kept.
    """
    typed = {field.name: field.data for field in form if field.name != "csrf_token"}
    if is_too_long(typed):
        return at_once()
    record = {**told_by(endpoint, form, status=status, sentences=sentences), "typed": typed}
    with services().database.write() as db:
        services().draft_sweep.purge(db, now=services().clock())
        key = draft_key(campaign.slug)
        if not key or submitting.receipt_token(db, campaign_id=campaign.id, key=key):
            key = drafts.new_key()
        values = drafts.load(db, key, campaign_id=campaign.id) or {}
        values[MISTAKES] = record
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(campaign.slug, key)
    return to_page(endpoint, campaign.slug)


def is_too_long(typed: Mapping[str, Any]) -> bool:
    """Whether this is more than a draft keeps of one page."""
    return len(json.dumps(typed)) > _LONGEST


def keep(campaign: Campaign, form: FlaskForm, *, endpoint: str, lang: str) -> ResponseReturnValue:
    """Keep what was typed, unchecked, and lead to the same page in another language."""
    for field in form:
        field.errors = []
    response = tell(campaign, form, endpoint=endpoint, at_once=lambda: to_page(endpoint, campaign.slug), status=200)
    return _in_language(response, lang)


def _in_language(response: ResponseReturnValue, lang: str) -> ResponseReturnValue:
    address = make_response(response).location or ""
    return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode({'lang': lang})}", 303)


def to_page(endpoint: str, slug: str) -> ResponseReturnValue:
    """To the page that tells the mistakes of its draft."""
    return _redirect(endpoint, slug, _IN_DRAFT)


def tell_by_cookie(
    campaign: Campaign,
    form: FlaskForm,
    *,
    endpoint: str,
    at_once: Callable[[], ResponseReturnValue],
    status: int = 400,
    sentences: Iterable[str] = (),
) -> ResponseReturnValue:
    """As `tell`, of what we promised not to keep: only this browser's cookie has it, until it is mended."""
    typed = {field.name: field.data for field in form if field.name != "csrf_token"}
    record = {**told_by(endpoint, form, status=status, sentences=sentences), "typed": typed, "slug": campaign.slug}
    if embedded() or len(json.dumps(record)) > _LONGEST_IN_COOKIE:  # there it would stand in an address
        return at_once()
    session[MISTAKES] = record
    return _redirect(endpoint, campaign.slug, _IN_COOKIE)


def told_by_cookie(slug: str) -> Mistakes:
    """What this page has to tell of what only the cookie has; NONE where that is nothing."""
    record = session.get(MISTAKES, {})
    return _read(record, _IN_COOKIE) if record.get("slug") == slug else NONE


def mended() -> None:
    """Have the cookie forget it."""
    session.pop(MISTAKES, None)


def _redirect(endpoint: str, slug: str, where: str) -> ResponseReturnValue:
    return redirect(url_for(endpoint, slug=slug, mistakes=where, source=arrival_source() or None), 303)


def told(values: Mapping[str, Any]) -> Mistakes:
    """What this page has to tell of a draft with these values; NONE where that is nothing."""
    return _read(values.get(MISTAKES, {}), _IN_DRAFT)


def _read(record: Mapping[str, Any], where: str) -> Mistakes:
    if request.args.get(MISTAKES) != where or record.get("page") != request.endpoint:
        return NONE
    return Mistakes(
        typed=record.get("typed", {}),
        errors=record["errors"],
        sentences=tuple(record["sentences"]),
        status=record["status"],
    )


def told_here(db: Session, campaign: Campaign) -> Mistakes:
    """The same of this browser's draft, which is only looked for where there is something to tell."""
    if request.args.get(MISTAKES) != _IN_DRAFT:
        return NONE
    return told(drafts.load(db, draft_key(campaign.slug), campaign_id=campaign.id) or {})


def put_at_fields(form: FlaskForm, mistakes: Mistakes) -> None:
    """Each sentence at its field again."""
    for name, sentences in mistakes.errors.items():
        if name in form:
            form[name].errors = sentences

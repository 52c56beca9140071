"""What could not be taken is told by a page that is fetched, and not by the answer to a post.

So the browser's Back and Reload lead to it without asking to send a form once more. Until then what was typed, and what
is wrong with it, is kept in the supporter's draft.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from actionmail.flows.actions import drafts, submitting
from actionmail.web.platform.context import services
from actionmail.web.supporter.step import MISTAKES, arrival_source, draft_key, remember

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_LONGEST: Final = 100_000  # characters of what is kept of one page


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """`typed` and `errors` by the names of the fields; `sentences` belong to no field."""

    typed: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    sentences: tuple[str, ...]
    status: int


NONE: Final = Mistakes(typed={}, errors={}, sentences=(), status=200)


def told_by(endpoint: str, form: FlaskForm, *, status: int, sentences: Iterable[str] = ()) -> dict[str, Any]:
    """For a draft: what `endpoint` shall tell, without what was typed."""
    errors = {field.name: [str(error) for error in field.errors] for field in form if field.errors}
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
    if len(json.dumps(typed)) > _LONGEST:
        return at_once()
    kept = {**told_by(endpoint, form, status=status, sentences=sentences), "typed": typed}
    with services().database.write() as db:
        key = draft_key(campaign.slug)
        if not key or submitting.receipt_token(db, campaign_id=campaign.id, key=key):
            key = drafts.new_key()
        values = drafts.load(db, key, campaign_id=campaign.id) or {}
        values[MISTAKES] = kept
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(campaign.slug, key)
    return to_page(endpoint, campaign.slug)


def to_page(endpoint: str, slug: str) -> ResponseReturnValue:
    """To the page that tells the mistakes of its draft."""
    return redirect(url_for(endpoint, slug=slug, mistakes=1, source=arrival_source() or None), 303)


def told(values: Mapping[str, Any]) -> Mistakes:
    """What this page has to tell of a draft with these values; NONE where that is nothing."""
    kept = values.get(MISTAKES)
    if MISTAKES not in request.args or kept is None or kept["page"] != request.endpoint:
        return NONE
    return Mistakes(
        typed=kept.get("typed", {}),
        errors=kept["errors"],
        sentences=tuple(kept["sentences"]),
        status=kept["status"],
    )


def told_here(db: Session, campaign: Campaign) -> Mistakes:
    """The same of this browser's draft, which is only looked for where there is something to tell."""
    if MISTAKES not in request.args:
        return NONE
    return told(drafts.load(db, draft_key(campaign.slug), campaign_id=campaign.id) or {})


def put_at_fields(form: FlaskForm, mistakes: Mistakes) -> None:
    """Each sentence at its field again."""
    for name, sentences in mistakes.errors.items():
        if name in form:
            form[name].errors = sentences

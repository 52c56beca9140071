"""While very many come from one place: what a press tells of itself, and the page on which a browser works for it.

Whoever has no script, or whose browser cannot do it, presses that page's button and confirms by mail.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData

from actionmail.flows.actions import browser_work, drafts, submitting
from actionmail.flows.actions.pressure import Pressed
from actionmail.rules.actions.pressure import QUICK, Signs
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.forgery import signed_tokens
from actionmail.web.supporter.step import StartOver, bp, draft_key, open_campaign, remember

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

TRAP_FIELD: Final = "homepage"  # `macros.html` has it: nobody sees it, and nobody is to fill it
CHECKED: Final = "checked"
WORK: Final = "work"
_KEPT: Final = "check"  # in a draft's values
_LONGEST: Final = 100_000  # characters of what is kept of a form
_NOT_KEPT: Final = frozenset({"csrf_token", CHECKED, WORK, "altcha"})
_ENDPOINTS: Final = ("supporter.send", "supporter.keep_who")


def is_trapped() -> bool:
    """Whether a field is filled that nobody sees."""
    return bool(request.form.get(TRAP_FIELD, "").strip())


def pressed(key: str, *, was_trapped: bool = False) -> Pressed:
    """What this press of the button tells, of the draft `key`."""
    answer, is_checked = request.form.get(WORK, ""), CHECKED in request.form
    keys = services().settings.keys
    work = answer if is_checked and browser_work.is_done(answer, key, secret=keys) else ""
    signs = Signs(is_trapped=was_trapped or is_trapped(), is_quick=not is_checked and _is_quick())
    return Pressed(signs=signs, work=work, by_mail=is_checked and not work)


def _is_quick() -> bool:
    """Whether hardly any time passed since the page was made, by its token against forged posts."""
    token = request.form.get("csrf_token", "")
    try:
        _, made_at = signed_tokens().loads(token, return_timestamp=True)
    except BadData:  # looked at before, so it became too old at this moment
        return False
    return bool(datetime.now(UTC) - made_at < QUICK)


def ask(campaign: Campaign, key: str, **typed: Any) -> ResponseReturnValue:
    """Keep what was posted, and `typed`, in the draft `key`, and lead to the page on which a browser works."""
    fields = _fields()
    posted = {"endpoint": request.endpoint, "fields": fields}
    if len(json.dumps(fields)) > _LONGEST:
        return _page(campaign, key, posted)
    with services().database.write() as db:
        if not key or submitting.receipt_token(db, campaign_id=campaign.id, key=key):
            key = drafts.new_key()
        values = drafts.load(db, key, campaign_id=campaign.id) or {}
        values = {**values, **typed, _KEPT: posted}
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(campaign.slug, key)
    return redirect(url_for(".check", slug=campaign.slug), 303)


def _fields() -> list[list[str]]:
    return [[name, value] for name, value in request.form.items(multi=True) if name not in _NOT_KEPT]


@bp.get("/campaigns/<slug>/check")
def check(slug: str) -> ResponseReturnValue:
    """Raises StartOver where nothing waits for it."""
    key = draft_key(slug)
    with services().database.read() as db:
        campaign = open_campaign(db, slug)
        values = drafts.load(db, key, campaign_id=campaign.id) or {}
    if values.get(_KEPT, {}).get("endpoint") not in _ENDPOINTS:
        raise StartOver
    return _page(campaign, key, values[_KEPT])


def _page(campaign: Campaign, key: str, posted: dict[str, Any]) -> ResponseReturnValue:
    endpoint = posted["endpoint"]
    fields = [(name, value) for name, value in posted["fields"] if name != "draft"]
    return render_template(
        "supporter/check.html",
        campaign=campaign,
        reading=languages.reading(campaign),
        fields=[*fields, ("draft", key)],
        challenge=browser_work.challenge(key, secret=services().settings.secret_key, now=services().clock()),
        action=url_for(endpoint, slug=campaign.slug),
        back=url_for("supporter.letter" if endpoint == "supporter.send" else "supporter.who", slug=campaign.slug),
    )

"""What is typed into the editor's pages and not saved: kept as it is typed, shown again, and told to colleagues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import request
from msgspec import Struct
from werkzeug.datastructures import MultiDict
from wtforms import Form

from actionmail.flows.campaigns import unsaved_edits
from actionmail.web.platform.arguments import LONGEST_REVISION, short_line
from actionmail.web.platform.context import services
from actionmail.web.staff.access import signed_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


_NOT_TYPED = frozenset({"csrf_token", "go", "revision"})


class Unsaved(Struct, frozen=True, kw_only=True):
    """What a page says of unsaved changes. `status` stands in its live region: what became of the last typing."""

    since: str = ""  # when those were typed that the page shows on opening, "" where there are none
    is_overtaken: bool = False  # somebody saved the page after they were begun
    colleagues: Sequence[str] = ()  # sentences
    status: str = ""


def page_of(campaign: Campaign, name: str) -> unsaved_edits.EditorPage:
    return unsaved_edits.EditorPage(campaign_id=campaign.id, name=name, staff_id=signed_in().id)


def opened(
    campaign: Campaign, page: unsaved_edits.EditorPage, *, revision: str
) -> tuple[MultiDict[str, str] | None, Unsaved, str]:
    """What to fill the page's form with where something unsaved is kept, what to say, and the revision begun from."""
    now, database = services().clock(), services().database
    database.write_if_possible(lambda db: unsaved_edits.come_to(db, page, now=now))
    with database.read() as db:
        draft = unsaved_edits.kept(db, page)
        others = unsaved_edits.colleagues(db, page, now=now)
    colleagues = [_colleague(campaign, colleague) for colleague in others]
    if draft is None:
        return None, Unsaved(colleagues=colleagues), revision
    typed = MultiDict((name, text) for name, texts in draft.values.items() for text in texts)
    unsaved = Unsaved(since=_time(campaign, draft.at), is_overtaken=draft.seen != revision, colleagues=colleagues)
    return typed, unsaved, draft.seen


def _colleague(campaign: Campaign, colleague: unsaved_edits.Colleague) -> str:
    at = _time(campaign, colleague.at)
    if colleague.has_typed:
        return f"{colleague.email} has unsaved changes on this page since {at}."
    return f"{colleague.email} opened this page at {at}."


def keep(campaign: Campaign, page: unsaved_edits.EditorPage, form: Form, saved: Mapping[str, Any]) -> Unsaved:
    """Keep what was posted, or forget what was kept where that is what is saved anyway. `saved` is by field."""
    now = services().clock()
    with services().database.write() as db:
        if all(_plain(form[name].data) == _plain(value) for name, value in saved.items()):
            unsaved_edits.clear(db, page)
            return Unsaved(status="Nothing here is unsaved.")
        typed = {name: texts for name, texts in request.form.lists() if name not in _NOT_TYPED}
        try:
            seen = short_line(request.form, "revision", most=LONGEST_REVISION)
            unsaved_edits.keep(db, page, typed, seen=seen, now=now)
        except unsaved_edits.TooMuch as error:
            sentence = f"This is too much to keep: {error.size:,} characters, where {error.most:,} fit."
            return Unsaved(status=sentence)
    return Unsaved(status=f"Draft kept {_time(campaign, now)}.")


def clear(db: Session, page: unsaved_edits.EditorPage) -> None:
    """In the transaction that saves the page."""
    unsaved_edits.clear(db, page)


def discard(page: unsaved_edits.EditorPage) -> None:
    with services().database.write() as db:
        unsaved_edits.clear(db, page)


def _time(campaign: Campaign, at: datetime) -> str:
    """ "14:05" of today, or with the day; in the campaign's time zone."""
    zone = ZoneInfo(campaign.timezone)
    then, now = at.astimezone(zone), services().clock().astimezone(zone)
    return then.strftime("%H:%M" if then.date() == now.date() else "%Y-%m-%d %H:%M")


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value or ""

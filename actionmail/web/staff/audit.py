"""The audit trail on the staff pages, for admins."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, request
from wtforms import Form, SelectField, StringField
from wtforms.validators import Length

from actionmail.flows.privacy import audit
from actionmail.flows.privacy.audit import Wanted
from actionmail.flows.staff import Permission
from actionmail.rules.staff.audit_codes import AuditAction
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import DayField, choices_of, tidy
from actionmail.web.staff import audit_words
from actionmail.web.staff.access import never_stored, require, staff_page

bp = Blueprint("audit", __name__, url_prefix="/staff")
bp.after_request(never_stored)

_ON_A_PAGE = 50
_ATTEMPTS_SHOWN = timedelta(days=7)


class FilterForm(Form):
    who = StringField("Who: a part of the address", filters=[tidy], validators=[Length(max=254)])
    action = SelectField("What", choices=choices_of([("", "Anything"), *audit_words.CHOICES]), default="")
    since = DayField("From")
    until = DayField("To")

    def wanted(self) -> Wanted:
        """Days are UTC, as the times on the page are."""
        since, until = self.since.data, self.until.data
        return Wanted(
            who=self.who.data or "",
            action=AuditAction(self.action.data) if self.action.data else None,
            since=datetime.combine(since, time.min, UTC) if since else None,
            through=datetime.combine(until, time.max, UTC) if until else None,
        )


@bp.get("/audit")
@require(Permission.MANAGE_STAFF)
def index() -> str | tuple[str, int]:
    """What staff did, the newest first, and what was tried of late by whoever is not signed in."""
    form = FilterForm(request.args)
    if not form.validate():
        return staff_page("audit.html", form=form, entries=None), 422
    before = whole_number(request.args, "before", default=0)
    wanted = form.wanted()
    is_narrowed = wanted != audit.EVERYTHING
    with services().database.read() as db:
        entries = audit.entries(db, limit=_ON_A_PAGE, before=before or None, wanted=wanted)
        attempts = audit.attempts(db, since=services().clock() - _ATTEMPTS_SHOWN)
    return staff_page(
        "audit.html",
        form=form,
        entries=entries,
        attempts=[] if before or is_narrowed else attempts,
        older=entries[-1].id if len(entries) == _ON_A_PAGE else 0,
        filters={name: value for name, value in request.args.items() if name in form and value},
        days=_ATTEMPTS_SHOWN.days,
        words=audit_words,
    )

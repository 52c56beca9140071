"""The audit trail on the staff pages, for admins."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request

from actionmail.flows.privacy import audit
from actionmail.flows.staff import Permission
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.staff import audit_words
from actionmail.web.staff.access import never_stored, require, staff_page

bp = Blueprint("audit", __name__, url_prefix="/staff")
bp.after_request(never_stored)

_ON_A_PAGE = 50
_ATTEMPTS_SHOWN = timedelta(days=7)


@bp.get("/audit")
@require(Permission.MANAGE_STAFF)
def index() -> str:
    """What staff did, the newest first, and what was tried of late by whoever is not signed in."""
    before = whole_number(request.args, "before", default=0)
    with services().database.read() as db:
        entries = audit.entries(db, limit=_ON_A_PAGE, before=before or None)
        attempts = audit.attempts(db, since=services().clock() - _ATTEMPTS_SHOWN)
    return staff_page(
        "audit.html",
        entries=entries,
        attempts=[] if before else attempts,
        older=entries[-1].id if len(entries) == _ON_A_PAGE else 0,
        days=_ATTEMPTS_SHOWN.days,
        words=audit_words,
    )

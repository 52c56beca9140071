"""What receivers report of mail in our name (DMARC), by source."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint

from actionmail.flows.delivery import dmarc
from actionmail.flows.staff import Permission
from actionmail.web.platform.context import services
from actionmail.web.staff.access import never_stored, require, staff_page

bp = Blueprint("dmarc", __name__, url_prefix="/staff/dmarc")
bp.after_request(never_stored)

_SHOWN: Final = timedelta(days=30)
_MOST: Final = 200  # addresses on the page


@bp.get("")
@require(Permission.SEE_ROSTER)
def listed() -> str:
    """Every address that sent in our name within a month, as receivers tell it."""
    since = services().clock() - _SHOWN
    with services().database.read() as db:
        rows = dmarc.sources(db, since=since, most=_MOST + 1)
        reporters = dmarc.reporters(db, since=since)
    return staff_page(
        "dmarc.html",
        rows=rows[:_MOST],
        is_cut=len(rows) > _MOST,
        reporters=reporters,
        domain=services().settings.mail_domain,
        shown=_SHOWN.days,
        kept_days=dmarc.KEPT.days,
    )

"""Mail to the staff: an invitation, a reset, a notice of a change. It goes straight to the mail server, in no queue.

An invitation is handed over while the admin waits, who learns whether it went. All else goes *later*, on a thread of
its own: a page then takes as long for an address that has an account as for one that has none.
"""

from __future__ import annotations

from flask import url_for

from actionmail.flows import staff
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.rules.delivery.states import Parcel
from actionmail.rules.staff import staff_letters
from actionmail.rules.staff.staff_letters import StaffLetter
from actionmail.web.platform.context import Services, services

NO_MAIL = "This site cannot send mail (ACTIONMAIL_SMTP_URL is not set)."


def send(parts: Services, recipient: str, letter: StaffLetter) -> str:
    """Hand it to the mail server, with no transaction open; why that failed, or ""."""
    if parts.hand_over is None:
        return NO_MAIL
    if not recipient.isascii():
        return "The mail server may not take an address with other letters than a to z."
    settings = parts.settings
    raw = automatic_mail(settings, recipient=recipient, subject=letter.subject, text=letter.text, date=parts.clock())
    return parts.hand_over(Parcel(id=1, return_path=settings.from_address, recipient=recipient, raw=raw))


def reset_later(email: str) -> None:
    """Mail a link, if that is somebody's address. All of the work is done later, whosever address it is."""
    parts = services()

    def look_and_send() -> None:
        with parts.database.write() as db:
            link = staff.ask_for_reset(db, email, now=parts.clock())
        if link:
            letter = staff_letters.reset(
                organisation=parts.settings.organisation, link=parts.settings.base_url + link.path
            )
            _say(send(parts, link.email, letter))

    parts.later(look_and_send)


def tell_later(email: str, what: str) -> None:
    """Mail to the owner of an account that it was changed; `what` is a sentence."""
    parts = services()
    letter = staff_letters.changed(
        organisation=parts.settings.organisation,
        what=what,
        at=parts.clock(),
        resets=parts.settings.origin + url_for("links.ask"),
    )
    if parts.hand_over is not None:
        parts.later(lambda: _say(send(parts, email, letter)))


def _say(trouble: str) -> None:
    if trouble:
        raise NotSent(trouble)


class NotSent(Exception):
    """The mail server did not take a mail to the staff; `str()` says why, without an address of ours."""

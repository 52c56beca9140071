"""What a worker tells the staff who asked for it: each morning what needs attention, and at once what burns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.cli.delivery import staff_mail
from actionmail.flows.delivery import PeriodicTask
from actionmail.flows.delivery.supporter_mail import Relay
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.flows.review import attention
from actionmail.flows.staff import notices
from actionmail.flows.staff.notices import NoticeKind
from actionmail.rules.staff.staff_letters import StaffLetter
from actionmail.settings import Settings
from actionmail.web.review import notice_words

_EVERY = timedelta(minutes=1)


def notice_mail(
    settings: Settings,
    write: WriteSessions,
    relay: Relay,
    *,
    clock: Callable[[], datetime],
    sign: Callable[[bytes], bytes] | None = None,
) -> PeriodicTask:
    """The task. `sign` puts DKIM signatures before the mail."""

    def do() -> bool:
        now = clock()
        with write() as session:
            if not notices.is_any_due(session, now=now):
                return False
            burning = attention.burning(session)
            morning = notices.next_morning(now, attention.site_clock(session))
            due = notices.claim_notices(session, news=burning, morning=morning, now=now)
            is_daily = any(notice.kind is NoticeKind.DAILY for notice in due)
            needed = attention.attention(session, now=now) if is_daily else None
        names = {"organisation": settings.organisation, "base_url": settings.base_url}
        letters: dict[tuple[int, NoticeKind], StaffLetter] = {}
        for notice in due:
            if notice.kind is NoticeKind.AT_ONCE:
                new = [stop for name, stop in burning.items() if name not in notice.known_news]
                letters[notice.staff_id, notice.kind] = notice_words.alarm(new, **names)
            elif needed:
                letters[notice.staff_id, notice.kind] = notice_words.digest(needed, **names)
        done = []
        for kind in NoticeKind:
            of_kind = [notice for notice in due if notice.kind is kind]
            mails = [(n.email, letters[n.staff_id, kind]) for n in of_kind if (n.staff_id, kind) in letters]
            taken = staff_mail.hand_over(mails, settings, relay, now=now, sign=sign)
            done += [n for n in of_kind if n.email in taken or (n.staff_id, kind) not in letters]
        if done:
            with write() as session:
                notices.notices_done(session, done, news=burning, morning=morning, now=now)
        return False

    return PeriodicTask(name="mail to staff who asked to be told", every=_EVERY, do=do, needs_relay=True)

"""What a worker does for the datasets: it has newer ones looked for, in a process of its own, and tells the admins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.cli.delivery import staff_mail
from actionmail.cli.delivery.own_process import OwnProcess, Start, our_command
from actionmail.flows import staff
from actionmail.flows.delivery import PeriodicTask
from actionmail.flows.delivery.supporter_mail import Relay
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.flows.roster import refreshing
from actionmail.flows.staff import Role
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings
from actionmail.web.roster.refresh_words import refresh_letter
from actionmail.web.roster.words import roster_sentence

_LOOK_EVERY, _MAIL_EVERY = timedelta(minutes=10), timedelta(minutes=1)


class Refreshing:
    """`actionmail data refresh --if-due`, started when it is time. An import that is cut off changes nothing."""

    def __init__(
        self,
        settings: Settings,
        write: WriteSessions,
        *,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        start: Start | None = None,
    ) -> None:
        self._settings, self._write, self._clock, self._say = settings, write, clock, say
        self._process = OwnProcess(start or our_command("data", "refresh", "--if-due"))

    def task(self) -> PeriodicTask:
        return PeriodicTask(name="newer datasets looked for", every=_LOOK_EVERY, do=self.look)

    def look(self) -> bool:
        """Start it if it is due and not running."""
        if self._process.is_running:
            return False
        try:
            kinds = refreshing.kinds_in(self._settings.data_dir)
        except DatasetError as error:
            self._say(f"newer datasets are not looked for. {roster_sentence(error)}")
            return False
        every = timedelta(hours=self._settings.refresh_hours)
        with self._write() as session:
            is_due = refreshing.is_due(session, kinds, every=every, now=self._clock())
        if is_due:
            self._process.begin()
        return False

    def end(self, *, wait: bool) -> None:
        self._process.end(wait=wait)


def admin_mail(
    settings: Settings,
    write: WriteSessions,
    relay: Relay,
    *,
    clock: Callable[[], datetime],
    sign: Callable[[bytes], bytes] | None = None,
) -> PeriodicTask:
    """The task that tells the admins what came of looking for newer datasets. `sign` puts DKIM signatures before it."""

    def do() -> bool:
        with write() as session:
            refreshes = refreshing.claim_mail(session, now=clock())
            admins = [account.email for account in staff.accounts(session) if _is_admin(account)]
        if not refreshes or not admins:
            return False
        page = f"{settings.base_url}/staff/roster#refreshes"
        letter = refresh_letter(refreshes, organisation=settings.organisation, page=page)
        if staff_mail.hand_over([(email, letter) for email in admins], settings, relay, now=clock(), sign=sign):
            with write() as session:
                refreshing.mail_taken(session, refreshes)
        return False

    return PeriodicTask(name="mail to admins about datasets", every=_MAIL_EVERY, do=do, needs_relay=True)


def _is_admin(account: staff.Account) -> bool:
    return account.role is Role.ADMIN and account.disabled_at is None

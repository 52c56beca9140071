"""The whole installation for a journey: web, worker and inbox as the processes that an organisation runs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from actionmail.cli.platform.processes import Children
from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.settings import bundled
from tests.gateways.census_server import document, match
from tests.journeys.dari import add_dari
from tests.ports import free_ports
from tests.samples import sample_campaign

STAFF = "staff@act.example.org"


class House:
    """A running installation with the real legislators and both sample campaigns."""

    def __init__(
        self, folder: Path, site: str, inbox_site: str, database: Database, password: str, children: Children
    ) -> None:
        self.folder = folder
        self.children = children
        self.site = site
        self.inbox_site = inbox_site
        self.database = database
        self.password = password

    def letters(self, email: str) -> list[EmailMessage]:
        """The inbox's letters whose replies go to `email`."""
        return list(self.letters_by_name(email).values())

    def letters_by_name(self, email: str) -> dict[str, EmailMessage]:
        """The same, by the names under which the inbox's pages have them."""
        by_name = self._inbox_by_name().items()
        return {name: message for name, message in by_name if email in str(message["Reply-To"])}

    def _inbox(self) -> list[EmailMessage]:
        return list(self._inbox_by_name().values())

    def _inbox_by_name(self) -> dict[str, EmailMessage]:
        paths = sorted((self.folder / "inbox").glob("*.eml"))
        return {
            path.stem: cast(EmailMessage, message_from_bytes(path.read_bytes(), policy=policy.default))
            for path in paths
        }

    @contextmanager
    def worker_asleep(self) -> Iterator[None]:
        """Meanwhile no letter leaves. It is halted where it holds no lock on the database."""
        worker = self.children._running["worker"]  # no process of a real installation is ever halted
        while True:
            worker.send_signal(signal.SIGSTOP)
            os.waitpid(worker.pid, os.WUNTRACED)  # until it has stopped: the signal alone says nothing about when
            try:
                with self.database.write() as session:
                    session.connection()  # takes the lock, for which a session waits until it has something to say
                    break
            except OperationalError:
                worker.send_signal(signal.SIGCONT)
        try:
            yield
        finally:
            worker.send_signal(signal.SIGCONT)

    def wait_for_letters(self, email: str, number: int, seconds: float = 300) -> list[EmailMessage]:
        until = time.monotonic() + seconds
        while len(found := self.letters(email)) < number and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def wait_for_test(self, address: str, seconds: float = 300) -> EmailMessage:
        """The one test letter that went to somebody of the staff."""
        until = time.monotonic() + seconds
        while not (found := [one for one in self._inbox() if f"went to {address} and" in one.get_content()]):
            assert time.monotonic() < until, f"no test letter came to {address}"
            time.sleep(0.1)
        (only,) = found
        return only

    def members_of(self, state: str, chamber: str, committee: str) -> int:
        """How many of a committee are in office, by the tables."""
        with self.database.read() as session:
            query = (
                select(func.count())
                .select_from(CommitteeMember)
                .join(Committee, Committee.id == CommitteeMember.committee_id)
                .join(Legislator, Legislator.key == CommitteeMember.legislator_key)
                .where(Committee.state == state, Committee.chamber == chamber, Committee.name == committee)
                .where(Committee.gone_at.is_(None), Legislator.gone_at.is_(None))
            )
            return session.scalar(query) or 0

    def link_mailed_to(self, email: str) -> str:
        """The link to the staff pages in the one mail to `email`."""
        (text,) = (
            message.get_content()
            for message in self._inbox()
            if str(message["To"]) == email and message["Auto-Submitted"] == "auto-generated"
        )
        (link,) = (line for line in text.splitlines() if line.startswith(f"{self.site}/staff/"))
        return str(link)

    def confirmation_mailed_to(self, email: str, seconds: float = 300) -> str:
        """The link in the one mail that asks `email` to confirm."""
        until = time.monotonic() + seconds
        while not (mails := [mail for mail in self._inbox() if email in str(mail["To"])]):
            assert time.monotonic() < until, f"no mail came to {email}"
            time.sleep(0.1)
        (mail,) = mails
        (link, _denial) = (
            line for line in mail.get_content().splitlines() if line.startswith(f"{self.site}/confirmations/")
        )
        return str(link)

    def receipt_mailed_to(self, email: str, seconds: float = 300) -> str:
        """The receipt's link in the one mail that staff had sent to `email`."""
        until = time.monotonic() + seconds
        while not (mails := [mail for mail in self._inbox() if email in str(mail["To"])]):
            assert time.monotonic() < until, f"no mail came to {email}"
            time.sleep(0.1)
        (mail,) = mails
        (link,) = (line for line in mail.get_content().splitlines() if line.startswith(f"{self.site}/receipts/"))
        return str(link)

    def queued(self, email: str) -> int:
        """How many letters this supporter's actions made."""
        with self.database.read() as session:
            query = select(func.count()).select_from(Message).join(Action, Action.id == Message.action_id)
            return session.scalar(query.where(Action.email == email)) or 0

    def actions(self, email: str) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(Action).where(Action.email == email)) or 0


@contextmanager
def running_house(folder: Path, *, is_new: bool = False, **settings: str) -> Iterator[House]:
    """`is_new`: nobody has an account and there is no campaign. `settings` are further ones of the environment."""
    web, inbox, smtp = free_ports(3)
    site = f"http://localhost:{web}"  # by name, since passkeys know no numbers
    data = shutil.copytree(bundled("data"), folder / "data")  # going back writes there
    add_dari(data)
    url = f"sqlite:///{folder / 'actionmail.sqlite3'}"
    password = secrets.token_urlsafe(12)
    children = Children(
        folder,
        {
            "PYTHONUNBUFFERED": "1",
            "ACTIONMAIL_DATABASE_URL": url,
            "ACTIONMAIL_DATA_DIR": str(data),
            "ACTIONMAIL_SECRET_KEY": secrets.token_urlsafe(48),
            "ACTIONMAIL_BASE_URL": site,
            "ACTIONMAIL_ORGANISATION": "Example Community Group",
            "ACTIONMAIL_CONTACT_ADDRESS": "hello@act.example.org",
            "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
            "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "ACTIONMAIL_LOOPBACK_ONLY": "1",
            "ACTIONMAIL_UNDO_SECONDS": "1",
            "ACTIONMAIL_PROXIES": "1",  # each journey says by X-Forwarded-For that it is another visitor
            "ACTIONMAIL_TARGET_HOUR": "0",  # more journeys write to the same legislator than real letters may
            "ACTIONMAIL_GEOCODER_URL": f"file://{_answers(folder)}",
            **settings,
        },
    )
    children.finish("migrate")
    children.finish("data", "load")
    database = Database(url)
    if not is_new:
        children.finish("campaigns", "load", "--samples", "--live")
        children.finish("staff", "add", STAFF, "--role", "admin", "--password-stdin", given=password)
        with database.write() as session:
            sample_campaign(session, slug="closed-sample", status="closed", title="A campaign that has ended")
    with children.stopped_at_the_end():
        children.start("inbox", "--smtp-port", str(smtp), "--http-port", str(inbox), "--folder", folder / "inbox")
        children.start("worker")
        children.start("serve", "--bind", f"127.0.0.1:{web}", "--workers", "2")
        children.wait_until_ready("inbox", f"http://127.0.0.1:{inbox}/")
        children.wait_until_ready("serve", f"{site}/readyz")
        yield House(folder, site, f"http://127.0.0.1:{inbox}", database, password, children)
    database.engine.dispose()


def _answers(folder: Path) -> Path:
    """What the geocoder knows: the houses around Madison's Capitol."""
    file = folder / "addresses.json"
    file.write_text(json.dumps({"2 E Main St, WI 53703": document(match())}))
    return file

"""A copy by mail: once, for whoever asked, behind all that could stop it, and no advert for a stranger's mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select

from actionmail.db.actions import Action
from actionmail.db.confirmations import KnownAddress
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import confirmation, receipt, taking
from actionmail.flows.actions.composing import Words
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.flows.privacy import erasure
from actionmail.rules.actions.copy_mail import MailCopy
from actionmail.rules.delivery.rates import ASKS_A_DAY
from actionmail.settings import Settings
from tests.flows.actions.test_confirmation import Site
from tests.flows.actions.test_submitting import MAI
from tests.flows.actions.test_taking import press
from tests.samples import sample_petition

OWN = "My daughter is afraid of Mondays."
LATER = timedelta(hours=1)


def copies(site: Site) -> list[str]:
    """What stands in the copies that went out."""
    found = []
    for parcel in site.mails:
        mail = message_from_bytes(parcel.raw, policy=default)
        if str(mail["Subject"]).startswith("Your copy"):
            found.append(" ".join(mail.get_content().split()))
    return found


def waiting(database: Database) -> int:
    with database.read() as session:
        query = select(func.count()).select_from(SupporterMail).where(SupporterMail.kind == Kind.COPY.value)
        return session.scalar(query) or 0


def kept(database: Database, action: Action) -> str:
    with database.read() as session:
        return session.scalars(select(Action.mail_copy).where(Action.id == action.id)).one()


def test_no_address_is_remembered_for_a_copy_but_by_how_often_it_was_mailed(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    site = Site(any_database, settings, now, confirm="off")
    site.write(wants_copy=True)
    with any_database.read() as session:
        (known,) = session.scalars(select(KnownAddress)).all()
    assert (known.asked, known.asked_at, known.confirmed_at) == (1, now, None)


def test_nobody_gets_one_who_did_not_ask(any_database: Database, settings: Settings, now: datetime) -> None:
    site = Site(any_database, settings, now, confirm="off")
    action = site.write(words=Words(personal=OWN))
    assert (waiting(any_database), kept(any_database, action)) == (0, "")


def test_an_address_that_nobody_confirmed_gets_the_link_and_no_word_that_was_typed(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    site = Site(any_database, replace(settings, undo_seconds=60), now, confirm="off")
    action = site.write(words=Words(personal=OWN), wants_copy=True)
    assert site.send(now) == 0  # while it can still be undone
    assert site.send(now + LATER) == 1
    assert site.send(now + 2 * LATER) == 0
    (text,) = copies(site)
    assert f"/receipts/{action.receipt_token}" in text
    assert OWN not in text
    assert "Mai Example" not in text
    assert kept(any_database, action) == MailCopy.KEPT


def test_who_has_to_confirm_gets_their_letters_once_they_did(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    site = Site(any_database, settings, now)
    action = site.write(words=Words(personal=OWN), wants_copy=True)
    site.send(now + LATER)
    assert copies(site) == []
    with any_database.write() as session:
        confirmation.confirm(session, site.token(action), undo_seconds=0, now=now + LATER)
    site.send(now + 2 * LATER)
    (text,) = copies(site)
    assert text.count(OWN) == 2
    assert "To: Senator" in text


def test_what_nobody_confirmed_in_time_has_no_copy(any_database: Database, settings: Settings, now: datetime) -> None:
    site = Site(any_database, settings, now)
    site.write(wants_copy=True)
    late = now + timedelta(days=10)
    with any_database.write() as session:
        confirmation.expire(session, now=late)
        supporter_mail.drop_expired(session, now=late)
    site.send(late)
    assert (copies(site), waiting(any_database)) == ([], 0)


@pytest.mark.parametrize("how", ["taken back", "erased"])
def test_none_goes_of_what_was_taken_back_or_erased(
    any_database: Database, settings: Settings, now: datetime, how: str
) -> None:
    site = Site(any_database, settings, now, confirm="off")
    action = site.write(wants_copy=True)
    with any_database.write() as session:
        if how == "erased":
            erasure.erase(session, action.receipt_token, now=now)
        else:
            receipt.cancel(session, action.receipt_token, now=now)
    site.send(now + LATER)
    assert (copies(site), waiting(any_database), kept(any_database, action)) == ([], 0, "")


def test_a_mailbox_gets_so_many_a_day_and_the_action_is_taken_all_the_same(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    site = Site(any_database, settings, now, confirm="off")
    came = []
    for number in range(ASKS_A_DAY + 4):
        supporter = replace(MAI, email=f"mai+{number}@example.org")
        moment = now + number * timedelta(minutes=25)  # more at once would have to prove something
        came.append(kept(any_database, site.write(supporter=supporter, wants_copy=True, now=moment)))
    assert came[0] == MailCopy.KEPT
    assert came[-1] == MailCopy.REFUSED
    assert waiting(any_database) == came.count(MailCopy.KEPT) <= ASKS_A_DAY + 1


def test_of_a_petition_the_copy_is_the_link(any_database: Database, settings: Settings, now: datetime) -> None:
    with any_database.write() as session:
        petition = sample_petition(session, confirm="off").id
        pressed = press(petition, wants_copy=True, details={"comment": OWN, "show_name": True})
        action = taking.take(session, pressed, settings=settings, now=now)
    with any_database.read() as session:
        mail = session.scalars(select(SupporterMail)).one()
    text = message_from_bytes(mail.raw, policy=default).get_content()
    assert action.receipt_token in text
    assert OWN not in text
    with any_database.write() as session:
        receipt.cancel(session, action.receipt_token, now=now)
    assert waiting(any_database) == 0

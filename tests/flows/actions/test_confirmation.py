"""Letters wait until the owner of their address confirms them by mail."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation, KnownAddress
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import confirmation, confirmation_mail, receipt, submitting
from actionmail.flows.actions.composing import Words
from actionmail.flows.actions.confirmation import LinkState
from actionmail.flows.actions.refusals import AlreadyActed, TooManyAsks
from actionmail.flows.campaigns import publishing
from actionmail.flows.campaigns.publishing import StatusChange
from actionmail.flows.campaigns.reading import supporters
from actionmail.flows.delivery import cancel, claim, pauses, supporter_mail
from actionmail.flows.privacy import erasure, retention
from actionmail.flows.review import dashboard
from actionmail.flows.roster import reading
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery import envelope
from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import CLOCK, Actor, PauseCause, Reason
from actionmail.rules.delivery.states import Handover, Parcel, Phase, may_follow
from actionmail.settings import RelayAddress, Settings
from tests.flows.actions.test_submitting import MAI, SEATS, submission, take
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.samples import sample_campaign, sample_legislators
from tests.wording import effect_words

TAKEN = classify(Phase.BODY, 250, "2.0.0 Ok: queued as ABCD1234")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Site:
    """An installation with one campaign that asks, and a relay that takes everything."""

    def __init__(self, database: Database, settings: Settings, now: datetime, **columns: Any) -> None:
        self.database, self.settings, self.now = database, settings, now
        self.presses = 0
        self.mails: list[Parcel] = []
        with database.write() as session:
            self.campaign = sample_campaign(session, **{"confirm": "always", **columns}).id
            sample_legislators(session)

    def write(self, *, now: datetime | None = None, words: Words | None = None, **parts: Any) -> Action:
        self.presses += 1
        made = submission(self.database, self.campaign, **{"key": f"{self.presses:032}", **parts})
        return take(self.database, made, self.settings, now or self.now, words)

    def deliver(self, parcels: Any) -> Handover:
        self.mails += parcels
        return Handover(outcomes={one.id: TAKEN for one in parcels})

    def send(self, now: datetime | None = None) -> int:
        taken, _ = supporter_mail.send(
            self.database.write, self, from_address=self.settings.from_address, now=now or self.now
        )
        return taken

    def token(self, action: Action) -> str:
        with self.database.read() as session:
            return session.get_one(Confirmation, action.id).token

    def confirm(self, action: Action, now: datetime | None = None) -> LinkState:
        with self.database.write() as session:
            done = confirmation.confirm(session, self.token(action), undo_seconds=60, now=now or self.now)
        assert done is not None
        return done.standing

    def standing(self, action: Action, now: datetime | None = None) -> LinkState:
        with self.database.read() as session:
            found = confirmation.find(session, self.token(action), now=now or self.now)
        assert found is not None
        return found.standing

    def states(self, action: Action) -> list[str]:
        with self.database.read() as session:
            return list(
                session.scalars(select(Message.state).where(Message.action_id == action.id).order_by(Message.id))
            )

    def waiting_mails(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(SupporterMail.kind).order_by(SupporterMail.id)))

    def steps(self, action: Action) -> list[tuple[str, str, str]]:
        """The transitions of the action's first message, each with its actor."""
        with self.database.read() as session:
            first = select(func.min(Message.id)).where(Message.action_id == action.id).scalar_subquery()
            events = session.scalars(select(Event).where(Event.message_id == first).order_by(Event.id)).all()
        moved = [(one.from_state, one.to_state, one.actor_kind) for one in events if one.from_state != one.to_state]
        assert all(may_follow(before, after) for before, after, _ in moved if before)
        return moved


def read(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=default))


@pytest.fixture
def site(any_database: Database, settings: Settings, now: datetime) -> Site:
    return Site(any_database, settings, now)


@pytest.fixture
def lone(database: Database, settings: Settings, now: datetime) -> Site:
    """On SQLite only, for what does not depend on the database."""
    return Site(database, settings, now)


def test_the_letters_wait_with_the_mail_that_asks_in_one_transaction(site: Site) -> None:
    action = site.write()
    assert action.unconfirmed
    assert site.states(action) == ["unconfirmed"] * 2
    assert site.waiting_mails() == ["ask", "reminder"]
    with site.database.write() as session:
        assert claim(session, owner="w", now=site.now + 8 * DAY, limit=9, lease=HOUR).ids == []
        assert submitting.actions_so_far(session, site.campaign) == 0
        assert supporters(session) == {}
        assert dashboard.dashboard(session, now=site.now).running[0].supporters == 0
        message = session.scalars(select(Message)).first()
        assert message is not None
        assert message.expires_at == site.now + 7 * DAY


def test_the_mail_goes_once_to_the_supporter_and_says_nothing_that_a_visitor_typed(site: Site) -> None:
    supporter = replace(MAI, name="Buy at evil example dot com", city="Cheap Pills", street="9 Advert Road")
    words = Words(personal="Visit my shop.", subjects={"everyone": "Great offers"})
    action = site.write(supporter=supporter, words=words)
    assert site.send() == 1
    assert site.send() == 0
    (parcel,) = site.mails
    assert (parcel.recipient, parcel.return_path) == ("mai@example.org", "letters@act.example.org")
    mail = read(parcel.raw)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Example Org <letters@act.example.org>"
    assert mail["To"] == "mai@example.org"
    assert mail["Subject"] == "AB 969: NOT sent until you confirm"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content().replace("\r\n", "\n")
    assert "- Senator Uma Pattern\n- Representative Lara Sample\n" in text
    assert f"{site.settings.base_url}/confirmations/{site.token(action)}\n" in text
    for typed in ("evil", "Pills", "Advert", "shop", "offers", action.receipt_token):
        assert typed not in str(mail)
    assert site.waiting_mails() == ["reminder"]


def test_confirming_queues_every_letter_dated_when_it_was_confirmed(site: Site) -> None:
    action = site.write()
    with site.database.read() as session:
        before = {one.message_id: one.raw for one in session.scalars(select(FrozenLetter))}
    later = site.now + 3 * DAY
    assert site.confirm(action, later) is LinkState.CONFIRMED
    assert site.states(action) == ["queued"] * 2
    assert site.steps(action) == [("", "unconfirmed", "supporter"), ("unconfirmed", "queued", "supporter")]
    assert site.waiting_mails() == []
    with site.database.write() as session:
        for message in session.scalars(select(Message)):
            raw = session.get_one(FrozenLetter, message.id).raw
            assert hashlib.sha256(raw).hexdigest() == message.sha256
            assert read(raw)["Date"] == "Sat, 07 Mar 2026 09:12:05 -0600"
            assert raw.partition(b"\r\n")[2] == before[message.id].partition(b"\r\n")[2]
            assert message.expires_at == later + timedelta(hours=96)
        assert submitting.actions_so_far(session, site.campaign) == 1
        assert len(claim(session, owner="w", now=later, limit=9, lease=HOUR).ids) == 2
    assert site.confirm(action, later) is LinkState.CONFIRMED
    assert site.states(action) == ["sending"] * 2


def test_a_new_address_is_asked_once_on_the_installation(site: Site) -> None:
    with site.database.write() as session:
        session.execute(update(Campaign).values(confirm="new"))
    site.confirm(site.write())
    with site.database.write() as session:
        other = sample_campaign(session, slug="other", confirm="new").id
        always = sample_campaign(session, slug="always", confirm="always").id
    first, site.campaign = site.campaign, other
    assert not site.write().unconfirmed
    assert site.write(supporter=replace(MAI, email="tomas@example.org")).unconfirmed
    site.campaign = always
    assert site.write().unconfirmed
    site.campaign = first
    with pytest.raises(AlreadyActed):
        site.write()


def test_off_asks_nobody(lone: Site) -> None:
    with lone.database.write() as session:
        session.execute(update(Campaign).values(confirm="off"))
    assert lone.states(lone.write()) == ["queued"] * 2
    assert lone.waiting_mails() == []


def test_a_strangers_try_does_not_keep_the_owner_from_writing(site: Site) -> None:
    strangers = site.write(words=Words(personal="Not what Mai thinks."))
    own = site.write(words=Words(personal="What Mai thinks."), supporter=replace(MAI, email="Mai@example.org"))
    assert site.confirm(own) is LinkState.CONFIRMED
    assert site.states(own) == ["queued"] * 2
    assert site.states(strangers) == ["cancelled"] * 2
    assert site.steps(strangers)[-1] == ("unconfirmed", "cancelled", "supporter")
    assert site.standing(strangers) is LinkState.TAKEN_BACK
    assert site.confirm(strangers) is LinkState.TAKEN_BACK
    assert site.waiting_mails() == []
    with pytest.raises(AlreadyActed):
        site.write()


def test_of_two_tries_only_what_is_written_twice_ends(site: Site) -> None:
    one = site.write()
    other = site.write(seats=[("upper", "26"), ("lower", "77")])
    site.confirm(one)
    assert site.states(other) == ["cancelled", "unconfirmed"]
    assert site.confirm(other) is LinkState.CONFIRMED
    assert site.states(other) == ["cancelled", "queued"]


@pytest.mark.parametrize("rounds", range(3))
def test_two_links_pressed_at_once_send_each_letter_once(site: Site, rounds: int) -> None:
    actions = [site.write(), site.write()]
    barrier = threading.Barrier(2)

    def press(action: Action) -> None:
        barrier.wait()
        site.confirm(action)

    threads = [threading.Thread(target=press, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(site.states(actions[0]) + site.states(actions[1])) == ["cancelled"] * 2 + ["queued"] * 2


def test_taking_back_and_saying_it_was_not_me_end_the_asking(site: Site) -> None:
    undone = site.write()
    with site.database.write() as session:
        assert receipt.cancel(session, undone.receipt_token, now=site.now) == 2
    assert site.standing(undone) is LinkState.TAKEN_BACK
    assert site.waiting_mails() == []
    denied = site.write()
    with site.database.write() as session:
        assert erasure.erase(session, denied.receipt_token, now=site.now, why=Reason.ERASED_NOT_THEIRS)
    assert site.standing(denied) is LinkState.ERASED
    assert site.states(denied) == ["cancelled"] * 2
    assert site.confirm(denied) is LinkState.ERASED
    with site.database.write() as session:
        action = session.get_one(Action, denied.id)
        assert (action.name, action.email) == ("", "")
        assert session.get_one(Confirmation, denied.id).supporter_key == ""
        assert not confirmation_mail.again(session, denied.receipt_token, settings=site.settings, now=site.now)
        assert session.scalars(select(Event.reason_code).order_by(Event.id.desc())).first() == "erased_not_theirs"
    assert site.send(site.now + 3 * DAY) == 0


def test_one_reminder_comes_after_two_days_and_the_end_after_seven(site: Site) -> None:
    action = site.write()
    assert [site.send(site.now + age) for age in (0 * DAY, 2 * DAY - HOUR, 2 * DAY, 3 * DAY, 6 * DAY)] == [
        1, 0, 1, 0, 0,
    ]  # fmt: skip
    assert read(site.mails[1].raw)["Subject"] == "Reminder: AB 969, NOT sent until you confirm"
    with site.database.write() as session:
        assert confirmation.expire(session, now=site.now + 7 * DAY - HOUR) == 0
    assert site.standing(action, site.now + 7 * DAY) is LinkState.OVER  # whenever the worker comes to it
    with site.database.write() as session:
        assert confirmation.expire(session, now=site.now + 7 * DAY) == 1
        assert confirmation.expire(session, now=site.now + 7 * DAY) == 0
    assert site.states(action) == ["expired"] * 2
    assert site.steps(action)[-1] == ("unconfirmed", "expired", "clock")
    assert site.confirm(action, site.now + 7 * DAY) is LinkState.OVER
    with site.database.read() as session:
        found = receipt.find(session, action.receipt_token, undo_seconds=60, now=site.now)
    assert found is not None
    assert (found.unconfirmed, found.confirm_until) == (True, None)


def test_what_is_confirmed_at_once_can_still_be_taken_back_for_as_long_as_the_receipt_says(lone: Site) -> None:
    first, second = lone.write(), lone.write(supporter=replace(MAI, email="tomas@example.org"))
    lone.confirm(first, lone.now + timedelta(seconds=20))
    lone.confirm(second, lone.now + HOUR)
    with lone.database.read() as session:
        due = list(session.scalars(select(Message.next_attempt_at).order_by(Message.id)))
    assert due == [lone.now + timedelta(seconds=60)] * 2 + [lone.now + HOUR] * 2


def test_nobody_is_reminded_who_has_confirmed(lone: Site) -> None:
    action = lone.write()
    lone.send()
    lone.confirm(action)
    assert lone.send(lone.now + 2 * DAY) == 0


def test_a_deadline_ends_the_waiting_too(lone: Site) -> None:
    with lone.database.write() as session:
        session.execute(update(Campaign).values(deadline_at=lone.now + DAY))
    action = lone.write()
    lone.send()
    assert lone.send(lone.now + 12 * HOUR) == 1
    assert lone.confirm(action, lone.now + DAY) is LinkState.OVER
    with lone.database.write() as session:
        assert confirmation.expire(session, now=lone.now + DAY) == 1


def test_a_deadline_that_comes_sooner_than_it_was_said_ends_the_asking_and_the_waiting(site: Site) -> None:
    action = site.write()
    with site.database.write() as session:
        session.execute(update(Campaign).values(deadline_at=site.now + HOUR))
    assert site.send(site.now + HOUR) == 0
    with site.database.write() as session:
        assert confirmation.expire(session, now=site.now) == 0
        assert confirmation.expire(session, now=site.now + HOUR) == 1
    assert site.states(action) == ["expired"] * 2


def test_a_reminder_waits_while_the_mail_server_is_away_and_counts_once(lone: Site) -> None:
    lone.write()
    lone.send()
    later = lone.now + 2 * DAY
    away = SmtpRelay(RelayAddress(host="127.0.0.1", port=1, tls="none"), hello="client.example")
    for _ in range(4):
        taken, trouble = supporter_mail.send(
            lone.database.write, away, from_address="letters@act.example.org", now=later
        )
        assert (taken, trouble is not None) == (0, True)
    with lone.database.read() as session:
        assert session.scalars(select(KnownAddress.asked)).one() == 1
    assert lone.send(later) == 1


def test_an_address_gets_a_few_mails_a_day_whatever_is_typed(site: Site) -> None:
    for _ in range(3):
        site.write()
    with pytest.raises(TooManyAsks):
        site.write(now=site.now + HOUR)
    assert site.write(supporter=replace(MAI, email="tomas@example.org")).unconfirmed
    asked = [age for age in range(1, 25) if _is_asked(site, site.now + age * HOUR)]
    assert len(asked) == 3
    with site.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 3 + 1 + 3


def test_another_tag_is_the_same_mailbox_and_yet_another_supporter(lone: Site) -> None:
    actions = [lone.write(supporter=replace(MAI, email=f"mai+{tag}@example.org")) for tag in ("a", "b", "c")]
    with pytest.raises(TooManyAsks):
        lone.write()
    assert [lone.confirm(action) for action in actions] == [LinkState.CONFIRMED] * 3


def _is_asked(site: Site, now: datetime) -> bool:
    try:
        site.write(now=now)
    except TooManyAsks:
        return False
    return True


def test_reminders_count_among_the_mails_of_a_day(lone: Site) -> None:
    for _ in range(3):
        lone.write()
    lone.send()
    later = lone.now + 2 * DAY
    for _ in range(2):
        lone.write(now=later)
    assert lone.send(later) == 2 + 1
    assert lone.waiting_mails() == ["reminder"] * 2


def test_the_link_is_mailed_again_within_the_limit(site: Site) -> None:
    action = site.write()

    def again(now: datetime) -> bool:
        with site.database.write() as session:
            return confirmation_mail.again(session, action.receipt_token, settings=site.settings, now=now)

    assert again(site.now)
    assert site.waiting_mails() == ["ask", "reminder"]  # the first is still on its way
    for _ in range(2):
        site.send()
        assert again(site.now)
    site.send()
    with pytest.raises(confirmation_mail.AskedTooOften):
        again(site.now)
    assert len({re.search("/confirmations/([^/\n]+)", read(one.raw).get_content())[1] for one in site.mails}) == 1  # type: ignore[index]
    assert len(site.mails) == 3
    assert not again(site.now + 7 * DAY)
    site.confirm(action)
    assert not again(site.now + DAY)


def test_who_never_confirmed_is_erased_a_month_after_the_end(site: Site) -> None:
    over, confirmed = site.write(), site.write(supporter=replace(MAI, email="tomas@example.org"))
    site.confirm(confirmed)
    end = site.now + 7 * DAY
    with site.database.write() as session:
        assert confirmation.expire(session, now=end) == 1
        assert retention.erase_unconfirmed(session, now=end + 30 * DAY, limit=9) == 0
        assert retention.erase_unconfirmed(session, now=end + 31 * DAY, limit=9) == 1
        assert retention.erase_unconfirmed(session, now=end + 31 * DAY, limit=9) == 0
    with site.database.read() as session:
        assert [session.get_one(Action, one.id).email for one in (over, confirmed)] == ["", "tomas@example.org"]
    assert (site.states(over), site.states(confirmed)) == (["expired"] * 2, ["queued"] * 2)


def test_what_is_remembered_of_an_address_that_never_confirmed_is_forgotten(lone: Site) -> None:
    lone.confirm(lone.write())
    lone.write(supporter=replace(MAI, email="tomas@example.org"))
    with lone.database.write() as session:
        assert retention.purge_asked(session, now=lone.now + DAY) == 0
        assert retention.purge_asked(session, now=lone.now + DAY + HOUR) == 1
        (kept,) = session.scalars(select(KnownAddress)).all()
    assert kept.confirmed_at == lone.now


@pytest.mark.parametrize(
    ("scope", "key"), [(Scope.ALL, ""), (Scope.CAMPAIGN, "1"), (Scope.DOMAIN, "example.org"), (None, "paused")]
)
def test_nobody_is_asked_while_it_is_paused(
    any_database: Database, settings: Settings, now: datetime, scope: Scope | None, key: str
) -> None:
    site = Site(any_database, settings, now)
    site.write()
    with site.database.write() as session:
        if scope is None:
            session.execute(update(Campaign).values(status="paused"))
        else:
            assert session.scalars(select(Campaign.id)).one() == 1
            pauses.pause(session, scope, key, PauseCause(words="a test"), actor=CLOCK, now=now)
    assert site.send() == 0
    with site.database.write() as session:
        if scope is None:
            session.execute(update(Campaign).values(status="live"))
        else:
            pauses.resume(session, scope, key)
    assert site.send() == 1


def test_a_stopped_campaign_takes_no_confirmation_and_says_so_before(lone: Site) -> None:
    action = lone.write()
    with lone.database.write() as session:
        campaign = session.get_one(Campaign, lone.campaign)
        assert "meanwhile. 2 letters are not confirmed by mail yet: nobody can confirm them" in (
            effect_words(session, campaign, StatusChange.PAUSE)
        )
        publishing.change_status(session, "ab969", StatusChange.CLOSE, by=None, now=lone.now)
    assert lone.confirm(action) is LinkState.STOPPED
    assert lone.states(action) == ["unconfirmed"] * 2
    with lone.database.write() as session:
        campaign = session.get_one(Campaign, lone.campaign)
        assert "supporters can confirm them once the page is open" in effect_words(
            session, campaign, StatusChange.PUBLISH
        )
        publishing.change_status(session, "ab969", StatusChange.PUBLISH, by=None, now=lone.now)
    assert lone.confirm(action) is LinkState.CONFIRMED


def test_staff_can_end_what_waits_to_be_confirmed(lone: Site) -> None:
    action = lone.write()
    with lone.database.write() as session:
        assert (
            cancel(session, Scope.CAMPAIGN, str(lone.campaign), reason="abuse", actor=Actor.staff(1), now=lone.now) == 2
        )
    assert lone.standing(action) is LinkState.TAKEN_BACK
    assert lone.send() == 0


def test_without_an_address_to_write_to_nobody_is_asked(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    site = Site(any_database, settings, now)
    with site.database.write() as session:
        for one in reading.legislators_for(session, "WI", SEATS):
            one.email, one.phone = "", "608 555 0100"
    action = site.write()
    assert not action.unconfirmed
    assert site.waiting_mails() == []


def test_a_letter_to_copy_is_the_supporters_once_they_confirm(lone: Site) -> None:
    with lone.database.write() as session:
        (senator,) = reading.legislators_for(session, "WI", SEATS[:1])
        senator.email, senator.phone = "", "608 555 0100"
    strangers, own = lone.write(), lone.write()
    lone.confirm(own)
    assert lone.states(own) == ["no_channel", "queued"]
    key = submitting.supporter_key_of(MAI.email, lone.settings.secret_key)
    with lone.database.read() as session:
        keys = list(session.scalars(select(Message.supporter_key).order_by(Message.id)))
    assert [one == key for one in keys] == [False, False, True, True]
    assert lone.states(strangers) == ["no_channel", "cancelled"]


@contextmanager
def relay_to(script: Script | None = None) -> Iterator[tuple[SmtpRelay, Callable[[], int]]]:
    with scripted_server(script) as server:
        relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=server.port, tls="none"), hello="client.example")
        try:
            yield relay, lambda: len(server.taken)
        finally:
            relay.close()


def test_a_worker_that_dies_before_noting_leaves_the_mail_for_later_and_to_nobody_else(site: Site) -> None:
    """Between the mail server's yes and our note nobody can know (RFC 1047); the claim keeps others off meanwhile."""
    site.write()

    class Dying:
        def deliver(self, parcels: Any) -> Handover:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supporter_mail.send(site.database.write, Dying(), from_address="letters@act.example.org", now=site.now)
    assert site.waiting_mails() == ["ask", "reminder"]
    assert site.send(site.now + timedelta(minutes=29)) == 0
    assert site.send(site.now + timedelta(minutes=30)) == 1
    with site.database.read() as session:
        assert session.scalars(select(Event.reason_code).order_by(Event.id.desc())).first() == "ask_taken"


def test_an_address_that_does_not_exist_is_noted_without_its_name(lone: Site) -> None:
    action = lone.write()
    with relay_to(Script(answers={"RCPT": [b"550 5.1.1 mai@example.org: no such user"]})) as (relay, taken):
        supporter_mail.send(lone.database.write, relay, from_address="letters@act.example.org", now=lone.now)
        assert taken() == 0
    assert lone.waiting_mails() == ["reminder"]
    with lone.database.read() as session:
        events = session.scalars(select(Event)).all()
    assert "ask_not_taken" in {event.reason_code for event in events}
    assert not any("@" in event.text for event in events)
    assert lone.states(action) == ["unconfirmed"] * 2


def test_the_mail_is_signed_like_a_letter(lone: Site) -> None:
    lone.write()
    supporter_mail.send(
        lone.database.write,
        lone,
        from_address="letters@act.example.org",
        now=lone.now,
        sign=lambda raw: b"Signed: 1\r\n" + raw,
    )
    assert lone.mails[0].raw.startswith(b"Signed: 1\r\nDate: ")


def test_an_unknown_link_leads_nowhere(lone: Site) -> None:
    lone.write()
    with lone.database.write() as session:
        assert confirmation.find(session, "unknown", now=lone.now) is None
        assert confirmation.confirm(session, "unknown", undo_seconds=60, now=lone.now) is None


def test_a_letters_date_is_its_first_header() -> None:
    with pytest.raises(ValueError, match="first header"):
        envelope.redated(b"Subject: x\r\n\r\n", datetime.fromisoformat("2026-03-04T15:12:05+00:00"))

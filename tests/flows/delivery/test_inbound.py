"""Returned mail against a real database: what it does to its letter, and that it does nothing to any other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.returns import Return
from actionmail.db.roster import Legislator
from actionmail.db.supporter_mail import SupporterMail
from actionmail.db.throttles import Switch
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.inbound import Envelope, receive
from actionmail.flows.delivery.office_answers import MOST_FORWARDS, keep_forward
from actionmail.flows.delivery.pauses import is_held
from actionmail.flows.delivery.received import AlertCode, Kind, Received
from actionmail.flows.delivery.settling import settle
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.forwarding import House
from actionmail.rules.delivery.states import State, may_follow
from actionmail.rules.delivery.tokens import verp_address
from actionmail.settings import RelayAddress
from tests import returned
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.returned import TO, mail, report
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message

SECRET = "0123456789abcdef" * 4
DOMAIN = "act.example.org"
HOUSE = House(organisation="Example Org", from_address="letters@act.example.org")


@dataclass
class Post:
    """A database with letters to one legislator, and a way to let mail come back to them."""

    database: Database
    ids: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def send(self, letters: int = 1, *, state: str = "accepted", **columns: object) -> None:
        """So many letters, each of another supporter, all to one address."""
        with self.database.write() as session:
            campaign = sample_campaign(session)
            legislator = sample_legislator(session, email=TO)
            for number in range(letters):
                action = sample_action(session, campaign, email=f"mai{number}@example.org")
                message = sample_message(
                    session, action, legislator, campaign.letters[0], state=state, attempts=1, **columns
                )
                if state != "queued":
                    message.next_attempt_at = None
                message.return_path = verp_address(message.message_id[4:30], SECRET, DOMAIN)
                self.ids.append(message.id)
                self.paths.append(message.return_path)

    def back(self, raw: bytes, *, now: datetime = NOW, **envelope: str) -> Received:
        with self.database.write() as session:
            return self.receive(session, raw, now=now, **envelope)

    def receive(self, session: Session, raw: bytes, *, now: datetime = NOW, **envelope: str | None) -> Received:
        return receive(
            session,
            raw,
            secret=SECRET,
            now=now,
            house=HOUSE,
            forward=lambda letter: keep_forward(session, letter, now=now),
            envelope=Envelope(**envelope),  # type: ignore[arg-type]
        )

    def message(self, index: int = 0) -> Message:
        with self.database.read() as session:
            return session.get_one(Message, self.ids[index])

    def events(self, index: int = 0) -> list[Event]:
        with self.database.read() as session:
            return list(session.scalars(select(Event).where(Event.message_id == self.ids[index]).order_by(Event.id)))

    def history(self, index: int = 0) -> list[str]:
        """The states a letter moved to; each step must be one that the table allows, or no step at all."""
        steps = self.events(index)
        for step in steps:
            assert step.from_state == step.to_state or may_follow(step.from_state, step.to_state)
        for before, after in pairwise(steps):
            assert before.to_state == after.from_state
        return [step.to_state for step in steps if step.from_state != step.to_state]

    def forwards(self) -> list[SupporterMail]:
        with self.database.read() as session:
            return list(session.scalars(select(SupporterMail).order_by(SupporterMail.id)))

    def stops(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            return [(row.scope, row.key) for row in session.scalars(select(Switch).order_by(Switch.scope))]

    def walk(self, *states: str, index: int = 0) -> None:
        """Let a letter go through these states, with no event."""
        with self.database.write() as session:
            for state in states:
                session.execute(update(Message).where(Message.id == self.ids[index]).values(state=state))

    def alter(self, **columns: object) -> None:
        with self.database.write() as session:
            session.execute(update(Message).values(**columns))


@pytest.fixture
def post(any_database: Database) -> Post:
    return Post(any_database)


def test_a_letter_that_came_back_is_bounced_with_the_servers_words(post: Post) -> None:
    post.send(2)
    done = post.back(report("failed", "5.1.1", "550 5.1.1 User unknown", to=post.paths[0]))
    assert (done.kind, done.message, done.before, done.after) == (Kind.BOUNCE, post.ids[0], "accepted", "bounced")
    (event,) = post.events()
    assert (event.actor_kind, event.smtp_code, event.enhanced) == ("returned_mail", 550, "5.1.1")
    assert event.text == "550 5.1.1 User unknown"
    assert (post.message().state, post.message().last_code) == ("bounced", 550)
    assert post.history() == ["bounced"]
    assert (post.message(1).state, post.events(1)) == ("accepted", [])


def test_the_same_mail_counts_once(post: Post) -> None:
    post.send()
    raw = report("failed", "4.4.7", "451 4.4.7 expired", to=post.paths[0])
    assert post.back(raw).kind is Kind.GAVE_UP
    assert post.back(raw).kind is Kind.REPEATED
    assert post.history() == ["deferred"]


@pytest.mark.parametrize(
    "address",
    ["letters@act.example.org", "b+aaaaaaaaaaaaaaaaaaaaaaaa@act.example.org", "b+@act.example.org", "b+x"],
)
def test_without_a_valid_token_nothing_changes(post: Post, address: str) -> None:
    post.send()
    assert post.back(mail(returned.POSTFIX, to=address)).kind is Kind.STRANGER
    forged = post.paths[0].replace("@", "a@") if address == "b+x" else address
    assert post.back(mail(returned.POSTFIX, to=forged)).kind is Kind.STRANGER
    assert post.events() == []


def test_a_token_leads_nowhere_under_another_secret_or_domain(post: Post) -> None:
    post.send()
    message_key = post.message().message_id[4:30]
    for address in (verp_address(message_key, "x" * 64, DOMAIN), verp_address(message_key, SECRET, "other.example")):
        assert post.back(mail(returned.POSTFIX, to=address)).kind is Kind.STRANGER


def test_two_tokens_in_headers_of_one_kind_lead_nowhere(post: Post) -> None:
    post.send(2)
    raw = b"Delivered-To: " + post.paths[1].encode() + b"\r\n" + mail(returned.POSTFIX, to=post.paths[0])
    assert post.back(raw).kind is Kind.STRANGER
    assert post.back(raw, recipient=post.paths[1]).message == post.ids[1]
    assert (post.message(0).state, post.message(1).state) == ("accepted", "bounced")


def test_a_token_lasts_sixty_days(post: Post) -> None:
    post.send()
    raw = mail(returned.POSTFIX, to=post.paths[0])
    assert post.back(raw, now=NOW + timedelta(days=61)).kind is Kind.OLD
    assert post.events() == []
    assert post.back(raw, now=NOW + timedelta(days=59)).kind is Kind.BOUNCE


def test_a_full_mailbox_is_tried_again(post: Post) -> None:
    post.send()
    done = post.back(report("failed", "5.2.2", "552 5.2.2 over quota", to=post.paths[0]))
    assert (done.kind, post.history()) == (Kind.FULL, ["deferred"])
    assert post.message().next_attempt_at == NOW + timedelta(hours=2)


def test_a_full_mailbox_at_the_end_of_its_time_came_back(post: Post) -> None:
    post.send(expires_at=NOW + timedelta(hours=1))
    post.back(report("failed", "5.2.2", "552 5.2.2 over quota", to=post.paths[0]))
    assert post.history() == ["bounced"]


def test_an_erased_letter_is_not_tried_again(post: Post) -> None:
    post.send()
    with post.database.write() as session:
        session.delete(session.get_one(FrozenLetter, post.ids[0]))
    post.back(report("failed", "5.2.2", "552 5.2.2 over quota", to=post.paths[0]))
    assert post.history() == ["bounced"]


def test_a_remote_that_gives_up_gets_one_more_try(post: Post) -> None:
    post.send()
    post.back(report("failed", "4.4.7", "451 4.4.7 expired", to=post.paths[0]))
    assert post.message().next_attempt_at == NOW + timedelta(minutes=30)
    post.walk("sending", "accepted")
    with post.database.write() as session:
        step = {"message_id": post.ids[0], "at": NOW, "actor_kind": "worker", "from_state": "deferred"}
        session.add(Event(**step, to_state="sending"))
        session.flush()
        session.add(Event(**{**step, "from_state": "sending"}, to_state="accepted"))
    post.back(report("failed", "4.4.7", "451 4.4.7 expired again", to=post.paths[0]))
    assert post.history() == ["deferred", "sending", "accepted", "deferred", "failed"]
    assert post.message().next_attempt_at is None


def test_a_delay_begins_the_quiet_hours_anew(post: Post) -> None:
    post.send()
    post.back(report("delayed", "4.4.1", "timed out", to=post.paths[0]), now=NOW + timedelta(hours=48))
    with post.database.write() as session:
        assert settle(session, NOW + timedelta(hours=100)) == 0
        assert settle(session, NOW + timedelta(hours=121)) == 1
    assert post.history() == ["settled"]


def test_quiet_letters_settle_and_only_those(post: Post) -> None:
    post.send(5)
    post.back(report("failed", "5.1.1", "550 no", to=post.paths[0]))
    post.back(report("delivered", "2.0.0", "250 ok", to=post.paths[1]), now=NOW + timedelta(hours=70))
    with post.database.write() as session:
        assert settle(session, NOW + timedelta(hours=71)) == 0
        assert settle(session, NOW + timedelta(hours=72), limit=3) == 3
        assert settle(session, NOW + timedelta(hours=72), limit=3) == 1
    assert [post.message(index).state for index in range(5)] == ["bounced"] + ["settled"] * 4
    assert post.events(1)[-1].reason_code == "quiet"


def test_a_late_bounce_counts(post: Post) -> None:
    post.send(3, state="settled")
    post.back(report("failed", "5.1.1", "550 no", to=post.paths[0]))
    post.back(report("failed", "5.2.2", "552 full", to=post.paths[1]))
    post.back(report("failed", "4.4.7", "451 expired", to=post.paths[2]))
    assert [post.history(index) for index in range(3)] == [["bounced"]] * 3


def test_mail_that_nobody_can_read_puts_its_letter_on_hold(post: Post) -> None:
    post.send(2)
    done = post.back(mail(returned.SPEECHLESS, to=post.paths[0]))
    assert (done.kind, post.history()) == (Kind.UNKNOWN, ["held"])
    assert done.alert
    post.walk("settled", index=1)
    assert post.back(mail(returned.SPEECHLESS, to=post.paths[1])).after == "settled"


@pytest.mark.parametrize(
    "state", ["queued", "deferred", "held", "bounced", "failed", "expired", "cancelled", "no_channel"]
)
def test_what_comes_too_late_is_written_down_and_moves_nothing(post: Post, state: str) -> None:
    post.send(state=state)
    for number, raw in enumerate(
        (
            report("failed", "5.1.1", "550 no", to=post.paths[0]),
            report("failed", "5.2.2", "552 full", to=post.paths[0]),
            report("failed", "4.4.7", "451 expired", to=post.paths[0]),
            mail(returned.SPEECHLESS, to=post.paths[0]),
            mail(returned.ABUSE, to=post.paths[0]),
        ),
        1,
    ):
        done = post.back(raw)
        assert done.before == done.after == state
        assert len(post.events()) == number
    assert post.history() == []


def test_a_report_on_a_letter_of_unknown_fate_is_left_to_a_person(post: Post) -> None:
    post.send(state="ambiguous")
    post.back(report("failed", "5.1.1", "550 no", to=post.paths[0]))
    assert post.history() == ["held"]


def test_a_report_that_overtakes_the_worker_is_read_again_later(post: Post) -> None:
    post.send(state="sending", lease_owner="w", lease_until=NOW, body_started_at=NOW)
    raw = report("failed", "5.1.1", "550 no", to=post.paths[0])
    assert post.back(raw).kind is Kind.POSTPONED
    assert post.events() == []
    post.walk("accepted")
    assert post.back(raw).kind is Kind.BOUNCE


def test_two_supporters_bounces_put_an_address_on_hold(post: Post) -> None:
    post.send(2)
    assert not post.back(report("failed", "5.1.1", "550 no", to=post.paths[0])).alert
    with post.database.read() as session:
        assert not is_held(session, TO)
    alert = post.back(report("failed", "5.1.1", "550 no", to=post.paths[1])).alert
    assert alert is not None
    assert (alert.code, alert.message) == (AlertCode.ADDRESS_ON_HOLD, post.ids[1])
    with post.database.read() as session:
        assert is_held(session, TO)
        assert not is_held(session, "other@legis.example")
    assert post.stops() == [("target", str(post.message().legislator_id))]


def test_one_supporters_two_bounces_do_not(post: Post) -> None:
    post.send(2)
    with post.database.write() as session:
        other = sample_legislator(session).id
        session.execute(update(Message).where(Message.id == post.ids[1]).values(legislator_id=other))
        session.execute(update(Message).values(supporter_key="k" * 64))
    for path in post.paths:
        post.back(report("failed", "5.1.1", "550 no", to=path))
    with post.database.read() as session:
        assert not is_held(session, TO)


@pytest.mark.parametrize(
    ("status", "words"),
    [("5.7.1", "550 5.7.1 denied"), ("5.2.2", "552 full"), ("4.4.7", "451 late"), ("5.4.4", "no route")],
)
def test_other_failures_do_not_make_an_address_dead(post: Post, status: str, words: str) -> None:
    post.send(3)
    for path in post.paths:
        post.back(report("failed", status, words, to=path))
    with post.database.read() as session:
        assert not is_held(session, TO)
    # Refused by policy at one mailbox: that one is stopped, and its domain goes on.
    assert post.stops() == ([("target", str(post.message().legislator_id))] if status == "5.7.1" else [])


def test_a_report_on_somebody_elses_address_does_not_make_the_letters_own_dead(post: Post) -> None:
    post.send(3)
    for path in post.paths:
        post.back(mail(returned.POSTFIX, to=path, recipient="staff@office.example"))
    assert [post.history(index) for index in range(3)] == [["bounced"]] * 3
    assert post.stops() == []


def test_a_complaint_stops_its_campaign(post: Post) -> None:
    post.send()
    done = post.back(mail(returned.ABUSE, to=post.paths[0]))
    assert (done.kind, done.after) == (Kind.ABUSE, "accepted")
    assert (post.events()[0].reason_code, post.events()[0].text) == ("complaint", "abuse")
    assert done.alert
    assert (done.alert.code, done.alert.detail) == (AlertCode.COMPLAINT, "abuse")
    assert post.stops() == [("campaign", str(post.message().campaign_id))]


def test_an_answer_goes_to_its_supporter_and_leaks_nothing(post: Post) -> None:
    post.send(2)
    done = post.back(mail(returned.REPLY, to=post.paths[0]))
    assert (done.kind, done.forwarded, done.after) == (Kind.REPLY, True, "accepted")
    (kept,) = post.forwards()
    assert kept.recipient == "mai0@example.org"
    token = post.paths[0].partition("@")[0][2:]
    assert token not in kept.raw.decode().replace("=\r\n", "").lower()
    passed = message_from_bytes(kept.raw, policy=default)
    assert set(passed.keys()) == {
        "Date",
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert passed["From"] == "Example Org <letters@act.example.org>"
    assert (passed["Reply-To"], passed["Auto-Submitted"]) == ("aide@legis.example", "auto-generated")
    text = passed.get_content()
    assert "the representative will vote no. សួស្តី" in text
    assert "(our return address)" in text
    assert "an attachment, which we do not pass on" in text
    for leak in ("secret", "192.0.2.10", "mx.legis.example", "JVBER"):
        assert leak not in kept.raw.decode()
    (event,) = post.events()
    assert "mai" not in event.text.lower()
    assert "vote" not in event.text


def test_an_out_of_office_note_is_passed_on_as_what_it_is(post: Post) -> None:
    post.send()
    assert post.back(mail(returned.OUT_OF_OFFICE, to=post.paths[0])).kind is Kind.AUTO_REPLY
    passed = message_from_bytes(post.forwards()[0].raw, policy=default)
    assert passed["Subject"].startswith("Automatic answer to your letter: ")
    assert post.paths[0] not in passed.get_content()
    assert post.history() == []


def test_an_answer_to_a_letter_on_the_wire_is_passed_on_at_once(post: Post) -> None:
    post.send(state="sending")
    assert post.back(mail(returned.REPLY, to=post.paths[0])).forwarded


@pytest.mark.parametrize("sender", ["mai0@example.org", "letters@act.example.org", "Letters@Act.Example.Org"])
def test_mail_from_the_supporter_or_from_us_goes_round_in_no_circle(post: Post, sender: str) -> None:
    post.send()
    assert not post.back(mail(returned.REPLY, to=post.paths[0], sender=sender)).forwarded
    assert post.forwards() == []


def test_nothing_is_passed_on_to_somebody_who_was_erased(post: Post) -> None:
    post.send()
    with post.database.write() as session:
        message = session.get_one(Message, post.ids[0])
        action = session.get_one(Action, message.action_id)
        action.erased_at, action.email = NOW, ""
    assert not post.back(mail(returned.REPLY, to=post.paths[0])).forwarded
    assert post.events()[0].reason_code == "answer_of_erased"


def test_a_return_path_in_wrong_hands_does_not_flood_a_supporter(post: Post) -> None:
    post.send()
    for number in range(MOST_FORWARDS + 3):
        post.back(mail(returned.REPLY, to=post.paths[0], sender=f"aide{number}@legis.example"))
    assert len(post.forwards()) == MOST_FORWARDS


@contextmanager
def relay_to(script: Script | None = None) -> Iterator[tuple[SmtpRelay, list[bytes], list[str]]]:
    with scripted_server(script) as server:
        relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=server.port, tls="none"), hello="client.example")
        raws: list[bytes] = []
        senders: list[str] = []
        try:
            yield relay, raws, senders
        finally:
            relay.close()
            raws += [taken.raw for taken in server.taken]
            senders += [taken.sender for taken in server.taken]


def pass_on(post: Post, relay: SmtpRelay, now: datetime) -> int:
    return supporter_mail.send(post.database.write, relay, from_address=HOUSE.from_address, now=now)[0]


def test_an_answer_passed_on_is_gone_from_here(post: Post) -> None:
    post.send()
    post.back(mail(returned.REPLY, to=post.paths[0]))
    kept = post.forwards()[0].raw
    with relay_to() as (relay, raws, senders):
        assert pass_on(post, relay, NOW) == 1
        assert pass_on(post, relay, NOW) == 0
    assert (raws, senders) == ([kept], ["letters@act.example.org"])
    assert post.forwards() == []


def test_an_answer_that_cannot_be_passed_on_is_tried_again_and_then_dropped(post: Post) -> None:
    post.send()
    post.back(mail(returned.REPLY, to=post.paths[0]))
    now = NOW
    with relay_to(Script(answers={"RCPT": [b"451 4.3.0 later"] * 99})) as (relay, raws, _):
        for _attempt in range(supporter_mail.TRIES):
            assert len(post.forwards()) == 1
            assert pass_on(post, relay, now) == 0
            now += timedelta(hours=9)
    assert (post.forwards(), raws) == ([], [])
    assert post.events()[-1].reason_code == "answer_not_taken"


def test_answers_wait_while_the_mail_server_is_out_of_order(post: Post) -> None:
    post.send()
    post.back(mail(returned.REPLY, to=post.paths[0]))
    relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=1, tls="none"), hello="client.example")
    taken, trouble = supporter_mail.send(post.database.write, relay, from_address=HOUSE.from_address, now=NOW)
    assert taken == 0
    assert trouble is not None
    assert (post.forwards()[0].attempts, post.forwards()[0].next_attempt_at) == (0, NOW)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    template=st.sampled_from([returned.POSTFIX, returned.EXCHANGE, returned.REPLY, returned.ABUSE, returned.EXIM]),
    damage=st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 40), st.binary(max_size=30)), max_size=5),
    state=st.sampled_from(list(State)),
)
def test_whatever_comes_only_its_own_letter_moves_and_only_as_the_table_allows(
    database: Database, template: str, damage: list[tuple[int, int, bytes]], state: State
) -> None:
    post = Post(database)
    _send_two(post, state)
    raw = mail(template, to=post.paths[0])
    for place, length, put in damage:
        raw = raw[:place] + put + raw[place + length :]
    done = post.back(raw)
    assert done.message in {None, post.ids[0]}
    after = State(post.message().state)
    assert after is state or after is State.FAILED or may_follow(state, after)
    assert post.message(1).state == state
    assert post.events(1) == []


def _send_two(post: Post, state: State) -> None:
    """Two letters in this state, beside those of earlier examples."""
    with post.database.write() as session:
        campaign = session.scalars(select(Campaign)).one_or_none() or sample_campaign(session)
        legislator = session.scalars(select(Legislator)).one_or_none() or sample_legislator(session, email=TO)
        earlier = session.scalar(select(func.count(Message.id))) or 0
        for number in (earlier, earlier + 1):
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            message = sample_message(session, action, legislator, campaign.letters[0], state=state.value, attempts=1)
            message.return_path = verp_address(message.message_id[4:30], SECRET, DOMAIN)
            post.ids.append(message.id)
            post.paths.append(message.return_path)


def test_nothing_of_a_mail_is_kept_but_its_hash(post: Post) -> None:
    post.send()
    post.back(mail(returned.REPLY, to=post.paths[0]))
    with post.database.read() as session:
        (row,) = session.scalars(select(Return))
    assert (row.kind, row.forwarded, len(row.sha256)) == ("reply", True, 64)


def test_many_reports_at_once_are_all_recorded_and_hold_the_address_once(post: Post) -> None:
    """Several processes read one mailbox: each mail counts once, whoever comes first."""
    post.send(8)
    raws = [report("failed", "5.1.1", "550 5.1.1 no", to=path) for path in post.paths]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(post.back, raws * 3))
    kinds = [received.kind for received in done]
    assert (kinds.count(Kind.BOUNCE), kinds.count(Kind.REPEATED)) == (8, 16)
    assert [post.history(index) for index in range(8)] == [["bounced"]] * 8
    alerts = [received.alert.code for received in done if received.alert]
    assert alerts == [AlertCode.ADDRESS_ON_HOLD]
    assert len(post.stops()) == 1

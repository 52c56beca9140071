"""A corrected address reaches the letters: the same words in a new version, the old one kept, nothing sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from secrets import token_hex

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import EarlierLetter, Event, FrozenLetter, Message
from actionmail.db.roster import Correction, Legislator
from actionmail.db.throttles import AddressFault, Switch
from actionmail.flows import staff
from actionmail.flows.actions import confirmation, receipt
from actionmail.flows.delivery import claim, record, start_bodies
from actionmail.flows.delivery.readdressing import Naming
from actionmail.flows.privacy import erasure
from actionmail.flows.review import bulk_changes, message_changes, message_detail
from actionmail.flows.review.bulk_changes import ToLegislator
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import Act, Change, MessageChangeRefused, Refusal
from actionmail.flows.review.message_filter import matching
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.states import Outcome, Phase, State
from actionmail.rules.delivery.tokens import new_message_id, verify_token, verp_address
from actionmail.settings import Settings
from tests import returned
from tests.executed import executed
from tests.flows.actions.test_confirmation import Site
from tests.flows.delivery.test_inbound import DOMAIN, SECRET, Post
from tests.returned import mail, report
from tests.samples import NOW, light_hash, sample_action, sample_campaign, sample_legislator, sample_message
from tests.two_sessions import cross

NEW = "rep.sample@new.example"
WHY = "The office wrote to us"
NAMING = Naming(secret=SECRET, domain=DOMAIN)
LEASE = timedelta(minutes=5)


@dataclass
class Office:
    """Letters to one legislator, whose address in the roster becomes another."""

    database: Database
    by: int

    def letters(self, *states: str, **columns: object) -> list[int]:
        with self.database.write() as session:
            campaign = session.scalars(select(Campaign)).first() or sample_campaign(session)
            legislator = session.scalars(select(Legislator)).first() or sample_legislator(session)
            ids = []
            for state in states:
                action = sample_action(session, campaign, email=f"{state}.{token_hex(4)}@example.org")
                message = sample_message(session, action, legislator, campaign.letters[0], state=state, **columns)
                ids.append(message.id)
        return ids

    def correct(self, email: str = NEW) -> None:
        with self.database.write() as session:
            session.execute(update(Legislator).values(email=email))

    def send(self, number: int) -> State:
        with self.database.write() as session:
            return self.sending(session, number)

    def sending(self, session: Session, number: int, by: int | None = None) -> State:
        return message_changes.change(
            session, number, Act.READDRESS, reason=WHY, by=by or self.by, now=NOW, naming=NAMING
        )

    def refusal(self, number: int, act: Act = Act.READDRESS) -> Refusal:
        with self.database.write() as session, pytest.raises(MessageChangeRefused) as met:
            message_changes.change(session, number, act, reason=WHY, by=self.by, now=NOW, naming=NAMING)
        return met.value.code

    def message(self, number: int) -> Message:
        with self.database.read() as session:
            return session.get_one(Message, number)

    def raw(self, number: int) -> bytes:
        with self.database.read() as session:
            return session.get_one(FrozenLetter, number).raw

    def earlier(self) -> list[EarlierLetter]:
        with self.database.read() as session:
            return list(session.scalars(select(EarlierLetter).order_by(EarlierLetter.id)))


@pytest.fixture
def office(any_database: Database) -> Office:
    with any_database.write() as session:
        by = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id
    return Office(any_database, by)


@pytest.mark.parametrize("state", ["bounced", "failed"])
def test_what_ended_goes_to_the_new_address_as_a_new_version(office: Office, state: str) -> None:
    (number,) = office.letters(state, attempts=3, next_attempt_at=None, expires_at=NOW - timedelta(days=1))
    before, raw = office.message(number), office.raw(number)
    office.correct()
    assert office.send(number) is State.QUEUED
    now, sent = office.message(number), office.raw(number)
    assert (now.recipient, now.domain, now.state, now.next_attempt_at) == (NEW, "new.example", "queued", NOW)
    assert now.expires_at == NOW + timedelta(hours=96)
    assert not now.possible_duplicate
    assert now.sha256 == hashlib.sha256(sent).hexdigest()
    assert len({now.message_id, before.message_id, now.return_path, before.return_path}) == 4
    assert letter_text(sent) == letter_text(raw)
    assert sent.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]
    old, new = (message_from_bytes(one, policy=policy.SMTP) for one in (raw, sent))
    assert new["To"].addresses[0].addr_spec == NEW
    assert new["To"].addresses[0].display_name == old["To"].addresses[0].display_name
    assert new["Message-ID"] == now.message_id
    unchanged = [name for name in old if name not in ("To", "Message-ID", "Date")]
    assert [new[name] for name in unchanged] == [old[name] for name in unchanged]
    (kept,) = office.earlier()
    assert (kept.letter, kept.recipient, kept.raw, kept.sha256) == (number, before.recipient, raw, before.sha256)
    assert (kept.message_id, kept.return_path, kept.replaced_at) == (before.message_id, before.return_path, NOW)
    with office.database.read() as session:
        step = session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert step is not None
        assert (step.from_state, step.to_state, step.reason_code, step.text) == (state, "queued", "readdressed", WHY)


@pytest.mark.parametrize("state", ["queued", "deferred", "held", "unconfirmed"])
def test_what_waits_goes_on_waiting_with_the_new_address(office: Office, state: str) -> None:
    (number,) = office.letters(state, next_attempt_at=NOW + timedelta(hours=3))
    office.correct()
    assert office.send(number) is State(state)
    now = office.message(number)
    assert (now.recipient, now.state) == (NEW, state)
    assert now.next_attempt_at == (NOW if state == "deferred" else NOW + timedelta(hours=3))
    with office.database.read() as session:
        step = session.scalars(select(Event)).one()
        assert (step.from_state, step.to_state, step.reason_code) == (state, state, "readdressed")


@pytest.mark.parametrize("state", ["sending", "ambiguous", "accepted", "settled", "cancelled", "expired", "no_channel"])
def test_what_may_have_gone_or_is_over_keeps_its_address(office: Office, state: str) -> None:
    (number,) = office.letters(state)
    office.correct()
    assert office.refusal(number) is Refusal.MOVED_ON
    assert office.earlier() == []


def step(session: Session, number: int, before: str, after: str, kind: str = "worker", **columns: object) -> None:
    session.add(Event(message_id=number, at=NOW, from_state=before, to_state=after, actor_kind=kind, **columns))
    session.flush()


@pytest.mark.parametrize("state", ["held", "failed"])
def test_nothing_is_sent_to_a_second_mailbox_while_the_first_may_have_it(office: Office, state: str) -> None:
    (number,) = office.letters(state)
    office.correct()
    with office.database.write() as session:
        step(session, number, "sending", "ambiguous")
    assert office.refusal(number) is Refusal.MAY_BE_THERE
    with office.database.write() as session:
        step(session, number, "ambiguous", "held", "returned_mail", reason_code="reported_back")
    office.send(number)


def test_what_was_taken_and_came_back_may_go(office: Office) -> None:
    (number,) = office.letters("bounced")
    office.correct()
    with office.database.write() as session:
        step(session, number, "sending", "accepted", smtp_code=250)
        step(session, number, "accepted", "bounced", "returned_mail", smtp_code=550)
    assert office.send(number) is State.QUEUED


def test_what_cannot_be_sent_is_told(office: Office) -> None:
    numbers = office.letters("failed", "failed", "failed", "failed")
    assert office.refusal(numbers[0]) is Refusal.SAME_ADDRESS
    office.correct("no address at all")
    assert office.refusal(numbers[0]) is Refusal.ADDRESS_UNUSABLE
    assert office.earlier() == []
    office.correct()
    with office.database.write() as session:
        actions = session.scalars(select(Action).order_by(Action.id)).all()
        actions[0].cancelled_at = NOW
        session.delete(session.get_one(FrozenLetter, numbers[1]))
        session.scalars(select(Campaign)).one().holds_letters = True
    assert office.refusal(numbers[0]) is Refusal.TAKEN_BACK
    assert office.refusal(numbers[1]) is Refusal.ERASED
    assert office.refusal(numbers[2]) is Refusal.CAMPAIGN_HOLDS
    with office.database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.holds_letters, campaign.deadline_at = False, NOW
    assert office.refusal(numbers[3]) is Refusal.DEADLINE_PASSED
    with office.database.write() as session:
        session.scalars(select(Campaign)).one().deadline_at = None
        session.scalars(select(Legislator)).one().gone_at = NOW
    assert office.refusal(numbers[3]) is Refusal.SAME_ADDRESS


def test_a_dead_address_is_mended_before_anything_is_tried_again(office: Office) -> None:
    (number,) = office.letters("failed")
    dead = office.message(number).recipient
    with office.database.write() as session:
        session.add(AddressFault(recipient=dead, supporter_key="one", at=NOW))
    with office.database.write() as session:
        assert message_changes.standings(session, [number])[number].is_dead is False
        session.add(AddressFault(recipient=dead, supporter_key="two", at=NOW))
    assert office.refusal(number, Act.REQUEUE) is Refusal.ADDRESS_DEAD
    office.correct()
    assert office.refusal(number, Act.REQUEUE) is Refusal.ADDRESS_CORRECTED
    assert office.send(number) is State.QUEUED


def test_all_letters_to_a_legislator_go_to_the_new_address(office: Office) -> None:
    numbers = office.letters("bounced", "failed", "queued", "deferred", "held", "accepted", "settled", "ambiguous")
    office.correct()
    reach = ToLegislator(number=office.message(numbers[0]).legislator_id)
    with office.database.read() as session:
        found = bulk_changes.survey(session, reach, Act.READDRESS, now=NOW)
        assert bulk_changes.of_legislator(session, reach.number, now=NOW).to_former == 5
    assert found.ids == tuple(numbers[:5])
    change = Change(act=Act.READDRESS, reason=WHY, by=office.by, naming=NAMING)
    with office.database.write() as session:
        assert bulk_changes.change_batch(session, found.ids, change, now=NOW) == {}
    assert [office.message(number).recipient == NEW for number in numbers] == [True] * 5 + [False] * 3
    assert [office.message(number).state for number in numbers[:5]] == [
        "queued",
        "queued",
        "queued",
        "deferred",
        "held",
    ]
    with office.database.write() as session:
        assert len(claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids) == 5  # the ambiguous one too
        assert bulk_changes.survey(session, reach, Act.READDRESS, now=NOW).ids == (numbers[4],) * 0


def test_the_page_that_staff_begin_from_counts_them_by_few_statements(office: Office) -> None:
    office.letters("failed", "queued", "sending")
    with office.database.write() as session:
        office_holder = session.scalars(select(Legislator)).one()
        for _ in range(2):  # twice, of whom one has no letter
            session.add(
                Correction(
                    legislator_key=office_holder.key,
                    field="email",
                    value=NEW,
                    replaced="",
                    was_malformed=False,
                    why=WHY,
                    made_by="rita@example.org",
                    made_at=NOW,
                )
            )
            office_holder = sample_legislator(session, name="Ann Other", email="ann@legis.example")
    office.correct()
    with executed(office.database.engine) as said, office.database.read() as session:
        (line,) = bulk_changes.corrected(session, now=NOW)
    assert line.to_former == 2
    assert sum(statement.startswith("SELECT") for statement, _ in said) <= 4


def test_two_who_press_at_once_make_one_version(office: Office) -> None:
    numbers = office.letters("bounced", "failed", "queued")
    office.correct()
    refused: list[int] = []

    def press(session: Session) -> None:
        change = Change(act=Act.READDRESS, reason=WHY, by=office.by, naming=NAMING)
        refused.append(len(bulk_changes.change_batch(session, numbers, change, now=NOW)))

    cross(office.database, press, press)
    assert sorted(refused) == [0, 3]
    assert len(office.earlier()) == 3
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 3


@pytest.mark.parametrize("is_worker_first", [True, False])
def test_a_worker_at_the_same_moment_sends_one_version_to_its_own_address(
    office: Office, is_worker_first: bool
) -> None:
    (number,) = office.letters("queued")
    former = office.message(number).recipient
    office.correct()
    sent: list[tuple[str, bytes]] = []
    refused: list[Refusal] = []

    def work(session: Session) -> None:
        ids = claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids
        for id_ in start_bodies(session, ids, owner="w:1", now=NOW, lease=LEASE):
            message = session.get_one(Message, id_, populate_existing=True)
            sent.append((message.recipient, session.get_one(FrozenLetter, id_, populate_existing=True).raw))

    def press(session: Session) -> None:
        try:
            office.sending(session, number)
        except MessageChangeRefused as error:
            refused.append(error.code)

    cross(office.database, *((work, press) if is_worker_first else (press, work)))
    if not sent:  # PostgreSQL's worker leaves out what is locked, and finds it at its next look
        with office.database.write() as session:
            work(session)
    ((recipient, raw),) = sent
    assert recipient in str(message_from_bytes(raw, policy=policy.SMTP)["To"])
    assert (recipient == NEW) is (refused == [])
    assert recipient == former or not is_worker_first
    assert len(office.earlier()) == (0 if refused else 1)
    with office.database.write() as session:
        taken = Outcome(state=State.ACCEPTED, phase=Phase.BODY, code=250, text="250 OK")
        record(session, {number: taken}, owner="w:1", now=NOW, jitter=lambda: 0.0)
    assert office.refusal(number) is Refusal.MOVED_ON


@pytest.mark.parametrize("is_erased_first", [True, False])
def test_an_erasure_at_the_same_moment_leaves_no_word_of_any_version(office: Office, is_erased_first: bool) -> None:
    (number,) = office.letters("held")
    office.correct()
    with office.database.read() as session:
        token = session.scalars(select(Action.receipt_token)).one()

    def erase(session: Session) -> None:
        assert erasure.erase(session, token, now=NOW)

    def press(session: Session) -> None:
        try:
            office.sending(session, number)
        except MessageChangeRefused as error:
            assert error.code in (Refusal.ERASED, Refusal.MOVED_ON)

    cross(office.database, *((erase, press) if is_erased_first else (press, erase)))
    with office.database.read() as session:
        assert session.get(FrozenLetter, number) is None
        assert [version.raw for version in session.scalars(select(EarlierLetter))] in ([], [None])
        assert session.get_one(Message, number).state == "failed"


def test_what_comes_back_to_the_former_version_changes_nothing_of_the_new_one(any_database: Database) -> None:
    post = Post(any_database)
    post.send(state="bounced")
    with any_database.write() as session:
        by = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id
    office = Office(any_database, by)
    office.correct()
    office.send(post.ids[0])
    late = post.back(report("failed", "5.1.1", "550 5.1.1 No such user", to=post.paths[0]))
    assert (late.message, late.before, late.after) == (post.ids[0], State.QUEUED, State.QUEUED)
    assert post.events()[-1].reason_code == "about_earlier"
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(AddressFault)) == 0
    answer = post.back(mail(returned.REPLY, to=post.paths[0]))
    assert answer.forwarded
    message = post.message()
    own = verp_address(message.message_id[4:30], SECRET, DOMAIN)
    assert message.return_path == own
    with any_database.write() as session:
        session.execute(update(Message).values(state="sending"))
    with any_database.write() as session:
        session.execute(update(Message).values(state="accepted"))
    again = post.back(report("failed", "5.1.1", "550 5.1.1 No such user here", to=own))
    assert again.after is State.BOUNCED


def test_the_former_message_id_and_its_link_still_lead_to_the_letter(office: Office) -> None:
    (number,) = office.letters("bounced")
    with office.database.write() as session:
        session.get_one(Message, number).message_id = new_message_id("k" * 26, DOMAIN)
    office.correct()
    office.send(number)
    with office.database.read() as session:
        wanted = Filter(number=new_message_id("k" * 26, DOMAIN))
        assert list(session.scalars(matching(session, wanted, limit=2))) == [number]
        token = verify_token("k" * 26, SECRET)
        assert receipt.verification(session, token, secret=SECRET, domain=DOMAIN) is not None
    with office.database.write() as session:
        detail = message_detail.look(session, number, by=office.by, now=NOW)
    assert detail is not None
    (version,) = detail.earlier
    assert version.letter is not None
    assert version.letter.is_intact
    assert detail.letter is not None
    assert detail.letter.is_intact
    assert detail.not_readdressed is Refusal.SAME_ADDRESS


@pytest.mark.parametrize("wanted", [Filter(), Filter(campaign="ab969"), Filter(target="sample"), Filter(us_state="WI")])
def test_few_letters_for_a_former_address_are_found_among_many(office: Office, wanted: Filter) -> None:
    (first,) = office.letters("queued")
    office.correct()
    office.letters(*["queued"] * 4, recipient=NEW)
    with office.database.read() as session:
        found = bulk_changes.survey(session, wanted, Act.READDRESS, now=NOW, most=4)
    assert (found.ids, found.is_cut, found.refused) == ((first,), False, {})


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (lambda to: report("delayed", "4.4.1", "timed out", to=to), "delayed"),
        (lambda to: report("delivered", "2.1.5", "250 OK", to=to), "delivered"),
        (lambda to: mail(returned.SPEECHLESS, to=to), "unknown"),
        (lambda to: mail(returned.ABUSE, to=to), "abuse report"),
        (lambda to: report("failed", "4.2.2", "452 4.2.2 Mailbox full", to=to), "bounce"),
    ],
)
def test_whatever_comes_back_to_the_former_version_is_noted_and_only_a_complaint_does_more(
    any_database: Database, raw: Callable[[str], bytes], kind: str
) -> None:
    post = Post(any_database)
    post.send(state="bounced")
    with any_database.write() as session:
        by = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id
    office = Office(any_database, by)
    office.correct()
    office.send(post.ids[0])
    done = post.back(raw(post.paths[0]))
    assert (done.kind, done.after) == (kind, State.QUEUED)
    assert post.message().state == "queued"
    assert post.events()[-1].reason_code == ("complaint" if kind == "abuse report" else "about_earlier")
    with any_database.read() as session:
        stopped = list(session.scalars(select(Switch.scope)))
    assert stopped == (["campaign"] if kind == "abuse report" else [])


def test_the_new_version_of_an_old_letter_is_not_too_old(any_database: Database) -> None:
    post = Post(any_database)
    post.send(state="bounced")
    with any_database.write() as session:
        by = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id
        session.execute(update(Message).values(created_at=NOW - timedelta(days=70)))
    office = Office(any_database, by)
    office.correct()
    office.send(post.ids[0])
    for state in ("sending", "accepted"):
        with any_database.write() as session:
            session.execute(update(Message).values(state=state))
    raw = report("failed", "5.1.1", "550 5.1.1 No such user", to=post.message().return_path)
    assert post.back(raw, now=NOW + timedelta(days=1)).after is State.BOUNCED
    assert post.back(raw, now=NOW + timedelta(days=61)).kind == "too old"


@pytest.mark.parametrize("is_confirmed_first", [True, False])
def test_a_letter_that_is_confirmed_at_the_same_moment_is_one_version_through_and_through(
    any_database: Database, settings: Settings, is_confirmed_first: bool
) -> None:
    site = Site(any_database, settings, NOW)
    token = site.token(site.write())
    with any_database.write() as session:
        by = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id
        for legislator in session.scalars(select(Legislator)):
            legislator.email = f"{legislator.id}@new.example"
    with any_database.read() as session:
        ids = list(session.scalars(select(Message.id).order_by(Message.id)))
    change = Change(act=Act.READDRESS, reason=WHY, by=by, naming=NAMING)

    def confirm(session: Session) -> None:
        confirmation.confirm(session, token, undo_seconds=0, now=NOW)

    def press(session: Session) -> None:
        assert bulk_changes.change_batch(session, ids, change, now=NOW) == {}

    both = (confirm, press) if is_confirmed_first else (press, confirm)
    cross(any_database, *both, after="frozen_letters" if is_confirmed_first else "")
    with any_database.read() as session:
        for message in session.scalars(select(Message)):
            raw = session.get_one(FrozenLetter, message.id).raw
            letter = message_from_bytes(raw, policy=policy.SMTP)
            assert message.state == "queued"
            assert letter["To"].addresses[0].addr_spec == message.recipient
            assert message.recipient.endswith("@new.example")
            assert letter["Message-ID"] == message.message_id
            assert message.sha256 == hashlib.sha256(raw).hexdigest()

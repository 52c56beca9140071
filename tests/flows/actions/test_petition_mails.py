"""The mail that hands a petition over: queued once, handed over once, and held where nobody can know."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.petitions import PetitionMail
from actionmail.db.staff import AuditEntry
from actionmail.flows.actions import paper_jobs, petition_mailing, petition_mails
from actionmail.flows.actions.petition_mails import Addressee, MailRefused, Written
from actionmail.flows.delivery import pauses
from actionmail.flows.privacy import erasure
from actionmail.rules.actions.paper_jobs import MOST_ATTACHED, Comments, MadePaper
from actionmail.rules.actions.petition_mails import MailRefusal, MailTrouble
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause, PauseReason
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, Phase, State
from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.rules.replacing import replace
from actionmail.settings import Settings
from tests.samples import sample_action, sample_legislator, sample_petition
from tests.two_sessions import cross

OFFICE = "office@governor.example"
PDF = b"%PDF-1.7 paper"
SHA256 = hashlib.sha256(PDF).hexdigest()
WRITTEN = Written(
    recipient=OFFICE, subject="A petition to you", text="Dear Governor,\n\nHere it is.", paper_sha256="", seen=0
)


@dataclass
class Server:
    """A mail server that says the next of these to each mail; None: it is not reached."""

    says: list[Outcome | None] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        self.parcels += parcels
        outcome = self.says.pop(0)
        if outcome is None:
            return Handover(outcomes={}, trouble=Trouble(code=TroubleCode.UNREACHABLE, detail="no answer"))
        return Handover(outcomes={parcels[0].id: outcome})


def says(state: State, code: int | None = 250, text: str = "Ok") -> Outcome:
    return Outcome(state=state, phase=Phase.BODY, code=code, text=text)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.for_letters()


@pytest.fixture
def token(any_database: Database) -> str:
    """A petition to an office whose address is known, signed by somebody whose receipt this is."""
    with any_database.write() as session:
        petition = sample_petition(session)
        petition.details = {**petition.details, "to_email": OFFICE}
        return sample_action(session, petition).receipt_token


def with_paper(database: Database, now: datetime, octets: int = len(PDF)) -> None:
    with database.write() as session:
        paper_jobs.ask(session, "clemency", Comments.ALL, by=None, now=now)
        job = paper_jobs.claim(session, now=now)
        assert job
        made = MadePaper(number=1, erased=0, pages=1, octets=octets, sha256=SHA256)
        paper_jobs.finish(session, job, made, [PDF[:5], PDF[5:]], now=now)


def queue(database: Database, settings: Settings, now: datetime, written: Written = WRITTEN) -> None:
    with database.write() as session:
        petition_mails.queue(session, "clemency", written, settings=settings, by=None, now=now)


def refusal(database: Database, settings: Settings, now: datetime, written: Written) -> MailRefusal:
    with pytest.raises(MailRefused) as caught:
        queue(database, settings, now, written)
    return caught.value.code


def send(database: Database, settings: Settings, now: datetime, server: Server) -> bool:
    return petition_mailing.send(database.write, server, settings=settings, now=now)[0]


def mail_in(database: Database) -> PetitionMail:
    with database.read() as session:
        return session.scalars(select(PetitionMail).order_by(PetitionMail.id.desc())).first() or PetitionMail()


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_goes_from_our_address_signed_as_letters_are_and_once(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    server = Server([says(State.ACCEPTED)])
    done, _ = petition_mailing.send(
        any_database.write, server, settings=settings, now=now, sign=lambda raw: b"X-Signed: yes\r\n" + raw
    )
    assert done
    assert not send(any_database, settings, now + timedelta(days=9), server)
    (parcel,) = server.parcels
    assert (parcel.recipient, parcel.return_path) == (OFFICE, settings.from_address)
    mail = read(parcel.raw)
    assert mail["X-Signed"] == "yes"
    assert mail["From"] == f"Example Justice Network via Example Org <{settings.from_address}>"
    assert mail["Reply-To"].addresses[0].addr_spec == settings.contact_address
    assert mail["To"] == f"Governor Example <{OFFICE}>"
    assert mail["Message-ID"].endswith(f"@{settings.mail_domain}>")
    assert mail.get_content().replace("\r\n", "\n") == f"{WRITTEN.text}\n"
    assert mail_in(any_database).state == State.ACCEPTED
    with any_database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "petition_mailed")).one()
    assert entry.details == {"place": 1, "octets": 0}


def test_of_two_who_press_at_once_one_sends_it(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    refused: list[MailRefusal] = []

    def press(session: Session) -> None:
        try:
            petition_mails.queue(session, "clemency", WRITTEN, settings=settings, by=None, now=now)
        except MailRefused as error:
            refused.append(error.code)

    cross(any_database, press, press)
    assert refused == [MailRefusal.ANOTHER_CAME]
    server = Server([says(State.ACCEPTED)])
    assert send(any_database, settings, now, server)
    assert not send(any_database, settings, now, server)
    assert len(server.parcels) == 1


def test_of_two_workers_one_hands_it_over(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    other = Server()

    @dataclass
    class Slow(Server):
        def deliver(self, parcels: Sequence[Parcel]) -> Handover:
            assert not send(any_database, settings, now, other)  # while the first has it on the wire
            return super().deliver(parcels)

    assert send(any_database, settings, now, Slow([says(State.ACCEPTED)]))
    assert other.parcels == []


def test_the_paper_goes_with_it(any_database: Database, token: str, settings: Settings, now: datetime) -> None:
    with_paper(any_database, now)
    queue(any_database, settings, now, replace(WRITTEN, paper_sha256=SHA256))
    server = Server([says(State.ACCEPTED)])
    send(any_database, settings, now, server)
    (enclosed,) = read(server.parcels[0].raw).iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content_type()) == ("clemency.pdf", "application/pdf")
    assert enclosed.get_content() == PDF
    assert all(len(line) <= 998 for line in server.parcels[0].raw.split(b"\r\n"))


def test_a_paper_that_is_another_by_now_or_too_large_is_not_sent(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    wanted = replace(WRITTEN, paper_sha256=SHA256)
    assert refusal(any_database, settings, now, wanted) is MailRefusal.OTHER_PAPER
    with_paper(any_database, now, MOST_ATTACHED + 1)
    assert refusal(any_database, settings, now, wanted) is MailRefusal.TOO_LARGE
    with_paper(any_database, now)
    assert refusal(any_database, settings, now, replace(WRITTEN, paper_sha256="1" * 64)) is MailRefusal.OTHER_PAPER


def test_a_mail_whose_paper_went_with_somebody_is_held_and_not_sent_without_it(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    with_paper(any_database, now)
    queue(any_database, settings, now, replace(WRITTEN, paper_sha256=SHA256))
    with any_database.write() as session:
        erasure.erase(session, token, now=now)
    server = Server()
    assert send(any_database, settings, now, server)
    assert server.parcels == []
    assert (mail_in(any_database).state, mail_in(any_database).why) == (State.HELD, "paper-gone")


def test_only_whom_staff_looked_at_gets_it(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    other = replace(WRITTEN, recipient="other@governor.example")
    assert refusal(any_database, settings, now, other) is MailRefusal.OTHER_ADDRESS
    with any_database.write() as session:
        petition = session.scalars(select(Campaign)).one()
        petition.details = {**petition.details, "to_email": ""}
    assert refusal(any_database, settings, now, WRITTEN) is MailRefusal.NO_ADDRESS


def test_a_second_one_goes_once_it_is_known_what_became_of_the_first(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    second = replace(WRITTEN, seen=1)
    assert refusal(any_database, settings, now, second) is MailRefusal.UNDECIDED
    send(any_database, settings, now, Server([says(State.ACCEPTED)]))
    assert refusal(any_database, settings, now, WRITTEN) is MailRefusal.ANOTHER_CAME
    queue(any_database, settings, now, second)
    assert mail_in(any_database).place == 2


def test_what_the_server_says_decides(any_database: Database, token: str, settings: Settings, now: datetime) -> None:
    queue(any_database, settings, now)
    later = says(State.DEFERRED, 451, "Later")
    server = Server([None, later, says(State.FAILED, 550, "No such mailbox\x07")])
    send(any_database, settings, now, server)
    assert (mail_in(any_database).state, mail_in(any_database).attempts) == (State.DEFERRED, 0)
    assert not send(any_database, settings, now, server)
    send(any_database, settings, now + timedelta(minutes=2), server)
    assert not send(any_database, settings, now + timedelta(minutes=31), server)
    send(any_database, settings, now + timedelta(minutes=33), server)
    mail = mail_in(any_database)
    assert (mail.state, mail.why, mail.smtp_code, mail.words) == (State.FAILED, "said", 550, "No such mailbox\ufffd")
    ids = {read(parcel.raw)["Message-ID"] for parcel in server.parcels}
    assert len(ids) == 1


def test_it_is_given_up_after_four_days(any_database: Database, token: str, settings: Settings, now: datetime) -> None:
    queue(any_database, settings, now)
    send(any_database, settings, now + timedelta(hours=97), Server([says(State.DEFERRED, 451, "Later")]))
    assert (mail_in(any_database).state, mail_in(any_database).why) == (State.FAILED, "time-over")


def test_what_waits_too_long_behind_a_stop_goes_only_when_staff_say_so(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    late = now + timedelta(hours=96)
    with any_database.write() as session:
        assert petition_mailing.hold_late(session, now=late - timedelta(seconds=1)) == 0
        assert petition_mailing.hold_late(session, now=late) == 1
    assert (mail_in(any_database).state, mail_in(any_database).why) == (State.HELD, "time-over")
    assert not send(any_database, settings, late, Server())
    with any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.QUEUED, by=None, now=late)
        assert petition_mailing.hold_late(session, now=late) == 0
    assert send(any_database, settings, late, Server([says(State.ACCEPTED)]))


def test_where_nobody_can_know_it_is_held_until_staff_decide(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    send(any_database, settings, now, Server([says(State.AMBIGUOUS, None, "lost")]))
    assert (mail_in(any_database).state, mail_in(any_database).why) == (State.HELD, "unclear")
    with any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.QUEUED, by=None, now=now)

    class Dies(Server):
        def deliver(self, parcels: Sequence[Parcel]) -> Handover:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(any_database, settings, now, Dies())
    assert mail_in(any_database).state == State.SENDING
    with any_database.write() as session:
        assert petition_mailing.hold_unclear(session, now=now) == 0
        assert petition_mailing.hold_unclear(session, now=now + timedelta(hours=1)) == 1
    assert not send(any_database, settings, now + timedelta(days=1), Server())
    with any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.CANCELLED, by=None, now=now)
        with pytest.raises(MailRefused):
            petition_mails.change(session, "clemency", 1, State.QUEUED, by=None, now=now)


def test_staff_take_it_back_before_it_goes_or_it_has_gone(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    with any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.CANCELLED, by=None, now=now)
    assert not send(any_database, settings, now, Server())
    queue(any_database, settings, now, replace(WRITTEN, seen=1))
    send(any_database, settings, now, Server([says(State.ACCEPTED)]))
    with any_database.write() as session, pytest.raises(MailRefused) as caught:
        petition_mails.change(session, "clemency", 2, State.CANCELLED, by=None, now=now)
    assert caught.value.code is MailRefusal.MOVED_ON


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.CAMPAIGN, Scope.DOMAIN])
def test_it_heeds_the_stops_that_letters_heed(
    any_database: Database, token: str, settings: Settings, now: datetime, scope: Scope
) -> None:
    queue(any_database, settings, now)
    with any_database.write() as session:
        number = session.scalars(select(Campaign.id)).one()
        key = {Scope.ALL: "", Scope.CAMPAIGN: str(number), Scope.DOMAIN: "governor.example"}[scope]
        actor = Actor.worker("test")
        pauses.pause(session, scope, key, PauseCause(reason=PauseReason.NONE), actor=actor, now=now)
    assert not send(any_database, settings, now, Server())
    with any_database.write() as session:
        pauses.resume(session, scope, key)
    assert send(any_database, settings, now, Server([says(State.ACCEPTED)]))


def test_an_office_of_the_roster_is_found_by_its_name(any_database: Database, now: datetime) -> None:
    def found(to: str) -> Addressee | None:
        with any_database.write() as session:
            petition = session.scalars(select(Campaign)).one()
            petition.details = {**petition.details, "to": to}
            return petition_mails.addressee_of(session, petition)

    with any_database.write() as session:
        sample_petition(session, state="WI")
        sample_legislator(session, name="Uma Pattern", email="sen.pattern@legis.example")
        sample_legislator(session, name="Tom Mould", email="")
        sample_legislator(session, name="Ann Alike", email="a@legis.example")
        sample_legislator(session, name="Ann Alike", email="b@legis.example")
        sample_legislator(session, name="Al Gone", email="gone@legis.example", gone_at=now)
        sample_legislator(session, name="Bo Abroad", email="bo@legis.example", state="MN")
    assert found("Senator Uma Pattern") == Addressee(
        name="Senator Uma Pattern", address="sen.pattern@legis.example", is_of_roster=True
    )
    assert found("uma pattern") is not None
    for nobody in ("Senator Pattern", "Yuma Pattern", "Tom Mould", "Ann Alike", "Al Gone", "Bo Abroad"):
        assert found(nobody) is None


def test_one_on_which_the_program_fails_is_held_and_stops_no_other(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)

    def fail(raw: bytes) -> bytes:
        raise RuntimeError(raw.decode())

    said: list[str] = []
    done, _ = petition_mailing.send(
        any_database.write, Server(), settings=settings, now=now, sign=fail, say=said.append
    )
    mail = mail_in(any_database)
    assert done
    assert (mail.state, mail.why) == (State.HELD, "program_failed")
    assert mail.words.startswith("RuntimeError in petition_mailing.py, line ")
    assert said == [f"mail {mail.id}, which hands a petition over, cannot be made: {mail.words}"]


def for_another(database: Database, address: str = "successor@state.example.gov") -> None:
    with database.write() as session:
        petition = session.scalars(select(Campaign)).one()
        petition.details = {**petition.details, "to_email": address}


def test_nothing_goes_to_whom_the_petition_is_for_no_more(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    """A mail may wait for four days, behind a stop or a mail server that is away."""
    queue(any_database, settings, now)
    for_another(any_database)
    server = Server([says(State.ACCEPTED)])
    assert send(any_database, settings, now, server)
    assert server.parcels == []
    assert (mail_in(any_database).state, mail_in(any_database).why) == (State.HELD, MailTrouble.OTHER_ADDRESSEE)


def test_nor_is_one_tried_again_that_was_written_to_somebody_else(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)
    assert send(any_database, settings, now, Server([says(State.FAILED, 550, "no such user")]))
    for_another(any_database)
    with pytest.raises(MailRefused) as refused, any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.QUEUED, by=None, now=now + timedelta(days=90))
    assert refused.value.code is MailRefusal.OTHER_ADDRESS
    assert mail_in(any_database).state == State.FAILED
    for_another(any_database, OFFICE)
    with any_database.write() as session:
        petition_mails.change(session, "clemency", 1, State.QUEUED, by=None, now=now + timedelta(days=90))
    assert mail_in(any_database).state == State.QUEUED


def test_a_database_that_fails_meanwhile_leaves_the_mail_as_it_was(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    queue(any_database, settings, now)

    def fail(raw: bytes) -> bytes:
        raise OperationalError("SELECT", {}, Exception())

    with pytest.raises(OperationalError):
        petition_mailing.send(any_database.write, Server(), settings=settings, now=now, sign=fail)
    assert (mail_in(any_database).state, mail_in(any_database).attempts) == (State.QUEUED, 0)


def test_a_domain_of_another_script_is_written_as_mail_servers_know_it(
    any_database: Database, token: str, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        petition = session.scalars(select(Campaign)).one()
        petition.details = {**petition.details, "to_email": "office@bücher.example"}
    queue(any_database, settings, now, replace(WRITTEN, recipient="office@bücher.example"))
    server = Server([says(State.ACCEPTED)])
    send(any_database, settings, now, server)
    assert server.parcels[0].recipient == "office@xn--bcher-kva.example"

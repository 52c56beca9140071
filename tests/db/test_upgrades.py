"""Old databases come up to date with what is in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from actionmail.db import engine
from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.day_reminders import DayReminder
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.saved_views import SavedView
from actionmail.db.staff import AuditEntry
from actionmail.db.supporter_mail import SupporterMail
from actionmail.db.throttles import Switch
from actionmail.flows import staff
from actionmail.flows.actions import submitting, sums
from actionmail.flows.campaigns import publishing
from actionmail.flows.campaigns.publishing import StatusChange, Waiting
from actionmail.flows.campaigns.reading import last_author
from actionmail.flows.delivery import campaign_holds, claim, supporter_mail
from actionmail.flows.delivery.stops import stops
from actionmail.flows.privacy import audit, supporters
from actionmail.flows.review import message_detail, saved_views
from actionmail.rules.delivery.states import State
from actionmail.web.review.words import actor_words, pause_words
from tests.samples import (
    light_hash,
    sample_action,
    sample_campaign,
    sample_days,
    sample_legislator,
    sample_legislators,
    sample_message,
    sample_organisation,
    sample_petition,
    sample_statement,
)


def test_campaigns_from_before_there_were_rules_write_to_the_same_people(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    _down_to(any_database, before="0006")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        campaign, letter = session.scalars(select(Campaign)).one(), session.scalars(select(Letter)).one()
    assert (campaign.chambers, campaign.targets) == (["upper", "lower"], [])
    assert (letter.chambers, letter.parties, letter.committees) == (["upper", "lower"], [], [])
    assert (letter.own, letter.to) == ("any", "ask")


def test_campaigns_from_before_translations_have_none(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    _down_to(any_database, before="0009")
    any_database.upgrade()
    with any_database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
    assert (campaign.stage, campaign.translations) == ("", {})


def test_before_there_was_confirmation_nobody_was_asked_and_answers_went_to_supporters(
    any_database: Database, now: datetime
) -> None:
    with any_database.write() as session:
        action = sample_action(session, sample_campaign(session))
        campaign = session.get_one(Campaign, action.campaign_id)
        message = sample_message(session, action, sample_legislator(session), campaign.letters[0])
        supporter_mail.put(
            session,
            supporter_mail.Kind.ANSWER,
            message_id=message.id,
            recipient="mai@example.org",
            raw=b"Thanks",
            due=now,
        )
        supporter_mail.put(
            session, supporter_mail.Kind.ASK, message_id=message.id, recipient="mai@example.org", raw=b"?", due=now
        )
    _down_to(any_database, before="0010")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        assert session.scalars(select(Campaign.confirm)).one() == "off"
        assert session.scalars(select(Action.unconfirmed)).one() is False
        mail = session.scalars(select(SupporterMail)).one()
    assert (mail.kind, mail.recipient, mail.raw) == ("answer", "mai@example.org", b"Thanks")
    assert (mail.attempts, mail.next_attempt_at) == (0, now)
    with any_database.write() as session:
        supporter_mail.drop(session, [mail.message_id])
        assert session.scalars(select(SupporterMail)).all() == []


def test_supporters_from_before_are_found_by_their_address(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        numbers = [
            sample_action(session, campaign, email=email).id for email in ("Mai@example.org", "x@example.org", "")
        ]
    _down_to(any_database, before="0031")
    any_database.upgrade()
    with any_database.read() as session:
        assert [hit.number for hit in supporters.by_address(session, "mai@example.org")] == numbers[:1]
        assert session.get_one(Action, numbers[2]).address_bucket is None


def test_actions_from_before_there_were_counters_are_counted(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        campaign = sample_petition(session)
        sample_action(session, campaign)
        sample_action(session, campaign, cancelled_at=now)
    _down_to(any_database, before="0043")
    any_database.upgrade()
    with any_database.write() as session:
        sample_action(session, campaign)
    with any_database.read() as session:
        assert submitting.actions_so_far(session, campaign.id) == 2


def test_letters_and_actions_from_before_there_were_sums_are_summed_up(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for number, state in enumerate(("accepted", "accepted", "sending")):
            action = sample_action(session, campaign, source="flyer")
            key = {"supporter_key": str(number), "state": state}
            sample_message(session, action, legislator, campaign.letters[0], **key)
    _down_to(any_database, before="0044")
    any_database.upgrade()
    with any_database.read() as session:
        letters = {
            row.state: row.number for row in session.execute(sums.in_all(sums.LETTERS, sums.Between(), ["state"]))
        }
        actions = session.execute(sums.in_all(sums.ACTIONS, sums.Between(), ["standing", "source"])).all()
    assert letters == {"accepted": 2, "queued": 1}
    assert [tuple(row) for row in actions] == [("counts", "flyer", 3)]


def test_translations_from_before_are_told_from_the_words_of_the_upgrade(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session, translations={"es": {"title": "Que no vuelva"}})
        sample_campaign(session, slug="plain")
    _down_to(any_database, before="0011")
    any_database.upgrade()
    with any_database.read() as session:
        found = {one.slug: one for one in session.scalars(select(Campaign))}
    assert found["ab969"].translated_from == {"es": {"title": found["ab969"].title}}
    assert found["plain"].translated_from == {}


def test_campaigns_from_before_there_were_kinds_are_listed_letters_of_the_day_when_they_opened(
    any_database: Database, now: datetime
) -> None:
    with any_database.write() as session:
        legislator = sample_legislators(session)[0]
        sample_campaign(session, slug="never", posted_on=None, status="draft")
        sample_campaign(session, slug="made", posted_on=None, created_at=now)  # from a file, live at once
        sample_campaign(session, slug="opened", posted_on=None, status="draft", created_at=now - timedelta(days=9))
        opened = now.replace(hour=3)  # the day before, in Wisconsin
        publishing.change_status(session, "opened", StatusChange.PUBLISH, by=None, now=opened)
        action = sample_action(session, session.scalars(select(Campaign).where(Campaign.slug == "made")).one())
        message = sample_message(session, action, legislator, action_letter(session, action))
        supporter_mail.put(
            session, supporter_mail.Kind.ASK, message_id=message.id, recipient="mai@example.org", raw=b"?", due=now
        )
    _down_to(any_database, before="0018")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        found = {campaign.slug: campaign for campaign in session.scalars(select(Campaign))}
        mail = session.scalars(select(SupporterMail)).one()
        action = session.scalars(select(Action)).one()
    assert {(campaign.kind, campaign.listed, campaign.posted_on) for campaign in found.values()} == {
        ("letter", True, None)
    }
    days = {slug: campaign.day for slug, campaign in found.items()}
    assert days == {"never": None, "made": date(2026, 3, 4), "opened": date(2026, 3, 3)}
    assert (mail.message_id, mail.action_id, mail.raw) == (message.id, None, b"?")
    assert (action.details, action.mailbox_key, action.invalid_at) == ({}, None, None)


def test_going_back_to_before_there_were_kinds_leaves_the_letters(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_action(session, sample_campaign(session))
        signature = sample_action(session, sample_petition(session), mailbox_key="k")
        supporter_mail.put(
            session, supporter_mail.Kind.ASK, action_id=signature.id, recipient="mai@example.org", raw=b"?", due=now
        )
    _down_to(any_database, before="0018")
    any_database.upgrade()
    with any_database.read() as session:
        assert session.scalars(select(Campaign.slug)).all() == ["ab969"]
        assert len(session.scalars(select(Action)).all()) == 1
        assert session.scalars(select(SupporterMail)).all() == []


def test_going_back_to_before_reminders_of_days_drops_those_alone(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        signed_up = sample_action(session, sample_days(session), details={"days": ["midwest"]})
        session.add(DayReminder(action_id=signed_up.id, day="midwest", token="t" * 43))
        for kind in (supporter_mail.Kind.ASK, supporter_mail.Kind.DAY):
            mail = supporter_mail.put(
                session, kind, action_id=signed_up.id, recipient="mai@example.org", raw=b"?", due=now
            )
            mail.about, mail.expires_at = "midwest 2026-03-06", now
    _down_to(any_database, before="0023")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        left = session.scalars(select(SupporterMail)).one()
        assert (left.kind, left.about, left.expires_at) == ("ask", "", None)
        assert session.scalars(select(DayReminder)).all() == []


def test_going_back_to_before_there_were_statements_leaves_the_petitions(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_action(session, sample_petition(session), mailbox_key="k")
        organisation = sample_organisation(session, sample_statement(session, grace_until=now), "Moon Aid")
        supporter_mail.put(
            session, supporter_mail.Kind.DECISION, action_id=organisation.id, recipient="m@x.org", raw=b"?", due=now
        )
    _down_to(any_database, before="0024")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        assert session.scalars(select(Campaign.slug)).all() == ["clemency"]
        signature = session.scalars(select(Action)).one()
        assert (signature.review, signature.review_reason, signature.merged_into) == ("", "", None)
        assert submitting.actions_so_far(session, signature.campaign_id) == 1
        assert session.scalars(select(SupporterMail)).all() == []


def action_letter(session: Session, action: Action) -> Letter:
    return session.scalars(select(Letter).where(Letter.campaign_id == action.campaign_id)).one()


def test_entries_of_before_there_were_codes_stay_readable(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        anna = staff.add(session, "anna@example.org", staff.Role.AUTHOR, light_hash(), now=now).id
        campaign = sample_campaign(session)
        session.flush()
    _down_to(any_database, before="0014")
    old = [
        (anna, "changed campaign", "campaign ab969: new Everybody (version 2)"),
        (None, "opened", "campaign ab969: at its time"),
        (anna, "changed role", f"staff {anna} from author to admin"),
        (None, "sign-in refused", "sign-in"),
    ]
    insert = text(
        "INSERT INTO audit (at, staff_id, verb, subject) VALUES ('2026-03-04 15:12:05', :by, :verb, :subject)"
    )
    with any_database.engine.begin() as connection:
        for by, verb, subject in old:
            connection.execute(insert, {"by": by, "verb": verb, "subject": subject})
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        found = list(reversed(audit.entries(session, limit=4)))
        assert [entry.words for entry in found] == [f"{verb}: {subject}" for _, verb, subject in old]
        assert [entry.action for entry in found] == ["campaign_changed", "campaign_opened", "role_changed", None]
        assert [entry.actor for entry in found] == ["staff", "clock", "staff", None]
        assert [entry.object_key for entry in found] == ["ab969", "ab969", "anna@example.org", ""]
        assert last_author(session, session.get_one(Campaign, campaign.id)) == "anna@example.org"
    with pytest.raises(DatabaseError, match="append-only"), any_database.write() as session:
        session.execute(update(AuditEntry).values(action=""))


# scope, why and by whom of old; then the code, the words, the letter, and the actor's kind and id
OLD_COMPLAINT = "legis.example reports letter 7 as abuse."
OLD_PAUSES = [
    (
        ("target", "Two different supporters' letters met an address that does not exist.", "worker host:12"),
        ("address_on_hold", "", None, "worker", "host:12"),
    ),
    (("campaign", OLD_COMPLAINT, "returned mail"), ("complaint", "abuse", 7, "returned_mail", "")),
    (
        ("domain", "A letter came back, refused by policy (5.7.1).", "returned mail"),
        ("came_back_refused", "5.7.1", None, "returned_mail", ""),
    ),
    (("domain", "554 5.7.1 spam", "worker host:12"), ("refused", "554 5.7.1 spam", None, "worker", "host:12")),
    (("all", OLD_COMPLAINT, "command line, anna"), ("", OLD_COMPLAINT, None, "command_line", "anna")),
    (("all", "stop", "somebody"), ("", "stop", None, "other", "somebody")),
]


def test_pauses_of_before_there_were_codes_stay_readable(any_database: Database) -> None:
    _down_to(any_database, before="0016")
    insert = text("INSERT INTO switches (scope, key, reason, actor, at) VALUES (:scope, :key, :reason, :actor, :at)")
    with any_database.engine.begin() as connection:
        for number, ((scope, reason, actor), _) in enumerate(OLD_PAUSES):
            at = f"2026-03-04 15:12:{number:02}+00:00"
            values = {"scope": scope, "key": str(number), "reason": reason, "actor": actor, "at": at}
            connection.execute(insert, values)
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        rows = session.scalars(select(Switch).order_by(Switch.at)).all()
        codes = [(row.reason_code, row.words, row.message_id, row.actor_kind, row.actor_id) for row in rows]
        assert codes == [new for _, new in OLD_PAUSES]
        whys = [pause_words(stop) for stop in stops(session)]
        actors = [actor_words(stop.actor) for stop in stops(session)]
    assert whys[1] == "Somebody reports letter 7 as abuse.", "the letter is not there"
    whys[1] = OLD_COMPLAINT
    assert whys == [reason for (_, reason, _), _ in OLD_PAUSES]
    assert [actor.removeprefix("the ") for actor in actors] == [actor for (_, _, actor), _ in OLD_PAUSES]


def _down_to(database: Database, *, before: str) -> None:
    folder = str(Path(engine.__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    revision = ScriptDirectory(folder).get_revision(before).down_revision
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(revision))


OLD_STATES = tuple(dict.fromkeys((*State, "review", "rejected")))
LOST = "Nobody can know whether the mail server took the letter; it goes out once more, with the same Message-ID."
# from, to, by whom, words; then the actor's kind and id, the code, and the words that stay
OLD_EVENTS = [
    ("", "queued", "supporter", "", "supporter", "", "", ""),
    ("queued", "sending", "worker host:12", "", "worker", "host:12", "", ""),
    (
        "sending",
        "ambiguous",
        "worker host:12",
        f"Broken.\nOff.\n{LOST}",
        "worker",
        "host:12",
        "answer_lost",
        "Broken.\nOff.",
    ),
    (
        "sending",
        "failed",
        "worker host:12",
        "Later\nGiven up after 3 tries: the time is over.",
        "worker",
        "host:12",
        "given_up",
        "Later",
    ),
    (
        "sending",
        "deferred",
        "worker host:12",
        "The worker was told to stop.",
        "worker",
        "host:12",
        "given_back",
        "The worker was told to stop.",
    ),
    ("sending", "accepted", "worker host:12", "2.0.0 Ok\nthank you", "worker", "host:12", "", "2.0.0 Ok\nthank you"),
    ("accepted", "settled", "the clock", "Nothing came back for 72 hours.", "clock", "", "quiet", ""),
    (
        "accepted",
        "accepted",
        "returned mail",
        "The receiving side is still trying.\n4.4.1 x",
        "returned_mail",
        "",
        "reported_delayed",
        "4.4.1 x",
    ),
    (
        "accepted",
        "accepted",
        "returned mail",
        "A complaint came back: abuse.",
        "returned_mail",
        "",
        "complaint",
        "abuse",
    ),
    (
        "queued",
        "cancelled",
        "staff 7",
        "Nobody confirmed it in time.",
        "staff",
        "7",
        "",
        "Nobody confirmed it in time.",
    ),
    ("queued", "cancelled", "command line, anna", "Asked for", "command_line", "anna", "", "Asked for"),
    ("queued", "held", "command line", "Held back with the campaign.", "command_line", "", "campaign_held", ""),
    ("queued", "held", "staff 7", "Held back with the campaign.", "staff", "7", "campaign_held", ""),
    (
        "queued",
        "queued",
        "mail to supporters",
        "The reminder was not accepted.",
        "supporter_mail",
        "",
        "reminder_not_taken",
        "",
    ),
    ("queued", "held", "somebody", "Why not", "other", "somebody", "", "Why not"),
]


def test_letters_in_every_state_come_along_with_their_history(any_database: Database, now: datetime) -> None:
    numbers = _old_letters(any_database, now)
    with any_database.engine.begin() as connection:
        for before, after, actor, words, *_ in OLD_EVENTS:
            _old_event(connection, numbers["queued"], before, after, actor, words)
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        stand = dict(session.execute(select(Message.id, Message.state)).all())
        abolished = {"review": "held", "rejected": "cancelled"}
        assert stand == {number: abolished.get(state, state) for state, number in numbers.items()}
        of_queued = select(Event).where(Event.message_id == numbers["queued"]).order_by(Event.id)
        kept = [
            (one.from_state, one.to_state, one.actor_kind, one.actor_id, one.reason_code, one.text)
            for one in session.scalars(of_queued)
        ]
        assert kept == [(before, after, *new) for before, after, _, _, *new in OLD_EVENTS]
        for number in numbers.values():
            detail = message_detail.look(session, number, by=1, now=now)
            assert detail is not None
            assert all(actor_words(step.actor, step.staff) for step in detail.steps)


def test_the_old_history_still_cannot_be_altered_after_the_upgrade(any_database: Database, now: datetime) -> None:
    numbers = _old_letters(any_database, now)
    with any_database.engine.begin() as connection:
        _old_event(connection, numbers["queued"], "", "queued", "supporter", "")
    any_database.upgrade()
    for statement in ("UPDATE events SET text = 'x'", "DELETE FROM events"):
        with pytest.raises(DatabaseError, match="append-only"), any_database.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_campaign_that_was_held_back_before_the_upgrade_stays_so(any_database: Database, now: datetime) -> None:
    """Also with a notice that came meanwhile, and with what began to wait though it was held."""
    numbers = _old_letters(any_database, now, status="paused")
    with any_database.engine.begin() as connection:
        _old_event(connection, numbers["held"], "queued", "held", "staff 7", "Held back with the campaign.")
        _old_event(
            connection, numbers["held"], "held", "held", "returned mail", "The receiving side is still trying.\nx"
        )
        _old_event(connection, numbers["queued"], "held", "queued", "staff 7", "The office asked.")
    any_database.upgrade()
    with any_database.write() as session:
        stand = dict(session.execute(select(Message.id, Message.state)).all())
        assert stand[numbers["deferred"]] == stand[numbers["ambiguous"]] == "held"
        assert stand[numbers["queued"]] == "queued"  # staff released it alone
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.holds_letters
        assert campaign_holds.held_back(session, campaign.id) == 3
        assert session.get_one(Message, numbers["ambiguous"]).possible_duplicate
        taken = claim(session, owner="w:1", now=now, limit=9, lease=timedelta(minutes=5))
        assert taken.ids == [numbers["queued"]]
        how = publishing.Choice(letters=Waiting.RELEASE)
        publishing.change_status(session, "ab969", StatusChange.PUBLISH, by=None, now=now, how=how)
        assert len(claim(session, owner="w:1", now=now, limit=9, lease=timedelta(minutes=5)).ids) == 3


def _old_letters(database: Database, now: datetime, *, status: str = "live") -> dict[str, int]:
    """One letter in each state of the version before; their numbers. The tables are as that version left them."""
    numbers: dict[str, int] = {}
    with database.write() as session:
        campaign = sample_campaign(session, status=status)
        for state in OLD_STATES:
            action = sample_action(session, campaign, email=f"{state}@example.org")
            stands = "queued" if state in ("review", "rejected") else state  # which are other states today
            message = sample_message(
                session, action, sample_legislator(session), campaign.letters[0], state=stands, next_attempt_at=now
            )
            numbers[state] = message.id
    _down_to(database, before="0012")
    with database.engine.begin() as connection:
        for state in ("review", "rejected"):
            values = {"state": state, "id": numbers[state]}
            connection.execute(text("UPDATE messages SET state = :state WHERE id = :id"), values)
    return numbers


def _old_event(connection: Connection, message: int, before: str, after: str, actor: str, words: str) -> None:
    connection.execute(
        text(
            "INSERT INTO events (message_id, at, from_state, to_state, actor, attempt, phase, enhanced, text, "
            "queue_id) VALUES (:message, '2026-03-04 15:12:05+00:00', :before, :after, :actor, 0, '', '', :words, '')"
        ),
        {"message": message, "before": before, "after": after, "actor": actor, "words": words},
    )


def test_going_back_behind_reviews_holds_what_waits_to_be_read(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session, review="all")
        for state in ("review", "rejected"):
            action = sample_action(session, campaign, email=f"{state}@example.org")
            sample_message(session, action, sample_legislator(session), campaign.letters[0], state=state)
    _down_to(any_database, before="0035")
    with any_database.engine.connect() as connection:
        assert list(connection.execute(text("SELECT state FROM messages ORDER BY id")).scalars()) == [
            "held",
            "cancelled",
        ]
    any_database.upgrade()
    with any_database.read() as session:
        assert session.scalars(select(Campaign.review)).one() == "off"


def test_views_of_before_lose_what_may_name_a_supporter(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        rita = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=now).id
        for name, query in (("A", "state=held&words=Mai+Example"), ("B", "words=Mai&number=7"), ("C", "source=a%26b")):
            session.add(SavedView(name=name, query=query, made_by=rita, made_at=now))
    _down_to(any_database, before="0037")
    any_database.upgrade()
    with any_database.read() as session:
        kept = [(view.name, view.query) for view in saved_views.views(session)]
    assert kept == [("A", "state=held"), ("C", "source=a%26b")]

"""Reminders of days of action: once, in time, and of the days as they are; and two workers at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.day_reminders import DayReminder
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from actionmail.db.throttles import Switch
from actionmail.flows.actions import confirmation, day_reminders, receipt, taking
from actionmail.flows.actions.refusals import ActedBefore, CampaignClosed, DayGone
from actionmail.flows.campaigns.reading import all_columns
from actionmail.flows.campaigns.saving import save_campaign
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import erasure, retention
from actionmail.rules import speech
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, Phase, State
from actionmail.settings import Settings
from actionmail.web.platform import tongues
from tests.samples import NOW, action_day, sample_days
from tests.two_sessions import cross

MIDWEST, WEST = date(2026, 3, 6), date(2026, 3, 7)
EVENING = datetime(2026, 3, 6, 0, tzinfo=UTC)  # Thursday, 18:00 in Chicago, of the Midwest's Friday
WEST_EVENING = datetime(2026, 3, 7, 4, tzinfo=UTC)  # Friday, 18:00 in Honolulu; two hours before in Los Angeles


@pytest.fixture
def week(any_database: Database) -> int:
    with any_database.write() as session:
        return sample_days(session).id


def sign_up(database: Database, settings: Settings, week: int, *days: str, at: datetime = NOW, **different: Any) -> str:
    """The receipt's token."""
    who = {"email": "mai@example.org", "zip": "53704", "state": "WI", "name": "", **different}
    with database.write() as session:
        press = taking.Press(
            campaign_id=week,
            key=who["email"].partition("@")[0].ljust(32, "k"),
            consent_text="Remind me",
            details={"days": list(days)},
            **who,
        )
        return taking.take(session, press, settings=settings, now=at).receipt_token


def remind(database: Database, settings: Settings, at: datetime) -> int:
    with database.write() as session:
        return day_reminders.put_due(session, settings=settings, now=at)


def waiting(database: Database) -> list[SupporterMail]:
    with database.read() as session:
        return list(session.scalars(select(SupporterMail).order_by(SupporterMail.id)))


def mail_of(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=default))


def save(database: Database, week: int, days: Sequence[dict[str, Any]], *, at: datetime, **columns: Any) -> None:
    with database.write() as session:
        campaign = session.get_one(Campaign, week)
        details = {"reminders": True, "after": "", "day": list(days)}
        save_campaign(session, {**all_columns(campaign), "details": details, **columns}, [], by=None, now=at)


def change(database: Database, week: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, week), name, value)


class Relay:
    """Takes all that it is given, or nothing while it is away."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []
        self.is_away = False

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        if self.is_away:
            return Handover(outcomes={})
        self.taken += parcels
        accepted = Outcome(state=State.ACCEPTED, phase=Phase.DATA, code=250, enhanced="", text="")
        return Handover(outcomes={parcel.id: accepted for parcel in parcels})


def send(database: Database, relay: Relay, at: datetime) -> int:
    return supporter_mail.send(database.write, relay, from_address="letters@act.example.org", now=at)[0]


def test_the_evening_before_at_six_they_are_reminded_once(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest")
    assert remind(any_database, settings, EVENING - timedelta(minutes=1)) == 0
    assert remind(any_database, settings, EVENING) == 1
    assert remind(any_database, settings, EVENING + timedelta(minutes=1)) == 0
    relay = Relay()
    assert send(any_database, relay, EVENING) == 1
    assert remind(any_database, settings, EVENING + timedelta(hours=12)) == 0
    assert send(any_database, relay, EVENING + timedelta(hours=12)) == 0
    (parcel,) = relay.taken
    mail = mail_of(parcel.raw)
    assert (parcel.recipient, mail["Subject"]) == (
        "mai@example.org",
        "Reminder: Midwest, Friday, March 6: Week of action",
    )
    text = mail.get_content().replace("\r\n", "\n")
    for words in ("Host: Example Group", "Teach-in\nFriday, 12:00 PM to 1:00 PM CST", "Bring a neighbor."):
        assert words in text
    for path in ("/campaigns/week#midwest", "/campaigns/week/days/midwest.ics"):
        assert f"{settings.base_url}{path}" in text


def test_the_mail_ends_in_one_click(any_database: Database, settings: Settings, week: int) -> None:
    sign_up(any_database, settings, week, "midwest", "west")
    remind(any_database, settings, EVENING)
    mail = mail_of(waiting(any_database)[0].raw)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link in mail.get_content()
    token = link.rpartition("/")[2]
    with any_database.write() as session:
        assert day_reminders.stop(session, token, now=EVENING)
    with any_database.write() as session:
        assert not day_reminders.stop(session, token, now=EVENING)
        assert day_reminders.find(session, token) is None
    assert waiting(any_database) == []
    assert remind(any_database, settings, WEST_EVENING) == 0


def test_it_is_six_where_the_supporter_lives_and_their_clock_is_told(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "west", email="kai@example.org", state="HI", zip="96801")
    sign_up(any_database, settings, week, "west", email="lee@example.org", state="CA", zip="94103")
    sign_up(any_database, settings, week, "west", email="nobody-knows@example.org", state="")
    assert remind(any_database, settings, WEST_EVENING - timedelta(hours=2)) == 1
    assert waiting(any_database)[0].recipient == "lee@example.org"
    assert "Where you are: Saturday, 10:00 AM to 11:00 AM PST" in mail_of(waiting(any_database)[0].raw).get_content()
    assert remind(any_database, settings, WEST_EVENING) == 2


def test_two_workers_at_once_remind_once(any_database: Database, settings: Settings, week: int) -> None:
    for number in range(3):
        sign_up(any_database, settings, week, "midwest", email=f"m{number}@example.org")
    put: list[int] = []

    def work(session: Any) -> None:
        put.append(day_reminders.put_due(session, settings=settings, now=EVENING))

    cross(any_database, work, work)
    assert sorted(put) == [0, 3]
    put.clear()
    change(any_database, week, updated_at=NOW)
    cross(any_database, work, work, after="FROM day_reminders")
    assert put == [0, 0]
    assert len(waiting(any_database)) == 3


def test_two_workers_share_more_than_one_takes_at_a_time(any_database: Database, settings: Settings, week: int) -> None:
    for number in range(5):
        sign_up(any_database, settings, week, "midwest", email=f"m{number}@example.org")

    def work(session: Any) -> int:
        return day_reminders.put_due(session, settings=settings, now=EVENING, limit=3)

    cross(any_database, work, work)
    recipients = [mail.recipient for mail in waiting(any_database)]
    assert sorted(recipients) == [f"m{number}@example.org" for number in range(5)]


def test_who_takes_it_back_at_that_moment_is_not_reminded(
    any_database: Database, settings: Settings, week: int
) -> None:
    token = sign_up(any_database, settings, week, "midwest")
    cross(
        any_database,
        lambda session: day_reminders.put_due(session, settings=settings, now=EVENING),
        lambda session: receipt.cancel(session, token, now=EVENING),
    )
    assert waiting(any_database) == []


def test_a_worker_that_was_away_for_a_night_reminds_as_long_as_the_day_is_not_over(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest", "west")
    assert remind(any_database, settings, EVENING + timedelta(hours=14)) == 1  # Friday, 8:00
    assert remind(any_database, settings, datetime(2026, 3, 9, 12, tzinfo=UTC)) == 0


def test_a_reminder_that_finds_no_mail_server_in_time_is_given_up(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest")
    remind(any_database, settings, EVENING)
    relay = Relay()
    relay.is_away = True
    assert send(any_database, relay, EVENING) == 0
    relay.is_away = False
    over = datetime(2026, 3, 7, 6, tzinfo=UTC)  # midnight in Chicago
    assert send(any_database, relay, over) == 0
    with any_database.write() as session:
        assert supporter_mail.drop_expired(session, now=over) == 1
    assert relay.taken == []


def test_a_day_that_was_moved_is_told_on_its_new_evening_and_anew(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest")
    moved = [action_day("midwest", date(2026, 3, 10), ["WI", "MN"])]
    save(any_database, week, moved, at=NOW)
    assert remind(any_database, settings, EVENING) == 0
    on_monday = datetime(2026, 3, 9, 23, tzinfo=UTC)  # 18:00, and summer's clock by now
    assert remind(any_database, settings, on_monday) == 1
    assert "Tuesday, March 10" in mail_of(waiting(any_database)[0].raw)["Subject"]
    send(any_database, Relay(), on_monday)
    save(any_database, week, [action_day("midwest", date(2026, 3, 12), ["WI", "MN"])], at=on_monday)
    assert remind(any_database, settings, on_monday + timedelta(days=2)) == 1


def test_a_mail_that_waits_is_withdrawn_where_its_day_was_moved_or_taken_out(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest", "west")
    remind(any_database, settings, EVENING)
    save(any_database, week, [action_day("west", WEST, ["CA"])], at=EVENING)
    assert remind(any_database, settings, EVENING) == 0
    assert waiting(any_database) == []
    back = [action_day("midwest", MIDWEST, ["WI"]), action_day("west", WEST, ["CA"])]
    save(any_database, week, back, at=EVENING)
    assert remind(any_database, settings, EVENING) == 1


@pytest.mark.parametrize("status", ["paused", "closed", "archived"])
def test_a_campaign_that_is_not_live_reminds_of_nothing(
    any_database: Database, settings: Settings, week: int, status: str
) -> None:
    sign_up(any_database, settings, week, "midwest")
    sign_up(any_database, settings, week, "midwest", email="late@example.org", at=NOW)
    change(any_database, week, status=status)
    assert remind(any_database, settings, EVENING) == 0
    change(any_database, week, status="live")
    assert remind(any_database, settings, EVENING) == 2
    change(any_database, week, status=status)
    assert send(any_database, Relay(), EVENING) == 0


def test_a_pause_of_everything_holds_reminders_too(any_database: Database, settings: Settings, week: int) -> None:
    sign_up(any_database, settings, week, "midwest")
    remind(any_database, settings, EVENING)
    with any_database.write() as session:
        session.add(Switch(scope="all", key="", actor_kind="staff", at=NOW))
    assert send(any_database, Relay(), EVENING) == 0


def test_reminders_that_authors_turned_off_do_not_go(any_database: Database, settings: Settings, week: int) -> None:
    sign_up(any_database, settings, week, "midwest")
    with any_database.write() as session:
        campaign = session.get_one(Campaign, week)
        campaign.details = {**campaign.details, "reminders": False}
    assert remind(any_database, settings, EVENING) == 0
    with pytest.raises(CampaignClosed):
        sign_up(any_database, settings, week, "midwest", email="late@example.org")


def test_nobody_is_reminded_who_did_not_confirm_or_does_not_count(
    any_database: Database, settings: Settings, week: int
) -> None:
    change(any_database, week, confirm="always")
    sign_up(any_database, settings, week, "midwest")
    assert waiting(any_database)[0].kind == "ask"
    assert remind(any_database, settings, EVENING) == 0
    with any_database.write() as session:
        action = session.scalars(select(Action)).one()
        link = mail_of(session.scalars(select(SupporterMail).order_by(SupporterMail.id)).first().raw)  # type: ignore[union-attr]
        assert "asked to be reminded of days of action" in link.get_content()
        token = link.get_content().split("/confirmations/")[1].split()[0]
        confirmation.confirm(session, token, undo_seconds=0, now=NOW)
        action.invalid_at = NOW
    assert remind(any_database, settings, EVENING) == 0
    with any_database.write() as session:
        session.scalars(select(Action)).one().invalid_at = None
    assert remind(any_database, settings, EVENING) == 1


def test_a_mailbox_signs_up_once_for_days_that_there_are(any_database: Database, settings: Settings, week: int) -> None:
    token = sign_up(any_database, settings, week, "midwest")
    with pytest.raises(ActedBefore):
        sign_up(any_database, settings, week, "west", email="MAI+x@example.org")
    for days in (("north",), ()):
        with pytest.raises(DayGone):
            sign_up(any_database, settings, week, *days, email="lee@example.org")
    with any_database.write() as session:
        assert receipt.cancel(session, token, now=NOW) == 1
    sign_up(any_database, settings, week, "west", email="MAI+x@example.org")


def test_erasing_ends_reminders_and_leaves_the_count(any_database: Database, settings: Settings, week: int) -> None:
    token = sign_up(any_database, settings, week, "midwest")
    remind(any_database, settings, EVENING)
    with any_database.write() as session:
        assert erasure.erase(session, token, now=EVENING)
    with any_database.read() as session:
        action = session.scalars(select(Action)).one()
        assert (action.email, action.zip, action.mailbox_key, action.cancelled_at) == ("", "", None, None)
        assert session.scalar(select(func.count()).select_from(DayReminder)) == 0
    assert waiting(any_database) == []


def forgotten(database: Database, at: datetime) -> list[str]:
    """Whose address is still known after the sweep."""
    with database.write() as session:
        retention.erase_reminded(session, now=at, limit=100)
    with database.read() as session:
        return list(session.scalars(select(Action.email).where(Action.email != "").order_by(Action.email)))


def test_a_week_after_their_last_day_addresses_are_erased(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest", email="a@example.org")
    sign_up(any_database, settings, week, "midwest", "west", email="b@example.org")
    sign_up(any_database, settings, week, "west", email="c@example.org", wants_updates=True)
    everybody = ["a@example.org", "b@example.org", "c@example.org"]
    a_week = timedelta(days=7)
    midwest_over, west_over = datetime(2026, 3, 7, 6, tzinfo=UTC), datetime(2026, 3, 8, 10, tzinfo=UTC)
    assert forgotten(any_database, midwest_over + a_week - timedelta(minutes=1)) == everybody
    assert forgotten(any_database, midwest_over + a_week) == everybody[1:]
    assert forgotten(any_database, west_over + a_week) == ["c@example.org"]


def test_of_a_day_that_was_taken_out_addresses_stay_until_the_others_are_over(
    any_database: Database, settings: Settings, week: int
) -> None:
    sign_up(any_database, settings, week, "midwest")
    save(any_database, week, [action_day("west", WEST, ["CA", "HI"])], at=NOW)
    assert forgotten(any_database, datetime(2026, 3, 14, 12, tzinfo=UTC)) == ["mai@example.org"]
    assert forgotten(any_database, datetime(2026, 3, 16, 12, tzinfo=UTC)) == []


def test_a_reminder_speaks_the_language_of_the_sign_up(any_database: Database, settings: Settings, week: int) -> None:
    sign_up(any_database, settings, week, "midwest", language="es")
    sign_up(any_database, settings, week, "midwest", email="other@example.org", language="xx")
    speech.learn(tongues.of_installation(settings.data_dir))
    try:
        assert remind(any_database, settings, EVENING) == 2
    finally:
        speech.learn({})
    spanish, unknown = (mail_of(mail.raw) for mail in waiting(any_database))
    assert "viernes, 6 de marzo" in spanish["Subject"]
    assert "Para su calendario: " in spanish.get_content()
    assert unknown["Subject"].startswith("Reminder: ")
    assert speech.spoken() is speech.ENGLISH

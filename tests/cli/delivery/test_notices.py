"""Staff who asked for it are told by mail: each morning what needs attention, and at once what burns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from actionmail.cli.delivery.notice_task import notice_mail
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember, StaffNotice
from actionmail.flows.delivery import pauses
from actionmail.flows.review.attention import burning, site_clock
from actionmail.flows.staff import Role, notices
from actionmail.flows.staff.notices import NoticeKind, next_morning
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause, PauseReason, Reason
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, State
from actionmail.settings import Settings
from tests.executed import executed
from tests.samples import sample_action, sample_campaign, sample_legislators, sample_message
from tests.web.staff_pages import hire, signed_in, staff_app, words

# 06:30 in Madison.
BEFORE = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
RITA = "rita@example.org"


class Post:
    """A mail server that takes, or does not; `mails` are what it took."""

    def __init__(self, *, takes: bool = True) -> None:
        self.mails: list[tuple[str, str, str]] = []
        self.takes = takes

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        outcomes = {}
        for parcel in parcels:
            state = State.ACCEPTED if self.takes else State.DEFERRED
            outcomes[parcel.id] = Outcome(state=state, phase="body", text="", code=250, reason=Reason.NONE)
            if self.takes:
                mail = message_from_bytes(parcel.raw, policy=mail_policy)
                self.mails.append((parcel.recipient, mail["Subject"], mail.get_content()))
        return Handover(outcomes=outcomes)


def ask_for(database: Database, *kinds: NoticeKind, email: str = RITA, now: datetime = BEFORE) -> None:
    with database.write() as session:
        person = session.scalars(select(StaffMember).where(StaffMember.email == email)).one()
        first = {NoticeKind.DAILY: next_morning(now, site_clock(session)), NoticeKind.AT_ONCE: now}
        wanted = {kind: first[kind] for kind in kinds}
        notices.choose_notices(session, person.id, wanted, known=burning(session))


def stop(database: Database, now: datetime, key: str = "legis.example") -> None:
    with database.write() as session:
        cause = PauseCause(reason=PauseReason.REFUSED, words="550 5.7.1 refused")
        pauses.pause(session, Scope.DOMAIN, key, cause, actor=Actor.worker("host:1"), now=now)


def hold(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        letter = session.scalars(select(Letter)).one()
        (legislator, *_) = sample_legislators(session)
        person = sample_action(session, campaign, name="Mai Secret", email="secret@example.org")
        sample_message(session, person, legislator, letter, state="held", created_at=now)


def run(database: Database, settings: Settings, post: Post, now: datetime) -> None:
    there = replace(settings, from_address="letters@act.example.org", base_url="https://act.example.org")
    notice_mail(there, database.write, post, clock=lambda: now).do()


@pytest.fixture
def staffed(database: Database) -> Database:
    hire(database, RITA, Role.REVIEWER)
    return database


def test_the_digest_comes_once_in_the_morning_of_the_campaigns(staffed: Database, settings: Settings) -> None:
    hold(staffed, BEFORE)
    ask_for(staffed, NoticeKind.DAILY)
    post = Post()
    run(staffed, settings, post, MORNING - timedelta(seconds=1))
    assert post.mails == []
    for minutes in (0, 1, 60, 600):
        run(staffed, settings, post, MORNING + timedelta(minutes=minutes))
    ((recipient, subject, text),) = post.mails
    assert (recipient, subject) == (RITA, "Example Org: one thing needs attention")
    assert "1 letter: held" in text
    assert "https://act.example.org/staff/messages?state=held" in text
    assert "Secret" not in text
    run(staffed, settings, post, MORNING + timedelta(days=1))
    assert len(post.mails) == 2


def test_while_nobody_is_due_to_be_told_nothing_is_looked_up(staffed: Database, settings: Settings) -> None:
    """The task comes by each minute, and mostly nobody asked, or they were told."""
    hold(staffed, BEFORE)
    with executed(staffed.engine) as nobody:
        run(staffed, settings, Post(), MORNING)
    ask_for(staffed, NoticeKind.DAILY)
    with executed(staffed.engine) as not_yet:
        run(staffed, settings, Post(), BEFORE)
    for said in (nobody, not_yet):
        assert sum(statement.startswith("SELECT") for statement, _ in said) == 1
    post = Post()
    run(staffed, settings, post, MORNING)
    assert len(post.mails) == 1


def test_where_nothing_needs_attention_nothing_is_sent(staffed: Database, settings: Settings) -> None:
    with staffed.write() as session:
        sample_campaign(session)
    ask_for(staffed, *NoticeKind)
    post = Post()
    run(staffed, settings, post, MORNING)
    run(staffed, settings, post, MORNING + timedelta(days=1))
    assert post.mails == []


def test_nobody_gets_what_they_did_not_ask_for_or_may_not_see(staffed: Database, settings: Settings) -> None:
    hold(staffed, BEFORE)
    for email, role in (("ada@example.org", Role.ADMIN), ("gone@example.org", Role.REVIEWER)):
        hire(staffed, email, role)
    ask_for(staffed, *NoticeKind)
    ask_for(staffed, NoticeKind.DAILY, email="gone@example.org")
    with staffed.write() as session:
        session.execute(update(StaffMember).where(StaffMember.email == RITA).values(role="author"))
        session.execute(update(StaffMember).where(StaffMember.email == "gone@example.org").values(disabled_at=BEFORE))
    stop(staffed, BEFORE)
    post = Post()
    run(staffed, settings, post, MORNING)
    assert post.mails == []


def test_a_new_stop_is_told_at_once_and_the_next_within_the_hour_after_it(
    staffed: Database, settings: Settings
) -> None:
    stop(staffed, BEFORE - timedelta(days=1), "old.example")
    ask_for(staffed, NoticeKind.AT_ONCE)
    post = Post()
    run(staffed, settings, post, BEFORE)
    assert post.mails == []  # that one was known
    stop(staffed, BEFORE, "new.example")
    run(staffed, settings, post, BEFORE + timedelta(minutes=1))
    assert [subject for _, subject, _ in post.mails] == ["Example Org: letters are stopped"]
    assert "Nothing is sent to addresses at new.example: 550 5.7.1 refused" in post.mails[0][2]
    assert "old.example" not in post.mails[0][2]
    stop(staffed, BEFORE + timedelta(minutes=2), "third.example")
    run(staffed, settings, post, BEFORE + timedelta(minutes=60))
    assert len(post.mails) == 1
    run(staffed, settings, post, BEFORE + timedelta(minutes=61))
    assert "third.example" in post.mails[1][2]
    assert "new.example" not in post.mails[1][2]
    run(staffed, settings, post, BEFORE + timedelta(hours=9))
    assert len(post.mails) == 2


def test_a_stop_that_was_lifted_and_set_again_is_news(staffed: Database, settings: Settings) -> None:
    stop(staffed, BEFORE)
    ask_for(staffed, NoticeKind.AT_ONCE)
    with staffed.write() as session:
        pauses.resume(session, Scope.DOMAIN, "legis.example")
    stop(staffed, BEFORE + timedelta(minutes=5))
    post = Post()
    run(staffed, settings, post, BEFORE + timedelta(minutes=6))
    assert len(post.mails) == 1


def test_a_mail_server_that_is_away_is_tried_again(staffed: Database, settings: Settings) -> None:
    hold(staffed, BEFORE)
    ask_for(staffed, NoticeKind.DAILY)
    away, there = Post(takes=False), Post()
    run(staffed, settings, away, MORNING)
    run(staffed, settings, there, MORNING + timedelta(minutes=29))
    assert there.mails == []
    run(staffed, settings, there, MORNING + timedelta(minutes=30))
    assert len(there.mails) == 1


def test_of_two_workers_one_mails(any_database: Database, settings: Settings) -> None:
    hire(any_database, RITA, Role.REVIEWER)
    hold(any_database, BEFORE)
    ask_for(any_database, *NoticeKind)
    stop(any_database, BEFORE)
    post, together = Post(), Barrier(2)

    def work() -> None:
        together.wait(60)
        run(any_database, settings, post, MORNING)

    with ThreadPoolExecutor(2) as pool:
        for worker in [pool.submit(work) for _ in range(2)]:
            worker.result(60)
    assert sorted(subject for _, subject, _ in post.mails) == [
        "Example Org: 2 things need attention",
        "Example Org: letters are stopped",
    ]


def test_morning_is_seven_whatever_the_clocks_do(database: Database) -> None:
    chicago = ZoneInfo("America/Chicago")
    # The night in which clocks go forward there.
    assert next_morning(datetime(2026, 3, 8, 6, 0, tzinfo=UTC), chicago) == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    assert next_morning(datetime(2026, 3, 8, 12, 0, tzinfo=UTC), chicago) == datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
    with database.write() as session:
        assert site_clock(session).key == "UTC"
        sample_campaign(session)
        sample_campaign(session, slug="other", timezone="America/New_York", status="archived")
        assert site_clock(session).key == "America/Chicago"
        session.execute(update(Campaign).values(status="archived"))


def test_every_link_of_the_mails_leads_to_a_page(staffed: Database, settings: Settings, tmp_path: Path) -> None:
    hold(staffed, BEFORE)
    ask_for(staffed, *NoticeKind)
    stop(staffed, BEFORE)
    with staffed.write() as session:
        for scope, key in ((Scope.ALL, ""), (Scope.TARGET, "1"), (Scope.CAMPAIGN, "1")):
            cause = PauseCause(reason=PauseReason.NONE, words="a person said so")
            pauses.pause(session, scope, key, cause, actor=Actor.staff(1), now=BEFORE)
    post = Post()
    run(staffed, settings, post, MORNING)
    browser = signed_in(staff_app(settings, tmp_path), RITA)
    links = set(re.findall(r"https://act\.example\.org(\S+)", " ".join(text for _, _, text in post.mails)))
    assert len(links) >= 6
    for link in links:
        path = urlsplit(link)._replace(fragment="").geturl()
        assert browser.get(path).status_code == 200, link


def test_staff_choose_on_their_own_page(staffed: Database, settings: Settings, tmp_path: Path) -> None:
    browser = signed_in(staff_app(settings, tmp_path), RITA)
    page = browser.get("/staff/account")
    assert "What you are told by mail" in words(page)
    assert browser.post("/staff/account/notices", daily="1").status_code == 303
    assert 'name="daily" value="1" aria-describedby="daily-hint" checked' in browser.get("/staff/account").text
    with staffed.read() as session:
        (kept,) = session.scalars(select(StaffNotice)).all()
        assert kept.kind == "daily"
    browser.post("/staff/account/notices", at_once="1", anything="1")
    with staffed.read() as session:
        assert session.scalars(select(StaffNotice.kind)).all() == ["at_once"]
    browser.post("/staff/account/notices")
    with staffed.read() as session:
        assert session.scalars(select(StaffNotice.kind)).all() == []
    hire(staffed, "anna@example.org", Role.AUTHOR)
    author = signed_in(staff_app(settings, tmp_path), "anna@example.org")
    assert "told by mail" not in words(author.get("/staff/account"))
    assert author.post("/staff/account/notices", daily="1").status_code == 403


def test_a_flood_stands_in_the_morning_mail_with_its_letters(staffed: Database, settings: Settings) -> None:
    with staffed.write() as session:
        campaign = sample_campaign(session)
        for _ in range(30):
            sample_action(session, campaign, consent_address="192.0.2.7", created_at=BEFORE)
    ask_for(staffed, NoticeKind.DAILY)
    post = Post()
    run(staffed, settings, post, MORNING)
    ((_, subject, text),) = post.mails
    assert "one thing needs attention" in subject
    assert "30 actions within an hour from one network address, the last at 2026-03-04 12:30 UTC" in text
    assert "/staff/messages?campaign=ab969&near=30&since=2026-03-04T12%3A30&until=2026-03-04T12%3A31&zone=UTC" in text
    assert "192.0.2.7" not in text

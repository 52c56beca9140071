"""Other programs are told, signed, until they take it: with a real server on this machine, on either database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actionmail.cli.delivery.webhook_task import webhooks as webhook_task
from actionmail.db.actions import Action
from actionmail.db.campaigns import Letter
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.webhooks import WebhookDelivery, WebhookNews
from actionmail.flows.delivery import message_state, pauses
from actionmail.flows.delivery.message_state import Transition
from actionmail.flows.review import webhook_sending, webhooks
from actionmail.flows.staff import Role
from actionmail.gateways.http.webhooks import post
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import RETURNED_MAIL, Actor, PauseCause, PauseReason, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.webhooks import CHOOSABLE, GIVE_UP, HookAnswer, HookEvent, HookTrouble
from actionmail.settings import Settings
from tests.gateways.hook_server import HookServer, hook_server, is_signed
from tests.samples import sample_action, sample_campaign, sample_legislators, sample_message
from tests.two_sessions import cross
from tests.web.clock import Clock
from tests.web.staff_pages import hire

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[HookServer]:
    with hook_server() as running:
        yield running


def add(database: Database, settings: Settings, url: str, *events: HookEvent) -> str:
    with database.write() as session:
        return webhooks.add_hook(session, url, events or CHOOSABLE, secret_key=settings.secret_key, by=1, now=NOW)


@pytest.fixture
def staffed(any_database: Database) -> Database:
    """One admin, one letter that was taken, one action to confirm."""
    hire(any_database, "ada@example.org", Role.ADMIN)
    with any_database.write() as session:
        campaign = sample_campaign(session)
        letter = session.scalars(select(Letter)).one()
        (legislator, *_) = sample_legislators(session)
        person = sample_action(session, campaign, name="Mai Secret", email="secret@example.org", unconfirmed=True)
        sample_message(session, person, legislator, letter, state="accepted")
    return any_database


def bounce(database: Database) -> None:
    with database.write() as session:
        message = session.scalars(select(Message)).one()
        back = Transition(after=State.BOUNCED, actor=RETURNED_MAIL, words="550 no such user secret@example.org")
        assert message_state.move(session, message, back, now=NOW)


def everything(database: Database, *, is_back: bool = False) -> None:
    """One of each kind; the letter may have come back before."""
    if not is_back:
        bounce(database)
    with database.write() as session:
        session.execute(update(Message).values(state="queued"))
        cause = PauseCause(reason=PauseReason.COMPLAINT, words="abuse, says secret@example.org", message=1)
        pauses.pause(session, Scope.DOMAIN, "legis.example", cause, actor=Actor.worker("w"), now=NOW)
        session.scalars(select(Action)).one().unconfirmed = False
        held = Transition(after=State.HELD, actor=Actor.staff(1), reason=Reason.NONE, words="Mai Secret wrote it")
        assert message_state.move_all(session, [Message.id == 1], [State.QUEUED], held, now=NOW) == 1


def run(database: Database, settings: Settings, now: datetime = NOW) -> None:
    webhook_task(settings, database.write, clock=lambda: now, say=lambda words: None).do()


def deliveries(database: Database) -> list[WebhookDelivery]:
    with database.read() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def test_what_happened_is_told_in_codes_and_signed(staffed: Database, settings: Settings, server: HookServer) -> None:
    secret = add(staffed, settings, server.url)
    everything(staffed)
    run(staffed, settings)
    told = {body["type"]: body["data"] for body in server.bodies}
    assert set(told) == set(CHOOSABLE) - {HookEvent.CROWD_NOTICED}  # by a sweep: tests/flows/review/test_crowds.py
    assert told["letter.bounced"]["letter"] == 1
    assert told["letter.bounced"]["campaign"] == "ab969"
    assert told["stop.opened"] == {"scope": "domain", "key": "legis.example", "reason": "complaint"}
    assert told["action.confirmed"] == {"action": 1, "campaign": "ab969"}
    for headers, body in server.got:
        assert is_signed(headers, body, secret)
        assert not is_signed(headers, body + b" ", secret)
        assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
        assert headers["content-type"] == "application/json"
        assert b"ecret" not in body
    run(staffed, settings, NOW + timedelta(days=1))
    assert len(server.got) == 4
    with staffed.read() as session:
        assert session.scalars(select(WebhookNews)).all() == []


def test_each_address_is_told_what_it_asked_for_and_nobody_where_there_is_none(
    staffed: Database, settings: Settings, server: HookServer
) -> None:
    bounce(staffed)
    with staffed.read() as session:
        assert session.scalars(select(WebhookNews)).all() == []  # there was no webhook yet
    add(staffed, settings, server.url, HookEvent.STOP_OPENED)
    everything(staffed, is_back=True)
    run(staffed, settings)
    assert [body["type"] for body in server.bodies] == ["stop.opened"]


def test_what_is_undone_is_not_told(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    with pytest.raises(RuntimeError), staffed.write() as session:
        session.scalars(select(Action)).one().unconfirmed = False
        session.flush()
        raise RuntimeError
    run(staffed, settings)
    assert server.got == []


def test_a_refusal_is_tried_again_under_the_same_key(staffed: Database, settings: Settings, server: HookServer) -> None:
    secret = add(staffed, settings, server.url)
    server.statuses = [500, 302, 410]
    server.location = server.url
    bounce(staffed)
    moments = [0, 1, 2, 11, 12, 60, 61, 300]  # minutes
    for minutes in moments:
        run(staffed, settings, NOW + timedelta(minutes=minutes))
    assert len(server.got) == 4
    assert len(set(server.keys)) == 1
    assert len({body for _, body in server.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in server.got}) == 4
    assert all(is_signed(headers, body, secret) for headers, body in server.got)
    (kept,) = deliveries(staffed)
    assert (kept.is_delivered, kept.status, kept.tries) == (True, 204, 4)


def test_an_address_that_never_takes_it_is_given_up(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    server.statuses = [503] * 100
    bounce(staffed)
    now = NOW
    while now < NOW + GIVE_UP + timedelta(days=2):
        run(staffed, settings, now)
        now += timedelta(hours=5)
    (kept,) = deliveries(staffed)
    assert (kept.is_delivered, kept.ended_at is not None, kept.status) == (False, True, 503)
    assert 5 <= len(server.got) <= 20
    with staffed.read() as session:
        (line,) = webhooks.hooks(session)
    assert (line.waiting, line.given_up, line.delivered) == (0, 1, 0)
    assert line.last is not None
    assert line.last.status == 503
    with staffed.write() as session:
        assert webhook_sending.purge(session, now=now + timedelta(days=7)) == 1


def test_one_that_is_refused_holds_up_no_other(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    server.statuses = [400]
    everything(staffed)
    run(staffed, settings)
    assert len(server.got) == 1
    run(staffed, settings, NOW + timedelta(minutes=1))
    assert len(set(server.keys)) == 4


def test_of_two_workers_one_sends(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    everything(staffed)
    together = Barrier(2)

    def work() -> None:
        together.wait(60)
        run(staffed, settings)

    with ThreadPoolExecutor(2) as pool:
        for worker in [pool.submit(work) for _ in range(2)]:
            worker.result(60)
    run(staffed, settings)
    assert len(server.got) == len(set(server.keys)) == 4


def test_what_a_dead_worker_left_is_sent_once_its_lease_is_over(
    staffed: Database, settings: Settings, server: HookServer
) -> None:
    add(staffed, settings, server.url)
    bounce(staffed)

    def die(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    with staffed.write() as session:
        webhook_sending.fan_out(session, now=NOW)
    with pytest.raises(KeyboardInterrupt):
        webhook_sending.send(staffed.write, die, secret_key=settings.secret_key, clock=lambda: NOW)
    run(staffed, settings, NOW + timedelta(seconds=119))
    assert server.got == []
    run(staffed, settings, NOW + timedelta(seconds=120))
    assert len(server.got) == 1


def test_an_address_that_is_slow_gets_fewer_in_a_row(staffed: Database, settings: Settings) -> None:
    """Each taken in time, and all of them together long: letters wait for the worker meanwhile."""
    add(staffed, settings, "https://example.org/hooks")
    everything(staffed)
    with staffed.write() as session:
        webhook_sending.fan_out(session, now=NOW)
    clock = Clock()
    begun = clock()
    posted = []

    def slow(url: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        posted.append(headers["webhook-id"])
        clock.move(3)
        return HookAnswer(status=204)

    taken = [webhook_sending.send(staffed.write, slow, secret_key=settings.secret_key, clock=clock) for _ in range(2)]
    assert taken == [2, 2]
    assert len(set(posted)) == 4
    assert clock() - begun == timedelta(seconds=12)
    assert {kept.tries for kept in deliveries(staffed)} == {1}


def test_an_ended_one_is_told_nothing_more(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    bounce(staffed)
    with staffed.write() as session:
        assert webhooks.end_hook(session, 1, by=1, now=NOW)
        assert not webhooks.end_hook(session, 1, by=1, now=NOW)
        assert not webhooks.ask_for_test(session, 1, now=NOW)
    run(staffed, settings)
    assert server.got == []


@pytest.mark.parametrize("is_ended_first", [True, False])
def test_nothing_waits_for_one_that_is_ended_at_the_same_moment(
    staffed: Database, settings: Settings, is_ended_first: bool
) -> None:
    """Else it would wait for ever: nobody sends it, and nobody forgets it."""
    add(staffed, settings, "https://example.org/hooks")
    bounce(staffed)

    def end(session: Session) -> None:
        assert webhooks.end_hook(session, 1, by=1, now=NOW)

    def tell(session: Session) -> None:
        webhook_sending.fan_out(session, now=NOW)
        webhooks.ask_for_test(session, 1, now=NOW)

    cross(staffed, *((end, tell) if is_ended_first else (tell, end)))
    assert [waiting.event for waiting in deliveries(staffed) if waiting.ended_at is None] == []
    with staffed.read() as session:
        assert session.scalars(select(WebhookNews)).all() == []


def test_with_another_key_nothing_goes_unsigned(staffed: Database, settings: Settings, server: HookServer) -> None:
    add(staffed, settings, server.url)
    bounce(staffed)
    run(staffed, replace(settings, secret_key="another key of thirty-two letters"))
    assert server.got == []
    (kept,) = deliveries(staffed)
    assert kept.trouble == HookTrouble.NO_SECRET


def test_a_public_name_that_leads_to_this_machine_is_not_reached(
    server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.http.server_address[1]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_named: [(2, 1, 6, "", ("127.0.0.1", port))])
    answer = post(f"http://hooks.example:{port}/", {}, b"{}")
    assert answer.trouble is HookTrouble.PRIVATE_HOST
    assert server.got == []
    assert post(server.url, {}, b"{}").status == 204


def test_one_that_drips_its_answer_holds_no_worker(server: HookServer) -> None:
    """Each byte of it comes in time, the whole does not; that its status was taken by then tells nothing."""
    server.dripping = 0.02
    assert post(server.url, {}, b"{}", timeout=0.3).trouble is HookTrouble.TIMED_OUT


def test_the_body_of_an_answer_is_not_read(server: HookServer) -> None:
    server.statuses, server.location, server.body = [302], server.url, 64 * 1024 * 1024
    assert post(server.url, {}, b"{}").status == 302
    assert server.sent < server.body


def test_nobody_there(staffed: Database, settings: Settings) -> None:
    with hook_server() as gone:
        url = gone.url
    add(staffed, settings, url)
    bounce(staffed)
    run(staffed, settings)
    (kept,) = deliveries(staffed)
    assert (kept.trouble, kept.status) == (HookTrouble.UNREACHABLE, None)

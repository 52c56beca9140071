"""Counted in the database from where actions come; work or a confirmation is asked for; very many wait for staff."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import altcha
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.pressure import PlaceCount, SpentWork
from actionmail.db.roster import Legislator
from actionmail.flows.actions import browser_work, pressure, submitting, taking
from actionmail.flows.actions.pressure import Pressed
from actionmail.flows.actions.refusals import MustProve
from actionmail.rules.actions.confirmation import ALWAYS
from actionmail.rules.actions.pressure import WINDOW, Scope, Signs
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from tests.flows.actions.test_submitting import MAI, campaign_in, submission, take
from tests.flows.actions.test_taking import press
from tests.samples import sample_petition
from tests.two_sessions import cross

LIBRARY = "192.0.2.7"


@pytest.fixture
def petition(any_database: Database) -> int:
    with any_database.write() as session:
        return sample_petition(session).id


@pytest.fixture
def few(settings: Settings) -> Settings:
    """As if a smaller house had set smaller bounds."""
    return replace(settings, ask_hour=3, hold_hour=5)


def sign(
    database: Database,
    petition: int,
    settings: Settings,
    now: datetime,
    number: int,
    *,
    pressed: Pressed = pressure.PLAIN,
    address: str = LIBRARY,
) -> Action:
    one = press(
        petition,
        key=f"{number:032}",
        email=f"signer.{number}@example.org",
        consent_address=address,
        pressed=pressed,
    )
    with database.write() as session:
        return taking.take(session, one, settings=settings, now=now)


def by_mail() -> Pressed:
    return Pressed(by_mail=True)


def solved(key: str, settings: Settings) -> str:
    """What a browser answers, as the library itself solves and writes it."""
    asked = json.loads(browser_work.challenge(key, secret=settings.secret_key, now=datetime.now(UTC)))
    challenge = altcha.Challenge.from_dict(asked)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return str(altcha.Payload(challenge, solution).to_base64())


def test_from_the_first_bound_on_one_confirms_and_from_the_second_on_one_waits_for_staff(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    for number in range(3):
        assert not sign(any_database, petition, few, now, number).unconfirmed
    with pytest.raises(MustProve):
        sign(any_database, petition, few, now, 3)
    asked = [sign(any_database, petition, few, now, number, pressed=by_mail()) for number in range(3, 7)]
    assert [action.unconfirmed for action in asked] == [True] * 4
    assert [action.held_for for action in asked] == ["", "", "address", "address"]
    assert [action.review for action in asked] == ["", "", Review.WAITING, Review.WAITING]
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Confirmation)) == 4
        assert submitting.actions_so_far(session, petition) == 3


def test_nothing_of_a_refused_press_is_kept_or_counted(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    for number in range(3):
        sign(any_database, petition, few, now, number)
    for _ in range(5):
        with pytest.raises(MustProve):
            sign(any_database, petition, few, now, 3)
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 3
    assert sign(any_database, petition, few, now, 3, pressed=by_mail()).held_for == ""


def test_the_hour_moves_on(any_database: Database, petition: int, few: Settings, now: datetime) -> None:
    """Of the hour before as many count as its rest had."""
    start = now.replace(minute=0, second=0, microsecond=0)
    for number in range(3):
        sign(any_database, petition, few, start, number)
    with pytest.raises(MustProve):
        sign(any_database, petition, few, start + timedelta(minutes=59), 3)
    assert not sign(any_database, petition, few, start + timedelta(minutes=90), 3).unconfirmed  # 1.5 of 3, and itself
    assert not sign(any_database, petition, few, start + 3 * WINDOW, 4).unconfirmed


@pytest.mark.parametrize(
    ("addresses", "bound"),
    [
        (lambda number: f"192.0.2.{number}", 12),  # four times that of an address, in its /24
        (lambda number: f"2001:db8:1:{number:x}::1", 12),  # in its /48
        (lambda number: f"2001:db8:1:1::{number + 1:x}", 3),  # in its /64
    ],
)
def test_networks_count_together(
    any_database: Database, petition: int, few: Settings, now: datetime, addresses: object, bound: int
) -> None:
    assert callable(addresses)
    for number in range(bound):
        sign(any_database, petition, few, now, number, address=addresses(number))
    with pytest.raises(MustProve):
        sign(any_database, petition, few, now, bound, address=addresses(bound))
    sign(any_database, petition, few, now, bound, address="203.0.113.1")  # elsewhere nobody notices


def test_where_a_proxy_makes_one_of_all_visitors_no_network_is_counted(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    """`doctor` says so; until somebody mends it, nobody's letters wait for it."""
    behind = replace(few, base_url="https://act.example.org", proxies=0)
    for number in range(8):
        assert sign(any_database, petition, behind, now, number).held_for == ""
    told = replace(behind, proxies=1)
    for number in range(8, 11):
        sign(any_database, petition, told, now, number)
    with pytest.raises(MustProve):
        sign(any_database, petition, told, now, 11)


def test_a_mailbox_counts_with_its_tags(any_database: Database, settings: Settings, now: datetime) -> None:
    for number in range(7):
        with any_database.write() as session:
            campaign = sample_petition(session, slug=f"c{number}").id
        one = press(campaign, email=f"mai+{number}@example.org", consent_address=f"192.0.{number}.1")
        with any_database.write() as session:
            if number < 6:
                taking.take(session, one, settings=settings, now=now)
            else:
                with pytest.raises(MustProve):
                    taking.take(session, one, settings=settings, now=now)


def test_a_quick_press_counts_as_three(any_database: Database, petition: int, few: Settings, now: datetime) -> None:
    sign(any_database, petition, few, now, 0, pressed=Pressed(signs=Signs(is_quick=True)))
    with pytest.raises(MustProve):
        sign(any_database, petition, few, now, 1)


def test_work_is_taken_once_and_for_its_draft_alone(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    for number in range(3):
        sign(any_database, petition, few, now, number)
    answer = solved(f"{3:032}", few)
    assert browser_work.is_done(answer, f"{3:032}", secret=few.secret_key)
    assert not browser_work.is_done(answer, f"{4:032}", secret=few.secret_key)
    assert not browser_work.is_done(answer, f"{3:032}", secret="another")
    action = sign(any_database, petition, few, now, 3, pressed=Pressed(work=answer))
    assert (action.unconfirmed, action.held_for) == (False, "")
    with pytest.raises(MustProve):
        sign(any_database, petition, few, now, 4, pressed=Pressed(work=answer))


NEW = "fedcba9876543210" * 3


def rotated(settings: Settings) -> Settings:
    return replace(settings, secret_key=NEW, old_keys=(settings.secret_key,))


def test_work_that_was_begun_under_the_key_of_before_is_taken_once_under_a_new_one(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    key = f"{3:032}"
    answer = solved(key, few)
    assert browser_work.is_done(answer, key, secret=rotated(few).keys)
    assert not browser_work.is_done(answer, f"{4:032}", secret=rotated(few).keys)
    assert not browser_work.is_done(answer, key, secret=NEW), "without the old key"
    assert browser_work.is_done(solved(key, rotated(few)), key, secret=NEW), "what is asked now is asked under the new"
    with any_database.write() as session:
        assert browser_work.spend(session, answer, now=now)
        assert not browser_work.spend(session, answer, now=now)


def test_what_is_counted_goes_on_under_a_new_key(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    """Else every bound could be gone over once more, just when somebody changed the key because of a flood."""
    for number in range(3):
        sign(any_database, petition, few, now, number)
    with pytest.raises(MustProve):
        sign(any_database, petition, rotated(few), now, 3)
    assert sign(any_database, petition, replace(few, secret_key=NEW), now, 3), "without the old key they begin anew"


def test_of_two_who_spend_the_same_work_at_once_one_does(any_database: Database, settings: Settings) -> None:
    answer, now = solved("k" * 32, settings), datetime.now(UTC)
    done = []

    def spend(session: Session) -> None:
        done.append(browser_work.spend(session, answer, now=now))

    cross(any_database, spend, spend)
    assert sorted(done) == [False, True]


def forged() -> list[str]:
    """Whatever else might be posted."""
    shapes: list[object] = [
        None, 1, [], {}, {"challenge": 1, "solution": 1}, {"challenge": {"parameters": []}, "solution": {}},
        {"challenge": {"parameters": {}, "signature": "x"}, "solution": {"counter": 1, "derivedKey": "00"}},
        {"challenge": {"parameters": {"algorithm": "PBKDF2/SHA-256", "nonce": "zz", "salt": "zz", "cost": 10**9,
         "expiresAt": "never"}, "signature": "00"}, "solution": {"counter": -1, "derivedKey": None}},
    ]  # fmt: skip
    texts = [base64.b64encode(json.dumps(shape).encode()).decode() for shape in shapes]
    return [*texts, "", "é", "====", "[" * 3_000, base64.b64encode(b"[" * 2_900).decode(), "A" * 100_000, "\0"]


@pytest.mark.parametrize("answer", forged())
def test_what_is_no_answer_is_none(answer: str, settings: Settings) -> None:
    assert not browser_work.is_done(answer, "k" * 32, secret=settings.secret_key)


def test_an_answer_to_an_easier_challenge_or_an_old_one_is_none(settings: Settings) -> None:
    key = "k" * 32
    old = browser_work.challenge(key, secret=settings.secret_key, now=datetime.now(UTC) - timedelta(hours=1))
    challenge = altcha.Challenge.from_dict(json.loads(old))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    assert not browser_work.is_done(altcha.Payload(challenge, solution).to_base64(), key, secret=settings.secret_key)
    easy = json.loads(browser_work.challenge(key, secret=settings.secret_key, now=datetime.now(UTC)))
    easy["parameters"]["cost"], easy["parameters"]["keyPrefix"] = 1, ""
    challenge = altcha.Challenge.from_dict(easy)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    assert not browser_work.is_done(altcha.Payload(challenge, solution).to_base64(), key, secret=settings.secret_key)


def test_letters_of_a_flood_wait_as_to_be_read(any_database: Database, settings: Settings, now: datetime) -> None:
    quiet = replace(settings, ask_hour=0, hold_hour=2)
    with campaign_in(any_database) as campaign_id:
        actions = []
        for number in range(3):
            made = submission(
                any_database,
                campaign_id,
                key=f"{number:032}",
                supporter=replace(MAI, email=f"mai.{number}@example.org"),
                consent_address=LIBRARY,
            )
            actions.append(take(any_database, made, quiet, now))
    assert [action.held_for for action in actions] == ["", "", "address"]
    with any_database.read() as session:
        states = session.execute(select(Message.action_id, Message.state).order_by(Message.id)).all()
        assert {row.state for row in states if row.action_id == actions[2].id} == {State.REVIEW}
        assert {row.state for row in states if row.action_id != actions[2].id} == {State.QUEUED}
        reasons = set(session.scalars(select(Event.reason_code).where(Event.to_state == State.REVIEW.value)))
        assert reasons == {Reason.LIKE_A_FLOOD}


def test_where_nothing_can_be_confirmed_by_mail_it_waits_for_staff(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    """Letters that only their supporters carry on are no way around it."""
    quiet = replace(settings, ask_hour=1, hold_hour=0)
    with campaign_in(any_database) as campaign_id:
        with any_database.write() as session:
            session.execute(update(Legislator).values(email="", phone="608 555 0100"))
        held = []
        for number in range(2):
            made = submission(
                any_database,
                campaign_id,
                key=f"{number:032}",
                supporter=replace(MAI, email=f"mai.{number}@example.org"),
                consent_address=LIBRARY,
                pressed=by_mail(),
            )
            held.append(take(any_database, made, quiet, now).held_for)
    assert held == ["", "address"]


def test_a_campaign_that_always_asks_asks_once(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        session.get_one(Campaign, petition).confirm = ALWAYS
    for number in range(4):
        sign(any_database, petition, few, now, number, pressed=by_mail())
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Confirmation)) == 4


def test_no_address_stands_in_the_counts_and_they_are_forgotten(
    any_database: Database, petition: int, few: Settings, now: datetime
) -> None:
    answer = solved(f"{3:032}", few)
    for number in range(3):
        sign(any_database, petition, few, now, number)
    sign(any_database, petition, few, now, 3, pressed=Pressed(work=answer))
    with any_database.write() as session:
        places = session.scalars(select(PlaceCount.place)).all()
        assert len(places) >= len(Scope) - 1
        assert all(len(place) == 32 and set(place) <= set("0123456789abcdef") for place in places)
        assert pressure.purge(session, now=now + WINDOW) == 0
        assert pressure.purge(session, now=now + 4 * WINDOW) == len(places) + 1
        assert session.scalar(select(func.count()).select_from(SpentWork)) == 0


def test_two_who_act_at_once_from_one_place_are_both_counted(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    def one(session: Session, number: int) -> None:
        pressed = press(petition, f"{number:032}", email=f"{number}@example.org", consent_address=LIBRARY)
        taking.take(session, pressed, settings=settings, now=now)

    cross(any_database, lambda session: one(session, 1), lambda session: one(session, 2))
    come = pressure.coming(
        address=LIBRARY,
        email="other@example.org",
        campaign_id=petition,
        paragraph_bucket=None,
        pressed=pressure.PLAIN,
        secret=settings.secret_key,
    )
    with any_database.read() as session:
        (count,) = session.scalars(select(PlaceCount.actions).where(PlaceCount.place == come.places[Scope.ADDRESS][0]))
        of_campaign = session.scalar(
            select(func.sum(PlaceCount.actions)).where(PlaceCount.place.in_(come.places[Scope.CAMPAIGN]))
        )
    assert (count, of_campaign) == (2, 2)

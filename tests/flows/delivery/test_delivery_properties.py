"""Whatever the weather: no letter lost, none sent after cancelling, none accepted without a 250 to the final dot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from actionmail.db import Base
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import (
    Worker,
    WorkerSettings,
    cancel,
    claim,
    pause,
    recover,
    resume,
    run_once,
    start_bodies,
    switches,
)
from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause
from actionmail.rules.delivery.states import (
    FINAL,
    GIVE_UP_AFTER,
    Handover,
    Outcome,
    Parcel,
    Phase,
    State,
    lost,
    may_follow,
)
from actionmail.rules.delivery.trouble import Loss, LossCode, Trouble, TroubleCode
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message

ANSWERS: tuple[Outcome, ...] = (
    classify(Phase.BODY, 250, "2.0.0 Ok: queued as 4ABCDEF"),
    classify(Phase.MAIL, 451, "4.3.0 later"),
    classify(Phase.RCPT, 421, "4.7.0 slow down"),
    classify(Phase.RCPT, 550, "5.1.1 unknown"),
    classify(Phase.RCPT, 552, "5.2.2 full"),
    classify(Phase.BODY, 554, "5.7.1 policy"),
    classify(Phase.BODY, 554, "5.6.0 broken"),
    lost(Phase.RCPT, Loss(code=LossCode.ENDED)),
    lost(Phase.BODY, Loss(code=LossCode.ENDED)),
)
WEATHER = st.lists(st.one_of(st.none(), st.sampled_from(ANSWERS)), min_size=1, max_size=6)


class Weather:
    """A relay that answers as it is told; None stands for a letter that was not tried."""

    def __init__(self) -> None:
        self.coming: list[Outcome | None] = [ANSWERS[0]]
        self.out_of_order = False
        self.handed_over: list[tuple[int, bytes]] = []
        self.accepted: Counter[int] = Counter()

    def check(self) -> Trouble | None:
        return Trouble(code=TroubleCode.UNREACHABLE) if self.out_of_order else None

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        outcomes = {}
        for place, parcel in enumerate(parcels):
            outcome = self.coming[place % len(self.coming)]
            if outcome is None:
                return Handover(outcomes=outcomes, trouble=Trouble(code=TroubleCode.HANGS_UP))
            self.handed_over.append((parcel.id, parcel.raw))
            outcomes[parcel.id] = outcome
            self.accepted[parcel.id] += outcome.state is State.ACCEPTED
        return Handover(outcomes=outcomes)


class Queue(RuleBasedStateMachine):
    @initialize(letters=st.integers(1, 8), offices=st.integers(1, 3))
    def fill(self, letters: int, offices: int) -> None:
        self.now = NOW
        self.weather = Weather()
        self.ended: set[int] = set()
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.engine)
        with self.database.write() as session:
            campaign = sample_campaign(session)
            legislators = [sample_legislator(session) for _ in range(offices)]
            self.ids = [
                sample_message(
                    session,
                    sample_action(session, campaign, email=f"s{number}@example.org"),
                    legislators[number % offices],
                    campaign.letters[0],
                    expires_at=NOW + GIVE_UP_AFTER,
                ).id
                for number in range(letters)
            ]

    def worker(self, name: str, limits: Limits | None = None) -> Worker:
        return Worker(
            name=name,
            write=self.database.write,
            relay=self.weather,
            clock=lambda: self.now,
            wait=lambda _seconds: False,
            say=lambda _line: None,
            jitter=lambda: 0.5,
            settings=WorkerSettings(batch=5, window=3),
            limits=limits or Limits(),
        )

    @rule(weather=WEATHER, out=st.booleans(), hourly=st.sampled_from([0, 2]))
    def deliver(self, weather: list[Outcome | None], out: bool, hourly: int) -> None:
        self.weather.coming, self.weather.out_of_order = weather, out
        self.weather.handed_over.clear()
        run_once(self.worker("a:1", Limits(target_hour=hourly)))
        assert not self.ended & {id_ for id_, _raw in self.weather.handed_over}

    @rule(limit=st.integers(1, 5), started=st.integers(0, 5))
    def die(self, limit: int, started: int) -> None:
        """A worker claims, notes that some bodies begin, and is killed."""
        with self.database.write() as session:
            ids = claim(session, owner="dead:1", now=self.now, limit=limit, lease=timedelta(minutes=5)).ids
            start_bodies(session, ids[:started], owner="dead:1", now=self.now, lease=timedelta(minutes=20))

    @rule(minutes=st.sampled_from([1, 6, 25, 70, 500, 3000]))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def recover(self) -> None:
        with self.database.write() as session:
            recover(session, actor=Actor.worker("b:2"), now=self.now)

    @rule(office=st.integers(1, 3))
    def cancel(self, office: int) -> None:
        with self.database.write() as session:
            cancel(session, Scope.TARGET, str(office), reason="asked", actor=Actor.staff(1), now=self.now)
            cancelled = select(Message.id).where(Message.state == State.CANCELLED)
            self.ended |= set(session.scalars(cancelled))

    @rule(scope=st.sampled_from([(Scope.ALL, ""), (Scope.TARGET, "1"), (Scope.DOMAIN, "legis.example")]))
    def pause(self, scope: tuple[Scope, str]) -> None:
        with self.database.write() as session:
            pause(session, *scope, PauseCause(words="stop"), actor=Actor.staff(1), now=self.now)

    @rule()
    def resume(self) -> None:
        with self.database.write() as session:
            for stop in switches(session):
                resume(session, Scope(stop.scope), stop.key)

    @invariant()
    @precondition(lambda self: hasattr(self, "ids"))
    def the_log_tells_the_whole_story(self) -> None:
        with self.database.read() as session:
            rows = {row.id: row for row in session.scalars(select(Message))}
            steps: dict[int, list[Event]] = {id_: [] for id_ in rows}
            for event in session.scalars(select(Event).order_by(Event.id)):
                steps[event.message_id].append(event)
        assert set(rows) == set(self.ids)
        for id_, row in rows.items():
            state = "queued"
            for step in steps[id_]:
                assert step.from_state == state
                assert may_follow(step.from_state, step.to_state)
                assert (step.smtp_code == 250 and step.phase == "body") == (step.to_state == "accepted")
                state = step.to_state
            assert row.state == state
            assert sum(step.to_state == "accepted" for step in steps[id_]) == self.weather.accepted[id_] <= 1
            if State(state) in FINAL:
                assert steps[id_][-1].to_state == state
            waits = State(state) in {State.QUEUED, State.DEFERRED, State.AMBIGUOUS}
            assert (row.next_attempt_at is not None) or not waits
            assert (row.lease_until is not None) == (state == "sending")

    def teardown(self) -> None:
        """When the weather clears, every letter comes to an end without anybody's help."""
        if not hasattr(self, "ids"):
            return
        self.resume()
        self.weather.coming, self.weather.out_of_order = [ANSWERS[0]], False
        for _ in range(6):
            self.now += timedelta(hours=10)
            run_once(self.worker("c:3"))
            run_once(self.worker("c:3"))
        self.the_log_tells_the_whole_story()
        with self.database.read() as session:
            states = set(session.scalars(select(Message.state)))
        assert states <= {"accepted", "failed", "held", "expired", "cancelled"}
        self.database.engine.dispose()


Queue.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
test_the_queue_keeps_its_promises = Queue.TestCase

"""The queue delivers: claim letters under a lease, hand them to the relay, record what became of each.

The one flow that commits, because a letter on the wire cannot be rolled back:

1. *Claim* (committed): a first window of waiting letters become `sending`, leased to this worker.
2. *Begin* (committed, once the mail server lets us in): they get `body_started_at` and a fresh lease. What is no longer
   ours is left out.
3. No transaction is open while the relay talks to the mail server.
4. *Record* (committed): the new state and its event, for the whole window; and in the same commit the next window is
   claimed and begun, since a server that just took letters will take more. So on to 3.

A worker may die at any point. A lease that runs out before 2 gives the letter back (`deferred`); after 2 nobody can
know whether it went out (RFC 1047), so it becomes `ambiguous`, goes out once more flagged as a possible duplicate, and
if that too stays open it is `held`. The window bounds how many letters one death can make ambiguous.

Every change of a message's state goes through `message_state`, the worker's through its fast half, `message_batches`.
Each step is single statements that name the state they expect, so it is right on SQLite and on PostgreSQL, with any
number of workers there.
"""

from actionmail.flows.delivery.claim import Claimed, claim, claim_and_begin
from actionmail.flows.delivery.lease_clock import ClockSkew, LeaseClock
from actionmail.flows.delivery.pauses import pause, resume
from actionmail.flows.delivery.persistence import TablesMissing
from actionmail.flows.delivery.queue import cancel, count_cancellable, count_states, switches
from actionmail.flows.delivery.record import record, release, start_bodies
from actionmail.flows.delivery.recovery import expire, recover
from actionmail.flows.delivery.rounds import Round, run_once
from actionmail.flows.delivery.running import do_periodic_tasks, run_until_empty, run_worker
from actionmail.flows.delivery.stops import slowed
from actionmail.flows.delivery.worker import PeriodicTask, Relay, Worker, WorkerSettings

__all__ = [
    "Claimed",
    "ClockSkew",
    "LeaseClock",
    "PeriodicTask",
    "Relay",
    "Round",
    "TablesMissing",
    "Worker",
    "WorkerSettings",
    "cancel",
    "claim",
    "claim_and_begin",
    "count_cancellable",
    "count_states",
    "do_periodic_tasks",
    "expire",
    "pause",
    "record",
    "recover",
    "release",
    "resume",
    "run_once",
    "run_until_empty",
    "run_worker",
    "slowed",
    "start_bodies",
    "switches",
]

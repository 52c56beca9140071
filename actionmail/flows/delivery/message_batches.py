"""The worker's own way through the door of `message_state`: many letters at once, in fast statements.

The same rule, the same columns of the event, the same hold: what a held campaign has waiting is not leased, and of its
leased letters no body begins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.flows.delivery import message_state, out_of_office
from actionmail.flows.delivery.message_state import STEP_COLUMNS, Transition, step_of
from actionmail.flows.delivery.statements import listed, rows_of, statements
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import Outcome, State, check_transition


class Lease(Struct, frozen=True, kw_only=True):
    """Whose letters they are, "host:pid", and until when unless they are recorded before."""

    owner: str
    until: datetime
    begun_at: datetime | None = None  # when their bodies begin, where they are claimed for the wire at once


def lease(session: Session, ids: Collection[int], new: Lease, *, now: datetime) -> set[int]:
    """Make these letters `sending`, those that still wait and may go; which they are."""
    says, twice = statements(session), Reason.MAY_BE_TWICE.value
    lasts = {"until": new.until, "begun_at": new.begun_at}
    rows = says.claim.all(session, ids=listed(session, ids), owner=new.owner, now=now, twice=twice, **lasts)
    leased = {row.id for row in rows}
    if leased and says.note_claim:
        says.note_claim.run(session, ids=listed(session, leased), owner=new.owner, now=now, twice=twice)
    return leased


def start_bodies(session: Session, ids: Collection[int], held_to: Lease, *, now: datetime) -> list[int]:
    """Note that these bodies are about to go out, and renew the lease; those of `ids` that are still its owner's.

    What a campaign holds back since it was leased is held now, and left out; what is to somebody who holds no seat any
    more is given back.
    """
    if not ids:
        return []
    to_nobody = out_of_office.letters_to_absent(session, ids, now=now)
    if to_nobody:
        out_of_office.give_back(session, to_nobody, held_to.owner, now=now)
    may_go = [id_ for id_ in ids if id_ not in to_nobody]
    rows = statements(session).start.all(
        session, ids=listed(session, may_go), owner=held_to.owner, now=now, until=held_to.until
    )
    begun = {row.id for row in rows}
    started = [id_ for id_ in may_go if id_ in begun]  # in their order, of which a database knows nothing
    if len(started) < len(may_go):
        left = set(may_go) - set(started)
        _hold_back(session, left, held_to.owner, now)
        since = out_of_office.letters_to_absent(session, left, now=now)  # whose legislator went a moment ago
        if since:
            out_of_office.give_back(session, since, held_to.owner, now=now)
    return started


def end_tries(session: Session, outcomes: Mapping[int, Outcome], owner: str, now: datetime) -> set[int]:
    """Record what needs no next try, for all letters at once. The ids of those that were ours."""
    if not outcomes:
        return set()
    answers = []
    for id_, outcome in outcomes.items():
        check_transition(State.SENDING, outcome.state)
        answers.append(
            (id_, outcome.state, outcome.phase, outcome.code, outcome.enhanced, outcome.text, outcome.queue_id)
        )
    says, rows = statements(session), rows_of(session, answers)
    ended = {row.id for row in says.record.all(session, answers=rows, owner=owner, now=now)}
    if ended and says.note_record:
        if len(ended) < len(answers):
            rows = rows_of(session, [answer for answer in answers if answer[0] in ended])
        says.note_record.run(session, answers=rows, owner=owner, now=now)
    return ended


def _hold_back(session: Session, ids: Collection[int], owner: str, now: datetime) -> None:
    """Hold what was not begun because its campaign holds its letters; what is another's now is left alone."""
    rows = session.execute(
        select(*STEP_COLUMNS)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(
            Message.id.in_(ids),
            Message.state == State.SENDING.value,
            Message.lease_owner == owner,
            Message.lease_until > now,
            Campaign.holds_letters,
            Message.released_alone.is_(False),
        )
        .with_for_update(of=Message)
    ).all()
    back = Transition(after=State.HELD, actor=Actor.worker(owner), reason=Reason.CAMPAIGN_HELD)
    message_state.move_each(session, [step_of(row, back) for row in rows], held=(), now=now)

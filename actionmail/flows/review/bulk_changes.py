"""Many messages at once: what an act would change, seen first, and then changed batch by batch.

What was seen comes back with the press, number by number. If by then the act would reach a letter that was not seen,
nothing is changed; letters that have moved on since are left alone and counted. Each batch is one transaction with its
rows locked, so of two who press at once each letter is changed by one, and work that broke off can be pressed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Correction, Legislator
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.pauses import held_targets
from actionmail.flows.delivery.private_words import without_any_of
from actionmail.flows.review import message_changes, send_log
from actionmail.flows.review.filters import CannotMatch, Filter, codes_of
from actionmail.flows.review.message_changes import EFFECTS, Act, Change, Refusal, Standing, refusal_of, standings
from actionmail.flows.review.message_filter import matching
from actionmail.flows.review.send_log import LogEntry
from actionmail.flows.staff.audit import Value, record
from actionmail.rules.delivery.seen_letters import MOST
from actionmail.rules.delivery.states import State
from actionmail.rules.replacing import replace
from actionmail.rules.staff.audit_codes import ObjectKind

EXAMPLES = 5
MOST_READDRESSED = 5_000  # letters by one press: each is written anew
SHOWN = 1_000  # letters counted on a legislator's page
RECENT = timedelta(days=30)  # so long the home page reminds of a corrected address
AT_ONCE = 500  # letters of one transaction


class Chosen(Struct, frozen=True, kw_only=True):
    """Letters by their numbers."""

    ids: tuple[int, ...]


class ToLegislator(Struct, frozen=True, kw_only=True):
    """All letters to the legislator with this number."""

    number: int


Reach = Chosen | ToLegislator | Filter


class Survey(Struct, frozen=True, kw_only=True):
    """What an act would come to. `by_state` counts the letters of the reach that stand where the act may begin."""

    by_state: Mapping[State, int]
    ids: tuple[int, ...]  # which it would change, rising
    refused: Mapping[Refusal, int]  # why it would not change the others
    is_cut: bool  # more than MOST were found: it is about the newest of them
    examples: Sequence[LogEntry]
    campaigns_held: int  # of `ids`, those whose campaign holds its letters back


class NotAsSeen(Exception):
    """The act would reach letters that nobody saw; `survey` is what it would come to now."""

    def __init__(self, survey: Survey, fresh: int) -> None:
        super().__init__(fresh)
        self.survey, self.fresh = survey, fresh


def most_at_once(act: Act) -> int:
    """How many letters one press changes at most."""
    return MOST_READDRESSED if act is Act.READDRESS else MOST


def survey(session: Session, reach: Reach, act: Act, *, now: datetime, most: int = MOST) -> Survey:
    """Look, and change nothing. Of more than `most` letters it is about the newest."""
    numbers = sorted(_found(session, reach, act, most))
    is_cut = len(numbers) > most
    numbers = numbers[-most:]
    by_state: Counter[State] = Counter()
    refused: Counter[Refusal] = Counter()
    ids, held = [], 0
    for number, letter in _standings(session, numbers):
        refusal = refusal_of(act, letter, now=now)
        if refusal is Refusal.MOVED_ON:
            continue
        by_state[letter.state] += 1
        if refusal is None:
            ids.append(number)
            held += letter.holds
        else:
            refused[refusal] += 1
    ids.sort()
    return Survey(
        by_state={state: by_state[state] for state in State if by_state[state]},
        ids=tuple(ids),
        refused=dict(refused),
        is_cut=is_cut,
        examples=send_log.entries(session, ids[: -EXAMPLES - 1 : -1]),
        campaigns_held=held,
    )


def _standings(session: Session, numbers: Sequence[int]) -> Iterator[tuple[int, Standing]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield from standings(session, numbers[start : start + AT_ONCE]).items()


def still_to_do(
    session: Session, reach: Reach, act: Act, seen: Collection[int], *, now: datetime, most: int = MOST
) -> tuple[int, ...]:
    """Which of the letters that were seen the act would change now. Raises NotAsSeen where it would reach others."""
    current = survey(session, reach, act, now=now, most=most)
    known = set(seen)
    fresh = set(current.ids) - known
    if current.is_cut or len(known) == most:  # the newest of more: older ones come into reach as those are changed
        oldest = min(known, default=0)
        fresh = {number for number in fresh if number > oldest}
    if fresh:
        raise NotAsSeen(current, len(fresh))
    return tuple(number for number in current.ids if number in known)


def without_supporters(session: Session, change: Change, ids: Sequence[int]) -> Change:
    """The change of these letters with its reason as it is kept, for good: without any of their supporters.

    In a session that only reads: of many letters it takes a while, and nobody is to wait for it.
    """
    reason = change.reason
    for start in range(0, len(ids), AT_ONCE):
        wrote = select(Message.action_id).where(Message.id.in_(ids[start : start + AT_ONCE]))
        reason = without_any_of(session, reason, Action.id.in_(wrote))
    return replace(change, reason=reason)


def begin(session: Session, reach: Reach, change: Change, count: int, *, now: datetime) -> None:
    """Write into the audit trail that `count` letters are to be changed, and which, in codes.

    `change` is as `without_supporters` gives it.
    """
    key, described = _told(reach)
    details: dict[str, Value] = {**described, "count": count, "reason": change.reason}
    record(session, change.effect.bulk_audit_action, ObjectKind.MESSAGES, key, by=change.by, now=now, **details)


def change_batch(session: Session, ids: Sequence[int], change: Change, *, now: datetime) -> dict[int, Refusal]:
    """Change these letters, at most AT_ONCE, in this transaction; those that were not, and why."""
    before = [state.value for state in EFFECTS[change.act].before]
    message_state.lock_campaigns_of(session, ids)
    rows = select(Message.id).where(Message.id.in_(ids), Message.state.in_(before))
    locked = session.scalars(rows.order_by(Message.id).with_for_update()).all()
    moved_on = dict.fromkeys(set(ids).difference(locked), Refusal.MOVED_ON)
    return moved_on | message_changes.apply(session, locked, change, now=now)


def _found(session: Session, reach: Reach, act: Act, most: int) -> set[int]:
    """Those of the reach that stand where the act may begin, or more; of many the newest, more than `most`."""
    before = EFFECTS[act].before
    if isinstance(reach, Chosen):
        return set(reach.ids)
    if isinstance(reach, ToLegislator):
        states = [state.value for state in before]
        query = select(Message.id).where(Message.legislator_id == reach.number, Message.state.in_(states))
        if act is Act.READDRESS:
            query = query.where(_is_for_another_address(Message.id))
        return set(session.scalars(query.order_by(Message.id.desc()).limit(most + 1)))
    numbers: set[int] = set()
    for state in sorted(before if reach.state is None else before & {reach.state}):
        try:
            fitting = matching(session, replace(reach, state=state), limit=most + 1)
        except CannotMatch:
            continue
        if act is Act.READDRESS:
            fitting = fitting.where(_is_for_another_address(fitting.selected_columns[0]))
        numbers.update(session.scalars(fitting))
    return numbers


def _is_for_another_address(number: Any) -> ColumnElement[bool]:
    """Whether the letter with this number goes where the roster does not have its legislator: few do."""
    letter = aliased(Message)
    is_other = func.lower(Legislator.email) != func.lower(letter.recipient)
    return exists().where(letter.id == number, Legislator.id == letter.legislator_id, is_other)


def _told(reach: Reach) -> tuple[str, dict[str, Value]]:
    if isinstance(reach, Chosen):
        return "selection", {}
    if isinstance(reach, ToLegislator):
        return "legislator", {"legislator": reach.number}
    if reach == Filter():
        return "all", {}
    return "filter", dict(codes_of(reach))


class Named(Struct, frozen=True, kw_only=True):
    """What of a reach is named by a number or a slug, in its own words; "" for what is not named."""

    legislator: str
    legislator_id: int
    address: str  # of the legislator, in the roster
    campaign: str


def named(session: Session, reach: Reach) -> Named | None:
    """The names in a reach; None where there is no such legislator."""
    legislator, number, address = "", 0, ""
    if isinstance(reach, ToLegislator):
        row = session.get(Legislator, reach.number)
        if row is None:
            return None
        legislator, number, address = row.name, row.id, row.email
    slug = reach.campaign if isinstance(reach, Filter) else ""
    title = session.scalar(select(Campaign.title).where(Campaign.slug == slug)) if slug else ""
    return Named(legislator=legislator, legislator_id=number, address=address, campaign=title or slug)


class Corrected(Struct, frozen=True, kw_only=True):
    """A legislator whose address staff corrected, and letters that are for a former one; at most SHOWN."""

    legislator: int
    name: str
    to_former: int


def corrected(session: Session, *, now: datetime) -> list[Corrected]:
    """Of the newest corrections of addresses those whose letters wait for somebody to send them to the new one."""
    newest = (
        select(Legislator)
        .join(Correction, Correction.legislator_key == Legislator.key)
        .where(Correction.field == "email", Correction.ended_at.is_(None), Correction.made_at > now - RECENT)
        .order_by(Correction.id.desc())
        .limit(EXAMPLES)
    )
    lines = []
    for legislator in session.scalars(newest):
        to_former = _to_former(session, legislator, now)
        if to_former:
            lines.append(Corrected(legislator=legislator.id, name=legislator.name, to_former=to_former))
    return lines


class OfLegislator(Struct, frozen=True, kw_only=True):
    """Letters to one legislator: whether there are any, and how many are for an address that they had before."""

    has_letters: bool
    to_former: int  # at most SHOWN
    is_stopped: bool


def of_legislator(session: Session, number: int, *, now: datetime) -> OfLegislator:
    """What staff can do about letters to this legislator."""
    first = select(Message.id).where(Message.legislator_id == number).limit(1)
    stands = session.get(Legislator, number)
    return OfLegislator(
        has_letters=session.scalar(first) is not None,
        to_former=_to_former(session, stands, now) if stands is not None else 0,
        is_stopped=number in held_targets(session),
    )


def _to_former(session: Session, legislator: Legislator, now: datetime) -> int:
    """How many of the newest SHOWN letters that are for a former address could go to the new one."""
    if not legislator.email or legislator.gone_at is not None:
        return 0
    numbers = sorted(_found(session, ToLegislator(number=legislator.id), Act.READDRESS, SHOWN))[-SHOWN:]
    count = 0
    for _, letter in _standings(session, numbers):
        count += refusal_of(Act.READDRESS, letter, now=now) is None
    return count

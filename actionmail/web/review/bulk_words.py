"""The words for many letters: which they are, what is done to them, and what became of that."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from actionmail.flows.review.bulk_changes import Chosen, Named, Reach, ToLegislator
from actionmail.flows.review.filters import Filter, Moment
from actionmail.flows.review.message_changes import Act, Refusal
from actionmail.web.review.words import STATE_WORDS


class ActWords(Struct, frozen=True, kw_only=True):
    """An act in words: of its link and its button, of what it comes to, of when it is done; and its noun of the URL."""

    label: str
    effect: str
    done: str
    noun: str


ACTS: Mapping[Act, ActWords] = {
    Act.HOLD: ActWords(label="Hold", effect="They wait until somebody releases them.", done="held", noun="holds"),
    Act.RELEASE: ActWords(
        label="Release",
        effect="They are sent as soon as their turn comes, each to the address that it has.",
        done="released",
        noun="releases",
    ),
    Act.REQUEUE: ActWords(
        label="Try again",
        effect="The same letters go to the same addresses once more.",
        done="queued again",
        noun="retries",
    ),
    Act.READDRESS: ActWords(
        label="Send to the new address",
        effect="The same words go to the address that the roster has by now. What waits, or is held, goes on doing so.",
        done="sent to the new address",
        noun="new-addresses",
    ),
    Act.GIVE_UP: ActWords(
        label="Give up", effect="They are not sent, and count as not accepted.", done="given up", noun="endings"
    ),
    Act.CANCEL: ActWords(
        label="Cancel", effect="They will never be sent. This cannot be undone.", done="cancelled", noun="cancellations"
    ),
}
BY_NOUN: Mapping[str, Act] = {words.noun: act for act, words in ACTS.items()}

# After "3 of them": why an act leaves a letter alone.
WHY_NOT: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_MESSAGE: "are not there",
    Refusal.MOVED_ON: "had moved on meanwhile",
    Refusal.TAKEN_BACK: "were taken back by their supporters",
    Refusal.ERASED: "were erased",
    Refusal.DEADLINE_PASSED: "would come after their campaign's deadline",
    Refusal.ADDRESS_DEAD: "are for an address at which letters failed for good; it must be mended in the roster first",
    Refusal.ADDRESS_CORRECTED: (
        "are for an address at which letters failed for good; the roster has another by now, so send them to that one"
    ),
    Refusal.SAME_ADDRESS: "are for an address that the roster still has",
    Refusal.ADDRESS_UNUSABLE: "are for a legislator whose address in the roster cannot be written to",
    Refusal.MAY_BE_THERE: "may have been taken for the former address, and nothing came back",
    Refusal.CAMPAIGN_HOLDS: "belong to a campaign that holds its letters back",
}
_PARTS: Mapping[str, str] = {
    "letter": "filled from the letter {}",
    "target": 'to legislators with "{}" in their name',
    "committee": "to members of the committee {}",
    "us_state": "to legislators of {}",
    "district": "to legislators of district {}",
    "party": "to legislators of the party {}",
    "domain": "to addresses at {}",
    "code": "of which a mail server answered {}",
    "answer": 'with "{}" in what a mail server answered',
    "language": "of supporters who read the page in {}",
    "source": "of supporters who came by the link {}",
    "words": 'with "{}" in what their supporter wrote',
    "number": "with the number or Message-ID {}",
    "near": "of supporters who came from the network of action {} within a day of it",
    "alike": "with the own paragraph of action {}",
}
_MOMENTS: Mapping[Moment, str] = {Moment.MADE: "made", Moment.ACCEPTED: "accepted", Moment.BACK: "returned"}


def reach_words(reach: Reach, named: Named) -> list[str]:
    """Which letters, each part to be read after "Letters"; none: all there are."""
    if isinstance(reach, Chosen):
        return ["chosen in the send log"]
    if isinstance(reach, ToLegislator):
        return [f"to {named.legislator or f'legislator {reach.number}'}"]
    parts = [f"of the campaign {named.campaign}"] if reach.campaign else []
    if reach.state is not None:
        parts.append(f"in the state: {STATE_WORDS[reach.state]}")
    for name, words in _PARTS.items():
        if value := getattr(reach, name):
            parts.append(words.format(value))
    return parts + _between(reach)


def _between(wanted: Filter) -> list[str]:
    parts = []
    moment = _MOMENTS[wanted.moment]
    if wanted.since is not None:
        parts.append(f"{moment} at {wanted.since:%Y-%m-%d %H:%M} UTC or later")
    if wanted.until is not None:
        parts.append(f"{moment} before {wanted.until:%Y-%m-%d %H:%M} UTC")
    return parts


def counted(count: int) -> str:
    return f"{count:,} {'letter' if count == 1 else 'letters'}"


def outcome_words(act: Act, changed: int, refused: Mapping[Refusal, int], gone: int) -> str:
    """What became of a press; `gone` are those that had moved on before it began."""
    sentences = [f"Done. {counted(changed)} {ACTS[act].done}."]
    reasons = dict(refused)
    reasons[Refusal.MOVED_ON] = reasons.get(Refusal.MOVED_ON, 0) + gone
    for refusal, count in reasons.items():
        if count:
            sentences.append(f"{count:,} {WHY_NOT[refusal]}.")
    return " ".join(sentences)


def broke_off_words(act: Act, changed: int, left: int) -> str:
    """What became of a press in the midst of which the database could keep nothing more."""
    return (
        f"The database can keep nothing at this moment. {counted(changed)} {ACTS[act].done}; {left:,} are left. Press "
        "again in a minute for those: nothing is done twice."
    )

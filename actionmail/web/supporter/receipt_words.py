"""The words of a receipt's lines: how each letter stands, and what can still be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from actionmail.flows.actions.receipt import Receipt, ReceiptLetter
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.waiting import Why
from actionmail.rules.speech import lazy

# What each state means for the supporter: how it looks, and the words. Never "delivered", never "read".
STATE_WORDS: dict[State, tuple[str, str]] = {
    State.UNCONFIRMED: ("", lazy("Not sent: it waits for you to confirm it.")),
    State.REVIEW: ("", lazy("Not sent yet: the campaign's staff read letters before they go.")),
    State.QUEUED: ("", lazy("Queued: it waits for its turn to leave.")),
    State.SENDING: ("", lazy("Being handed to the mail server at this moment.")),
    State.DEFERRED: ("", lazy("Waiting: the mail server asked us to try again later, and we will.")),
    State.AMBIGUOUS: (
        "",
        lazy(
            "Unclear: the connection broke off at the last moment, so nobody can tell whether the mail server took it. "
            "We try once more; a second copy may arrive."
        ),
    ),
    State.ACCEPTED: ("good", lazy("Accepted by the mail server. Nobody can tell from here whether it was opened.")),
    State.SETTLED: ("good", lazy("Accepted by the mail server, and no failure was reported in the days after.")),
    State.HELD: ("", lazy("On hold: the campaign's staff are looking into it.")),
    State.BOUNCED: (
        "bad",
        lazy("Came back: the legislator's mail system did not take it. The campaign's staff can see this."),
    ),
    State.FAILED: ("bad", lazy("Not sent: the mail server refused it. The campaign's staff can see this.")),
    State.NO_CHANNEL: ("bad", lazy("Not sent: this legislator takes no letters by e-mail, or we know no address.")),
    State.EXPIRED: ("bad", lazy("Not sent: its time ran out before a mail server took it.")),
    State.CANCELLED: ("", lazy("Taken back: it was not sent.")),
    State.REJECTED: ("bad", lazy("Not sent: the campaign's staff read it and did not let it go.")),
}
# Where the legislator does not hold the seat; of all other states the words above are right.
OUT_OF_OFFICE: dict[State, tuple[str, str]] = {
    **dict.fromkeys(
        (State.QUEUED, State.DEFERRED),
        ("", lazy("Not sent: they do not hold the seat at the moment. It goes only if they do while there is time.")),
    ),
    State.EXPIRED: ("bad", lazy("Not sent: they did not hold the seat any more when its turn came.")),
    State.HELD: (
        "",
        lazy(
            "On hold: they do not hold the seat any more, and nobody can tell whether the mail server took the letter "
            "before. The campaign's staff are looking into it."
        ),
    ),
}
# What keeps a letter that waits, where the supporter gains by knowing it.
WAITING_WORDS: Mapping[Why, str] = {
    Why.STOPPED: lazy(
        "The campaign's staff stopped letters for a moment. It goes once they let it, while there is time."
    ),
    Why.NO_WORKER: lazy("Our own mail service is not at work right now. Nothing is lost: it goes as soon as it is."),
    Why.RELAY_AWAY: lazy(
        "Our mail server is out of order right now. Nothing is lost: it goes as soon as that is mended."
    ),
    Why.OUTSIDE_HOURS: lazy("Letters leave at certain hours of the day only."),
    Why.SLOWED: lazy(
        "Many people write to them, and we send only so many letters an hour, so that none is turned away."
    ),
}
# Letters that reach somebody, as far as is known: only over these stand the author's thanks.
UNDER_WAY: Final = frozenset(
    {
        *(State.QUEUED, State.SENDING, State.DEFERRED, State.AMBIGUOUS, State.ACCEPTED, State.SETTLED),
        *(State.HELD, State.REVIEW),
    }
)
# Letters that their supporter can carry to the legislator by hand.
BY_HAND: Final = frozenset({State.NO_CHANNEL, State.BOUNCED, State.FAILED, State.EXPIRED})
_NOT_CONFIRMED = {**STATE_WORDS, State.EXPIRED: ("bad", lazy("Not sent: nobody confirmed it in time."))}


def is_by_hand(line: ReceiptLetter) -> bool:
    """Whether their own words can still reach this legislator through the supporter: through a web form, or a call."""
    return line.state in BY_HAND and not line.is_out_of_office and bool(line.letter or line.state == State.NO_CHANNEL)


def said_by_phone(receipt: Receipt, line: ReceiptLetter) -> str:
    """What a supporter may say on the phone: in English on every page, like the letter, since an office hears it."""
    verb = "support" if receipt.campaign.position == "support" else "oppose"
    return (
        f"Hello, my name is {receipt.name}, and I live in {receipt.who['zip']}. "
        f"I ask {line.name} to {verb} {receipt.campaign.bill}. Thank you for noting it."
    )


class ShownState(Struct, frozen=True):
    """How a line of a receipt stands: its look, and sentences, of which `wait` may be ""."""

    look: str
    sentence: str
    wait: str
    is_held_back: bool
    may_have_arrived_twice: bool


def shown_state(receipt: Receipt, line: ReceiptLetter) -> ShownState:
    if line.is_out_of_office and line.state in OUT_OF_OFFICE:
        look, sentence = OUT_OF_OFFICE[line.state]
    else:
        look, sentence = (_NOT_CONFIRMED if receipt.unconfirmed else STATE_WORDS)[line.state]
    wait = "" if line.is_out_of_office or line.waits is None else WAITING_WORDS.get(line.waits, "")
    is_twice = line.may_arrive_twice and line.state != State.AMBIGUOUS
    return ShownState(look, sentence, wait, line.is_held_back, is_twice)

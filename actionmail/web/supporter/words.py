"""The sentences for what flows and rules refuse, by class and code: the one place for those that supporters read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from actionmail.flows.actions.refusals import (
    ActedBefore,
    ActRefused,
    AlreadyActed,
    CampaignClosed,
    DayGone,
    LetterRefused,
    LikelySigned,
    NoLegislators,
    OtherState,
    PageTooOld,
    TargetsChanged,
    TooManyAsks,
    Unwritable,
)
from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT
from actionmail.rules.campaigns.letter_faults import Fault, LetterFault, Part
from actionmail.rules.campaigns.letter_language import MAX_OUTPUT
from actionmail.rules.campaigns.sharing import Network
from actionmail.rules.delivery.mail_headers import MAX_NAME, EnvelopeError, EnvelopeFault
from actionmail.rules.districts.states import STATES

ASKED_TOO_OFTEN: Final = (
    "We wrote to this e-mail address several times today, asking to confirm letters, and write no more for "
    "some hours: nobody shall fill a stranger's mailbox from here. Look for our last mail, also among the "
    "spam, or try again tomorrow."
)
BEING_SENT: Final = (
    "One of your letters is being handed to the mail server at this moment, so nothing was erased yet. "
    "Please try again in a few minutes."
)
NO_EMAIL_KNOWN: Final = "We know no e-mail address of this legislator, so this letter would not go."
CLOSED_MEANWHILE: Final = "It closed before your press of the button arrived, so nothing was kept."
CHANGED_ELSEWHERE: Final = (
    "Your name or address was changed meanwhile, in another tab or window of this browser, so nothing was sent. Please "
    "look at your letter again, then press the button."
)
SHARE_LABELS: Final[Mapping[Network, str]] = {
    Network.EMAIL: "By e-mail",
    Network.SMS: "By text message",
    Network.WHATSAPP: "On WhatsApp",
    Network.FACEBOOK: "On Facebook",
    Network.BLUESKY: "On Bluesky",
    Network.MASTODON: "On Mastodon",
    Network.X: "On X",
}


def network_name(network: Network) -> str:
    """ "Bluesky": its name is the same in every language."""
    return _NETWORK_NAMES.get(network, "")


_NETWORK_NAMES: Final[Mapping[Network, str]] = {
    Network.WHATSAPP: "WhatsApp",
    Network.FACEBOOK: "Facebook",
    Network.BLUESKY: "Bluesky",
    Network.MASTODON: "Mastodon",
    Network.X: "X",
}
_NAMED = 4  # legislators one by one

_REFUSALS: Final[Mapping[type[ActRefused], str]] = {
    CampaignClosed: "This campaign closed before your letter could be queued, so nothing was sent.",
    NoLegislators: "None of your legislators can be reached from here at the moment, so nothing was sent.",
    TargetsChanged: (
        "Your legislators or the letter changed while you were writing, so nothing was sent. "
        "Please look at this page again, then press the button."
    ),
    ActedBefore: "This mailbox took part already, and one action of each counts. So nothing was added.",
    PageTooOld: (
        "This page was older than what you did since, or the numbers changed, so nothing was added. "
        "Please look at it again."
    ),
    DayGone: "One of these days is not part of it any more. Please look at the days again, and tick yours.",
    TooManyAsks: f"{ASKED_TOO_OFTEN} Nothing was sent.",
}


def refusal(refused: ActRefused) -> str:
    """Why the action was not taken."""
    if isinstance(refused, AlreadyActed):
        return (
            f"A letter on this campaign from this e-mail address to {_who(refused.names)} is there already, so nothing "
            "was sent again. The link on your receipt shows what became of it."
        )
    if isinstance(refused, OtherState):
        return f"This is for people who live in {STATES[refused.state]}, and this ZIP code lies elsewhere."
    if isinstance(refused, LikelySigned):
        return (
            f"{_who(refused.names)} {'stands' if len(refused.names) == 1 else 'stand'} in the list already. If that is "
            "yours, there is nothing left to do. If yours is another one, tick this box and press the button again."
        )
    if isinstance(refused, LetterRefused):
        return " ".join(letter_fault(fault) for fault in refused.faults)
    if isinstance(refused, Unwritable):
        return f"Your letter to {refused.to} cannot be written as an e-mail: {envelope_fault(refused.error)}"
    return _REFUSALS[type(refused)]


def act_refusal(refused: ActRefused, before: str) -> str:
    """Why a simple action was not taken; `before` says of its kind that the mailbox has one already."""
    if isinstance(refused, ActedBefore):
        return before
    if isinstance(refused, TooManyAsks):
        return f"{ASKED_TOO_OFTEN} Nothing was kept."
    return refusal(refused)


def envelope_fault(error: EnvelopeError) -> str:
    """Why a message cannot be built."""
    return f"{error.field}: {_ENVELOPE_FAULTS[error.code].format(value=error.value)}"


_ENVELOPE_FAULTS: Final[Mapping[EnvelopeFault, str]] = {
    EnvelopeFault.EMPTY: "It is empty.",
    EnvelopeFault.CONTROL_CHARACTER: "A line break or another control character stands in it.",
    EnvelopeFault.LONG_NAME: f"This name has {{value}} characters; at most {MAX_NAME} fit.",
    EnvelopeFault.LONG_SUBJECT: f"The subject has {{value}} characters; at most {MAX_SUBJECT} fit.",
    EnvelopeFault.LONG_ADDRESS: "This address is longer than mail allows.",
    EnvelopeFault.NO_ADDRESS: "This is not an e-mail address.",
    EnvelopeFault.NO_DOMAIN: "What stands behind the @ is not a domain.",
    EnvelopeFault.NOT_ASCII: (
        "The part before the @ has letters that many mail servers do not take, so replies could get lost. "
        "Please give an address without accents or other scripts before the @."
    ),
    EnvelopeFault.NO_MESSAGE_ID: "It must look like <am.key@domain>.",
    EnvelopeFault.NO_HEADER: "A name or the subject cannot be written as a mail header.",
}


def _who(names: Sequence[str]) -> str:
    """All of a few; of many the first three, and how many more."""
    if len(names) <= _NAMED:
        return " and ".join(names)
    return " and ".join([*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} others"])


def letter_fault(fault: LetterFault) -> str:
    """What keeps a letter from being sent."""
    return _LETTER_FAULTS[fault.code](fault)


def _left_over(fault: LetterFault) -> str:
    where = "subject" if fault.part is Part.SUBJECT else "letter"
    return f'The {where} still says "{fault.value}".'


def _unreadable(fault: LetterFault) -> str:
    line, _, column = fault.value.partition(":")
    return f"An invisible mark or control character stands in line {line}, at its character {column}; delete it."


_LETTER_FAULTS: Final[Mapping[Fault, Callable[[LetterFault], str]]] = {
    Fault.BLANK: lambda fault: f'"{fault.value}" is empty where the letter needs it.',
    Fault.NO_SUBJECT: lambda fault: "The subject is empty.",
    Fault.LONG_SUBJECT: lambda fault: f"The subject has {fault.value} characters; at most {MAX_SUBJECT} fit.",
    Fault.NO_TEXT: lambda fault: "The letter has no text.",
    Fault.LONG_TEXT: lambda fault: f"The letter has {fault.value} characters; at most {MAX_OUTPUT} fit.",
    Fault.LEFT_OVER: _left_over,
    Fault.UNREADABLE: _unreadable,
}

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
    MustProve,
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
from actionmail.rules.moments import and_all
from actionmail.rules.speech import gettext, lazy, ngettext

ASKED_TOO_OFTEN: Final = lazy(
    "We wrote to this e-mail address several times today, asking to confirm letters, and write no more for "
    "some hours: nobody shall fill a stranger's mailbox from here. Look for our last mail, also among the "
    "spam, or try again tomorrow."
)
BEING_SENT: Final = lazy(
    "One of your letters is being handed to the mail server at this moment, so nothing was erased yet. "
    "Please try again in a few minutes."
)
NO_EMAIL_KNOWN: Final = lazy("We know no e-mail address of this legislator, so this letter would not go.")
CLOSED_MEANWHILE: Final = lazy("It closed before your press of the button arrived, so nothing was kept.")
CHANGED_ELSEWHERE: Final = lazy(
    "Your name or address was changed meanwhile, in another tab or window of this browser, so nothing was sent. Please "
    "look at your letter again, then press the button."
)
SHARE_LABELS: Final[Mapping[Network, str]] = {
    Network.EMAIL: lazy("By e-mail"),
    Network.SMS: lazy("By text message"),
    Network.WHATSAPP: lazy("On WhatsApp"),
    Network.FACEBOOK: lazy("On Facebook"),
    Network.BLUESKY: lazy("On Bluesky"),
    Network.MASTODON: lazy("On Mastodon"),
    Network.X: lazy("On X"),
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
    CampaignClosed: lazy("This campaign closed before your letter could be queued, so nothing was sent."),
    NoLegislators: lazy("None of your legislators can be reached from here at the moment, so nothing was sent."),
    TargetsChanged: lazy(
        "Your legislators or the letter changed while you were writing, so nothing was sent. "
        "Please look at this page again, then press the button."
    ),
    ActedBefore: lazy("This mailbox took part already, and one action of each counts. So nothing was added."),
    PageTooOld: lazy(
        "This page was older than what you did since, or the numbers changed, so nothing was added. "
        "Please look at it again."
    ),
    DayGone: lazy("One of these days is not part of it any more. Please look at the days again, and tick yours."),
    MustProve: lazy(
        "Very many take part from your network at this moment, so nothing was sent yet. Please press the button again."
    ),
}


def refusal(refused: ActRefused) -> str:
    """Why the action was not taken."""
    if isinstance(refused, AlreadyActed):
        return gettext(
            "A letter on this campaign from this e-mail address to %(names)s is there already, so nothing was sent "
            "again. The link on your receipt shows what became of it.",
            names=_who(refused.names),
        )
    if isinstance(refused, OtherState):
        return gettext(
            "This is for people who live in %(state)s, and this ZIP code lies elsewhere.", state=STATES[refused.state]
        )
    if isinstance(refused, LikelySigned):
        return ngettext(
            "%(names)s stands in the list already. If that is yours, there is nothing left to do. If yours is another "
            "one, tick this box and press the button again.",
            "%(names)s stand in the list already. If that is yours, there is nothing left to do. If yours is another "
            "one, tick this box and press the button again.",
            len(refused.names),
            names=_who(refused.names),
        )
    if isinstance(refused, LetterRefused):
        return " ".join(letter_fault(fault) for fault in refused.faults)
    if isinstance(refused, Unwritable):
        return gettext(
            "Your letter to %(name)s cannot be written as an e-mail: %(reason)s",
            name=refused.to,
            reason=envelope_fault(refused.error),
        )
    if isinstance(refused, TooManyAsks):
        return " ".join((str(ASKED_TOO_OFTEN), gettext("Nothing was sent.")))
    return str(_REFUSALS[type(refused)])


def act_refusal(refused: ActRefused, before: str) -> str:
    """Why a simple action was not taken; `before` says of its kind that the mailbox has one already."""
    if isinstance(refused, ActedBefore):
        return before
    if isinstance(refused, TooManyAsks):
        return " ".join((str(ASKED_TOO_OFTEN), gettext("Nothing was kept.")))
    return refusal(refused)


def envelope_fault(error: EnvelopeError) -> str:
    """Why a message cannot be built."""
    return f"{error.field}: {gettext(_ENVELOPE_FAULTS[error.code], value=error.value, most=_MOST.get(error.code, 0))}"


_ENVELOPE_FAULTS: Final[Mapping[EnvelopeFault, str]] = {
    EnvelopeFault.EMPTY: lazy("It is empty."),
    EnvelopeFault.CONTROL_CHARACTER: lazy("A line break or another control character stands in it."),
    EnvelopeFault.LONG_NAME: lazy("This name has %(value)s characters; at most %(most)s fit."),
    EnvelopeFault.LONG_SUBJECT: lazy("The subject has %(value)s characters; at most %(most)s fit."),
    EnvelopeFault.LONG_ADDRESS: lazy("This address is longer than mail allows."),
    EnvelopeFault.NO_ADDRESS: lazy("This is not an e-mail address."),
    EnvelopeFault.NO_DOMAIN: lazy("What stands behind the @ is not a domain."),
    EnvelopeFault.NOT_ASCII: lazy(
        "The part before the @ has letters that many mail servers do not take, so replies could get lost. "
        "Please give an address without accents or other scripts before the @."
    ),
    EnvelopeFault.NO_MESSAGE_ID: lazy("It must look like <am.key@domain>."),
    EnvelopeFault.NO_HEADER: lazy("A name or the subject cannot be written as a mail header."),
}
_MOST: Final = {EnvelopeFault.LONG_NAME: MAX_NAME, EnvelopeFault.LONG_SUBJECT: MAX_SUBJECT}


def _who(names: Sequence[str]) -> str:
    """All of a few; of many the first three, and how many more."""
    if len(names) <= _NAMED:
        return and_all(names)
    rest = len(names) - _NAMED + 1
    return and_all([*names[: _NAMED - 1], ngettext("%(count)s other", "%(count)s others", rest)])


def letter_fault(fault: LetterFault) -> str:
    """What keeps a letter from being sent."""
    return _LETTER_FAULTS[fault.code](fault)


def _left_over(fault: LetterFault) -> str:
    if fault.part is Part.SUBJECT:
        return gettext('The subject still says "%(words)s".', words=fault.value)
    return gettext('The letter still says "%(words)s".', words=fault.value)


def _unreadable(fault: LetterFault) -> str:
    line, _, column = fault.value.partition(":")
    return gettext(
        "An invisible mark or control character stands in line %(line)s, at its character %(column)s; delete it.",
        line=line,
        column=column,
    )


_LETTER_FAULTS: Final[Mapping[Fault, Callable[[LetterFault], str]]] = {
    Fault.BLANK: lambda fault: gettext('"%(words)s" is empty where the letter needs it.', words=fault.value),
    Fault.NO_SUBJECT: lambda fault: gettext("The subject is empty."),
    Fault.LONG_SUBJECT: lambda fault: gettext(
        "The subject has %(value)s characters; at most %(most)s fit.", value=fault.value, most=MAX_SUBJECT
    ),
    Fault.NO_TEXT: lambda fault: gettext("The letter has no text."),
    Fault.LONG_TEXT: lambda fault: gettext(
        "The letter has %(value)s characters; at most %(most)s fit.", value=fault.value, most=MAX_OUTPUT
    ),
    Fault.LEFT_OVER: _left_over,
    Fault.UNREADABLE: _unreadable,
}

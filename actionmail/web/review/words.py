"""The words for where a message stands, and why and by whom it moved: for staff, on pages and in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.flows.delivery.stops import Stop
from actionmail.flows.review.message_changes import LONGEST_REASON, MessageChangeRefused, Refusal
from actionmail.flows.review.message_detail import HistoryStep
from actionmail.flows.review.saved_views import LONGEST_NAME, MOST, Fault
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor, ActorKind, PauseReason, Reason
from actionmail.rules.delivery.returned import Unreadable
from actionmail.rules.delivery.states import State
from actionmail.web.platform.mail_words import sentence_of

STATE_WORDS: Mapping[State, str] = {
    State.UNCONFIRMED: "waiting for the supporter to confirm",
    State.REVIEW: "waiting for staff to approve it",
    State.QUEUED: "waiting to be sent",
    State.SENDING: "being handed to the mail server",
    State.DEFERRED: "to be tried again later",
    State.AMBIGUOUS: "unclear whether the mail server took it",
    State.ACCEPTED: "accepted by the mail server",
    State.SETTLED: "accepted by the mail server, and nothing came back",
    State.HELD: "held until staff decide",
    State.BOUNCED: "came back undelivered",
    State.FAILED: "not accepted by the mail server",
    State.NO_CHANNEL: "not sent: no e-mail address known",
    State.EXPIRED: "not sent: time ran out",
    State.CANCELLED: "not sent: cancelled",
    State.REJECTED: "not sent: staff did not approve it",
}

# As a badge has it: a word or two, and what kind of news it is.
STATE_BADGES: Mapping[State, tuple[str, str]] = {
    State.UNCONFIRMED: ("Unconfirmed", "open"),
    State.REVIEW: ("To be read", "warn"),
    State.QUEUED: ("Waiting", "open"),
    State.SENDING: ("Being sent", "open"),
    State.DEFERRED: ("Tried again", "warn"),
    State.AMBIGUOUS: ("Unclear", "warn"),
    State.ACCEPTED: ("Accepted", "good"),
    State.SETTLED: ("Accepted, quiet", "good"),
    State.HELD: ("Held", "warn"),
    State.BOUNCED: ("Came back", "bad"),
    State.FAILED: ("Refused", "bad"),
    State.NO_CHANNEL: ("No address", "none"),
    State.EXPIRED: ("Too late", "bad"),
    State.CANCELLED: ("Cancelled", "none"),
    State.REJECTED: ("Rejected", "none"),
}
VIEW_FAULTS: Mapping[Fault, str] = {
    Fault.NO_NAME: "Give the view a name.",
    Fault.NAME_TOO_LONG: f"A name has at most {LONGEST_NAME} characters.",
    Fault.NAME_TAKEN: "There is a view of that name; choose another, or forget that one first.",
    Fault.TOO_MANY: f"There are {MOST} views, and no more are kept; forget one first.",
    Fault.NO_FILTER: "Nothing is filtered: there is nothing to keep.",
    Fault.NOTHING_TO_KEEP: (
        "Words and numbers that are looked for may name a supporter, so no view keeps them, and nothing else is "
        "filtered."
    ),
}

_LOST = "Nobody can know whether the mail server took the letter; it goes out once more, with the same Message-ID."
_NO_CHANGE = "A mail came back too late to change anything."
_NOT_ON = "so it is not passed on."
REASON_WORDS: Mapping[Reason, str] = {
    Reason.NONE: "",
    Reason.NO_ADDRESS: "We know no e-mail address of this legislator.",
    Reason.TO_BE_CONFIRMED: "It waits for its supporter to confirm it by mail.",
    Reason.CONFIRMED: "Confirmed by the link that was mailed.",
    Reason.NOT_CONFIRMED_IN_TIME: "Nobody confirmed it in time.",
    Reason.TO_BE_REVIEWED: "It waits for staff to read it.",
    Reason.LIKE_A_FLOOD: "It came like a flood, so it waits until staff have looked at it.",
    Reason.APPROVED: "Staff read it and let it go.",
    Reason.REJECTED: "Staff read it and did not let it go; the supporter is told:",
    Reason.TAKEN_OUT: "Staff took its action out of the count, so it does not go:",
    Reason.PUT_BACK: "Staff put its action back into the count.",
    Reason.NOT_REVIEWED_IN_TIME: "Nobody of the staff read it in time.",
    Reason.WRITTEN_BEFORE: "A letter from this address to this legislator is there already.",
    Reason.MAY_BE_TWICE: "This may be the second time: an earlier try ended without a known result.",
    Reason.GIVEN_BACK: "Given back to the queue; nothing of it was sent.",
    Reason.TOLD_TO_STOP: "The worker was told to stop; nothing of the letter was sent.",
    Reason.PROGRAM_FAILED: "The program failed on this letter; nothing of it was sent.",
    Reason.TEXT_GONE: "The letter's text is gone.",
    Reason.NOT_AS_FROZEN: "The letter is not the one that was frozen: its SHA-256 differs.",
    Reason.BAD_LINE_ENDS: "The letter's lines do not all end in CR LF.",
    Reason.BAD_ADDRESS: "The address cannot be written in an SMTP command.",
    Reason.NEEDS_SMTPUTF8: "The address needs SMTPUTF8 (RFC 6531), which the mail server does not offer.",
    Reason.NEEDS_8BITMIME: "The letter needs 8BITMIME (RFC 6152), which the mail server does not offer.",
    Reason.TOO_LARGE: "The letter has more octets than the mail server takes:",
    Reason.WORKER_ENDED: "The worker ended before this letter's turn; nothing of it was sent.",
    Reason.WORKER_ENDED_MEANWHILE: f"The worker ended while this letter may have been on its way. {_LOST}",
    Reason.CONNECTION_LOST: "The connection to the mail server ended before the letter was on its way.",
    Reason.ANSWER_LOST: _LOST,
    Reason.ANSWER_LOST_TWICE: (
        "For the second time nobody can know whether the mail server took the letter; a person decides."
    ),
    Reason.ANSWER_TOO_LATE: "This answer came after the lease had run out; the state is left as it is.",
    Reason.GIVEN_UP: "Given up: no time is left for another try.",
    Reason.TIME_OVER: "The time for this letter is over.",
    Reason.TIME_OVER_UNCLEAR: "The time for this letter is over, and it may have been sent already; a person decides.",
    Reason.TARGET_GONE: "Not sent: the legislator does not hold the seat, not any more or not yet.",
    Reason.TARGET_GONE_UNCLEAR: (
        "The legislator does not hold the seat any more, and the letter may have been sent already; a person decides."
    ),
    Reason.RESTORED: (
        "The database was restored from a backup, and the letter may have been sent since that was made; a person "
        "decides."
    ),
    Reason.NO_SUCH_DOMAIN: "There is no such domain, or it has no mail server:",
    Reason.TAKES_NO_MAIL: "This domain says that it takes no mail:",
    Reason.LOOKUP_FAILED: "The DNS does not say where this domain's mail goes:",
    Reason.SERVER_WITHOUT_ADDRESS: "The domain's mail server has no address that can be reached:",
    Reason.NOBODY_ANSWERS: "No mail server of the domain answers:",
    Reason.NOT_IN_POLICY: "The domain's own policy (MTA-STS) does not name its mail server:",
    Reason.NO_SAFE_WAY: "The domain wants encryption and proof of its name (MTA-STS, DANE), which its server lacks:",
    Reason.CAMPAIGN_HELD: "Held back with the campaign.",
    Reason.CAMPAIGN_RELEASED: "Released with the campaign.",
    Reason.REPORTED_BACK: "A report says that it was taken and came back; a person decides.",
    Reason.REPORTED_DELIVERED: "The receiving side reports: delivered.",
    Reason.REPORTED_RELAYED: "The receiving side reports: relayed.",
    Reason.REPORTED_EXPANDED: "The receiving side reports: expanded.",
    Reason.REPORTED_DELAYED: "The receiving side is still trying.",
    Reason.BACK_TOO_LATE: f"{_NO_CHANGE} It reports that the letter came back.",
    Reason.FULL_TRY_AGAIN: "The mailbox is full; the letter will be sent again.",
    Reason.FULL_NO_TIME: "The mailbox is full, and no time is left to try again.",
    Reason.FULL_TOO_OLD: "The mailbox is full, and the letter is too old to try again.",
    Reason.FULL_TOO_LATE: f"{_NO_CHANGE} It reports that the mailbox is full.",
    Reason.GAVE_UP_TRY_AGAIN: "The receiving side gave up; the letter will be sent once more.",
    Reason.GAVE_UP_TWICE: "The receiving side gave up twice.",
    Reason.GAVE_UP_NO_TIME: "The receiving side gave up, and no time is left to try again.",
    Reason.GAVE_UP_TOO_OLD: "The receiving side gave up, and the letter is too old to try again.",
    Reason.GAVE_UP_TOO_LATE: f"{_NO_CHANGE} The receiving side gave up.",
    Reason.BACK_FROM_BEHIND: (
        "It came back from another address, to which the legislator's own leads; others there may have received it."
    ),
    Reason.COMPLAINT: "A complaint came back:",
    Reason.FEEDBACK: "The receiving side reports what its checks made of the letter; it is no complaint:",
    Reason.UNREADABLE: "A mail came back that cannot be read.",
    Reason.UNREADABLE_TOO_LATE: f"{_NO_CHANGE} It cannot be read.",
    Reason.ANSWER_PASSED_ON: "An answer came back, and is passed on to the supporter.",
    Reason.ANSWER_OF_ERASED: f"An answer came back. The supporter's address was erased, {_NOT_ON}",
    Reason.ANSWER_OF_OURS: f"An answer came back. It comes from the supporter or from us, {_NOT_ON}",
    Reason.ANSWER_TOO_MANY: f"An answer came back. Too many were passed on already, {_NOT_ON}",
    Reason.AUTO_ANSWER_PASSED_ON: "An automatic answer came back, and is passed on to the supporter.",
    Reason.AUTO_ANSWER_OF_ERASED: f"An automatic answer came back. The supporter's address was erased, {_NOT_ON}",
    Reason.AUTO_ANSWER_OF_OURS: f"An automatic answer came back. It comes from the supporter or from us, {_NOT_ON}",
    Reason.AUTO_ANSWER_TOO_MANY: f"An automatic answer came back. Too many were passed on already, {_NOT_ON}",
    Reason.SAID_ANSWERED: "The supporter says that the office answered.",
    Reason.SAID_NOT_ANSWERED: "The supporter says that nothing came.",
    Reason.QUIET: "Nothing came back for 72 hours.",
    Reason.READDRESSED: (
        "The legislator has another address now. The same words go there as a new version, with a Message-ID of its "
        "own; the earlier version is kept below."
    ),
    Reason.ABOUT_EARLIER: (
        "A mail came back that is about an earlier version, which went to the former address. It changes nothing here:"
    ),
    Reason.ANSWER_NOT_TAKEN: "An answer could not be passed on to the supporter.",
    Reason.ASK_TAKEN: "The mail server took the mail that asks the supporter to confirm.",
    Reason.ASK_NOT_TAKEN: "The mail that asks the supporter to confirm was not accepted.",
    Reason.REMINDER_TAKEN: "The mail server took the reminder.",
    Reason.REMINDER_NOT_TAKEN: "The reminder was not accepted.",
    Reason.ERASED_ON_REQUEST: "The supporter's data was erased on request.",
    Reason.ERASED_NEVER_CONFIRMED: "Nobody ever confirmed it; the supporter's data was erased after a month.",
    Reason.ERASED_NOT_THEIRS: ("The owner of the address says that they did not write it; what was typed is erased."),
    Reason.ERASED_TIME_OVER: "The campaign is over, and so is the time for which it keeps supporters' data.",
    Reason.ERASED_BY_STAFF: "Staff erased the supporter's data.",
    Reason.STATE_ABOLISHED: "An upgrade put it here: the state it stood in is no more.",
}
_ACTOR_WORDS: Mapping[ActorKind, str] = {
    ActorKind.SUPPORTER: "the supporter",
    ActorKind.STAFF: "staff",
    ActorKind.WORKER: "worker",
    ActorKind.COMMAND_LINE: "the command line,",
    ActorKind.CLOCK: "the clock",
    ActorKind.RETURNED_MAIL: "returned mail",
    ActorKind.SUPPORTER_MAIL: "mail to supporters",
    ActorKind.PROGRAM: "a program",
    ActorKind.OTHER: "",
}
_REFUSALS: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_MESSAGE: "There is no such message.",
    Refusal.NO_REASON: "Say why, in a few words: colleagues will want to know.",
    Refusal.REASON_TOO_LONG: "Say why in at most {longest} characters; this has {length}.",
    Refusal.MOVED_ON: "You cannot {act} this message now. It has moved on: look at where it stands, below.",
    Refusal.TAKEN_BACK: "The supporter cancelled this letter. It will not be sent.",
    Refusal.ERASED: "The supporter's details and this letter were erased. It cannot be sent.",
    Refusal.DEADLINE_PASSED: "The campaign's deadline has passed. The letter would come too late.",
    Refusal.ADDRESS_DEAD: (
        "Letters of two supporters or more met no such mailbox at this address, and the roster still has it. Mend the "
        "address in the roster first; then the letter can be sent to the new one."
    ),
    Refusal.ADDRESS_CORRECTED: (
        "Letters of two supporters or more met no such mailbox at this address. The roster has another by now: send "
        "the letter to the new address."
    ),
    Refusal.SAME_ADDRESS: "The roster has no other address. Mend it there first.",
    Refusal.ADDRESS_UNUSABLE: "No mail can be written to the address in the roster. Look at it there.",
    Refusal.MAY_BE_THERE: "A mail server may have taken the letter for the former address, and nothing came back.",
    Refusal.CAMPAIGN_HOLDS: "The letter's campaign holds its letters back. Publish the campaign again first.",
}


def actor_words(actor: Actor, staff: str = "") -> str:
    """Who it was, after "by": a member of the staff by their address, `staff`, while that is known."""
    if staff:
        return staff
    return f"{_ACTOR_WORDS[actor.kind]} {actor.id}".strip(" ,")


UNREADABLE_WORDS: Mapping[str, str] = {
    Unreadable.EMPTY: "It is empty.",
    Unreadable.NESTED: "It has more parts within parts than any honest mail.",
    Unreadable.LONG_HEADER: "One of its headers is longer than any honest mail's.",
    Unreadable.NOT_BUILT: "It is not built as a mail should be, and cannot be read.",
    Unreadable.NO_REPORT: "It came from a mail system, and is no report that can be read.",
    Unreadable.NO_SENDER: "It does not say who sent it.",
    Unreadable.CONTRADICTION: "The report says both that it failed and that it did not.",
}
_OF_UNREADABLE = frozenset({Reason.UNREADABLE, Reason.UNREADABLE_TOO_LATE, Reason.ABOUT_EARLIER})


def step_words(step: HistoryStep) -> str:
    """What is quoted below a change: the server's or a person's own words, or what a worker or a returned mail met,
    in ours.
    """
    if step.reason in _OF_UNREADABLE:
        return UNREADABLE_WORDS.get(step.text, step.text)
    is_in_codes = step.actor.kind is ActorKind.WORKER and step.smtp_code is None
    return sentence_of(step.text) if is_in_codes else step.text


def pause_words(stop: Stop) -> str:
    """Why something gets no letters."""
    words, letter = stop.cause.words, stop.cause.message
    match stop.cause.reason:
        case PauseReason.ADDRESS_ON_HOLD:
            return "Two different supporters' letters met an address that does not exist."
        case PauseReason.CAME_BACK_REFUSED:
            return f"A letter came back, refused by policy ({words})."
        case PauseReason.NO_MAIL_THERE:
            return f"There is no such domain, or it takes no mail: {words}"
        case PauseReason.COMPLAINT:
            return f"{stop.domain or 'Somebody'} reports letter {letter} as {words}."
        case PauseReason.RESTORED:
            return f"The database was restored from a backup of {words}: look at the letters that are held, then go on."
        case PauseReason.NONE | PauseReason.REFUSED:
            return words


def stop_words(stop: Stop) -> str:
    """What gets no letters."""
    match stop.scope:
        case Scope.TARGET:
            return f"Nothing is sent to {stop.title or f'legislator {stop.name}'}"
        case Scope.DOMAIN:
            return f"Nothing is sent to addresses at {stop.name}"
        case Scope.CAMPAIGN:
            return f"Nothing is sent for {stop.title or f'campaign {stop.name}'}"
        case Scope.ALL:
            return "Nothing is sent at all"


def refusal_words(refused: MessageChangeRefused) -> str:
    return _REFUSALS[refused.code].format(act=refused.act, length=refused.length, longest=LONGEST_REASON)

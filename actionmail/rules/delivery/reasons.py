"""Why a message changed its state, and through whom: the codes of its history.

What a mail server or the staff said is kept beside the code as they said it. The sentences for people are made at the
doors.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ActorKind(StrEnum):
    """What kind of hand changed a message."""

    SUPPORTER = "supporter"
    STAFF = "staff"  # `id` is the number of the staff member
    WORKER = "worker"  # "host:pid"
    COMMAND_LINE = "command_line"  # the login name, "" where nobody asked for it
    CLOCK = "clock"  # a time that was over
    RETURNED_MAIL = "returned_mail"
    SUPPORTER_MAIL = "supporter_mail"  # the worker's mail to supporters
    PROGRAM = "program"  # one that has a token
    OTHER = "other"  # of an older version; `id` are its words


class Actor(Struct, frozen=True, kw_only=True):
    """Who, in codes. `id` names one among the kind, by nothing that tells who a person is."""

    kind: ActorKind
    id: str = ""

    @staticmethod
    def staff(number: int | None) -> Actor:
        """The staff member with this number; None is the command line."""
        if number is None:
            return Actor(kind=ActorKind.COMMAND_LINE)
        return Actor(kind=ActorKind.STAFF, id=str(number))

    @staticmethod
    def worker(name: str) -> Actor:
        """The worker "host:pid"."""
        return Actor(kind=ActorKind.WORKER, id=name)


SUPPORTER = Actor(kind=ActorKind.SUPPORTER)
CLOCK = Actor(kind=ActorKind.CLOCK)
RETURNED_MAIL = Actor(kind=ActorKind.RETURNED_MAIL)
SUPPORTER_MAIL = Actor(kind=ActorKind.SUPPORTER_MAIL)


class Reason(StrEnum):
    """Why. NONE where the states, or the words beside it, say all."""

    NONE = ""
    # a letter begins, or is confirmed
    NO_ADDRESS = "no_address"
    TO_BE_CONFIRMED = "to_be_confirmed"
    CONFIRMED = "confirmed"
    TO_BE_REVIEWED = "to_be_reviewed"
    LIKE_A_FLOOD = "like_a_flood"  # so it waits until staff have looked
    APPROVED = "approved"
    REJECTED = "rejected"  # the words are what the supporter is told
    TAKEN_OUT = "taken_out"  # with its action, of the count: the words are the staff's
    PUT_BACK = "put_back"
    NOT_REVIEWED_IN_TIME = "not_reviewed_in_time"
    NOT_CONFIRMED_IN_TIME = "not_confirmed_in_time"
    WRITTEN_BEFORE = "written_before"  # a letter from this address to this legislator is there
    # a worker
    MAY_BE_TWICE = "may_be_twice"  # claimed again after an unknown result
    GIVEN_BACK = "given_back"  # not tried; the words are a rules.delivery.trouble.Trouble
    WORKER_ENDED = "worker_ended"  # before the letter's turn
    WORKER_ENDED_MEANWHILE = "worker_ended_meanwhile"  # it may have been on its way
    CONNECTION_LOST = "connection_lost"  # before the body; the words are a rules.delivery.trouble.Loss
    ANSWER_LOST = "answer_lost"  # nobody can know whether it was taken (RFC 1047)
    ANSWER_LOST_TWICE = "answer_lost_twice"
    ANSWER_TOO_LATE = "answer_too_late"  # the lease had run out; the state is left
    GIVEN_UP = "given_up"  # no time is left for another try
    TIME_OVER = "time_over"
    TIME_OVER_UNCLEAR = "time_over_unclear"  # and it may have been sent
    TARGET_GONE = "target_gone"  # the legislator holds no seat now
    TARGET_GONE_UNCLEAR = "target_gone_unclear"  # and it may have been sent
    TOLD_TO_STOP = "told_to_stop"  # not tried: the worker was told to stop
    # what the program itself does not put on the wire
    PROGRAM_FAILED = "program_failed"  # on this letter; the words say where, for who mends it
    TEXT_GONE = "text_gone"
    NOT_AS_FROZEN = "not_as_frozen"  # its SHA-256 differs
    BAD_LINE_ENDS = "bad_line_ends"  # not all lines end in CR LF (RFC 5321, section 2.3.8)
    BAD_ADDRESS = "bad_address"  # it cannot be written in an SMTP command
    NEEDS_SMTPUTF8 = "needs_smtputf8"  # RFC 6531, which the mail server does not offer
    NEEDS_8BITMIME = "needs_8bitmime"  # RFC 6152, which the mail server does not offer
    TOO_LARGE = "too_large"  # for the mail server; the words are both sizes in octets, "3100 > 2000"
    RESTORED = "restored"  # from a backup: it may have been sent since that was made
    # on the way straight to the receiving domain; the words are a host, with what it lacks or what the system said
    NO_SUCH_DOMAIN = "no_such_domain"
    TAKES_NO_MAIL = "takes_no_mail"  # its null MX says so (RFC 7505)
    LOOKUP_FAILED = "lookup_failed"  # the DNS does not say where its mail goes
    SERVER_WITHOUT_ADDRESS = "server_without_address"
    NOBODY_ANSWERS = "nobody_answers"
    NOT_IN_POLICY = "not_in_policy"  # the domain's MTA-STS policy does not name the server (RFC 8461)
    NO_SAFE_WAY = "no_safe_way"  # the server does not prove what MTA-STS or DANE wants of it
    # a campaign stops and goes on
    CAMPAIGN_HELD = "campaign_held"
    CAMPAIGN_RELEASED = "campaign_released"
    # a mail came back
    REPORTED_BACK = "reported_back"  # of an ambiguous letter, which was taken then
    REPORTED_DELIVERED = "reported_delivered"
    REPORTED_RELAYED = "reported_relayed"
    REPORTED_EXPANDED = "reported_expanded"
    REPORTED_DELAYED = "reported_delayed"
    BACK_TOO_LATE = "back_too_late"  # a bounce that changes nothing any more
    FULL_TRY_AGAIN = "full_try_again"
    FULL_NO_TIME = "full_no_time"
    FULL_TOO_OLD = "full_too_old"
    FULL_TOO_LATE = "full_too_late"
    GAVE_UP_TRY_AGAIN = "gave_up_try_again"  # the receiving side did
    GAVE_UP_TWICE = "gave_up_twice"
    GAVE_UP_NO_TIME = "gave_up_no_time"
    GAVE_UP_TOO_OLD = "gave_up_too_old"
    GAVE_UP_TOO_LATE = "gave_up_too_late"
    BACK_FROM_BEHIND = "back_from_behind"  # from another address, to which the letter's own leads (an alias)
    COMPLAINT = "complaint"  # the words are its kind: abuse, fraud (RFC 5965 7.3)
    FEEDBACK = "feedback"  # no complaint; the words are its kind: auth-failure, not-spam, virus, ...
    UNREADABLE = "unreadable"
    UNREADABLE_TOO_LATE = "unreadable_too_late"
    ANSWER_PASSED_ON = "answer_passed_on"
    ANSWER_OF_ERASED = "answer_of_erased"  # not passed on: the supporter was erased
    ANSWER_OF_OURS = "answer_of_ours"  # not passed on: from the supporter, or from us
    ANSWER_TOO_MANY = "answer_too_many"
    AUTO_ANSWER_PASSED_ON = "auto_answer_passed_on"
    AUTO_ANSWER_OF_ERASED = "auto_answer_of_erased"
    AUTO_ANSWER_OF_OURS = "auto_answer_of_ours"
    AUTO_ANSWER_TOO_MANY = "auto_answer_too_many"
    SAID_ANSWERED = "said_answered"  # by the supporter, of the office
    SAID_NOT_ANSWERED = "said_not_answered"
    QUIET = "quiet"  # nothing came back for 72 hours
    # its legislator has another address
    READDRESSED = "readdressed"
    ABOUT_EARLIER = "about_earlier"  # a mail came back to a version that was replaced since; it changes nothing
    # mail to the supporter
    ANSWER_NOT_TAKEN = "answer_not_taken"
    ASK_TAKEN = "ask_taken"
    ASK_NOT_TAKEN = "ask_not_taken"
    REMINDER_TAKEN = "reminder_taken"
    REMINDER_NOT_TAKEN = "reminder_not_taken"
    # a supporter is erased
    ERASED_ON_REQUEST = "erased_on_request"
    ERASED_NEVER_CONFIRMED = "erased_never_confirmed"
    ERASED_NOT_THEIRS = "erased_not_theirs"
    ERASED_TIME_OVER = "erased_time_over"  # for which its campaign keeps supporters' data
    ERASED_BY_STAFF = "erased_by_staff"  # of their own accord; the audit trail says why
    # the upgrade to the version that knows these codes
    STATE_ABOLISHED = "state_abolished"


class PauseReason(StrEnum):
    """Why something gets no letters. NONE where the words beside it, a person's, say all."""

    NONE = ""
    ADDRESS_ON_HOLD = "address_on_hold"  # two different supporters' letters met an address that does not exist
    REFUSED = "refused"  # a mail server refused a letter by policy (5.7.x); the words are its answer
    NO_MAIL_THERE = "no_mail_there"  # the DNS says that the domain does not exist or takes no mail; the words name it
    CAME_BACK_REFUSED = "came_back_refused"  # the same, in a returned mail; the words are the status (RFC 3463)
    COMPLAINT = "complaint"  # about one letter; the words are the kind of feedback (RFC 5965, section 3.1)
    RESTORED = "restored"  # from a backup; the words are when it was made


class PauseCause(Struct, frozen=True, kw_only=True):
    """Why something gets no letters: the code, the words beside it, and the message it is about, if about one."""

    reason: PauseReason = PauseReason.NONE
    words: str = ""
    message: int | None = None

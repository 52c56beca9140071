"""Who did what on what: the codes of the audit trail. Its sentences are made at the doors."""

from __future__ import annotations

from enum import StrEnum


class ObjectKind(StrEnum):
    """What an entry is about; beside it stands its key."""

    ACCOUNT = "account"  # number
    ACTION = "action"  # number
    API_TOKEN = "api_token"  # number  # noqa: S105
    CAMPAIGN = "campaign"  # slug
    DATABASE = "database"  # kind: sqlite, postgresql
    DATASET = "dataset"  # kind
    EXPORT = "export"  # which table
    INVITATION = "invitation"  # number
    LEGISLATOR = "legislator"  # key in the dataset
    MESSAGE = "message"  # number
    MESSAGES = "messages"  # selection, filter, legislator, all
    PAGE = "page"  # path
    PASSKEY = "passkey"  # number
    PICTURE = "picture"  # number
    SESSION = "session"  # number
    STOP = "stop"  # scope and name: "domain office.example", "all"
    WEBHOOK = "webhook"  # number


class Method(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"  # noqa: S105
    APP = "app"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class ErasureReason(StrEnum):
    """Why staff erased a supporter: codes alone, since the trail is kept for good and must not name anybody."""

    REQUEST = "request"  # they asked for it
    NOT_THEIRS = "not_theirs"  # somebody else typed their address
    DUTY = "duty"  # the law, or a court
    NOT_NEEDED = "not_needed"  # any more
    MISUSE = "misuse"  # made by a program, or to do harm


class SoughtBy(StrEnum):
    """By what a supporter was sought."""

    ADDRESS = "address"
    NAME = "name"
    RECEIPT = "receipt"


class AuditAction(StrEnum):
    """What was done. Behind each the names of its values, where it has any."""

    # signing in
    SIGNED_IN = "signed_in"  # method, codes_left
    PASSWORD_GIVEN = "password_given"  # and the second factor is still to come  # noqa: S105
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PERMISSION_REFUSED = "permission_refused"  # permission
    # accounts
    ACCOUNT_ADDED = "account_added"  # role
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ROLE_CHANGED = "role_changed"  # before, after
    PASSWORD_SET = "password_set"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    RESET_LINK_MADE = "reset_link_made"
    INVITED = "invited"  # role
    INVITATION_TAKEN_BACK = "invitation_taken_back"
    APP_TURNED_ON = "app_turned_on"
    APP_TURNED_OFF = "app_turned_off"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    SECOND_FACTOR_TURNED_OFF = "second_factor_turned_off"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    # programs
    API_TOKEN_MADE = "api_token_made"  # scopes, until  # noqa: S105
    API_TOKEN_REVOKED = "api_token_revoked"  # noqa: S105
    WEBHOOK_ADDED = "webhook_added"  # events, host
    WEBHOOK_ENDED = "webhook_ended"
    API_PEOPLE_READ = "api_people_read"  # scope; once a token and day
    # messages
    MESSAGE_VIEWED = "message_viewed"
    MESSAGE_CANCELLED = "message_cancelled"  # reason, as are the next five
    MESSAGE_HELD = "message_held"
    MESSAGE_RELEASED = "message_released"
    MESSAGE_REQUEUED = "message_requeued"
    MESSAGE_GIVEN_UP = "message_given_up"
    MESSAGE_READDRESSED = "message_readdressed"
    MESSAGES_CANCELLED = "messages_cancelled"  # reason, count: so many were to be changed; and what the filter names
    MESSAGES_HELD = "messages_held"  # the same, as are the next four
    MESSAGES_RELEASED = "messages_released"
    MESSAGES_REQUEUED = "messages_requeued"
    MESSAGES_GIVEN_UP = "messages_given_up"
    MESSAGES_READDRESSED = "messages_readdressed"
    STOP_SET = "stop_set"  # reason
    STOP_LIFTED = "stop_lifted"  # reason
    LETTERS_APPROVED = "letters_approved"
    LETTERS_REJECTED = "letters_rejected"  # reason
    EXPORTED = "exported"  # format, people (1 or 0), count, filter
    # the database as a whole
    BACKED_UP = "backed_up"  # encrypted (1 or 0), octets
    RESTORED = "restored"  # made_at: of the backup; held: letters; erased: actions, again
    # supporters
    SUPPORTERS_LISTED = "supporters_listed"  # sought_by, count
    SUPPORTER_VIEWED = "supporter_viewed"
    SUPPORTER_EXPORTED = "supporter_exported"  # count
    SUPPORTER_ERASED = "supporter_erased"  # reason, numbers, letters
    SUPPORTERS_ERASED = "supporters_erased"  # count; the time for which their campaign keeps them was over
    RECEIPT_MAILED = "receipt_mailed"
    # what supporters did on campaigns without letters
    ACTIONS_INVALIDATED = "actions_invalidated"  # count, reason
    ACTIONS_RESTORED = "actions_restored"  # count
    ACTIONS_LET_GO = "actions_let_go"  # count; they came like a flood
    ORGANISATION_APPROVED = "organisation_approved"
    ORGANISATION_DECLINED = "organisation_declined"
    ORGANISATION_REOPENED = "organisation_reopened"  # before
    ORGANISATION_MERGED = "organisation_merged"  # into
    ORGANISATION_PARTED = "organisation_parted"  # out_of
    GRACE_GIVEN = "grace_given"  # until
    GRACE_ENDED = "grace_ended"
    PETITION_EXPORTED = "petition_exported"  # count
    PAPER_ASKED = "paper_asked"  # comments
    PAPER_DELETED = "paper_deleted"
    PETITION_MAILED = "petition_mailed"  # place, octets
    PETITION_MAIL_CHANGED = "petition_mail_changed"  # place, state
    # campaigns
    CAMPAIGN_ADDED = "campaign_added"  # new_letters, retired_letters
    CAMPAIGN_CHANGED = "campaign_changed"  # new_letters, retired_letters
    CAMPAIGN_PUBLISHED = "campaign_published"  # before, waiting, held, released; as are the next six
    CAMPAIGN_SCHEDULED = "campaign_scheduled"
    CAMPAIGN_UNSCHEDULED = "campaign_unscheduled"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_CLOSED = "campaign_closed"
    CAMPAIGN_ARCHIVED = "campaign_archived"
    CAMPAIGN_BROUGHT_BACK = "campaign_brought_back"
    CAMPAIGN_OPENED = "campaign_opened"
    CAMPAIGN_NOT_OPENED = "campaign_not_opened"  # reason
    TEST_SENT = "test_sent"
    TEST_REFUSED = "test_refused"
    # pictures
    PICTURE_ADDED = "picture_added"
    PICTURE_REWORDED = "picture_reworded"
    PICTURE_DELETED = "picture_deleted"
    # the roster
    CORRECTED = "corrected"  # field, reason
    CORRECTION_WITHDRAWN = "correction_withdrawn"  # field, reason
    IMPORT_UNDONE = "import_undone"  # undone, restored, made_by


# What the clock does; all but this and what programs do is done by staff or at the command line.
BY_THE_CLOCK = frozenset({AuditAction.CAMPAIGN_OPENED, AuditAction.CAMPAIGN_NOT_OPENED, AuditAction.SUPPORTERS_ERASED})
# What a program does, by the token that the entry is about.
BY_A_PROGRAM = frozenset({AuditAction.API_PEOPLE_READ})


class Attempt(StrEnum):
    """What anybody may try who is not signed in. These are counted, and add no entry."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"
    RESET = "reset"  # and a link was mailed
    RESET_REFUSED = "reset_refused"

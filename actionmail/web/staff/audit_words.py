"""The audit trail in sentences: the one place, for the pages and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from actionmail.flows.privacy.audit import Entry, Tried
from actionmail.rules.delivery.reasons import ActorKind
from actionmail.rules.staff.audit_codes import Attempt, AuditAction

_ACTORS: Mapping[ActorKind, str] = {
    ActorKind.COMMAND_LINE: "command line",
    ActorKind.CLOCK: "by itself",
    ActorKind.PROGRAM: "a program",
}
# `{on}` is what it was done to; the other names are the entry's details.
_ACTIONS: Mapping[AuditAction, str] = {
    AuditAction.SIGNED_IN: "signed in",
    AuditAction.PASSWORD_GIVEN: "gave the password, and owed the second factor",
    AuditAction.SIGNED_OUT: "signed out of session {on}",
    AuditAction.SIGNED_OUT_EVERYWHERE: "ended every session of {on}",
    AuditAction.PERMISSION_REFUSED: "was refused the page {on}",
    AuditAction.ACCOUNT_ADDED: "added the account {on}",
    AuditAction.ACCOUNT_DISABLED: "shut {on} out",
    AuditAction.ACCOUNT_ENABLED: "let {on} in again",
    AuditAction.ROLE_CHANGED: "changed the role of {on}",
    AuditAction.PASSWORD_SET: "set a new password for {on}",
    AuditAction.PASSWORD_RESET: "replaced the password of {on} by a link",
    AuditAction.RESET_LINK_MADE: "made a link for a new password of {on}",
    AuditAction.INVITED: "made invitation {on}",
    AuditAction.INVITATION_TAKEN_BACK: "took invitation {on} back",
    AuditAction.APP_TURNED_ON: "set up an authenticator app for {on}",
    AuditAction.APP_TURNED_OFF: "turned off the authenticator app of {on}",
    AuditAction.RECOVERY_CODES_RENEWED: "made new recovery codes for {on}",
    AuditAction.SECOND_FACTOR_TURNED_OFF: "turned off the second factor of {on}",
    AuditAction.PASSKEY_ADDED: "added passkey {on}",
    AuditAction.PASSKEY_REMOVED: "removed passkey {on}",
    AuditAction.API_TOKEN_MADE: "made API token {on}",
    AuditAction.API_TOKEN_REVOKED: "revoked API token {on}",
    AuditAction.WEBHOOK_ADDED: "added webhook {on}",
    AuditAction.WEBHOOK_ENDED: "ended webhook {on}",
    AuditAction.API_PEOPLE_READ: "read supporters' data on this day with API token {on}",
    AuditAction.MESSAGE_VIEWED: "looked at message {on}",
    AuditAction.MESSAGE_CANCELLED: "cancelled message {on}",
    AuditAction.MESSAGE_HELD: "held message {on}",
    AuditAction.MESSAGE_RELEASED: "released message {on}",
    AuditAction.MESSAGE_REQUEUED: "queued message {on} again",
    AuditAction.MESSAGE_GIVEN_UP: "gave message {on} up",
    AuditAction.MESSAGE_READDRESSED: "sent message {on} to a corrected address",
    AuditAction.MESSAGES_CANCELLED: "cancelled many messages ({on})",
    AuditAction.MESSAGES_HELD: "held many messages ({on})",
    AuditAction.MESSAGES_RELEASED: "released many messages ({on})",
    AuditAction.MESSAGES_REQUEUED: "queued many messages again ({on})",
    AuditAction.MESSAGES_GIVEN_UP: "gave many messages up ({on})",
    AuditAction.MESSAGES_READDRESSED: "sent many messages to a corrected address ({on})",
    AuditAction.STOP_SET: "stopped letters ({on})",
    AuditAction.STOP_LIFTED: "let letters go again ({on})",
    AuditAction.LETTERS_APPROVED: "read the letters of action {on} and let them go",
    AuditAction.LETTERS_REJECTED: "read the letters of action {on} and did not let them go",
    AuditAction.EXPORTED: "exported the {on}",
    AuditAction.BACKED_UP: "made a backup of the {on} database",
    AuditAction.RESTORED: "restored the {on} database from a backup",
    AuditAction.SUPPORTERS_LISTED: "looked for supporters",
    AuditAction.SUPPORTER_VIEWED: "looked at the supporter of action {on}",
    AuditAction.SUPPORTER_EXPORTED: "exported what is kept of the supporter of action {on}",
    AuditAction.SUPPORTER_ERASED: "erased the supporter of action {on}",
    AuditAction.SUPPORTERS_ERASED: "supporters of the campaign {on} were erased, as its time for keeping them was over",
    AuditAction.RECEIPT_MAILED: "had the receipt of action {on} mailed again",
    AuditAction.ACTIONS_INVALIDATED: "took actions out of the count of the campaign {on}",
    AuditAction.ACTIONS_RESTORED: "put actions back into the count of the campaign {on}",
    AuditAction.ACTIONS_LET_GO: "let actions go that waited since they came like a flood, of the campaign {on}",
    AuditAction.ORGANISATION_APPROVED: "approved the organisation of action {on}",
    AuditAction.ORGANISATION_DECLINED: "declined the organisation of action {on}",
    AuditAction.ORGANISATION_REOPENED: "took back what was decided on the organisation of action {on}",
    AuditAction.ORGANISATION_MERGED: "put the organisation of action {on} together with another",
    AuditAction.ORGANISATION_PARTED: "parted the organisation of action {on} from another",
    AuditAction.GRACE_GIVEN: "gave the campaign {on} time after its deadline",
    AuditAction.GRACE_ENDED: "ended the time after the deadline of the campaign {on}",
    AuditAction.PETITION_EXPORTED: "wrote the signatures of the campaign {on} to files",
    AuditAction.PAPER_ASKED: "asked for the paper of the petition {on}",
    AuditAction.PAPER_DELETED: "deleted the paper of the petition {on}",
    AuditAction.PETITION_MAILED: "queued the mail that hands the petition {on} over",
    AuditAction.PETITION_MAIL_CHANGED: "changed the mail that hands the petition {on} over",
    AuditAction.CAMPAIGN_ADDED: "added the campaign {on}",
    AuditAction.CAMPAIGN_CHANGED: "changed the campaign {on}",
    AuditAction.CAMPAIGN_PUBLISHED: "published the campaign {on}",
    AuditAction.CAMPAIGN_SCHEDULED: "scheduled the campaign {on}",
    AuditAction.CAMPAIGN_UNSCHEDULED: "unscheduled the campaign {on}",
    AuditAction.CAMPAIGN_PAUSED: "paused the campaign {on}",
    AuditAction.CAMPAIGN_CLOSED: "closed the campaign {on}",
    AuditAction.CAMPAIGN_ARCHIVED: "archived the campaign {on}",
    AuditAction.CAMPAIGN_BROUGHT_BACK: "brought the campaign {on} back",
    AuditAction.CAMPAIGN_OPENED: "the campaign {on} opened at its time",
    AuditAction.CAMPAIGN_NOT_OPENED: "the campaign {on} did not open at its time",
    AuditAction.TEST_SENT: "sent a test letter of the campaign {on}",
    AuditAction.TEST_REFUSED: "could not send a test letter of the campaign {on}",
    AuditAction.PICTURE_ADDED: "added picture {on}",
    AuditAction.PICTURE_REWORDED: "changed the words of picture {on}",
    AuditAction.PICTURE_DELETED: "deleted picture {on}",
    AuditAction.CORRECTED: "corrected the legislator {on}",
    AuditAction.CORRECTION_WITHDRAWN: "withdrew a correction of the legislator {on}",
    AuditAction.IMPORT_UNDONE: "undid an import of {on}",
}
# To choose from: each code with its words, what it was done to left open, in the order of the words.
CHOICES: Sequence[tuple[str, str]] = sorted(
    ((action.value, text.format(on="…")) for action, text in _ACTIONS.items()), key=itemgetter(1)
)
NO_ACCOUNT = "no account there is"
ATTEMPTS: Mapping[Attempt, str] = {
    Attempt.SIGN_IN: "refused at the password",
    Attempt.SECOND_FACTOR: "refused at the second factor",
    Attempt.PASSKEY: "refused at the passkey",
    Attempt.RESET: "was mailed a link for a new password",
    Attempt.RESET_REFUSED: "was mailed no link, though asked for,",
}


def actor(entry: Entry) -> str:
    """Who; "-" where an old entry does not say."""
    if entry.actor_email:
        return entry.actor_email
    return _ACTORS.get(entry.actor, "-") if entry.actor is not None else "-"


def deed(entry: Entry) -> str:
    """What was done; of an old entry the words in which it was written."""
    if entry.action is None or entry.words:
        return entry.words
    return _ACTIONS[entry.action].format(on=entry.object_key)


def details(entry: Entry) -> list[str]:
    """The rest, each as `name=value`."""
    pairs = []
    for name, value in entry.details.items():
        pairs.append(f"{name}={', '.join(value) if isinstance(value, list) else value}")
    return pairs


def tried(attempts: Tried) -> str:
    """What, and how often."""
    times = "once" if attempts.count == 1 else f"{attempts.count:,} times"
    return f"{ATTEMPTS[attempts.attempt]} {times}"

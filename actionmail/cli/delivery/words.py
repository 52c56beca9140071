"""The sentences in which delivery's commands say what they cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from actionmail.cli import TABLES_ARE_OLD
from actionmail.flows.delivery import ClockSkew, TablesMissing
from actionmail.flows.delivery.received import Alert, AlertCode, Kind, Received
from actionmail.flows.delivery.stops import Slowed, Stop
from actionmail.flows.review.stopping import LONGEST_REASON, StopProblem, StopRefused
from actionmail.gateways.mail.dkim_folder import FolderError, FolderFault
from actionmail.gateways.mail.returned_mail import ReturnsError, ReturnsFault
from actionmail.rules.delivery.dkim import RSA_BITS, KeyFault, KeyRefused
from actionmail.rules.delivery.dkim_keys import Hindrance, KeyHindered
from actionmail.rules.delivery.rates import Scope
from actionmail.web.review.words import UNREADABLE_WORDS

if TYPE_CHECKING:
    from actionmail.gateways.mail.maildir_server import InboxError  # other commands need no mail server


def why_a_worker_ends(error: ClockSkew | TablesMissing) -> str:
    """Why nothing is sent until a person has mended it."""
    if isinstance(error, TablesMissing):
        return TABLES_ARE_OLD
    return f"{skew(error.skew)} Set both clocks right (NTP), then start again; until then nothing is sent from here."


def skew(by: timedelta) -> str:
    """How this machine's clock differs from the database's; `by` is positive where it is ahead."""
    way = "ahead of" if by > timedelta(0) else "behind"
    return f"This machine's clock is {abs(by).total_seconds():.0f} seconds {way} the database's."


def key_refused(error: KeyRefused) -> str:
    """Why letters cannot be signed with a key."""
    match error.fault:
        case KeyFault.SELECTOR:
            return f"{error.selector!r} cannot be a DKIM selector; use letters, digits, dots and hyphens."
        case KeyFault.NOT_PEM:
            return f"The DKIM key of {error.selector} is not an unencrypted private key in PEM form."
        case KeyFault.TOO_WEAK:
            return f"The DKIM key of {error.selector} must be RSA with at least {RSA_BITS} bits, or Ed25519."


def key_hindered(error: KeyHindered) -> str:
    """Why a key cannot be made, used or retired."""
    words = {
        Hindrance.KNOWN: "There is a key {selector} already; name another SELECTOR.",
        Hindrance.UNKNOWN: "There is no key {selector}; `actionmail dkim dns` lists those that there are.",
        Hindrance.LEFT: "{selector} was in use before and is to go; make a new key: actionmail dkim new",
        Hindrance.SIGNS: "Letters are signed with {selector}; first `actionmail dkim use` another key of its kind.",
        Hindrance.TOO_SOON: (
            "Letters that {selector} signed may still be on their way; it may go from {until:%Y-%m-%d %H:%M} UTC on."
        ),
    }
    return words[error.hindrance].format(selector=error.selector, until=error.until)


def folder_error(error: FolderError) -> str:
    """Why the folder of keys cannot be used."""
    words = {
        FolderFault.UNREADABLE: "{path} cannot be read: {detail}. The worker's user must be able to.",
        FolderFault.UNWRITABLE: "{path} cannot be written: {detail}.",
        FolderFault.BROKEN: "{path} is not as it was written ({detail}); bring it back from a backup.",
        FolderFault.OPEN: "Others than its owner may read {path}, which is a private key: chmod 600 {path}",
    }
    return words[error.fault].format(path=error.path, detail=error.detail)


_RETURNS: Mapping[ReturnsFault, str] = {
    ReturnsFault.NO_MAILDIR: "{place} is no Maildir: it has no folder {detail}/.",
    ReturnsFault.UNREADABLE: "{place} cannot be read: {detail}.",
    ReturnsFault.NOT_MOVED: "A mail cannot be moved to {place}: {detail}.",
    ReturnsFault.BAD_URL: "The IMAP address cannot be read: {detail}.",
    ReturnsFault.NO_IMAP_URL: "The IMAP address must look like imaps://user@mail.example.org/INBOX.",
    ReturnsFault.PASSWORD_IN_URL: "Leave the password out of the IMAP address, where others can see it: see --help.",
    ReturnsFault.BAD_MAILBOX_NAME: "The mailbox's name may have letters, digits, spaces and . _ / - only.",
    ReturnsFault.NO_PASSWORD: (
        "ACTIONMAIL_IMAP_PASSWORD is not set, nor ACTIONMAIL_IMAP_TOKEN_COMMAND, so the mailbox cannot be opened."
    ),
    ReturnsFault.UNTRUSTED: "The IMAP server's certificate is not to be trusted: {detail}.",
    ReturnsFault.UNREACHABLE: "The IMAP server {place} cannot be reached: {detail}.",
    ReturnsFault.REFUSED: "The IMAP server {place} refused the user name or the password.",
    ReturnsFault.TOKEN_REFUSED: (
        "The IMAP server {place} refused the user name or the token. See that the token is this user's, and may read "
        "mail."
    ),
    ReturnsFault.NO_WAY: (
        "The IMAP server {place} offers only these ways to sign in: {detail}. A password goes by LOGIN or PLAIN; for "
        "XOAUTH2 or OAUTHBEARER set ACTIONMAIL_IMAP_TOKEN_COMMAND to a command that prints a token."
    ),
    ReturnsFault.TOKEN_NOT_STARTED: "The command in ACTIONMAIL_IMAP_TOKEN_COMMAND cannot be started: {detail}.",
    ReturnsFault.TOKEN_TOO_SLOW: (
        "The command in ACTIONMAIL_IMAP_TOKEN_COMMAND printed no token within {detail} seconds."
    ),
    ReturnsFault.TOKEN_FAILED: "The command in ACTIONMAIL_IMAP_TOKEN_COMMAND ended with status {detail}.",
    ReturnsFault.TOKEN_EMPTY: "What the command in ACTIONMAIL_IMAP_TOKEN_COMMAND printed is no token.",
    ReturnsFault.NO_MAILBOX: "There is no mailbox {detail} on {place}.",
    ReturnsFault.ENDED: "The IMAP server {place} ended the talk: {detail}.",
}


def returns_error(error: ReturnsError) -> str:
    """Why returned mail cannot be got at."""
    return _RETURNS[error.fault].format(place=error.place, detail=error.detail)


def inbox_error(error: InboxError) -> str:
    """Why the inbox for trying things out does not open."""
    if isinstance(error.place, Path):
        return f"The folder {error.place} cannot be made: {error.detail}."
    return (
        f"Port {error.place} on 127.0.0.1 cannot be used ({error.detail}); is another inbox running? "
        "Choose another with --smtp-port."
    )


def stop_refused(error: StopRefused) -> str:
    return _STOP_PROBLEMS[error.code].format(name=error.name, count=error.count, longest=LONGEST_REASON)


_STOP_PROBLEMS: Mapping[StopProblem, str] = {
    StopProblem.NO_REASON: "Say why: it is shown to whoever looks.",
    StopProblem.REASON_TOO_LONG: "Say why in at most {longest} characters; this has {count}.",
    StopProblem.NO_NAME: "Name what is to be stopped.",
    StopProblem.NO_DOMAIN: "A mail domain looks like legis.wisconsin.gov.",
    StopProblem.UNKNOWN_CAMPAIGN: "There is no campaign {name}.",
    StopProblem.UNKNOWN_LEGISLATOR: "There is no legislator with the number {name}.",
    StopProblem.SEVERAL_LEGISLATORS: "{count} legislators have this in their name.",
}


def slowed_words(slowdown: Slowed) -> str:
    """Who asked to slow down."""
    if slowdown.scope is Scope.ALL:
        return "the mail server"
    return f"{slowdown.title} (--{slowdown.scope} {slowdown.name})" if slowdown.title else slowdown.name


def option_of(stop: Stop) -> str:
    """A stop in the words of the command that takes it away."""
    return f"--{stop.scope} {stop.name}".strip()


def line_of(received: Received) -> str:
    """What became of a mail that came back; names nobody."""
    if received.kind is Kind.DMARC:
        return f"{received.kind}: kept"
    if received.kind is Kind.PROBE:
        return f"{received.kind}: back"
    if received.message is None:
        return f"{received.kind}: left alone"
    moved = f", {received.before} -> {received.after}" if received.before != received.after else ""
    extra = f" {received.status}" if received.status else ""
    passed_on = ", passed on" if received.forwarded else ""
    return f"{received.kind}{extra}: letter {received.message}{moved}{passed_on}"


def _advice(feedback: str) -> str:
    """What to do about a kind of feedback (RFC 5965, RFC 6591); "" where nothing follows from it."""
    if feedback in {"auth-failure", "dmarc"}:
        return " See whether the mail domain's SPF, DKIM and DMARC are in order."
    if feedback.startswith("opt-out"):
        return " Somebody there wants no more of this mail; `actionmail queue pause` stops a legislator or a domain."
    return ""


def alert_words(alert: Alert) -> str:
    """What staff should look at."""
    letter = alert.message
    match alert.code:
        case AlertCode.ADDRESS_ON_HOLD:
            return f"The address of letter {letter} is on hold: two supporters' letters came back from it."
        case AlertCode.DOMAIN_STOPPED:
            return (
                f"{alert.domain} sent several letters back, refused by policy (the last is letter {letter}: "
                f"{alert.detail}); it is stopped."
            )
        case AlertCode.MAILBOX_STOPPED:
            return (
                f"Several letters to one mailbox came back, refused by policy (the last is letter {letter}: "
                f"{alert.detail}); its legislator gets no more."
            )
        case AlertCode.COMPLAINT:
            return f"{alert.domain} reports letter {letter} as {alert.detail}. Its campaign is stopped."
        case AlertCode.FEEDBACK:
            return (
                f"{alert.domain} reports {alert.detail} of letter {letter}. Nothing is stopped.{_advice(alert.detail)}"
            )
        case AlertCode.BEHIND:
            return (
                f"Letter {letter} came back from another address, to which the legislator's own leads. It is not sent "
                "again, since others there may have it."
            )
        case AlertCode.UNREADABLE:
            return f"Letter {letter}: A mail came back that cannot be read. {UNREADABLE_WORDS[alert.detail]}"

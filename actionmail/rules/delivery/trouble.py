"""What can be out of order with the mail server as a whole, and how a connection to it ends, in codes."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct


class TroubleCode(StrEnum):
    """`detail` of a Trouble is the server's code, or what is said beside it."""

    UNREACHABLE = "unreachable"  # what the system said
    UNTRUSTED = "untrusted"  # its certificate; what is wrong with it
    NO_ENCRYPTION = "no_encryption"  # the handshake failed; why
    UNWELCOME = "unwelcome"  # its greeting
    ENDED_AT_EHLO = "ended_at_ehlo"
    EHLO_REFUSED = "ehlo_refused"
    STARTTLS_MISSING = "starttls_missing"
    STARTTLS_REFUSED = "starttls_refused"
    STARTTLS_INJECTED = "starttls_injected"  # words slipped in before encryption (RFC 3207 4.2)
    AUTH_MISSING = "auth_missing"
    AUTH_REFUSED = "auth_refused"
    AUTH_FAILED = "auth_failed"
    AUTH_NO_PASSWORD = "auth_no_password"  # noqa: S105  # the server takes none; the ways that it offers
    AUTH_NO_TOKEN = "auth_no_token"  # noqa: S105  # the same for a token
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a code, no token
    TOKEN_NOT_STARTED = "token_not_started"  # noqa: S105  # the command; the system's reason
    TOKEN_TOO_SLOW = "token_too_slow"  # noqa: S105  # the seconds that it had
    TOKEN_FAILED = "token_failed"  # noqa: S105  # its exit status
    TOKEN_EMPTY = "token_empty"  # noqa: S105  # what it printed is no token
    OTHER_CREDENTIALS = "other_credentials"  # wanted at a letter
    SENDING_LIMIT = "sending_limit"  # the account has sent what it may in an hour, a day, a month
    ACCOUNT_STOPPED = "account_stopped"  # it may send nothing
    NAME_REFUSED = "name_refused"  # the one that we give in EHLO
    SENDER_REFUSED = "sender_refused"  # the return path is not the account's, or its domain is not known
    NO_RELAYING = "no_relaying"  # to other domains, for us
    REFUSES_ALL = "refuses_all"  # recipients of several domains, with the same words
    REFUSED_EVERYWHERE = "refused_everywhere"  # by several domains' own servers, with the same words
    NOT_UNDERSTOOD = "not_understood"  # it did not understand us; one letter is held
    HANGS_UP = "hangs_up"  # again and again, without an answer
    TOO_SLOW = "too_slow"
    NO_WAY_OUT = "no_way_out"  # no server of any domain answers
    HANDOVER_FAILED = "handover_failed"  # a fault of ours; where
    BATCH_FAILED = "batch_failed"  # the same


class Trouble(Struct, frozen=True, kw_only=True):
    """The mail server as a whole is out of order for us. Holds no personal data."""

    code: TroubleCode
    detail: str = ""

    def __str__(self) -> str:
        return _written(self.code, self.detail)

    @staticmethod
    def read(text: str) -> Trouble | None:
        """What `str()` wrote; None where it wrote something else."""
        code, detail = _read(text)
        return Trouble(code=TroubleCode(code), detail=detail) if code in set(TroubleCode) else None


class LossCode(StrEnum):
    """`detail` of a Loss is what the system or the server said beside it."""

    NOT_READING = "not_reading"  # the server takes no more octets
    BROKE_OFF = "broke_off"  # what the system said
    NO_ANSWER = "no_answer"  # in time (RFC 5321 4.5.3.2)
    ENDED = "ended"  # by the server
    ENDED_BY_US = "ended_by_us"
    ANSWER_ENDLESS = "answer_endless"
    ANSWER_OVERLONG = "answer_overlong"  # one line of it
    ANSWER_CLOSES = "answer_closes"  # the code that it answered: 421, or -1 for no SMTP
    ONE_BY_ONE = "one_by_one"  # it offers PIPELINING (RFC 2920), and does not take it
    NO_STARTTLS = "no_starttls"  # a domain's server that has to encrypt does not; its name
    STARTTLS_FAILED = "starttls_failed"  # the same
    NOT_PROVEN = "not_proven"  # its certificate is of somebody else, expired, or of nobody who counts; its name
    PROGRAM_FAILED = "program_failed"  # on this letter; the kind of error


class Loss(Struct, frozen=True, kw_only=True):
    """Why a connection is of no more use. Holds no personal data."""

    code: LossCode
    detail: str = ""

    def __str__(self) -> str:
        return _written(self.code, self.detail)

    @staticmethod
    def read(text: str) -> Loss | None:
        """What `str()` wrote; None where it wrote something else."""
        code, detail = _read(text)
        return Loss(code=LossCode(code), detail=detail) if code in set(LossCode) else None


def _written(code: str, detail: str) -> str:
    return f"{code} ({detail})" if detail else str(code)


def _read(text: str) -> tuple[str, str]:
    match = _WRITTEN.fullmatch(text)
    return (match["code"], match["detail"] or "") if match else ("", "")


_WRITTEN = re.compile(r"(?P<code>[a-z_]{1,40})(?: \((?P<detail>.*)\))?", re.DOTALL)

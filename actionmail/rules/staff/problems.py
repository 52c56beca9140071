"""Why an account cannot be made or changed so: the codes, whose sentences the doors make."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """`StaffError.values` holds what stands beside a code."""

    ADDRESS_INVALID = "address_invalid"
    ADDRESS_TAKEN = "address_taken"  # email
    ADDRESS_UNKNOWN = "address_unknown"  # email
    DISABLED = "disabled"  # email
    PASSWORD_LENGTH = "password_length"  # shortest, longest  # noqa: S105
    LAST_FACTOR = "last_factor"
    PASSKEY_NAME = "passkey_name"  # longest
    PASSKEY_NOT_MADE = "passkey_not_made"
    PASSKEY_KNOWN = "passkey_known"
    TOO_MANY_PASSKEYS = "too_many_passkeys"  # most
    TOKEN_NAME = "token_name"  # longest  # noqa: S105
    TOKEN_SCOPES = "token_scopes"  # noqa: S105
    TOKEN_EXPIRY = "token_expiry"  # noqa: S105


class StaffError(ValueError):
    """A staff account cannot be made or changed so; `problem` is why, with its `values`."""

    def __init__(self, problem: Problem, **values: str | int) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.values = values

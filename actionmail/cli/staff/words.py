"""What the command line says to `StaffError`s: the one place."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.rules.staff.problems import Problem, StaffError

# Of those that its commands can meet.
_SENTENCES: Mapping[Problem, str] = {
    Problem.ADDRESS_INVALID: "This is not an e-mail address.",
    Problem.ADDRESS_TAKEN: "{email} has a staff account already.",
    Problem.ADDRESS_UNKNOWN: "Nobody of the staff has the address {email}.",
    Problem.DISABLED: "{email} is disabled.",
    Problem.PASSWORD_LENGTH: "A password has {shortest} to {longest} characters.",
    Problem.TOKEN_NAME: "The program's name has 1 to {longest} characters.",
    Problem.TOKEN_EXPIRY: "The token's last day is over already.",
}


def sentence(error: StaffError) -> str:
    return _SENTENCES[error.problem].format(**error.values)

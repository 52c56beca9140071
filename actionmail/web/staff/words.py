"""What the pages say of codes about the staff: the one place."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.flows.staff import Permission
from actionmail.rules.staff.api_scopes import ApiScope
from actionmail.rules.staff.problems import Problem, StaffError

_SENTENCES: Mapping[Problem, str] = {
    Problem.ADDRESS_INVALID: "This is not an e-mail address.",
    Problem.ADDRESS_TAKEN: "{email} has a staff account already.",
    Problem.ADDRESS_UNKNOWN: "Nobody of the staff has the address {email}.",
    Problem.DISABLED: "{email} is disabled.",
    Problem.PASSWORD_LENGTH: "A password has {shortest} to {longest} characters.",
    Problem.LAST_FACTOR: (
        "This site asks everybody of its staff for a second factor, and this is your last one. First add another."
    ),
    Problem.PASSKEY_NAME: "Give the passkey a name of at most {longest} characters, to know it by.",
    Problem.PASSKEY_NOT_MADE: "The passkey was not made, or that took too long. Try again.",
    Problem.PASSKEY_KNOWN: "This passkey is known already.",
    Problem.TOO_MANY_PASSKEYS: "You have {most} passkeys already. Remove one that you do not use.",
    Problem.TOKEN_NAME: "Give the token a name of at most {longest} characters: the program that will use it.",
    Problem.TOKEN_SCOPES: "Choose at least one thing that the token may read.",
    Problem.TOKEN_EXPIRY: "The token's last day is over already.",
}
# What a token opens, as it reads beside its box.
SCOPES: Mapping[ApiScope, str] = {
    ApiScope.LETTERS: "read:letters, the send log without supporters' names, addresses and words",
    ApiScope.UPDATES: "read:updates, the people who asked for news, with their addresses",
    ApiScope.SUPPORTERS: "read:supporters, everybody who acted, and whose letter each one is",
}
# As it reads after "may not".
PERMISSIONS: Mapping[Permission, str] = {
    Permission.SEE_MESSAGES: "see the send log",
    Permission.CHANGE_MESSAGES: "change what is sent",
    Permission.SEE_ROSTER: "see the roster",
    Permission.CORRECT_ROSTER: "correct the roster",
    Permission.UNDO_IMPORTS: "go back to older data",
    Permission.WRITE_LETTERS: "write letters",
    Permission.MANAGE_STAFF: "manage staff",
}


def sentence(error: StaffError) -> str:
    return _SENTENCES[error.problem].format(**error.values)

"""Why a backup is not made, or not restored."""

from __future__ import annotations

from enum import StrEnum


class BackupFaultCode(StrEnum):
    """Behind each what stands in `detail`."""

    NO_PROGRAM = "no_program"  # its name
    PROGRAM_FAILED = "program_failed"  # its name, and its last words
    NO_BACKUP = "no_backup"
    DAMAGED = "damaged"  # or cut off
    BAD_DATABASE = "bad_database"  # what SQLite says
    NOT_EMPTY = "not_empty"  # what is there
    OTHER_KIND = "other_kind"  # of database
    TOO_NEW = "too_new"  # the version of ActionMail
    IDENTITY_NEEDED = "identity_needed"


class BackupFault(Exception):
    """Nothing was made, or nothing restored."""

    def __init__(self, code: BackupFaultCode, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code, self.detail = code, detail

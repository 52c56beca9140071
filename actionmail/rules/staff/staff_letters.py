"""What the installation writes to its staff."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class StaffLetter(Struct, frozen=True, kw_only=True):
    subject: str
    text: str


def invitation(*, organisation: str, role: str, link: str, until: datetime) -> StaffLetter:
    return StaffLetter(
        subject=f"An invitation to the staff pages of {organisation}",
        text=(
            f"You are invited to the staff pages of {organisation}, as {role}.\n\n"
            f"Open this address and choose a password:\n\n{link}\n\n"
            f"The link works once, until {until:%Y-%m-%d %H:%M} UTC. If you do not know what this is about, do "
            "nothing: without you, no account is made."
        ),
    )


def reset(*, organisation: str, link: str) -> StaffLetter:
    return StaffLetter(
        subject=f"A new password for the staff pages of {organisation}",
        text=(
            f"Somebody, most likely you, asked for a new password for the staff pages of {organisation}.\n\n"
            f"Open this address and choose one:\n\n{link}\n\n"
            "The link works once, and for an hour. If it was not you, do nothing: your password stays as it is."
        ),
    )


def changed(*, organisation: str, what: str, at: datetime, resets: str) -> StaffLetter:
    """`what` is a whole sentence; `resets` the address at which one asks for a new password."""
    return StaffLetter(
        subject=f"Your account at {organisation} was changed",
        text=(
            f"{what} That was on {at:%Y-%m-%d at %H:%M} UTC.\n\n"
            f"If you know of it, there is nothing to do. If not, get a new password at once, and tell an admin of "
            f"{organisation}:\n\n{resets}"
        ),
    )

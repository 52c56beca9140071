"""What ends a talk with a mail server. Neither leaves this package."""

from __future__ import annotations

from actionmail.rules.delivery.trouble import Loss, LossCode, Trouble, TroubleCode


class OutOfOrder(Exception):
    """The server refuses this installation, or cannot be reached."""

    def __init__(self, code: TroubleCode, detail: object = "") -> None:
        self.trouble = Trouble(code=code, detail=str(detail))
        super().__init__(self.trouble)


class Lost(Exception):
    """The connection is of no more use."""

    def __init__(self, code: LossCode, detail: object = "") -> None:
        self.loss = Loss(code=code, detail=str(detail))
        super().__init__(self.loss)


def name_of(error: Exception) -> str:
    """What went wrong, without the addresses and words that an exception may carry."""
    if isinstance(error, Lost):
        return str(error.loss)
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__

"""What came of a request is told where requests are followed: in the log, and in traces."""

from __future__ import annotations

from actionmail.flows.actions.receipt import numbers_of
from actionmail.web.platform.context import services
from actionmail.web.platform.request_log import is_json_log, note_action
from actionmail.web.platform.traces import is_traced, note_letters


def follow(token: str) -> None:
    """Tell by numbers which action and letters have this receipt; nothing where nobody follows."""
    if not (is_json_log() or is_traced()) or not (numbers := numbers_of(services().database, token)):
        return
    action, letters = numbers
    if is_json_log():
        note_action(action, list(letters))
    if is_traced():
        note_letters(letters)

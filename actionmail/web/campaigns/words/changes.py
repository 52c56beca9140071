"""Words for changes of a campaign: why one is refused, and what a change of status will do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from actionmail.flows.campaigns.effects import Effect
from actionmail.flows.campaigns.publishing import StatusChange, Waiting
from actionmail.flows.campaigns.refusals import Overtaken, Seen

SCHEDULE_WHEN: Final = "Enter the date and the time when it opens, such as 2027-02-11 09:00."


def change_words(change: str) -> str:
    """A change of status as a verb: "bring back"."""
    return change.replace("-", " ")


def _in_letter(letter: str, problem: str) -> str:
    return f'Letter "{letter}": {problem}' if letter else problem


def _fault(letter: str, problem: str, status: str) -> str:
    return f"{_in_letter(letter, problem)} A {status} campaign may have no fault."


def _two_people(slug: str, status: str) -> str:
    first, then = ("Pause", "publish") if status == "live" else ("Unschedule", "schedule")
    return (
        f"Nothing was saved: {slug} is {status}, and here two people are needed for what supporters read. {first} it, "
        f"save your change, and have somebody else read it and {then} it again."
    )


def _signed(count: int) -> str:
    stand = "1 signature stands" if count == 1 else f"{count:,} signatures stand"
    return (
        f"{stand} under it, so what was signed and whom it is for stay as they are: nobody is to stand under what they "
        "never read. Duplicate it for other words. A signature that was a trial is taken out under Who took part."
    )


def _own_words(slug: str, change: str) -> str:
    verb = change_words(change)
    return f"You cannot {verb} {slug} yourself: you changed it last. Somebody else has to read and {verb} it."


def _wrong_status(slug: str, change: str, status: str) -> str:
    return f"You cannot {change_words(change)} {slug}: it is {status}."


def _faults(slug: str, change: str, count: int, letter: str, problem: str) -> str:
    some = "1 fault" if count == 1 else f"{count} faults"
    first = _in_letter(letter, problem)
    return f"You cannot {change_words(change)} {slug}: the letters have {some}. The first: {first}"


SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "saving.opens-after-deadline": ("{slug} is scheduled, and opens only after this deadline. Unschedule it first."),
    "saving.fault": _fault,
    "saving.two-people": _two_people,
    "saving.other-kind": (
        "{slug} is a {before} and stays one: what was done on it belongs to it. Begin another campaign."
    ),
    "saving.signed": _signed,
    "saving.no-letters": "{slug} is no campaign of letters.",
    "saving.lacking": "{problem} A {status} campaign may lack nothing.",
    "publishing.lacking": "You cannot {change} {slug} yet. {problem}",
    "saving.address-taken": "There is a campaign with this address already.",
    "restoring.in-use": 'Version {version} of "{name}" is the one in use.',
    "restoring.same": 'Version {version} of "{name}" has the same words as the one in use.',
    "publishing.wrong-time": "You cannot schedule {slug} for that time. {problem}",
    "publishing.time-passed": (
        "You cannot schedule {slug} for a time that has passed. To open it at once, publish it."
    ),
    "publishing.own-words": _own_words,
    "publishing.wrong-status": _wrong_status,
    "publishing.deadline-passed": ("You cannot {change} {slug}: its deadline has passed. Change the deadline first."),
    "publishing.deadline-before": (
        "You cannot {change} {slug}: its deadline is over by then. Change the deadline first."
    ),
    "publishing.no-text": "You cannot {change} {slug}: its page has no text yet.",
    "publishing.faults": _faults,
}

_OVERTAKEN: Final = {
    Seen.PAGE: "changed this while you were writing, so nothing was saved.",
    Seen.TRANSLATION: (
        "changed this translation, or the words that it is made from, while you were writing, so nothing was saved."
    ),
    Seen.LETTERS: "changed the letters while you were looking at them, so nothing was saved.",
    Seen.CAMPAIGN: "changed the campaign since you looked at it, so nothing was done. Read it again first.",
}


def overtaken(error: Overtaken) -> str:
    """Who was quicker."""
    return f"{error.by or 'Somebody'} {_OVERTAKEN[error.what]}"


_PAGE: Final = {
    StatusChange.PUBLISH: "The page opens at once, and supporters can send letters.",
    StatusChange.SCHEDULE: (
        "The page opens by itself at the time that you give, if the letters have no fault then either. Until then it "
        "says when it opens, and no supporter can send a letter."
    ),
    StatusChange.UNSCHEDULE: "The campaign is a draft again: nobody sees it before it is published or scheduled.",
    StatusChange.PAUSE: "The page says that the campaign is paused, and no supporter can send a letter meanwhile.",
    StatusChange.CLOSE: "The page says that the campaign is closed, and no supporter can send a letter.",
    StatusChange.ARCHIVE: (
        "The page is no longer to be seen, and the campaign leaves the list. Nothing of it is deleted."
    ),
    StatusChange.BRING_BACK: "The campaign is a draft again: nobody sees it before it is published.",
}


# Where the campaign has no letters; what is missing here is said as for those with letters.
_PAGE_OF_OTHERS: Final = {
    StatusChange.PUBLISH: "The page opens at once, and supporters can act.",
    StatusChange.SCHEDULE: (
        "The page opens by itself at the time that you give. Until then it says when it opens, and nobody can act."
    ),
    StatusChange.PAUSE: "The page says that it is paused, and nobody can act meanwhile.",
    StatusChange.CLOSE: "The page says that it is closed, and nobody can act. It stays in the news.",
}


def page_effect(effect: Effect) -> str:
    """What the change does to the page, and to letters that can be confirmed only while it is open."""
    if not effect.has_letters and effect.change in _PAGE_OF_OTHERS:
        return _PAGE_OF_OTHERS[effect.change]
    return _PAGE[effect.change] + _on_unconfirmed(effect)


def _on_unconfirmed(effect: Effect) -> str:
    count = effect.unconfirmed
    if not count:
        return ""
    are = "1 letter is" if count == 1 else f"{count:,} letters are"
    ends = "it ends" if count == 1 else "they end"
    it = "it" if count == 1 else "them"
    if effect.change is StatusChange.PUBLISH:
        return f" {are} not confirmed by mail yet; supporters can confirm {it} once the page is open."
    return (
        f" {are} not confirmed by mail yet: nobody can confirm {it} or is asked to while the page is not open, and "
        f"{ends} 7 days after being written."
    )


def letters_effect(effect: Effect) -> str:
    """What becomes of the letters with the change; "" where the campaign has none."""
    if not effect.has_letters:
        return ""
    held, stay = ("1 letter was", "stays") if effect.held == 1 else (f"{effect.held:,} letters were", "stay")
    if effect.letters is Waiting.HOLD and effect.waiting:
        are = "1 letter that waits is" if effect.to_hold == 1 else f"{effect.to_hold:,} letters that wait are"
        return (
            f"{are} held back: none goes out unless staff release it, and the supporter's receipt says so. What is "
            "being handed to the mail server at this moment still goes."
        )
    if effect.released:
        return f"{held} held back before: released, to go out now, with as much time as a new one."
    return _waiting(effect.waiting) + (f" {held} held back before, and {stay} so." if effect.held else "")


def _waiting(count: int) -> str:
    if count == 0:
        return "No letter is waiting to be sent."
    if count == 1:
        return "1 letter that a supporter has sent already is waiting; it goes out all the same."
    return f"{count:,} letters that supporters have sent already are waiting; they go out all the same."

"""What is said of a petition's paper and of the mail that hands it over, and what that mail begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from actionmail.flows.actions.paper_jobs import PaperStatus
from actionmail.flows.actions.petition_mails import MailLine
from actionmail.flows.actions.petition_papers import Part
from actionmail.rules.actions.paper_jobs import MOST_ATTACHED, Comments, PaperTrouble
from actionmail.rules.actions.petition_mails import MailRefusal, MailTrouble
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import State
from actionmail.web.review.words import REASON_WORDS

COMMENTS: Final[Mapping[Comments, str]] = {
    Comments.ALL: "All of them",
    Comments.PRINTABLE: "Only those that the fonts on the worker's machine can print",
    Comments.NONE: "None: names and places only",
}
_TROUBLE: Final[Mapping[PaperTrouble, str]] = {
    PaperTrouble.UNPRINTABLE: "No paper was made: no font on the worker's machine has these characters.",
    PaperTrouble.ERASED: (
        "The paper was deleted, since somebody who signed had their data erased. Ask for a new one, which leaves them "
        "out; do not use a copy that you took before."
    ),
    PaperTrouble.MAKER_DIED: (
        "No paper was made: whoever made it ended in the middle, three times. Tell whoever runs the installation; the "
        "machine may lack memory."
    ),
    PaperTrouble.NO_ROOM: (
        "No paper was made: the worker could not write its file. Tell whoever runs the installation; the disk may be "
        "full."
    ),
    PaperTrouble.PROGRAM_FAILED: (
        "No paper was made: the program failed on it. Tell whoever runs the installation; the worker's log says more."
    ),
}
_PARTS: Final[Mapping[Part, str]] = {
    Part.NAME: "the name",
    Part.CITY: "the city",
    Part.COMMENT: "the words",
}
MAIL_STATES: Final[Mapping[State, str]] = {
    State.QUEUED: "waits for a worker",
    State.SENDING: "is being handed to the mail server",
    State.DEFERRED: "will be tried again",
    State.ACCEPTED: "was taken by the mail server; whether anybody read it, nobody can tell",
    State.HELD: "is held until staff decide",
    State.FAILED: "was not taken",
    State.CANCELLED: "was taken back, and never sent",
}
_MAIL_TROUBLE: Final[Mapping[MailTrouble, str]] = {
    MailTrouble.OTHER_ADDRESSEE: (
        "Whom it was written to is not whom the petition is for by now, or has another address. Take it back, and "
        "write another one."
    ),
    MailTrouble.UNCLEAR: (
        "The connection broke, or the worker ended, at a moment when nobody can know whether the mail server has it. "
        "Ask the office before you send it again."
    ),
    MailTrouble.PAPER_GONE: (
        "The paper that goes with it is another by now, or was deleted. Take the mail back, and write anew."
    ),
    MailTrouble.TIME_OVER: "It did not go within four days.",
    MailTrouble.NOT_REACHED: "The mail server was not reached.",
    MailTrouble.SAID: "The mail server said:",
}
_REFUSALS: Final[Mapping[MailRefusal, str]] = {
    MailRefusal.NO_ADDRESS: "Nothing was sent: no e-mail address is known of whom the petition is for.",
    MailRefusal.OTHER_ADDRESS: "Nothing was sent: the address is another than the one you looked at. Look again first.",
    MailRefusal.OTHER_PAPER: (
        "Nothing was sent: the paper is another than the one you looked at, or was deleted. Look again first."
    ),
    MailRefusal.TOO_LARGE: (
        f"Nothing was sent: the paper is larger than {MOST_ATTACHED // 1_000_000} MB. Send the mail without it, and "
        "hand the paper over in another way."
    ),
    MailRefusal.ANOTHER_CAME: (
        "Nothing was sent: a mail was queued since you opened this page, by you or by a colleague."
    ),
    MailRefusal.UNDECIDED: "Nothing was sent: the last mail still waits, or is held. See what becomes of it first.",
    MailRefusal.MOVED_ON: "Nothing was changed: the mail stands elsewhere by now. Look again first.",
}


def paper_trouble(status: PaperStatus) -> tuple[str, Sequence[str]]:
    """Why there is no paper, and the places that it is about."""
    trouble = status.trouble
    lines = [_place(place, status.names) for place in trouble.get("places", ())]
    if trouble.get("others"):
        lines.append(f"and {trouble['others']:,} more")
    return _TROUBLE[PaperTrouble(trouble["code"])], lines


def what_helps(status: PaperStatus) -> str:
    """What to do about characters that cannot be printed; "" where it is something else."""
    if status.trouble.get("code") != PaperTrouble.UNPRINTABLE:
        return ""
    if status.trouble.get("only_comments"):
        return "Ask for a paper without those words. The table for a spreadsheet has them."
    return (
        "Whoever runs the installation can install a font that has them, such as fonts-noto-core. What is no name can "
        "be taken out of the count, under \u201cWho took part\u201d."
    )


def _place(place: Mapping[str, Any], names: Mapping[int, str]) -> str:
    signs = " ".join(f"{sign} (U+{ord(sign):04X})" for sign in place["characters"])
    part = Part(place["part"])
    if part is Part.PETITION:
        return f"the petition's own words: {signs}"
    return f"{_PARTS[part]} of {names.get(place['number']) or '(erased)'} (signature {place['number']}): {signs}"


def megabytes(octets: int) -> str:
    """ "1.6 MB" """
    return f"{max(octets, 100_000) / 1_000_000:.1f} MB"


def mail_standing(mail: MailLine) -> str:
    """How a mail stands and why, in a sentence or two."""
    why = ""
    if mail.why in set(MailTrouble):
        why = _MAIL_TROUBLE[MailTrouble(mail.why)]
    elif mail.why:
        why = REASON_WORDS[Reason(mail.why)]
    answer = " ".join(filter(None, (str(mail.smtp_code or ""), mail.words)))
    return " ".join(filter(None, (f"It {MAIL_STATES[mail.state]}.", why, answer)))


def mail_refusal(code: MailRefusal) -> str:
    return _REFUSALS[code]


def default_subject(number: int) -> str:
    return f"A petition to you, with {number:,} signature{'' if number == 1 else 's'}"


def default_text(*, to: str, title: str, number: int, states: int) -> str:
    """What staff begin with."""
    people = "1 person has" if number == 1 else f"{number:,} people have"
    where = f" They live in {states:,} states." if states > 1 else ""
    return (
        f"Dear {to},\n\n{people} signed the petition \u201c{title}\u201d, which is addressed to you.{where}\n\n"
        "We hand it over to you with this mail, and ask you for an answer to those who signed."
    )


def whole_text(text: str, *, link: str, organisation: str, enclosed: str) -> str:
    """All of the mail: what staff wrote, what goes with it, and where the petition stands."""
    parts = [text.strip(), enclosed, f"-- \n{organisation}\nThe petition, and how many have signed it by now: {link}"]
    return "\n\n".join(filter(None, parts))


def enclosed_line(name: str, *, number: int, day: str) -> str:
    signatures = "1 signature" if number == 1 else f"{number:,} signatures"
    return f"With this mail: {name}, the petition with its {signatures} of {day}."

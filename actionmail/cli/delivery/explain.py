"""What a mail server's answer means, in words: one answer, or the whole table."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from actionmail.rules.delivery.answer_row import BEFORE_RCPT, Answer, Meaning, Row
from actionmail.rules.delivery.answer_table import ROWS, row_for
from actionmail.rules.delivery.domain_word import read_as_domains
from actionmail.rules.delivery.states import Blame, Phase, Signal, State

BLAME_WORDS: Final = {
    Blame.US: "us",
    Blame.DOMAIN: "the receiving domain",
    Blame.MAILBOX: "that mailbox",
    Blame.LETTER: "the letter",
    Blame.NOBODY: "nobody in particular",
}
MEANING_WORDS: Final = {
    Meaning.CREDENTIALS: "it wants other credentials, or encryption",
    Meaning.OUR_NAME: "it refuses the name that we give in EHLO",
    Meaning.CLOSED_MAILBOX: "the mailbox takes mail from some only",
    Meaning.MAILBOX_PACE: "the mailbox gets more than it may just now",
    Meaning.OUR_QUOTA: "our account has sent what it may for now",
    Meaning.ACCOUNT_STOPPED: "our account may not send",
    Meaning.RELAYING: "it passes nothing on for us",
    Meaning.OUR_SENDER: "our return path is not the account's, or cannot be checked",
    Meaning.AUTHENTICATION: "it wants us to sign in",
    Meaning.MAILBOX_FULL: "the mailbox is full",
    Meaning.LOOP: "mail to that address goes round in a circle",
    Meaning.EXPIRED: "a mail server tried for days, and gave up",
    Meaning.OUR_PACE: "we are too fast",
    Meaning.DOMAIN_PACE: "too fast for the receiving domain",
    Meaning.GREYLISTED: "first tries are put off (greylisting): no question of pace",
    Meaning.LATER: "later",
    Meaning.LATER_BY_STATUS: "later, by its status",
    Meaning.LATER_BY_CODE: "later: 552 to RCPT means what 452 means",
    Meaning.LETTER: "something about the letter or its encoding",
    Meaning.LETTER_BY_WORDS: "the letter is too big, not in order, or taken for a virus",
    Meaning.NOT_UNDERSTOOD: "it did not understand us",
    Meaning.UNAUTHENTICATED: "our SPF, DKIM or DMARC does not satisfy it",
    Meaning.NO_DOMAIN: "the domain does not exist, or takes no mail",
    Meaning.REFUSED_AT_MAIL: "refused before it knew of any recipient",
    Meaning.BLOCK_LISTED: "refused as spam, or because of a block list",
    Meaning.NOBODY_THERE: "no such mailbox, by its words",
    Meaning.POLICY: "refused by policy",
    Meaning.NO_MAILBOX: "no such mailbox, by its number",
    Meaning.UNCLEAR_AT_RCPT: "not understood, at one recipient",
    Meaning.REFUSED: "refused for good, and nothing says why",
    Meaning.OTHER_SUCCESS: "a success, but not the one that is agreed on",
    Meaning.LOST_AFTER_BODY: "no answer that can be read, after the letter: nobody can know",
    Meaning.OUT_OF_PLACE: "not an answer, or one out of place",
}
STATE_WORDS: Final = {
    State.DEFERRED: "tried again later",
    State.HELD: "held until a person has looked",
    State.FAILED: "failed; it can be queued again once the address is mended",
    State.AMBIGUOUS: "ambiguous: sent once more, marked as a possible duplicate",
}
SIGNAL_WORDS: Final = {
    Signal.NONE: "nothing",
    Signal.SLOW_RELAY: "all letters go at half the pace, for an hour",
    Signal.SLOW_DOMAIN: "the domain gets letters at half the pace, for an hour",
    Signal.SLOW_MAILBOX: "the legislator gets letters at half the pace, for an hour",
    Signal.SUSPECT_DOMAIN: (
        "noted; three such letters within an hour stop their mailbox, or the domain where they went to several of it"
    ),
    Signal.SUSPECT_ADDRESS: "the address is suspect: a second supporter's letter that meets this puts it on hold",
    Signal.PAUSE_WORKER: "the worker pauses, and says what is wrong",
    Signal.PAUSE_RELAY: "the worker pauses, and says what is wrong; the letter stays in line",
}
_WAITS_UNTRIED: Final = "waits; no try is used up"


def explained(answer: Answer) -> list[str]:
    """What this answer is about, what becomes of the letter, what else happens, and where the rule comes from."""
    if answer.phase is Phase.BODY and answer.code == 250:
        return ["meaning: the mail server took the letter", "letter:  accepted"]
    row = row_for(answer)
    return [
        f"meaning: {MEANING_WORDS[row.meaning]}",
        f"about:   {BLAME_WORDS[row.blame]}",
        f"letter:  {_becomes(row)}",
        f"also:    {SIGNAL_WORDS[row.signal]}",
        f"source:  {row.source}",
    ]


def explained_directly(answer: Answer) -> list[str]:
    """The same for an answer of a receiving domain's own server, where letters go without a relay."""
    if answer.phase is Phase.BODY and answer.code == 250:
        return explained(answer)
    outcome = read_as_domains(answer.phase, answer.code, answer.words)
    row = row_for(replace(answer, phase=Phase.RCPT) if answer.phase in BEFORE_RCPT else answer)
    return [
        f"meaning: {MEANING_WORDS[row.meaning]}",
        f"about:   {BLAME_WORDS[outcome.blame]}",
        f"letter:  {STATE_WORDS[outcome.state]}",
        f"also:    {SIGNAL_WORDS[outcome.signal]}",
        f"source:  {row.source}; read as its domain's word",
    ]


def table() -> str:
    """Every row, in the order in which they are asked, as Markdown."""
    lines = ["| what it means | told by | about | the letter | also | source |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        cells = [
            MEANING_WORDS[row.meaning],
            _told_by(row),
            BLAME_WORDS[row.blame],
            _becomes(row),
            SIGNAL_WORDS[row.signal],
            row.source,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _becomes(row: Row) -> str:
    return _WAITS_UNTRIED if row.signal is Signal.PAUSE_RELAY else STATE_WORDS[row.state]


def _told_by(row: Row) -> str:
    parts = []
    if row.codes:
        parts.append(_codes(row.codes))
    if row.enhanced:
        parts.append(", ".join(row.enhanced))
    if row.enhanced == ():
        parts.append("no status")
    if row.words:
        parts.append("words")
    if len(row.phases) < len(Phase):
        names = [phase.value for phase in Phase if phase in row.phases]
        parts.append(f"at {', '.join(names)}")
    return "; ".join(parts) or "anything else"


def _codes(codes: frozenset[int]) -> str:
    if len(codes) < 100:
        return ", ".join(map(str, sorted(codes)))
    hundreds = {code // 100 for code in codes}
    return " or ".join(f"{hundred}xx" for hundred in sorted(hundreds))

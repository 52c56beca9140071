"""What looks for newer datasets came to, in words: for the roster page, for `doctor`, for the mail to the admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actionmail.flows.roster.refreshing import Found, Outcome, Refresh
from actionmail.rules.staff.staff_letters import StaffLetter
from actionmail.web.roster.dataset_words import KIND_WORDS, dataset_sentence
from actionmail.web.roster.words import doubt_sentence, provenance_sentence

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.SAME: "nothing new.",
    Outcome.OLDER: "what is in force is of a later day than what is offered there.",
    Outcome.WAITS: "a newer version is there and was not taken{counts}.",
    Outcome.DOUBTED: "a newer version is there and was not taken, since somebody should look at it first{counts}.",
    Outcome.APPLIED: "a newer version is in force now{counts}.",
    Outcome.FAILED: "it could not be had: {error}",
}


def found_sentence(kind: str, comparison: Found) -> str:
    """What a look came to, in one sentence."""
    words = _OUTCOMES[comparison.outcome].format(
        counts=_counts(comparison.counts), error=dataset_sentence(comparison.error) if comparison.error else ""
    )
    return f"{KIND_WORDS.get(kind, kind)}: {words}"


def found_lines(kind: str, comparison: Found) -> list[str]:
    """The same with its provenance and its doubts."""
    lines = [found_sentence(kind, comparison)]
    if comparison.provenance:
        lines.append(provenance_sentence(comparison.provenance))
    for reason in comparison.doubts:
        lines.append(f"Look at this: {doubt_sentence(reason)}")
    if comparison.further_doubts:
        lines.append(f"... and {comparison.further_doubts:,} more like these.")
    return lines


def take_lines(kind: str, comparison: Found) -> list[str]:
    """How to take what is newer and was not taken; empty where nothing is."""
    if comparison.outcome not in {Outcome.WAITS, Outcome.DOUBTED}:
        return []
    yes = " --yes" if comparison.outcome is Outcome.DOUBTED else ""
    return [f"Take it with: actionmail data refresh {kind} --apply{yes}"]


def refresh_letter(refreshes: Sequence[Refresh], *, organisation: str, page: str) -> StaffLetter:
    """What the admins are told; `page` is the address of the roster's page."""
    parts = [f"{organisation} looked for newer data on who represents whom.\n"]
    needs = False
    for refreshed in refreshes:
        needs = needs or refreshed.needs_somebody
        lines = found_lines(refreshed.kind, refreshed.comparison)
        lines[0] = f"{lines[0][:1].upper()}{lines[0][1:]}"
        lines.append(f"Looked at: {refreshed.url}, {refreshed.looked_at:%Y-%m-%d %H:%M} UTC.")
        if to_take := take_lines(refreshed.kind, refreshed.comparison):
            lines.append(f"See all of the difference with: actionmail data refresh {refreshed.kind} --dry-run")
            lines += to_take
        parts.append("\n".join(lines) + "\n")
    parts.append(f"What is in force, and how to go back: {page}")
    subject = "Data of the roster needs you" if needs else "Data of the roster was brought up to date"
    return StaffLetter(subject=f"{subject}: {organisation}", text="\n".join(parts))


def _counts(counts: Mapping[str, int]) -> str:
    parts = [f"{count:,} {name}" for name, count in counts.items() if count]
    return f" ({', '.join(parts)})" if parts else ""

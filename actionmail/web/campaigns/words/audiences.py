"""Words for whom a rule of a campaign names."""

from __future__ import annotations

from actionmail.rules.campaigns.targets import Members
from actionmail.rules.wording import and_join


def members(named: Members) -> str:
    """ "Democratic members of the Assembly Committee on Transportation"; what is gone is said to be gone."""
    people = [name or "somebody who is no longer in office" for name in named.people]
    if people and not (named.chambers or named.parties or named.committees):
        return and_join(people)
    committees = [f"the {name}" if name else "a committee that is gone" for name in named.committees]
    chambers = [f"the {name}" for name in named.chambers]
    described = f"{and_join(list(named.parties))} members".strip()
    if committees or chambers:
        described += f" of {and_join(committees or chambers)}"
    if committees and chambers:
        described += f" who sit in {and_join(chambers)}"
    if people:
        described += f" among {and_join(people)}"
    return described

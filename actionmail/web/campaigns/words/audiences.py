"""Words for whom a rule of a campaign names."""

from __future__ import annotations

from actionmail.rules.campaigns.targets import Members
from actionmail.rules.moments import listed
from actionmail.rules.speech import gettext, lazy


def members(named: Members) -> str:
    """ "Democratic members of the Assembly Committee on Transportation"; what is gone is said to be gone."""
    people = [name or gettext("somebody who is no longer in office") for name in named.people]
    if people and not (named.chambers or named.parties or named.committees):
        return listed(people)
    described = _described(named)
    if people:
        return gettext("%(members)s among %(people)s", members=described, people=listed(people))
    return described


def _described(named: Members) -> str:
    committees = [_the(name) if name else gettext("a committee that is gone") for name in named.committees]
    chambers = [_the(name) for name in named.chambers]
    values = {
        "party": listed(list(named.parties)),
        "bodies": listed(committees or chambers),
        "chambers": listed(chambers),
    }
    if committees and chambers:
        return gettext(_OF_BOTH[bool(named.parties)], **values)
    if committees or chambers:
        return gettext(_OF_ONE[bool(named.parties)], **values)
    return gettext("%(party)s members", **values) if named.parties else gettext("members")


# By whether they are of some party.
_OF_ONE = {False: lazy("members of %(bodies)s"), True: lazy("%(party)s members of %(bodies)s")}
_OF_BOTH = {
    False: lazy("members of %(bodies)s who sit in %(chambers)s"),
    True: lazy("%(party)s members of %(bodies)s who sit in %(chambers)s"),
}


def _the(name: str) -> str:
    return gettext("the %(name)s", name=name)

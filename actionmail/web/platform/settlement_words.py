"""How a chamber was settled, in words: on the supporter's pages, in the JSON door and at the command line."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.rules.districts.settlement import Settlement
from actionmail.rules.speech import gettext, lazy

_WORDS: Mapping[Settlement, str] = {
    Settlement.ZIP: lazy("your ZIP code settles it"),
    Settlement.STATE: lazy("the same for everybody in the state"),
    Settlement.STREET: lazy("settled by your street"),
    Settlement.CHOICE: lazy("you chose"),
    Settlement.NOT_SURE: lazy("you were not sure, so nobody there was written to as yours"),
    Settlement.CHOICE_DECIDES: lazy("your street did not settle it: please choose"),
    Settlement.NEWER_DISTRICTS: lazy("its districts are newer than our lines: please choose"),
    Settlement.UNKNOWN: lazy("we could not tell"),
}


def settlement_words(settlement: Settlement, *, asks_streets: bool) -> str:
    """To stand after "Wisconsin State Assembly, District 76: ". No street decides where none can be looked up."""
    if settlement is Settlement.STREET_DECIDES:
        return gettext("your street decides") if asks_streets else gettext("please choose")
    return str(_WORDS[settlement])

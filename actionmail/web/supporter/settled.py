"""How it was settled who represents a supporter, chamber by chamber, in the steps and on the receipt."""

from __future__ import annotations

from actionmail.flows.actions.receipt import Receipt
from actionmail.rules.districts.settlement import Settlement
from actionmail.rules.moments import listed
from actionmail.rules.roster import titles
from actionmail.rules.speech import gettext
from actionmail.web.platform.context import services
from actionmail.web.platform.places import seat_label
from actionmail.web.platform.settlement_words import settlement_words
from actionmail.web.supporter.step import Step

_OPEN = (Settlement.STREET_DECIDES, Settlement.CHOICE_DECIDES, Settlement.NEWER_DISTRICTS, Settlement.UNKNOWN)


def settled_lines(step: Step) -> list[str]:
    """Such as "Wisconsin State Assembly: your street decides."; districts only where they are settled."""
    lines = []
    for chamber, settlement in step.settlements.items():
        districts = []
        if settlement not in _OPEN:
            districts = _districts(step, chamber)
        place = seat_label(step.lookup.state, chamber, districts)
        lines.append(gettext("%(place)s: %(how)s.", place=place, how=_words(settlement)))
    return lines


def _districts(step: Step, chamber: str) -> list[str]:
    """Those that are the supporter's, or may be while another chamber is still open."""
    if step.seats is not None:
        return [district for of, district in step.seats if of == chamber]
    return [candidate.district for candidate in step.lookup.seats[chamber]]


def settled_sentences(step: Step) -> dict[str, str]:
    """By chamber, to stand alone: "Settled by your street."."""
    sentences = {}
    for chamber, settlement in step.settlements.items():
        words = _words(settlement)
        clause = f"{words[0].upper()}{words[1:]}"
        sentences[chamber] = gettext("%(how)s.", how=clause)
    return sentences


def receipt_lines(receipt: Receipt) -> list[str]:
    """The same of an action."""
    lines = []
    for settled in receipt.settled:
        place = seat_label(receipt.state, settled.chamber, settled.districts)
        lines.append(gettext("%(place)s: %(how)s.", place=place, how=_words(settled.settlement)))
    return lines


def not_sure_of(step: Step) -> str:
    """The chambers in which the supporter was asked who represents them and was not sure, "" where there is none."""
    names = []
    for chamber, settlement in step.settlements.items():
        if settlement is Settlement.NOT_SURE:
            names.append(titles.chamber_name(step.lookup.state, chamber))
    return listed(names)


def _words(settlement: Settlement) -> str:
    return settlement_words(settlement, asks_streets=services().geocode is not None)

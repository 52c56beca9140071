"""The sentences of the look-up: what was found, why nothing was, and what makes an answer doubtful.

The pages, the JSON door and the command line all say it in these words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actionmail.flows.lookup.atlas import MapFault
from actionmail.flows.lookup.by_address import Located
from actionmail.flows.lookup.by_zip import Found
from actionmail.flows.lookup.settling import settlements
from actionmail.rules.districts.basis import NEWER, UNSURE
from actionmail.rules.districts.legislatures import districts_of
from actionmail.rules.districts.overlays import base_district, is_overlay
from actionmail.rules.districts.refusals import (
    GeocoderUnavailable,
    LookupRefused,
    Refusal,
    SeveralStates,
    Trouble,
    WrongState,
)
from actionmail.rules.districts.states import STATES, TERRITORIES
from actionmail.rules.districts.vintages import GeocoderReport
from actionmail.rules.moments import listed
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.speech import ENGLISH, gettext, lazy, ngettext, spoken
from actionmail.web.platform.doubt_words import doubt_words
from actionmail.web.platform.places import district_in_house, house_of
from actionmail.web.platform.settlement_words import settlement_words
from actionmail.web.roster.dataset_words import dataset_sentence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_REFUSALS = {
    Refusal.BAD_ZIP: lazy("A ZIP code has five digits, such as 53703. Please enter the one of your home address."),
    Refusal.UNKNOWN_ZIP: lazy(
        "We do not know the ZIP code %(zip)s. Please check it for a slip; if it is new or belongs to a "
        "post office box, try the ZIP code printed on mail to your home."
    ),
    Refusal.MILITARY_ZIP: lazy(
        "%(zip)s is a military ZIP code (APO, FPO or DPO), which lies in no district. Please enter "
        "the ZIP code of the home address where you are registered to vote."
    ),
    Refusal.TERRITORY_ZIP: lazy(
        "%(zip)s is in %(territory)s, whose districts we have no table of. If you vote in another "
        "place, please enter the ZIP code of your home there."
    ),
    Refusal.ZIP_ELSEWHERE: lazy(
        "The ZIP code %(zip)s is in %(found)s, not in %(state)s, whose legislators are asked for here. If "
        "you live in %(state)s, please enter the ZIP code of your home there."
    ),
    Refusal.ZIP_IN_SEVERAL_STATES: lazy("%(zip)s lies in %(found)s: please name the state."),
    Refusal.NO_SUCH_STATE: lazy("'%(typed)s' is no state: use two letters such as WI."),
    Refusal.STATE_NOT_NAMED: lazy("Please name the state or the ZIP code too, such as 2 E Main St, Madison, WI 53703."),
    Refusal.ADDRESS_ELSEWHERE: lazy(
        "This address is in %(found)s, not in %(state)s, whose legislators are asked for here. If "
        "you live in %(state)s, please enter your home address there."
    ),
    Refusal.ADDRESS_UNKNOWN: lazy(
        "We could not find this address. Please check the house number and the street, and leave "
        "out flat and suite; or choose your legislators by name."
    ),
    Refusal.DISTRICTS_UNKNOWN: lazy(
        "We found this address on the map, but not its districts. Please choose your legislators by name."
    ),
    Refusal.MILITARY_ADDRESS: lazy(
        "A military address (APO, FPO or DPO) lies in no district. Please enter the home "
        "address where you are registered to vote."
    ),
    Refusal.PO_BOX: lazy(
        "A post office box does not tell where you live. Please enter the street address of your home; if "
        "it has none, choose your legislators by name."
    ),
    Refusal.RURAL_ROUTE: lazy(
        "A rural route cannot be found on the map. Please enter the house number and road, as "
        "emergency services know your home, or choose your legislators by name."
    ),
    Refusal.GENERAL_DELIVERY: lazy(
        "General delivery does not tell where you live. Please choose your legislators by name."
    ),
    Refusal.NO_ADDRESS: lazy("Please enter the house number and street of your home, such as 2 E Main St."),
    Refusal.OTHER_SCRIPT: lazy(
        "Please write the street as it stands on the street sign, in the letters A to Z, such as 2 E "
        "Main St; or choose your legislators by name."
    ),
    Refusal.NO_HOUSE_NUMBER: lazy("The house number is missing: please enter it with the street, such as 2 E Main St."),
    Refusal.NO_STREET: lazy("The street is missing: please enter it with the house number, such as 2 E Main St."),
    Refusal.NO_TOWN: lazy(
        "There is a street like this in many towns. Please add the town and the state, or the ZIP code, "
        "such as 2 E Main St, Madison, WI 53703."
    ),
}

_TROUBLES = {
    Trouble.NOT_SET_UP: "None is set up here.",
    Trouble.LEFT_ALONE: "It failed several times and is left alone for a minute.",
    Trouble.TIMED_OUT: "It did not answer within {seconds} seconds.",
    Trouble.UNREACHABLE: "It could not be reached ({kind}).",
    Trouble.STATUS: "It answered with status {status}.",
    Trouble.REDIRECTED: "It wants to send us to another address, which is not followed.",
    Trouble.PRIVATE_HOST: "Its name leads to a private address.",
    Trouble.TOO_LONG: "Its answer is far too long.",
    Trouble.NOT_JSON: "Its answer (status {status}) is not JSON: perhaps a page that blocks us.",
    Trouble.NO_MATCHES: "Its answer has no list of matches.",
    Trouble.BAD_MATCH: "One of its matches is not one.",
    Trouble.NO_COORDINATES: "A match has no coordinates.",
    Trouble.OUTSIDE: "A match lies outside of the United States.",
    Trouble.VINTAGE_UNKNOWN: "It does not know the vintage that it was asked for.",
    Trouble.KEY_REFUSED: "It does not take our key: see ACTIONMAIL_OPENSTATES_KEY.",
    Trouble.NO_PEOPLE: "Its answer (status {status}) has no list of people.",
    Trouble.NO_POINTS: "There is no file of points: import one with `actionmail data import points`.",
    Trouble.POINTS_DAMAGED: "The file of points is damaged: import it again.",
    Trouble.NOT_READY: "It says that it is not ready ({message}).",
}

# To whom an address goes, to stand behind "the" or in a list; what stays on this machine is none of them.
_ASKED = {
    "census": lazy("the address finder of the US Census Bureau"),
    "nominatim": lazy("an address finder of our own with data of OpenStreetMap"),
    "pelias": lazy("an address finder of our own"),
}


def asked_words(kinds: Sequence[str]) -> str:
    """To whom a street goes when it is looked up; "" where it stays here."""
    return listed([str(words) for kind, words in _ASKED.items() if kind in kinds])


# Who found the point of an address, at the beginning of a clause; older drafts do not name the Census.


def refusal_sentence(refused: LookupRefused) -> str:
    """Why there are no districts, with a way on."""
    values = dict(refused.values)
    if "state" in values:
        values["state"] = STATES[values["state"]]
    if isinstance(refused, WrongState | SeveralStates):
        values["found"] = listed([STATES.get(code) or TERRITORIES.get(code, code) for code in refused.found_states])
    return gettext(_REFUSALS[refused.code], **values)


def trouble_sentence(trouble: GeocoderUnavailable) -> str:
    """Why a service gave no answer."""
    return _TROUBLES[trouble.code].format_map(trouble.values)


_GEOCODERS = {
    "census": "the geocoder",
    "nominatim": "the Nominatim at {where}",
    "pelias": "the Pelias at {where}",
    "points": "the file of points",
    "file": "the file of answers {where}",
}
_HAS = {
    "data_updated": "its data are of {}",
    "version": "its version is {}",
    "engine": "it is a {}",
    "count": "it has {} points",
    "states": "in {}",
    "as_of": "as of {}",
    "source": "from {}",
    "licence": "licence: {}",
}


def geocoder_words(report: GeocoderReport) -> str:
    """Whether a geocoder answers and what it has, to stand after a colon; a sentence where something is amiss."""
    name = _GEOCODERS[report.kind].format(where=report.where)
    if report.trouble:
        silence = "did not tell its layers" if report.kind == "census" else "gave no answer"
        return f"{name[0].upper()}{name[1:]} {silence}. {_why(report.trouble)}"
    has = []
    for key, words in _HAS.items():
        if report.has.get(key):
            has.append(words.format(report.has[key]))
    return f"{name} answers{': ' if has else ''}{', '.join(has)}"


def _why(trouble: GeocoderUnavailable | DatasetError) -> str:
    if isinstance(trouble, GeocoderUnavailable):
        return trouble_sentence(trouble)
    return f"It cannot be used: {dataset_sentence(trouble)}."


def note_sentence(located: Located) -> str:
    """Why the address was of no use, "" where it was of some."""
    reason = located.reason
    if reason is None:
        return ""
    if isinstance(reason, LookupRefused):
        return refusal_sentence(reason)
    if isinstance(reason, GeocoderUnavailable):
        return f"The geocoder gave no answer, so the ZIP code alone was used. {trouble_sentence(reason)}"
    return f"The boundaries cannot be used, so the ZIP code alone was: {dataset_sentence(reason)}."


def in_words(located: Located, *, asks_streets: bool) -> dict[str, Any]:
    """What of an answer is sentences, for programs: `settled` has each chamber's code and its words."""
    settled = {}
    for chamber, settlement in settlements(located.lookup).items():
        words = settlement_words(settlement, asks_streets=asks_streets)
        settled[chamber] = {"by": settlement.value, "words": words}
    return {
        "explanation": explanation(located.lookup, asks_streets=asks_streets),
        "note": note_sentence(located),
        "settled": settled,
    }


def map_fault_sentence(fault: MapFault) -> str:
    """What is amiss with the boundaries of one chamber."""
    if fault.error:
        return f"The boundaries of {STATES[fault.state]} cannot be used: {dataset_sentence(fault.error)}"
    return (
        f"The boundaries of {districts_of(fault.state, fault.chamber)} are of {fault.map_year} and the ZIP table "
        f"is of {fault.table_year}: supporters are asked more often until both are of one year."
    )


def explanation(lookup: Found, *, asks_streets: bool, is_answered: bool = False) -> str:
    """Where the ZIP code or the address lies, and what is left to say: nothing, where it `is_answered` already.

    No street decides where none is looked up.
    """
    if lookup.method == "address":
        return _by_address(lookup, is_answered=is_answered)
    left = _SAID if is_answered else _STREET if asks_streets else _CHOICE
    return _by_zip(lookup, left, is_answered=is_answered)


# What is left to say of a ZIP code with several districts: nothing, that the street decides, that one has to choose, or
# that the street did not tell.
_SAID, _STREET, _CHOICE, _UNTOLD = "said", "street", "choice", "untold"
_LIES_IN_SEVERAL = {
    _SAID: lazy("%(zip)s lies in %(districts)s."),
    _STREET: lazy("%(zip)s lies in %(districts)s: your street decides."),
    _CHOICE: lazy("%(zip)s lies in %(districts)s: please choose."),
    _UNTOLD: lazy("%(zip)s lies in %(districts)s: your street did not tell which."),
}
_IF_HERE = {
    _STREET: lazy("If you live in %(state)s, your street decides."),
    _CHOICE: lazy("If you live in %(state)s, please choose."),
}


def _by_address(lookup: Found, *, is_answered: bool) -> str:
    """What the address told is the address's sentence; the rest is the ZIP code's."""
    places = []
    is_sure = True
    located_chambers = [chamber for chamber in lookup.told_chambers if chamber not in lookup.newer]
    for chamber in located_chambers:
        places.append(district_in_house(lookup.state, chamber, base_district(lookup.seats[chamber][0])))
        is_sure = is_sure and lookup.basis[chamber].confidence != UNSURE
    untold = [chamber for chamber in _by_our_lines(lookup) if chamber not in located_chambers]
    newer = _newer_sentences(lookup, is_answered=is_answered)
    if not places:
        return " ".join([gettext("Your address is in %(place)s.", place=STATES[lookup.state]), *newer])
    rest = _zip_sentences(lookup, untold, left=_UNTOLD) + newer
    if is_sure:
        return " ".join([gettext("Your address is in %(place)s.", place=listed(places)), *rest])
    doubts = [doubt_words(doubt) for doubt in lookup.doubts if doubt.code not in NEWER]
    if doubts:
        sentence = gettext(
            "Your address is probably in %(place)s, but this is not certain: %(reason)s.",
            place=listed(places),
            reason="; ".join(dict.fromkeys(doubts)),
        )
    else:
        sentence = gettext("Your address is probably in %(place)s, but this is not certain.", place=listed(places))
    please = [] if is_answered else [gettext("Please choose.")]
    return " ".join([sentence, *please, *rest])


def _asked_chambers(lookup: Found) -> list[str]:
    """The chambers that have districts: a state's Senators represent all of it."""
    return [chamber for chamber in lookup.seats if chamber != "us_upper"]


def _by_our_lines(lookup: Found) -> list[str]:
    """Those of them whose districts are no newer than our lines."""
    return [chamber for chamber in _asked_chambers(lookup) if chamber not in lookup.newer]


def _newer_sentences(lookup: Found, *, is_answered: bool) -> list[str]:
    """That nothing we have tells the others: neither the ZIP code nor a street."""
    sentences = []
    for chamber in lookup.newer:
        doubts = [doubt for doubt in lookup.doubts if doubt.chamber == chamber and doubt.code in NEWER]
        words = "; ".join(map(doubt_words, doubts))
        reason = f"{words[0].upper()}{words[1:]}"
        if is_answered:
            sentences.append(gettext("%(reason)s: neither ZIP code nor street tells yours.", reason=reason))
        else:
            sentences.append(
                gettext("%(reason)s: neither ZIP code nor street tells yours, so please choose.", reason=reason)
            )
    return sentences


def _by_zip(lookup: Found, left: str, *, is_answered: bool) -> str:
    if lookup.is_elsewhere:
        return _elsewhere(lookup, left)
    chambers = _by_our_lines(lookup)
    parts = _zip_sentences(lookup, chambers, left=left)
    has_districts = any(lookup.seats[chamber] for chamber in chambers)
    if lookup.seats.get("us_upper"):
        senators = gettext("The two U.S. Senators of %(state)s represent everybody there.", state=STATES[lookup.state])
        parts.insert(1 if has_districts else 0, senators)
    if lookup.other_states:
        names = listed([STATES[state] for state in lookup.other_states])
        parts.append(gettext("A part of it is in %(states)s: please check where you live.", states=names))
    return " ".join([*parts, *_newer_sentences(lookup, is_answered=is_answered), *_notes(lookup)])


def _elsewhere(lookup: Found, left: str) -> str:
    names = listed([STATES[state] for state in lookup.other_states])
    sentence = gettext(
        "We know only roughly where %(zip)s lies, and have it in %(states)s.", zip=lookup.zip, states=names
    )
    return f"{sentence} {gettext(_IF_HERE[left], state=STATES[lookup.state])}" if left in _IF_HERE else sentence


def _zip_sentences(lookup: Found, chambers: Sequence[str], *, left: str) -> list[str]:
    """What the ZIP code says of these chambers, [] where there are none; and what is `left` to say of several."""
    counts = {} if lookup.is_elsewhere else _counts(lookup, chambers)
    places = listed([_count_of_districts(lookup.state, chamber, count) for chamber, count in counts.items()])
    missing = []
    is_guess = False
    for chamber in chambers:
        is_guess = is_guess or lookup.basis[chamber].method == "zip-guess"
        if not lookup.seats[chamber] or lookup.is_elsewhere:
            missing.append(house_of(lookup.state, chamber))
    parts = []
    if is_guess:
        parts.append(
            gettext(
                "We know only roughly where %(zip)s lies, as with post office boxes and new ZIP codes. Please check "
                "that these are your legislators.",
                zip=lookup.zip,
            )
        )
    elif places:
        is_one = max(counts.values()) == 1
        parts.append(gettext(_LIES_IN_SEVERAL[_SAID if is_one else left], zip=lookup.zip, districts=places))
    if missing:
        parts.append(gettext("We could not tell your %(houses)s district from it.", houses=listed(missing)))
    return parts


def _counts(lookup: Found, chambers: Sequence[str]) -> dict[str, int]:
    """In how many districts of each chamber it may lie, not counting those that lie over others; chambers with any."""
    counts = {}
    for chamber in chambers:
        bases = {base_district(candidate) for candidate in lookup.seats[chamber] if not is_overlay(candidate)}
        if bases:
            counts[chamber] = len(bases)
    return counts


def _notes(lookup: Found) -> list[str]:
    """What is peculiar to a state."""
    notes = []
    if lookup.state == "ID" and lookup.seats.get("lower"):
        notes.append(gettext("Each Idaho House district has two seats, A and B, and both represent you."))
    if lookup.state == "DC" and lookup.seats.get("legislature"):
        notes.append(gettext("The Chairman and the members at large represent everybody in the District of Columbia."))
    if lookup.state == "NH" and any(is_overlay(candidate) for candidate in lookup.seats.get("lower", ())):
        notes.append(
            gettext(
                "In New Hampshire some House districts, called floterial, lie over several others, so you may have "
                "representatives from both."
            )
        )
    return notes


def _count_of_districts(state: str, chamber: str, count: int) -> str:
    """Such as "one Senate district" and "two Assembly districts"."""
    number = _NUMBERS[count] if count < len(_NUMBERS) and spoken() is ENGLISH else str(count)
    if state == "DC" and chamber == "legislature":
        return ngettext("%(number)s ward", "%(number)s wards", count, number=number)
    house = house_of(state, chamber)
    return ngettext(
        "%(number)s %(house)s district", "%(number)s %(house)s districts", count, number=number, house=house
    )

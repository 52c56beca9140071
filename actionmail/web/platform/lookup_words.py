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
from actionmail.rules.districts.legislatures import chamber_words, districts_of
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
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.roster.titles import district_in_house
from actionmail.rules.wording import and_join
from actionmail.web.platform.doubt_words import doubt_words
from actionmail.web.platform.settlement_words import settlement_words
from actionmail.web.roster.dataset_words import dataset_sentence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_REFUSALS = {
    Refusal.BAD_ZIP: "A ZIP code has five digits, such as 53703. Please enter the one of your home address.",
    Refusal.UNKNOWN_ZIP: "We do not know the ZIP code {zip}. Please check it for a slip; if it is new or belongs to a "
    "post office box, try the ZIP code printed on mail to your home.",
    Refusal.MILITARY_ZIP: "{zip} is a military ZIP code (APO, FPO or DPO), which lies in no district. Please enter "
    "the ZIP code of the home address where you are registered to vote.",
    Refusal.TERRITORY_ZIP: "{zip} is in {territory}, whose districts we have no table of. If you vote in another "
    "place, please enter the ZIP code of your home there.",
    Refusal.ZIP_ELSEWHERE: "The ZIP code {zip} is in {found}, not in {state}, whose legislators are asked for here. If "
    "you live in {state}, please enter the ZIP code of your home there.",
    Refusal.ZIP_IN_SEVERAL_STATES: "{zip} lies in {found}: please name the state.",
    Refusal.NO_SUCH_STATE: "'{typed}' is no state: use two letters such as WI.",
    Refusal.STATE_NOT_NAMED: "Please name the state or the ZIP code too, such as 2 E Main St, Madison, WI 53703.",
    Refusal.ADDRESS_ELSEWHERE: "This address is in {found}, not in {state}, whose legislators are asked for here. If "
    "you live in {state}, please enter your home address there.",
    Refusal.ADDRESS_UNKNOWN: "We could not find this address. Please check the house number and the street, and leave "
    "out flat and suite; or choose your legislators by name.",
    Refusal.DISTRICTS_UNKNOWN: "We found this address on the map, but not its districts. Please choose your "
    "legislators by name.",
    Refusal.MILITARY_ADDRESS: "A military address (APO, FPO or DPO) lies in no district. Please enter the home "
    "address where you are registered to vote.",
    Refusal.PO_BOX: "A post office box does not tell where you live. Please enter the street address of your home; if "
    "it has none, choose your legislators by name.",
    Refusal.RURAL_ROUTE: "A rural route cannot be found on the map. Please enter the house number and road, as "
    "emergency services know your home, or choose your legislators by name.",
    Refusal.GENERAL_DELIVERY: "General delivery does not tell where you live. Please choose your legislators by name.",
    Refusal.NO_ADDRESS: "Please enter the house number and street of your home, such as 2 E Main St.",
    Refusal.OTHER_SCRIPT: "Please write the street as it stands on the street sign, in the letters A to Z, such as 2 E "
    "Main St; or choose your legislators by name.",
    Refusal.NO_HOUSE_NUMBER: "The house number is missing: please enter it with the street, such as 2 E Main St.",
    Refusal.NO_STREET: "The street is missing: please enter it with the house number, such as 2 E Main St.",
    Refusal.NO_TOWN: "There is a street like this in many towns. Please add the town and the state, or the ZIP code, "
    "such as 2 E Main St, Madison, WI 53703.",
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
    "census": "the address finder of the US Census Bureau",
    "nominatim": "an address finder of our own with data of OpenStreetMap",
    "pelias": "an address finder of our own",
}


def asked_words(kinds: Sequence[str]) -> str:
    """To whom a street goes when it is looked up; "" where it stays here."""
    return and_join([words for kind, words in _ASKED.items() if kind in kinds])


# Who found the point of an address, at the beginning of a clause; older drafts do not name the Census.


def refusal_sentence(refused: LookupRefused) -> str:
    """Why there are no districts, with a way on."""
    values = dict(refused.values)
    if "state" in values:
        values["state"] = STATES[values["state"]]
    if isinstance(refused, WrongState | SeveralStates):
        values["found"] = and_join([STATES.get(code) or TERRITORIES.get(code, code) for code in refused.found_states])
    return _REFUSALS[refused.code].format_map(values)


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
    for chamber, settlement in settlements(located.found).items():
        words = settlement_words(settlement, asks_streets=asks_streets)
        settled[chamber] = {"by": settlement.value, "words": words}
    return {
        "explanation": explanation(located.found, asks_streets=asks_streets),
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
    decides = "your street decides" if asks_streets else "please choose"
    return _by_zip(lookup, "" if is_answered else decides, is_answered=is_answered)


def _by_address(lookup: Found, *, is_answered: bool) -> str:
    """What the address told is the address's sentence; the rest is the ZIP code's."""
    places = []
    is_sure = True
    told = [chamber for chamber in lookup.told if chamber not in lookup.newer]
    for chamber in told:
        places.append(district_in_house(lookup.state, chamber, base_district(lookup.seats[chamber][0])))
        is_sure = is_sure and lookup.basis[chamber].confidence != UNSURE
    untold = [chamber for chamber in _by_our_lines(lookup) if chamber not in told]
    newer = _newer_sentences(lookup, is_answered=is_answered)
    if not places:
        return " ".join([f"Your address is in {STATES[lookup.state]}.", *newer])
    rest = _zip_sentences(lookup, untold, decides="your street did not tell which") + newer
    if is_sure:
        return " ".join([f"Your address is in {and_join(places)}.", *rest])
    doubts = [doubt_words(doubt) for doubt in lookup.doubts if doubt.code not in NEWER]
    reason = f": {'; '.join(dict.fromkeys(doubts))}" if doubts else ""
    please = "" if is_answered else " Please choose."
    sentence = f"Your address is probably in {and_join(places)}, but this is not certain{reason}.{please}"
    return " ".join([sentence, *rest])


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
        please = "" if is_answered else ", so please choose"
        sentences.append(f"{words[0].upper()}{words[1:]}: neither ZIP code nor street tells yours{please}.")
    return sentences


def _by_zip(lookup: Found, decides: str, *, is_answered: bool) -> str:
    if lookup.is_elsewhere:
        names = and_join([STATES[state] for state in lookup.other_states])
        if_here = f" If you live in {STATES[lookup.state]}, {decides}." if decides else ""
        return f"We know only roughly where {lookup.zip} lies, and have it in {names}.{if_here}"
    chambers = _by_our_lines(lookup)
    parts = _zip_sentences(lookup, chambers, decides=decides)
    has_districts = any(lookup.seats[chamber] for chamber in chambers)
    if lookup.seats.get("us_upper"):
        parts.insert(1 if has_districts else 0, _SENATORS.format(state=STATES[lookup.state]))
    if lookup.other_states:
        names = and_join([STATES[state] for state in lookup.other_states])
        parts.append(f"A part of it is in {names}: please check where you live.")
    return " ".join([*parts, *_newer_sentences(lookup, is_answered=is_answered), *_notes(lookup)])


_SENATORS = "The two U.S. Senators of {state} represent everybody there."


def _zip_sentences(lookup: Found, chambers: Sequence[str], *, decides: str) -> list[str]:
    """What the ZIP code says of these chambers, [] where there are none; and what `decides` among several districts, if
    that is still to be said.
    """
    counts = {} if lookup.is_elsewhere else _counts(lookup, chambers)
    listed = and_join([_count_of_districts(lookup.state, chamber, count) for chamber, count in counts.items()])
    missing = []
    is_guess = False
    for chamber in chambers:
        is_guess = is_guess or lookup.basis[chamber].method == "zip-guess"
        if not lookup.seats[chamber] or lookup.is_elsewhere:
            missing.append(chamber_words(lookup.state, chamber).house)
    parts = []
    if is_guess:
        parts.append(
            f"We know only roughly where {lookup.zip} lies, as with post office boxes and new ZIP codes. "
            "Please check that these are your legislators."
        )
    elif max(counts.values(), default=0) > 1:
        parts.append(f"{lookup.zip} lies in {listed}{': ' if decides else ''}{decides}.")
    elif listed:
        parts.append(f"{lookup.zip} lies in {listed}.")
    if missing:
        parts.append(f"We could not tell your {and_join(missing)} district from it.")
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
        notes.append("Each Idaho House district has two seats, A and B, and both represent you.")
    if lookup.state == "DC" and lookup.seats.get("legislature"):
        notes.append("The Chairman and the members at large represent everybody in the District of Columbia.")
    if lookup.state == "NH" and any(is_overlay(candidate) for candidate in lookup.seats.get("lower", ())):
        notes.append(
            "In New Hampshire some House districts, called floterial, lie over several others, "
            "so you may have representatives from both."
        )
    return notes


def _count_of_districts(state: str, chamber: str, count: int) -> str:
    """Such as "one Senate district" and "two Assembly districts"."""
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    noun = "ward" if state == "DC" and chamber == "legislature" else f"{chamber_words(state, chamber).house} district"
    return f"{number} {noun}{'' if count == 1 else 's'}"

"""ZIP codes as people type them, and what is known of those without districts."""

from __future__ import annotations

import re

from actionmail.rules.districts.refusals import BadZip, Refusal, UnknownZip

# Prefixes that the table has nothing for, and whose they are (USPS Publication 65, territories and military mail).
_MILITARY = re.compile(r"09\d|340|96[2-6]")
_TERRITORIES = {
    "006": "Puerto Rico",
    "007": "Puerto Rico",
    "009": "Puerto Rico",
    "008": "the Virgin Islands",
    "969": "Guam, the Northern Mariana Islands or a Pacific island state",
}
_SAMOA = "96799"


def normalise_zip(text: str) -> str:
    """Five digits, from "53703", " 537 03", "53703-1234" or "537031234". Raises BadZip."""
    match = re.fullmatch(r"([0-9]{5})(?:[-\u2010-\u2015]?[0-9]{4})?", "".join(text[:40].split()))
    if not match:
        raise BadZip
    return match[1]


def unknown_zip(zip5: str) -> UnknownZip:
    """Why the table has nothing for a ZIP code, to be raised: it is the military's, a territory's, or not known."""
    if _MILITARY.fullmatch(zip5[:3]):
        return UnknownZip(Refusal.MILITARY_ZIP, zip=zip5)
    territory = "American Samoa" if zip5 == _SAMOA else _TERRITORIES.get(zip5[:3])
    if territory:
        return UnknownZip(Refusal.TERRITORY_ZIP, zip=zip5, territory=territory)
    return UnknownZip(Refusal.UNKNOWN_ZIP, zip=zip5)

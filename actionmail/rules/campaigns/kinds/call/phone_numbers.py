"""Numbers to call: read in the numbering plan, shown, linked to, and taken apart to be read aloud.

The plan is libphonenumber's (phonenumbers). Only numbers of the United States and its territories are taken: a call to
any other, though it begins with +1 too, is one abroad, and 900 numbers cost whoever calls.

phonenumbers is imported when the first number is read: its tables take some 40 ms, which no command pays that reads
none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.campaigns.problems import CampaignValueError, LetterError
from actionmail.rules.districts.states import TERRITORIES

if TYPE_CHECKING:
    import phonenumbers

MAX_TYPED: Final = 60  # characters
RELAY: Final = "711"  # the relay for who cannot hear or speak, everywhere in the United States (47 CFR 64.603)
# Between number and extension. `;ext=` is RFC 3966's, but Android dials its letters as digits (";ext=12" as 39812) and
# iOS offers a button; a comma is a pause of some two seconds on both.
_PAUSE: Final = ",,"
_HERE: Final = frozenset({"US", "PR", *TERRITORIES})
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # what address books put around a number
_LETTERS = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, kw_only=True)
class PhoneNumber:
    """A number of the plan: ten `digits`, an `extension` of digits or "".

    `lettered` is how it was given where that has letters to remember it by ("1-800-FLOWERS"), else "".
    """

    digits: str
    extension: str = ""
    lettered: str = ""

    @property
    def e164(self) -> str:
        """Such as "+12024561111"; an extension is no part of it."""
        return f"+1{self.digits}"

    @property
    def tel_uri(self) -> str:
        """What a link on a phone dials: "tel:+12024561111,,12" with an extension, after pauses."""
        return f"tel:{self.e164}{_PAUSE}{self.extension}" if self.extension else f"tel:{self.e164}"

    @cached_property
    def national(self) -> str:
        """As it is written here, "202-456-1111"; its extension is `extension`."""
        import phonenumbers

        parsed = phonenumbers.PhoneNumber(country_code=1, national_number=int(self.digits))
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).removeprefix("+1 ")

    @property
    def groups(self) -> tuple[str, ...]:
        """The digits as they are read aloud, one by one, with a pause between groups: ("202", "456", "1111")."""
        return tuple(self.national.split("-"))

    @property
    def written(self) -> str:
        """What `phone_number` reads as this number: "202-456-1111 x12"."""
        if self.lettered:
            return self.lettered
        return f"{self.national} x{self.extension}" if self.extension else self.national


def phone_number(value: Any) -> PhoneNumber:
    """A number as people write it: with +1 or 1, dots, brackets, letters, an extension ("x12", "ext. 12", ",,12").

    Raises CampaignValueError, its code saying what is wrong.
    """
    import phonenumbers

    typed = _typed(value)
    try:
        parsed = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException as error:
        raise _unread(typed, error) from None
    given = phonenumbers.normalize_digits_only(typed)
    is_lettered = len(given) < 10 and _LETTERS.search(typed) is not None
    if is_lettered and not phonenumbers.is_valid_number(parsed):
        phonenumbers.truncate_too_long_number(parsed)  # phones dial seven letters and no more
    _check(parsed, given)
    digits, extension = phonenumbers.national_significant_number(parsed), parsed.extension or ""
    if not is_lettered and not given.endswith(digits + extension):
        raise CampaignValueError("call.several-numbers")
    return PhoneNumber(digits=digits, extension=extension, lettered=typed if is_lettered and not extension else "")


def _typed(value: Any) -> str:
    if not isinstance(value, str):
        raise CampaignValueError("value.no-text")
    if len(value) > MAX_TYPED:
        raise CampaignValueError("value.too-long", length=len(value), most=MAX_TYPED)
    try:
        typed = " ".join(plain(_MARKS.sub("", value)).split())
    except LetterError as error:
        raise CampaignValueError("value.in-text", problem=error.problem, line=error.line, column=error.column) from None
    if not typed:
        raise CampaignValueError("value.empty")
    return typed


def _unread(typed: str, error: phonenumbers.NumberParseException) -> CampaignValueError:
    import phonenumbers

    if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        return CampaignValueError("call.not-in-plan")
    digits = len(phonenumbers.normalize_digits_only(typed))
    if digits > 15:
        return CampaignValueError("call.several-numbers")
    if digits >= 10:
        return CampaignValueError("call.more-than-number")
    return CampaignValueError("call.no-number")


def _check(parsed: phonenumbers.PhoneNumber, given: str) -> None:
    """Raises CampaignValueError for a number that is none of the plan, or none to call."""
    import phonenumbers

    region = phonenumbers.region_code_for_number(parsed)
    if region is not None and region not in _HERE:
        raise CampaignValueError("call.other-country", region=region)
    if parsed.country_code != 1:
        raise CampaignValueError("call.other-country", region="")
    if phonenumbers.is_valid_number(parsed):
        if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
            raise CampaignValueError("call.premium-number")
        return
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    reasons = phonenumbers.ValidationResult
    if possible in (reasons.TOO_SHORT, reasons.IS_POSSIBLE_LOCAL_ONLY):
        raise CampaignValueError("call.too-short", length=len(given))
    if possible == reasons.TOO_LONG:
        raise CampaignValueError("call.more-than-number" if len(given) <= 11 else "call.too-long", length=len(given))
    raise CampaignValueError("call.not-in-plan")

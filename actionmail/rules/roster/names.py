"""Names as a greeting can take them: files have suffixes for family names, and names that stand backwards."""

from __future__ import annotations

import re

from msgspec import Struct

_SUFFIX = r"(?:jr|sr|i{2,3}|iv|vi{0,3}|esq|ph\.? ?d|m\.? ?d|d\.?d\.?s|j\.?d|r\.?n|usn|ret)\.?"
_ONLY_SUFFIX = re.compile(
    rf"{_SUFFIX}(?:[ ,]+{_SUFFIX})*[ ,]*", re.IGNORECASE
)  # apart, so that time grows with the text
_INITIAL = re.compile(r"\w\.?")
_BACKWARDS = re.compile(r"([^,]+), ?([^,]+)")


class PersonName(Struct, frozen=True, kw_only=True):
    """A name and its parts. Without a family name a letter greets by the whole name."""

    name: str
    given_name: str = ""
    family_name: str = ""


def greetable(known: PersonName) -> PersonName:
    """The same with its words in order, and without a family name that is none.

    "Example, Pat" is Pat Example; "Jr." and "J." are nobody's family name; a family name that begins the name while the
    given name ends it was exchanged with it.
    """
    name, family = known.name, known.family_name
    backwards = _BACKWARDS.fullmatch(name)
    if backwards and not _ONLY_SUFFIX.fullmatch(backwards[2]):
        name = f"{backwards[2]} {backwards[1]}"
    if "," in family and not _ends_in_suffix(family):
        family = ""
    if _ONLY_SUFFIX.fullmatch(family) or _INITIAL.fullmatch(family):
        family = ""
    if family and _is_exchanged(name, known.given_name, family):
        family = ""
    return PersonName(name=name, given_name=known.given_name, family_name=family)


def _ends_in_suffix(family: str) -> bool:
    return bool(_ONLY_SUFFIX.fullmatch(family.partition(",")[2].strip()))


def _is_exchanged(name: str, given: str, family: str) -> bool:
    words, given, family = name.casefold().split(), given.strip(" ,").casefold(), family.casefold()
    if len(words) < 2 or not given or given == family:
        return False
    return words[0] == family and words[-1] == given

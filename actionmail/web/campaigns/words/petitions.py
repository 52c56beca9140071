"""What stands on a petition's paper and in its table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from actionmail.flows.actions.petition_papers import Looked, Part, Signature, Unprintable
from actionmail.rules.actions.papers import PetitionCover, PetitionWords, PrintedComment, PrintedSignature, Sheet
from actionmail.rules.csv_export import Cell
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.titles import chamber_name, district_label

LANGUAGE = "en"
WORDS = PetitionWords(
    addressee="To",
    organisation="Organized by",
    dated="Date",
    number="Signatures",
    signatures="Signatures",
    comments="In the signers' own words",
    text="The petition",
    name="Name",
    place="City",
    state="State",
    signed_on="Signed on",
    nobody="Nobody has signed yet.",
)
TABLE_HEAD = ("Name", "City", "State", "District", "Signed on", "In their own words")
_PARTS = {Part.NAME: "the name", Part.CITY: "the city", Part.COMMENT: "the words"}


def sheet(title: str, organisation: str) -> Sheet:
    return Sheet(language=LANGUAGE, title=title, author=organisation, page_words="Page {number} of {total}")


def day(moment: datetime, timezone: str) -> str:
    """ "March 9, 2022" """
    return moment.astimezone(ZoneInfo(timezone)).strftime("%B %-d, %Y")


def cover(title: str, details: dict[str, Any], *, organisation: str, dated: str, number: int) -> PetitionCover:
    lines = (details["to"], details["to_title"], details["to_address"])
    return PetitionCover(
        addressee="\n".join(filter(None, lines)),
        title=title,
        text=details["text"],
        organisation=organisation,
        dated=dated,
        number=number,
        number_text=f"{number:,}",
    )


def printed(signature: Signature, timezone: str) -> PrintedSignature:
    return PrintedSignature(
        name=signature.name,
        place=place(signature),
        state=STATES.get(signature.state, ""),
        district=district(signature),
        signed_on=day(signature.signed_at, timezone),
    )


def row(signature: Signature, timezone: str) -> tuple[Cell, ...]:
    """A line of the table, under TABLE_HEAD."""
    line = printed(signature, timezone)
    return line.name, signature.city, line.state, line.district, line.signed_on, signature.comment


def printed_comment(signature: Signature) -> PrintedComment:
    where = ", ".join(filter(None, (place(signature), STATES.get(signature.state, ""))))
    return PrintedComment(name=signature.name, place=where, text=signature.comment)


def place(signature: Signature) -> str:
    """The city, or about where the ZIP code lies."""
    return signature.city or f"ZIP {signature.zip[:3]}…"


def district(signature: Signature) -> str:
    """ "Wisconsin Senate, District 26"; "" where the ZIP code settles none."""
    if not signature.district:
        return ""
    chamber, name = signature.district.split("/", 1)
    return f"{chamber_name(signature.state, chamber)}, {district_label(chamber, name)}"


def unprintable(looked: Looked) -> str:
    """What keeps the paper from being made, place by place, and what can be done."""
    lines = ["No font on this machine has these characters, so nothing was made:"]
    lines += map(_line, looked.unprintable)
    if looked.others:
        lines.append(f"  and {looked.others:,} more")
    lines.append(
        "--leave-out-comments makes the PDF without those comments; the CSV has them."
        if looked.is_only_comments
        else "Install a font that has them, such as fonts-noto-core or fonts-noto-cjk, and try again."
    )
    return "\n".join(lines)


def _line(unprintable: Unprintable) -> str:
    characters = " ".join(f"{character} (U+{ord(character):04X})" for character in unprintable.characters)
    if unprintable.part is Part.PETITION:
        return f"  the petition's own words: {characters}"
    return f"  {_PARTS[unprintable.part]} of {unprintable.name} (signature {unprintable.number}): {characters}"

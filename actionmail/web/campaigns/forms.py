"""The forms in which campaigns and letters are written, and what their fields show of what is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from wtforms import FieldList, Form, RadioField, SelectField, SelectMultipleField, StringField

from actionmail.flows.campaigns.choices import choices
from actionmail.flows.campaigns.refusals import FormRefused
from actionmail.rules.campaigns.branding import OWN_COLOURS
from actionmail.rules.campaigns.columns import MAX_THANKS
from actionmail.rules.campaigns.kinds import LETTER, kind_of
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.districts.time_zones import zones_of
from actionmail.rules.roster import titles
from actionmail.web.campaigns import kinds, words
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import area_field, box_field, choices_of, line_field, strip

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Boise",
)


_POSITIONS = choices_of((("support", "Support the bill"), ("oppose", "Oppose the bill")))


FONT_CHOICES = (
    ("", "The organisation's, or else those of the reader's device"),
    ("rounded", "Rounded"),
    ("humanist", "Humanist, as handwriting would be"),
    ("serif", "With serifs, as in a book"),
)


_CONFIRM = choices_of(
    (
        ("off", "Nobody: a letter goes out whoever typed the address."),
        ("new", "Whoever never confirmed here before: an address is asked until it said yes once."),
        ("always", "Everybody, each time: not even somebody who knows your address can write in your name."),
    )
)


_REVIEW = choices_of(
    (
        ("off", "Nobody's: a letter goes as its supporter wrote it."),
        ("edited", "Those with a word of the supporter's own; the campaign's own text goes at once."),
        ("all", "Everybody's."),
    )
)


class _Bill(Form):
    title = line_field("Title of the campaign", "The headline of its page.")
    session = line_field("Legislative session", "Such as 2027-2028.")
    bill = line_field("Number of the bill", "Such as SB 1161.")
    bill_title = line_field("The bill in plain words", "What it does, in one line.")
    position = RadioField("Your position", choices=_POSITIONS, validate_choice=False)
    organisation = line_field("Who runs the campaign", "The organisation's name, as it stands on the page.")
    timezone = SelectField("Time zone", choices=choices_of(zip(ZONES, ZONES, strict=True)), validate_choice=False)


class DraftForm(_Bill):
    kind = RadioField(
        "What supporters do",
        choices=choices_of([(kind.code, f"{kind.name}. {kind.about}") for kind in kinds.KINDS]),
        default=LETTER,
        validate_choice=False,
        description="It never changes. Session, bill and position are needed for letters alone.",
    )
    slug = line_field(
        "Its part of the page's address", "Small letters, digits and hyphens, such as sb1161. It never changes."
    )
    timezone = SelectField(
        "Time zone",
        choices=choices_of([("", "That in which most people of the state live"), *zip(ZONES, ZONES, strict=True)]),
        validate_choice=False,
        description="In it deadlines are meant, and days counted. For the whole country, choose one.",
    )
    state = SelectField(
        "State",
        choices=choices_of(
            [
                ("", "Choose a state, or leave this for the whole country"),
                *sorted(titles.STATES.items(), key=lambda state: state[1]),
            ]
        ),
        validate_choice=False,
        description="It never changes. A letter has to have one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fields = {
            name: self._fields[name] for name in dict.fromkeys(("kind", "title", "slug", "state", *self._fields))
        }

    def values(self) -> dict[str, Any]:
        zone = self.timezone.data or next(iter(zones_of((self.state.data or "",))), "")
        return {
            **self.data,
            "kind": self.kind.data or LETTER,
            "position": self.position.data or "",
            "timezone": zone,
        }


class DetailsForm(_Bill):
    stage = line_field("Where the bill stands (optional)", "Such as: Senate Public Safety Committee.")
    deadline = StringField(
        "Deadline (optional)",
        filters=[strip],
        description="Date and time in the campaign's time zone, such as 2027-02-11 09:00.",
        render_kw={"type": "datetime-local"},
    )
    deadline_label = line_field("The deadline in words (optional)", "Such as: Hearing on 11 February, 9:00.")
    goal = line_field("How many letters you hope for (optional)")
    erase_after_days = line_field(
        "Erase its supporters so many days after its end (optional)",
        "Who asked for news is kept. Say so in the line on privacy. Empty: they are erased on request alone.",
    )
    confirm = RadioField(
        "Who has to confirm their letter by mail?",
        choices=_CONFIRM,
        validate_choice=False,
        description=(
            "Until they do, nothing of theirs is sent or counted. After 7 days, or at the deadline, it ends unsent."
        ),
    )


class LetterDetailsForm(DetailsForm):
    """Of a campaign that writes letters."""

    shows_party = box_field("Parties of legislators are shown")
    asks_street = box_field(
        "Everybody has to give street and city",
        "They stand under the letter, and some offices heed no other. Else they may be left out.",
    )
    review = RadioField(
        "Whose letters do staff read before they go?",
        choices=_REVIEW,
        validate_choice=False,
        description=(
            "They wait under Letters to read, for four days at most or until the deadline; unread they end unsent."
        ),
    )


class PageForm(Form):
    summary = area_field("What the page says", "An empty line begins a paragraph.", 14)
    notice = area_field("A notice above everything (optional)", "Plain text.", 3)
    privacy_line = area_field("What becomes of supporters' data", "Plain text.", 4)


class PostForm(Form):
    posted_on = line_field("Day in the news (optional)", "Such as 2022-02-18. Left empty, it is the day when it opens.")
    organisation_url = line_field("The organisation's own page (optional)", "Such as https://example.org.")
    categories = area_field("Categories (optional)", "One short word on each line, such as Schools.", 3)
    listed = box_field("It stands in the news", "Else only who has the link comes to its page.")
    sites = area_field(
        "Other websites that may show its page within theirs (optional)",
        "One address on each line, such as https://example.org. Their visitors then take part there.",
        3,
    )
    link_url = line_field("A link to the whole text elsewhere (optional)", "Such as https://example.org/letter.")
    link_text = line_field("The words of that link (optional)", "Such as Read the full letter.")
    outcome = line_field(
        "What came of it (optional)", "In a sentence; it stands on the list once the campaign is over."
    )
    then = area_field(
        "What is offered after it (optional)",
        "On each line the last part of another campaign's address, such as sb1161. What supporters typed is filled in.",
        3,
    )


class LookForm(Form):
    thanks = area_field(
        "Your thanks on the receipt (optional)",
        f"In at most {MAX_THANKS} characters, as a person would say it. It has to be true for everybody: nobody has "
        "read their letter yet.",
        4,
    )
    colours = line_field(
        "Two colours (optional)",
        "A dark one, on which white letters stand, then a light one for bars and the next step, such as "
        f"{' '.join(OWN_COLOURS)}. Empty: those of the organisation.",
    )
    font = SelectField("Letters", choices=choices_of(FONT_CHOICES), validate_choice=False)


class TranslationForm(Form):
    title = line_field("Title of the campaign")
    bill_title = line_field("The bill in plain words", "A full stop follows it on the page.")
    stage = line_field("Where the bill stands")
    deadline_label = line_field("The deadline in words")
    summary = area_field("What the page says", "An empty line begins a paragraph.", 14)
    notice = area_field("The notice above everything", "Plain text.", 3)
    privacy_line = area_field("What becomes of supporters' data", "Plain text.", 4)
    picture_alt = line_field("What the picture shows", "For who cannot see it.")
    outcome = line_field("What came of it")
    thanks = area_field("The thanks on the receipt", "Plain text.", 4)


class TargetsForm(Form):
    chambers = SelectMultipleField("Supporters write to their own members of", validate_choice=False)


class CopyForm(Form):
    slug = line_field(
        "The copy's part of the page's address", "Small letters, digits and hyphens, such as sb1161-senate."
    )
    title = line_field("The copy's title")


def show(form: Form, refused: FormRefused) -> None:
    """Put each problem to its field, with the field's name, since the summary tells it too.

    Rows that are typed as lines of one field have theirs there, with the number of the line.
    """
    for key, problems in refused.faults.items():
        field, line = _field_of(form, key)
        sentences = [f"{line}{words.sentence(problem)}" for problem in problems]
        if isinstance(field, SelectField) and not field.data:
            sentences = ["Choose one."]
        label = field.label.text.removesuffix(" (optional)")
        field.errors = [*field.errors, *(f"{label}: {sentence}" for sentence in sentences)]


def _field_of(form: Form, key: str) -> tuple[Any, str]:
    """The field of a key, and which line of it, where rows are typed as lines of one field.

    A row's key "day-1-sessions-0-to" is the end of the second day's first session.
    """
    if key in form:  # such as "zh-Hans"
        return form[key], ""
    name, *rest = key.split("-")
    field: Any = form[name]
    for number, inner in zip(rest[::2], rest[1::2], strict=True):
        if not isinstance(field, FieldList):
            return field, f"In line {int(number) + 1}: "
        field = field.entries[int(number)].form[inner]
    return field, ""


def offer(form: Form, campaign: Campaign) -> None:
    """The choices that depend on the campaign."""
    kind = kinds.kind_of(campaign.kind)
    if kind.form is not None and isinstance(form, kind.form):
        with services().database.read() as db:
            kind.offer(form, choices(db, campaign.state) if campaign.state else None, campaign)
    elif "chambers" in form:
        with services().database.read() as db:
            offered = choices(db, campaign.state).chambers
        chambers: Any = form["chambers"]
        chambers.choices = choices_of(offered)
    if not kind_of(campaign.kind).writes_letters:
        for name in ("session", "bill", "bill_title", "position"):
            if name in form:
                form[name].label.text = f"{form[name].label.text.removesuffix(' (optional)')} (optional)"
        if "position" in form:
            position: Any = form["position"]
            position.choices = [*choices_of([("", "None")]), *_POSITIONS]
    if "deadline" in form and campaign.deadline_at:
        local = campaign.deadline_at.astimezone(ZoneInfo(campaign.timezone))
        sentence = f"It is saved as {local:%A, %B %-d, %Y, %-I:%M %p %Z}, in {campaign.timezone}."
        form["deadline"].description = f"{form['deadline'].description} {sentence}"
    if "timezone" in form and campaign.timezone not in ZONES:
        zone_field: Any = form["timezone"]
        zone_field.choices = choices_of([(zone, zone) for zone in (campaign.timezone, *ZONES)])


_LISTS = ("categories", "then", "sites")  # one on each line
_NUMBERS = ("goal", "erase_after_days")


def as_shown(campaign: Campaign, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is saved, as the fields show it."""
    shown = dict(stored)
    if deadline := shown.get("deadline"):
        shown["deadline"] = deadline.astimezone(ZoneInfo(campaign.timezone)).strftime("%Y-%m-%dT%H:%M")
    for name in _NUMBERS:
        if number := shown.get(name):
            shown[name] = str(number)
    if posted_on := shown.get("posted_on"):
        shown["posted_on"] = posted_on.isoformat()
    for name in _LISTS:
        if name in shown:
            shown[name] = "\n".join(shown[name])
    if "colours" in shown:
        shown["colours"] = " ".join(shown["colours"])
    return shown


def differing(form: Form, stored: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and saved text of every field that was typed differently."""
    differences = []
    for name, value in stored.items():
        if (value or "") != (typed[name] or ""):
            differences.append((form[name].label.text, _as_text(value)))
    return differences


def _as_text(value: Any) -> str:
    """What is saved, to read: of rows a line each, with the values in it."""
    if not isinstance(value, list):
        return str(value or "")
    if not value or isinstance(value[0], str):
        return ", ".join(value)
    return "\n".join(", ".join(filter(None, map(_as_text, row.values()))) for row in value)


def as_typed(form: Form) -> dict[str, Any]:
    """What stands in the fields."""
    typed = dict(form.data)
    for name, value in typed.items():
        if not value:
            typed[name] = [] if name == "chambers" else ""
    return typed


def look_typed(form: Form) -> dict[str, Any]:
    """The values of a page about looks: colours stand apart by spaces or commas."""
    typed = form.data
    return {**typed, "colours": typed["colours"].replace(",", " ").split(), "font": typed["font"] or ""}


def post_typed(form: Form) -> dict[str, Any]:
    """The values of the page about the news. Raises FormRefused for what is no day."""
    typed = form.data
    for name in _LISTS:
        typed[name] = [line.strip() for line in typed[name].split("\n") if line.strip()]
    try:
        typed["posted_on"] = date.fromisoformat(typed["posted_on"]) if typed["posted_on"] else None
    except ValueError:
        raise FormRefused({"posted_on": [Problem("form.no-day")]}) from None
    return typed


def details_typed(form: Form) -> dict[str, Any]:
    """The values of the details' page. Raises FormRefused for what is no date or number."""
    typed = form.data
    faults: dict[str, list[Problem]] = {}
    values = {**typed, "position": typed["position"] or "", "confirm": typed["confirm"] or ""}
    if "review" in typed:
        values["review"] = typed["review"] or ""
    try:
        values["deadline"] = datetime.fromisoformat(typed["deadline"]) if typed["deadline"] else None
    except ValueError:
        faults["deadline"] = [Problem("form.no-date")]
    for name in _NUMBERS:
        digits = typed[name].replace(",", "")
        if digits and not (digits.isdecimal() and digits.isascii() and len(digits) < 10):
            faults[name] = [Problem("form.no-whole-number")]
        else:
            values[name] = int(digits) if digits else None
    if faults:
        raise FormRefused(faults)
    return values

"""The forms in which campaigns and letters are written, and what their fields show of what is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from wtforms import Form, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from actionmail.flows.campaigns.refusals import FormRefused
from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT
from actionmail.rules.campaigns.lint import MAX_BODY
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.roster import titles
from actionmail.web.campaigns import words
from actionmail.web.campaigns.audience import AudienceFields
from actionmail.web.platform.fields import choices_of, line_ends, strip

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
SAMPLE_WORDS = ("gave street and city", "gave only a ZIP code", "has a very long name and address")


def _line(label: str, hint: str = "") -> StringField:
    return StringField(label, filters=[strip], description=hint)


def _area(label: str, hint: str = "", rows: int = 6) -> TextAreaField:
    return TextAreaField(label, filters=[line_ends], description=hint, render_kw={"rows": rows})


_POSITIONS = choices_of((("support", "Support the bill"), ("oppose", "Oppose the bill")))


_CONFIRM = choices_of(
    (
        ("off", "Nobody: a letter goes out whoever typed the address."),
        ("new", "Whoever never confirmed here before: an address is asked until it said yes once."),
        ("always", "Everybody, each time: not even somebody who knows your address can write in your name."),
    )
)


class _Bill(Form):
    title = _line("Title of the campaign", "The headline of its page.")
    session = _line("Legislative session", "Such as 2027-2028.")
    bill = _line("Number of the bill", "Such as SB 1161.")
    bill_title = _line("The bill in plain words", "What it does, in one line.")
    position = RadioField("Your position", choices=_POSITIONS, validate_choice=False)
    organisation = _line("Who runs the campaign", "The organisation's name, as it stands on the page.")
    timezone = SelectField("Time zone", choices=choices_of(zip(ZONES, ZONES, strict=True)), validate_choice=False)


class DraftForm(_Bill):
    slug = _line(
        "Its part of the page's address", "Small letters, digits and hyphens, such as sb1161. It never changes."
    )
    state = SelectField(
        "State",
        choices=choices_of([("", "Choose a state"), *sorted(titles.STATES.items(), key=lambda state: state[1])]),
        validate_choice=False,
        description="It never changes.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fields = {name: self._fields[name] for name in dict.fromkeys(("title", "slug", "state", *self._fields))}

    def values(self) -> dict[str, Any]:
        return {**self.data, "position": self.position.data or ""}


class DetailsForm(_Bill):
    stage = _line("Where the bill stands (optional)", "Such as: Senate Public Safety Committee.")
    deadline = _line("Deadline (optional)", "Date and time in the campaign's time zone, such as 2027-02-11 09:00.")
    deadline_label = _line("The deadline in words (optional)", "Such as: Hearing on 11 February, 9:00.")
    goal = _line("How many letters you hope for (optional)")
    confirm = RadioField(
        "Who has to confirm their letter by mail?",
        choices=_CONFIRM,
        validate_choice=False,
        description=(
            "Until they do, nothing of theirs is sent or counted. After 7 days, or at the deadline, it ends unsent."
        ),
    )


class PageForm(Form):
    summary = _area("What the page says", "An empty line begins a paragraph.", 14)
    notice = _area("A notice above everything (optional)", "Plain text.", 3)
    privacy_line = _area("What becomes of supporters' data", "Plain text.", 4)


class TranslationForm(Form):
    title = _line("Title of the campaign")
    bill_title = _line("The bill in plain words", "A full stop follows it on the page.")
    stage = _line("Where the bill stands")
    deadline_label = _line("The deadline in words")
    summary = _area("What the page says", "An empty line begins a paragraph.", 14)
    notice = _area("The notice above everything", "Plain text.", 3)
    privacy_line = _area("What becomes of supporters' data", "Plain text.", 4)


class TargetsForm(Form):
    chambers = SelectMultipleField("Supporters write to their own members of", validate_choice=False)


class LetterForm(AudienceFields):
    name = _line("Your name for this letter", "Only staff see it. Its versions are kept under it.")
    language = _line("Language", "A language tag: en, es, hmn, zh-Hans.")
    subjects = _area(
        "Subjects",
        f"One on each line, used in turn, of at most {MAX_SUBJECT} characters. Supporters can change it.",
        4,
    )
    opening = _area("Opening", "The greeting. Supporters cannot change it; their own words come right behind it.", 2)
    body = _area("Body", f"The reasons, at most {MAX_BODY:,} characters. Supporters can change it.", 16)
    closing = _area("Closing", "Thanks and signature. It must contain {{ supporter_name }}.", 5)
    legislator = SelectField("Preview for", choices=[], validate_choice=False)
    supporter = SelectField(
        "from a made-up supporter who",
        choices=choices_of([(str(number), words) for number, words in enumerate(SAMPLE_WORDS)]),
        validate_choice=False,
    )

    def values(self) -> dict[str, Any]:
        """A letter's columns. A closing's or opening's empty last lines say nothing."""
        return {
            "name": self.name.data,
            **self.audience(),
            "language": self.language.data,
            "subjects": [line.strip() for line in (self.subjects.data or "").split("\n") if line.strip()],
            **{part: (self[part].data or "").strip("\n") for part in ("opening", "body", "closing")},
        }


class CopyForm(Form):
    slug = _line("The copy's part of the page's address", "Small letters, digits and hyphens, such as sb1161-senate.")
    title = _line("The copy's title")


NEW_LETTER: Mapping[str, Any] = {
    "name": "",
    "language": "en",
    "subjects": [],
    "opening": "{{ salutation }}",
    "body": "",
    "closing": "Thank you for your time.\n\nSincerely,\n{{ supporter_name }}\n{{ address }}",
}


def show(form: Form, refused: FormRefused) -> None:
    """Put each problem to its field, with the field's name, since the summary tells it too."""
    for key, problems in refused.faults.items():
        field = form[key]
        sentences = [words.sentence(problem) for problem in problems]
        if isinstance(field, SelectField) and not field.data:
            sentences = ["Choose one."]
        label = field.label.text.removesuffix(" (optional)")
        field.errors = [*field.errors, *(f"{label}: {sentence}" for sentence in sentences)]


def offer(form: Form, campaign: Campaign) -> None:
    """The choices that depend on the campaign."""
    if "chambers" in form:
        offered = ("legislature",) if campaign.state in titles.ONE_CHAMBER else ("upper", "lower")
        chambers: Any = form["chambers"]
        chambers.choices = choices_of([(key, titles.chamber_name(campaign.state, key)) for key in offered])
    if "timezone" in form and campaign.timezone not in ZONES:
        zone_field: Any = form["timezone"]
        zone_field.choices = choices_of([(zone, zone) for zone in (campaign.timezone, *ZONES)])


def as_shown(campaign: Campaign, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is saved, as the fields show it."""
    shown = dict(stored)
    if deadline := shown.get("deadline"):
        shown["deadline"] = deadline.astimezone(ZoneInfo(campaign.timezone)).strftime("%Y-%m-%d %H:%M")
    if goal := shown.get("goal"):
        shown["goal"] = str(goal)
    return shown


def differing(form: Form, stored: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and saved text of every field that was typed differently."""
    differences = []
    for name, value in stored.items():
        if (value or "") != (typed[name] or ""):
            text = ", ".join(value) if isinstance(value, list) else str(value or "")
            differences.append((form[name].label.text, text))
    return differences


def as_typed(form: Form) -> dict[str, Any]:
    """What stands in the fields."""
    typed = dict(form.data)
    for name, value in typed.items():
        if not value:
            typed[name] = [] if name == "chambers" else ""
    return typed


def details_typed(form: Form) -> dict[str, Any]:
    """The values of the details' page. Raises FormRefused for what is no date or number."""
    typed = form.data
    faults: dict[str, list[Problem]] = {}
    values = {**typed, "position": typed["position"] or "", "confirm": typed["confirm"] or ""}
    try:
        values["deadline"] = datetime.fromisoformat(typed["deadline"]) if typed["deadline"] else None
    except ValueError:
        faults["deadline"] = [Problem("form.no-date")]
    digits = typed["goal"].replace(",", "")
    if digits and not (digits.isdecimal() and digits.isascii() and len(digits) < 10):
        faults["goal"] = [Problem("form.no-whole-number")]
    else:
        values["goal"] = int(digits) if digits else None
    if faults:
        raise FormRefused(faults)
    return values

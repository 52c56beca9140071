"""The filters of the send log as an address has them: what can be typed, what is meant, and how to take one away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, Optional, Regexp

from actionmail.flows.review.filters import CODE, Filter, Moment
from actionmail.flows.review.send_log import Choices
from actionmail.rules.campaigns.translations import OWN, languages
from actionmail.rules.delivery.states import State
from actionmail.web.platform.fields import sought, tidy
from actionmail.web.review.words import STATE_WORDS

UTC_NAME: Final = "UTC"
_ZONES: Final = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    UTC_NAME: UTC_NAME,
}
_MOMENTS: Final = {
    Moment.MADE: "the supporter sent it",
    Moment.ACCEPTED: "the mail server accepted it",
    Moment.BACK: "it came back",
}
_NO_MOMENT = "Write a day, such as 2026-03-04, or a day and a time, such as 2026-03-04 15:30."
_NO_CODE = "Write the code of an answer that was no yes, such as 550, or an enhanced one, such as 5.1.1."
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>|am\.\S+@\S+")
_DIGITS = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)
_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S")


class _Moment(StringField):
    """A day or a minute on the clocks of the form's zone; `at` has no zone. `is_day`: no time was written."""

    at: datetime | None = None
    is_day = False

    def process_formdata(self, valuelist: list[str]) -> None:
        text = tidy(valuelist[0]) if valuelist else ""
        self.data = text
        if not text:
            return
        try:
            self.at = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  # the zone is another field
            self.is_day = True
        except ValueError:
            self.at = _minute(text)
        if self.at is None or not 1970 <= self.at.year <= 9000:
            raise ValueError(_NO_MOMENT)

    @property
    def shown(self) -> str:
        """As the browser's field for a day and a time wants it; what is none of these as it was typed."""
        if self.at is None:
            return self.data or ""
        at = self.at.replace(hour=23, minute=59) if self.is_day and self.name == "until" else self.at
        return at.strftime("%Y-%m-%dT%H:%M")


def _minute(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is another field
        except ValueError:
            continue
    return None


def _line(label: str, longest: int) -> StringField:
    return StringField(label, filters=[tidy], validators=[Length(max=longest)])


def _number(label: str) -> StringField:
    checks = [Optional(), Regexp(_DIGITS, message="Write the number of an action, such as 1207.")]
    return StringField(label, filters=[tidy], validators=checks)


def _choice(label: str) -> SelectField:
    return SelectField(label, default="")


def _languages() -> list[SelectChoice]:
    installed = (OWN, *languages().values())
    return [SelectChoice("", "Any"), *(SelectChoice(language.tag, language.name) for language in installed)]


class FilterForm(Form):
    """Every field may be empty. `choose` gives the choices that depend on the database."""

    words = StringField(
        "Find a supporter, an address, words of a letter or a Message-ID",
        filters=[sought],
        validators=[Length(max=254)],
    )
    campaign = _choice("Campaign")
    letter = _choice("Letter")
    state = SelectField(
        "State",
        choices=[
            SelectChoice("", "Any"),
            *(SelectChoice(state.value, words.capitalize()) for state, words in STATE_WORDS.items()),
        ],
        default="",
    )
    target = _line("Legislator", 240)
    committee = _choice("Committee")
    us_state = _choice("State of the legislator")
    district = _line("District", 120)
    party = _choice("Party")
    domain = _line("Domain of the recipient", 254)
    code = StringField("Code in an answer", filters=[tidy], validators=[Optional(), Regexp(CODE, message=_NO_CODE)])
    answer = _line("Words in an answer", 254)
    language = SelectField(
        "Language of the supporter",
        choices=_languages,
        default="",
    )
    source = _line("Source code of the link", 40)
    moment = SelectField(
        "From and to are when",
        choices=[SelectChoice(moment.value, words) for moment, words in _MOMENTS.items()],
        default=Moment.MADE.value,
    )
    since = _Moment("From")
    until = _Moment("To")
    zone = _choice("On the clocks of")
    number = _line("Message-ID or number", 254)
    near = _number("From the network of the action with this number, within a day of it")
    alike = _number("With the own paragraph of the action with this number")

    def choose(self, choices: Choices) -> None:
        """What there is to choose from. Raises nothing; a value that is not there is told by `validate`."""
        self.titles = dict(choices.campaigns)
        self.campaign.choices = _all([*choices.campaigns])
        self.letter.choices = _all([(name, name) for name in choices.letters])
        self.committee.choices = _all([(key, f"{state}: {name}") for key, state, name in choices.committees])
        self.us_state.choices = _all([(state, state) for state in choices.states])
        self.party.choices = _all([(party, party) for party in choices.parties])
        own = choices.timezone
        zones = dict(_ZONES)
        if own:
            zones.setdefault(own, own)
        first = f"The campaign's: {zones[own]}" if own else UTC_NAME
        self.zone.choices = [SelectChoice("", first), *(SelectChoice(zone, name) for zone, name in zones.items())]
        self.own_zone = own or UTC_NAME

    @property
    def zone_name(self) -> str:
        """The time zone in which moments are typed and shown, "America/Chicago"."""
        return self.zone.data or self.own_zone

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def zone_words(self) -> str:
        return _ZONES.get(self.zone_name, self.zone_name)

    def wanted(self) -> Filter:
        """What is meant, once it is valid."""
        words, number = self.words.data or "", self.number.data or ""
        if words and not number and _MESSAGE_ID.fullmatch(words):
            words, number = "", words
        return Filter(
            campaign=self.campaign.data or "",
            letter=self.letter.data or "",
            state=State(self.state.data) if self.state.data else None,
            target=self.target.data or "",
            committee=self.committee.data or "",
            us_state=self.us_state.data or "",
            district=self.district.data or "",
            party=self.party.data or "",
            domain=(self.domain.data or "").removeprefix("@"),
            code=self.code.data or "",
            answer=self.answer.data or "",
            language=self.language.data or "",
            source=self.source.data or "",
            words=words,
            moment=Moment(self.moment.data),
            since=self._instant(self.since.at),
            until=self._instant(self._end()),
            number=number,
            near=int(self.near.data or 0),
            alike=int(self.alike.data or 0),
        )

    def _end(self) -> datetime | None:
        """The moment behind the last that is meant: a day or a minute counts whole."""
        if self.until.at is None:
            return None
        return self.until.at + (timedelta(days=1) if self.until.is_day else timedelta(minutes=1))

    def _instant(self, at: datetime | None) -> datetime | None:
        return at.replace(tzinfo=self.clock).astimezone(UTC) if at else None


def _all(values: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", "All"), *(SelectChoice(value, label) for value, label in values)]


class Chip(Struct, frozen=True, kw_only=True):
    """One filter that is set: "Campaign: Keep police out", and the filters that are left without it."""

    name: str
    words: str
    without: Mapping[str, str]


def set_values(form: FilterForm) -> dict[str, str]:
    """What is set, by field; `moment` and `zone` only where there are moments."""
    values = {}
    for field in form:
        value = (field.data or "") if isinstance(field.data, str) else ""
        if value and not (field.name == "moment" and value == Moment.MADE):
            values[field.name] = value
    if "since" not in values and "until" not in values:
        values.pop("moment", None)
    return values


def chips(form: FilterForm) -> Iterator[Chip]:
    """The filters that are set, but the zone, in the order of the form. The state has tabs of its own."""
    values = set_values(form)
    for name in values:
        if name in ("zone", "state", "moment"):
            continue
        without = {other: value for other, value in values.items() if other != name}
        if name == "campaign":
            without.pop("letter", None)
        yield Chip(name=name, words=f"{_label(form, name)}: {_shown(form, name)}", without=without)


def query_of(values: Mapping[str, str]) -> str:
    """The query of the log's address."""
    return urlencode(values)


def _label(form: FilterForm, name: str) -> str:
    if name == "words":
        return "Found"
    if name in ("since", "until") and form.moment.data != Moment.MADE:
        happened = "Accepted" if form.moment.data == Moment.ACCEPTED else "Came back"
        return f"{happened} {'from' if name == 'since' else 'to'}"
    return str(form[name].label.text)


def _shown(form: FilterForm, name: str) -> str:
    field = form[name]
    if isinstance(field, SelectField):
        for _value, label, is_chosen, _ in field.iter_choices():
            if is_chosen:
                return str(label)
    return str(field.data)

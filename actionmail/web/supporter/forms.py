"""The shape of what supporters type. Every refusal is a sentence for the field it stands at.

Only stray spaces at the ends are dropped, and what nobody sees (`rules/actions/invisible_marks`). Whether a ZIP code is
known or a letter may go is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import StopValidation

from actionmail.rules.actions.mail_domains import likely_meant
from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.campaigns.problems import LetterError
from actionmail.rules.roster.seats import PLAIN_ADDRESS
from actionmail.rules.speech import gettext, lazy, mark
from actionmail.web.campaigns.words import sentence
from actionmail.web.platform.fields import choices_of, line_ends, one_line, plain_email, plain_number

MAX_NAME = 120
MAX_EMAIL = 254  # RFC 5321 4.5.3.1.3
MAX_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
MAX_STREET = 200
MAX_CITY = 120
MAX_PHONE = 40
MAX_PERSONAL = 2_000
MAX_BODY = 5_000

_NO_SUBJECT = lazy("Write a subject for your letter, or leave the campaign's, which stands here again.")
_NO_BODY = lazy("The letter is empty, so the campaign's text stands here again. Change it as you like.")

# What turns the direction of the text around it, or ends a line, has no place in one line of a letter: what
# `letter_language.plain` refuses, and the two separators.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Telephones' own books write a pause as a comma or a semicolon, and keys to press as # and *.
_NOT_IN_PHONES = re.compile(r"[^\d\s()+./x,;#*\u00b7\u30fb-]")
_EXTENSION = re.compile(r"ext(?:ension)?")
_TURNS_TEXT = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def canonical_email(text: str) -> str:
    """The address as letters carry it, as it was meant and with an A-label domain.

    Raises ValueError with the reason in plain words.
    """
    text = plain_email(text)
    if "@" not in text:
        raise ValueError(gettext('This e-mail address has no "@". Enter one like name@example.org.'))
    if len(text) > MAX_EMAIL:
        raise ValueError(
            gettext("This e-mail address is too long: it may have %(most)s characters at most.", most=MAX_EMAIL)
        )
    if re.search(r"@[^@]*[\s,;][^@]*@", text):
        raise ValueError(gettext("Enter only one e-mail address."))
    if PLAIN_ADDRESS.fullmatch(text) and (plain_local := text.partition("@")[0]).islower():
        return plain_local + text[len(plain_local) :].lower()  # as the library would say
    from email_validator import EmailNotValidError, validate_email  # here, since few addresses need it

    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError(_plain_reason(text)) from None
    if len(address.local_part) > MAX_LOCAL_PART:
        raise ValueError(
            gettext('This e-mail address has more than %(most)s characters before the "@".', most=MAX_LOCAL_PART)
        )
    return address.ascii_email or address.normalized


def _plain_reason(text: str) -> str:
    """What is the matter with an address that is none: asked of the address, since the library tells it in prose."""
    local, _, domain = text.rpartition("@")
    shown = _short(domain)
    reasons = (
        (bool(re.search("[<>]", text)), lazy("Enter the e-mail address alone, without a name or < > around it.")),
        (not local, lazy('Something is missing before the "@" of this e-mail address.')),
        (not domain, lazy('Something is missing after the "@" of this e-mail address, such as example.org.')),
        ("." not in domain and _is_host(domain), lazy('"%(domain)s" needs a dot and an ending, such as example.org.')),
        (bool(re.search(r"\s", text)), lazy("An e-mail address has no spaces in it.")),
        (
            not local.isascii(),
            lazy('Before the "@", only the letters a to z can be used here. Do you have another e-mail address?'),
        ),
        ("," in text, lazy("There is a comma in this e-mail address; should it be a dot?")),
        (
            _has_stray_dot(local) or _has_stray_dot(domain),
            lazy(
                "A dot stands in the wrong place in this e-mail address: check its beginning, its end and double dots."
            ),
        ),
        (_is_special(domain), lazy('No e-mail can be sent to "%(domain)s". Check the part after the "@".')),
    )
    for is_it, reason in reasons:
        if is_it:
            return gettext(reason, domain=shown)
    return gettext("Check this e-mail address: it should look like name@example.org.")


def _is_host(domain: str) -> bool:
    return bool(re.fullmatch(r"[\w-]+", domain))


def _has_stray_dot(part: str) -> bool:
    return part.startswith(".") or part.endswith(".") or ".." in part


def _is_special(domain: str) -> bool:
    """Whether it is, or lies in, a name that no mail goes to (RFC 6761, as the library lists them)."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    name = domain.lower().rstrip(".")
    return any(name == special or name.endswith(f".{special}") for special in SPECIAL_USE_DOMAIN_NAMES)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# What each text is called in English, and the sentences about it: no language joins a name to the rest as English does.
_NOT_ONE_LINE: Final = {
    what: lazy(sentence)
    for what, sentence in (
        ("Your name", mark("Your name must be one line, without line breaks or invisible control characters.")),
        ("Your role", mark("Your role must be one line, without line breaks or invisible control characters.")),
        (
            "Your e-mail address",
            mark("Your e-mail address must be one line, without line breaks or invisible control characters."),
        ),
        ("The ZIP code", mark("The ZIP code must be one line, without line breaks or invisible control characters.")),
        ("The street", mark("The street must be one line, without line breaks or invisible control characters.")),
        ("The city", mark("The city must be one line, without line breaks or invisible control characters.")),
        (
            "The phone number",
            mark("The phone number must be one line, without line breaks or invisible control characters."),
        ),
        ("The subject", mark("The subject must be one line, without line breaks or invisible control characters.")),
        (
            "The organisation's name",
            mark("The organisation's name must be one line, without line breaks or invisible control characters."),
        ),
    )
}
_TOO_LONG: Final = {
    "Your name": lazy("Your name may have %(most)s characters at most; this has %(count)s."),
    "Your role": lazy("Your role may have %(most)s characters at most; this has %(count)s."),
    "Your e-mail address": lazy("Your e-mail address may have %(most)s characters at most; this has %(count)s."),
    "The ZIP code": lazy("The ZIP code may have %(most)s characters at most; this has %(count)s."),
    "The street": lazy("The street may have %(most)s characters at most; this has %(count)s."),
    "The city": lazy("The city may have %(most)s characters at most; this has %(count)s."),
    "The phone number": lazy("The phone number may have %(most)s characters at most; this has %(count)s."),
    "The subject": lazy("The subject may have %(most)s characters at most; this has %(count)s."),
    "The organisation's name": lazy(
        "The organisation's name may have %(most)s characters at most; this has %(count)s."
    ),
    "The answer": lazy("The answer may have %(most)s characters at most; this has %(count)s. Please shorten it."),
    "Your own words": lazy(
        "Your own words may have %(most)s characters at most; this has %(count)s. Please shorten it."
    ),
    "Your comment": lazy("Your comment may have %(most)s characters at most; this has %(count)s. Please shorten it."),
    "Your note": lazy("Your note may have %(most)s characters at most; this has %(count)s. Please shorten it."),
    "The letter": lazy("The letter may have %(most)s characters at most; this has %(count)s. Please shorten it."),
    "The text": "The text may have %(most)s characters at most; this has %(count)s. Please shorten it.",  # staff's
}


def one_line_fault(text: str, what: str, limit: int) -> str:
    """Why `text` cannot be one line of a letter, or "". `what` begins the sentence: "Your name"."""
    # What can be printed, as nearly every text, has none of these: it is not looked at character by character.
    if not text.isprintable() and any(unicodedata.category(c) in _NOT_IN_A_LINE or c in _TURNS_TEXT for c in text):
        return str(_NOT_ONE_LINE[what])
    if len(text) > limit:
        return gettext(_TOO_LONG[what], most=limit, count=f"{len(text):,}")
    return ""


def _is_told(text: str | None) -> bool:
    return any(unicodedata.category(c)[0] in "LN" for c in text or "")


class OneLine:
    """Refuses more than one line of at most `limit` characters; an empty one gets `missing`, where that is given."""

    def __init__(self, what: str, limit: int, missing: str = "") -> None:
        self.what, self.limit, self.missing = what, limit, missing

    def __call__(self, form: Any, field: Field) -> None:
        text = field.data or ""
        if self.missing and not _is_told(text):
            raise StopValidation(one_line_fault(text, self.what, self.limit) or str(self.missing))
        if fault := one_line_fault(text, self.what, self.limit):
            raise StopValidation(fault)


class _Form(FlaskForm):  # type: ignore[misc]
    """Without a token of its own: `platform.security` has looked at the request's before a form is made of it."""

    class Meta:
        csrf = False


class WhoFields(_Form):
    """Who acts, whatever it is that they do."""

    name = StringField(
        lazy("Full name"),
        filters=[one_line],
        validators=[OneLine("Your name", MAX_NAME, lazy("Enter your full name."))],
    )
    email = StringField(lazy("E-mail address"), filters=[plain_email])
    asked = HiddenField(filters=[plain_email])  # the address about which "did you mean" was asked
    zip = StringField(
        lazy("ZIP code"),
        filters=[plain_number],
        validators=[OneLine("The ZIP code", 20, lazy("Enter the ZIP code where you live."))],
    )

    remember = BooleanField(lazy("Fill this in for me next time, on this device"))

    def validate_email(self, field: Field) -> None:
        if not field.data:
            raise StopValidation(gettext("Enter your e-mail address."))
        if fault := one_line_fault(field.data, "Your e-mail address", 10_000):
            raise StopValidation(fault)
        try:
            address = canonical_email(field.data)
        except ValueError as error:
            raise StopValidation(str(error)) from None
        if self.asked.data != field.data and (meant := likely_meant(address.rpartition("@")[2])):
            self.asked.data = field.data
            raise StopValidation(
                gettext(
                    "Did you mean %(address)s? If your address is right as it stands, press the button again.",
                    address=f"{address.rpartition('@')[0]}@{meant}",
                )
            )


class WhoForm(WhoFields):
    """Step 1 of a letter: who is writing. `needs_address`: neither street nor city may stay empty."""

    needs_address = False
    street = StringField(lazy("Street address"), filters=[one_line], validators=[OneLine("The street", MAX_STREET)])
    city = StringField(lazy("City"), filters=[one_line], validators=[OneLine("The city", MAX_CITY)])
    phone = StringField(
        lazy("Phone number"), filters=[plain_number], validators=[OneLine("The phone number", MAX_PHONE)]
    )

    def validate_street(self, field: Field) -> None:
        if self.needs_address and not _is_told(field.data):
            raise StopValidation(gettext("Enter your house number and street, such as 2 E Main St."))

    def validate_city(self, field: Field) -> None:
        if self.needs_address and not _is_told(field.data):
            raise StopValidation(gettext("Enter your city."))

    def validate_phone(self, field: Field) -> None:
        if field.data and (
            not re.search(r"\d", field.data) or _NOT_IN_PHONES.search(_EXTENSION.sub("x", field.data.lower()))
        ):
            raise StopValidation(gettext("Enter a phone number with digits, such as 608 555 0100, or leave it empty."))

    def typed(self) -> dict[str, str]:
        return {name: self[name].data for name in ("name", "email", "zip", "street", "city", "phone")}


class AddressForm(_Form):
    """The street that decides where the ZIP code does not."""

    street = StringField(
        lazy("House number and street"),
        filters=[one_line],
        validators=[
            OneLine("The street", MAX_STREET, lazy("Enter your house number and street, such as 2 E Main St."))
        ],
    )
    city = StringField(lazy("City"), filters=[one_line], validators=[OneLine("The city", MAX_CITY)])


def choose_form(questions: Iterable[tuple[str, str, list[tuple[str, str]]]], chosen: dict[str, str]) -> FlaskForm:
    """One group of radio buttons per (chamber, legend, choices); nothing is ticked that the supporter did not tick."""
    fields: dict[str, Any] = {}
    for chamber, legend, choices in questions:
        fields[chamber] = RadioField(
            legend,
            choices=choices_of(choices),
            default=chosen.get(chamber),
            validate_choice=False,
            validators=[_chosen({value for value, _ in choices})],
        )
    form: FlaskForm = type("ChooseForm", (_Form,), fields)()
    return form


def _chosen(values: set[str]) -> Any:
    def check(form: Any, field: Field) -> None:
        if field.data not in values:
            raise StopValidation(gettext("Choose one of these answers."))

    return check


def free_text(what: str, limit: int, missing: str = "") -> Any:
    def check(form: Any, field: Field) -> None:
        text = field.data or ""
        if missing and not text.strip():
            raise StopValidation(str(missing))
        if len(text) > limit:
            raise StopValidation(gettext(_TOO_LONG[what], most=f"{limit:,}", count=f"{len(text):,}"))
        try:
            plain(text)
        except LetterError as error:
            raise StopValidation(
                gettext("In line %(line)s: %(reason)s", line=error.line, reason=sentence(error.problem))
            ) from None

    return check


def letter_form(letters: int, values: dict[str, Any], *, typed: Any = None) -> FlaskForm:
    """Step 2, for as many letters; the fields are subject_1, body_1, subject_2, …

    `values` are those of the draft, by the fields' names; of each letter there is one. `typed` is what stands in place
    of what was posted, where no page was.
    """
    if typed is not None:
        given: FlaskForm = _letter_form(letters)(formdata=typed)
        return given
    form: FlaskForm = _letter_form(letters)(data=values)
    return form


@lru_cache(maxsize=32)
def _letter_form(letters: int) -> type[FlaskForm]:
    """Making a class of fields takes longer than filling it."""
    fields: dict[str, Any] = {
        "personal": TextAreaField(
            lazy("Why does this matter to you?"),
            filters=[line_ends],
            validators=[free_text("Your own words", MAX_PERSONAL)],
            default="",
        ),
    }
    for number in range(1, letters + 1):
        fields[f"subject_{number}"] = StringField(
            lazy("Subject"),
            filters=[one_line],
            validators=[OneLine("The subject", MAX_SUBJECT, _NO_SUBJECT)],
        )
        fields[f"body_{number}"] = TextAreaField(
            lazy("Your letter"),
            filters=[line_ends],
            validators=[free_text("The letter", MAX_BODY, _NO_BODY)],
        )
    fields["consent"] = BooleanField(lazy("Send this in my name"))
    fields["updates"] = BooleanField(lazy("E-mail me updates"))
    fields["copy"] = BooleanField(lazy("Mail me a copy"))
    fields["ask"] = BooleanField(lazy("Ask me in two weeks whether they answered"))
    fields["quote"] = BooleanField(lazy("You may quote my own words"))
    return type("LetterForm", (_Form,), fields)

"""A statement that organisations sign: their form, the public list, and by when they sign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation

from actionmail.flows.actions import logos, organisations
from actionmail.flows.lookup.by_zip import Home
from actionmail.rules.actions.organisations import (
    MAX_NOTE,
    MAX_ORGANISATION,
    MAX_ROLE,
    MAX_WEBSITE,
    MOST_SCRIPTS,
    NoWebsite,
    WebsiteFault,
    scripts_in,
    website_of,
)
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.districts.states import STATES
from actionmail.rules.moments import clock_and_zone, weekday_date
from actionmail.rules.speech import gettext, lazy, ngettext
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, line_ends, one_line, plain_email
from actionmail.web.supporter.forms import MAX_CITY, OneLine, free_text
from actionmail.web.supporter.kinds.kind import Kind, TakeForm, Texts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_WEBSITE_FAULTS: Final[Mapping[WebsiteFault, str]] = {
    WebsiteFault.LONG: lazy("The website's address may have %(most)s characters at most."),
    WebsiteFault.NO_ADDRESS: lazy("Enter the address of a website, such as https://example.org, or leave it empty."),
    WebsiteFault.NO_HOST: lazy(
        "No website can be called so. Check the address, such as example.org, or leave it empty."
    ),
}
_STATES: Final = [("", lazy("Choose a state")), *sorted(STATES.items(), key=lambda entry: entry[1])]


def _tidy(text: str | None) -> str:
    """As it was meant, with single spaces; other white space is refused where it stands, not made a space."""
    return " ".join(part for part in one_line(text).split(" ") if part)


class OrganisationFields(FlaskForm):  # type: ignore[misc]
    """What the public sees of an organisation, and what its receipt's link corrects."""

    organisation = StringField(
        lazy("Organisation"),
        filters=[_tidy],
        validators=[OneLine("The organisation's name", MAX_ORGANISATION, lazy("Enter your organisation's name."))],
    )
    website = StringField(lazy("Website"), filters=[_tidy])
    city = StringField(
        lazy("City"),
        filters=[_tidy],
        validators=[OneLine("The city", MAX_CITY, lazy("Enter the city of your organisation."))],
    )
    state = SelectField(lazy("State"), choices=choices_of(_STATES), validate_choice=False)

    def validate_organisation(self, field: Field) -> None:
        count = scripts_in(field.data or "")
        if count > MOST_SCRIPTS:
            raise StopValidation(
                gettext(
                    "This name is written in %(count)s scripts, such as Latin and Cyrillic; it may have %(most)s at "
                    "most. Enter it as your organisation writes it.",
                    count=count,
                    most=MOST_SCRIPTS,
                )
            )

    def validate_website(self, field: Field) -> None:
        try:
            website_of(field.data or "")
        except NoWebsite as error:
            raise StopValidation(gettext(_WEBSITE_FAULTS[error.fault], most=MAX_WEBSITE)) from None

    def validate_state(self, field: Field) -> None:
        if field.data not in STATES:
            raise StopValidation(gettext("Choose the state of your organisation."))

    def typed(self) -> dict[str, str]:
        """As it is kept, of a form that is valid."""
        return {
            "organisation": self.organisation.data or "",
            "website": website_of(self.website.data or ""),
            "city": self.city.data or "",
            "state": self.state.data or "",
        }


class SignForm(OrganisationFields, TakeForm):
    """In the order of the page, in which its summary tells what is wrong."""

    zip = None  # type: ignore[assignment]  # the place is the organisation's, and no district follows from it
    is_another = BooleanField(lazy("Ours is another organisation"))
    name = StringField(
        lazy("Your full name"), filters=[_tidy], validators=[OneLine("Your name", 120, lazy("Enter your full name."))]
    )
    role = StringField(
        lazy("Your role"), filters=[_tidy], validators=[OneLine("Your role", MAX_ROLE, lazy("Enter your role there."))]
    )
    email = StringField(lazy("E-mail address"), filters=[plain_email])
    note = TextAreaField(
        lazy("Note to the staff"), filters=[line_ends], validators=[free_text("Your note", MAX_NOTE)], default=""
    )
    consent = BooleanField(lazy("I may sign for it, and its name, website, city and state may be published"))


def _place(form: SignForm) -> Home:
    return Home(zip="", state=form.state.data or "", districts=(), data_version="")


def _details(form: SignForm) -> dict[str, Any]:
    return {
        **form.typed(),
        "role": form.role.data or "",
        "note": plain(form.note.data or "").strip(),
        "is_another": bool(form.is_another.data),
    }


def _shown(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    deadline, now = campaign.deadline_at, services().clock()
    return {
        "signers": organisations.public_signers(session, campaign),
        "logos": logos.public(session, campaign),
        "states": STATES,
        "max_note": MAX_NOTE,
        "deadline_words": until_words(deadline.astimezone(ZoneInfo(campaign.timezone))) if deadline else "",
        "in_grace": deadline is not None and campaign.closes_at is not None and deadline <= now < campaign.closes_at,
    }


def until_words(deadline: datetime) -> str:
    """ "by Wednesday, March 9, 2022" where it ends with that day, else with the hour too."""
    if f"{deadline:%H:%M}" == "00:00":
        deadline -= timedelta(minutes=1)
    day = weekday_date(deadline)
    if f"{deadline:%H:%M}" == "23:59":
        return gettext("by %(day)s", day=day)
    return gettext("by %(day)s, %(time)s", day=day, time=clock_and_zone(deadline))


KIND: Final = Kind(
    code="statement",
    name=lazy("Statement"),
    act=lazy("Sign for your organisation"),
    counted=lambda count: ngettext("%(count)s organisation has signed", "%(count)s organisations have signed", count),
    form=SignForm,
    place=_place,
    details=_details,
    shown=_shown,
    texts=Texts(
        done=lazy("Your organisation's signature is here"),
        waiting=lazy("Not signed yet: please confirm"),
        undone=lazy("You withdrew your organisation's signature"),
        undo=lazy("Withdraw our signature"),
        confirm=lazy("Yes, we sign it"),
        must_consent=lazy("Tick this box to say that you may sign for the organisation."),
        before=lazy(
            "Somebody signed this statement with this mailbox already, so nothing was added. It takes one "
            "organisation from each. The link on the receipt corrects it; for a second one, give another address."
        ),
        closed=lazy("“%(campaign)s” takes no signatures any more. Thank you for wanting to sign."),
        paused=lazy("“%(campaign)s” takes no signatures at the moment. Please come back later."),
        early=lazy("“%(campaign)s” takes no signatures yet. Please come back later."),
    ),
)

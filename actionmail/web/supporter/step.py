"""Where a supporter stands between the steps: what they typed so far, and which seats follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, render_template, request, session
from werkzeug.exceptions import NotFound

from actionmail.flows.actions import drafts, submitting, visits
from actionmail.flows.actions.composing import Supporter
from actionmail.flows.campaigns import content, opening, reading
from actionmail.flows.lookup import by_address, by_zip
from actionmail.flows.lookup.congress_age import with_doubt_of_age
from actionmail.flows.lookup.settling import is_certain, settlements, uncertain
from actionmail.rules.campaigns.kinds import kind_of
from actionmail.rules.campaigns.sharing import SOURCE, source_of
from actionmail.rules.districts.addresses import Address, is_box
from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.districts.refusals import LookupRefused, SeveralStates
from actionmail.rules.districts.settlement import NOT_SURE_ANSWER, Settlement
from actionmail.rules.districts.zip_codes import normalise_zip
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.platform.context import services
from actionmail.web.supporter.following import follow
from actionmail.web.supporter.forms import canonical_email

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.in_force import InForce
    from actionmail.flows.campaigns.recipients import Targets

bp = Blueprint("supporter", __name__)

MISTAKES: Final = "mistakes"  # what is wrong with a page: in a draft's values, and behind that page's question mark
_REMEMBERED = 8  # drafts of as many campaigns find room in one cookie


_RECEIPT_SECONDS = 30 * 60  # that a browser which others may use next knows the way to a receipt


class Shut(Exception):
    """The campaign takes no letters; `sentence` says what that means for what was just posted."""

    def __init__(self, campaign: Campaign, sentence: str = "") -> None:
        super().__init__(sentence)
        self.campaign = campaign
        self.sentence = sentence


class NoCampaign(NotFound):
    """There is none at this address."""


class StartOver(Exception):
    """What the supporter typed in step 1 is not kept any more; or `sentence` says why it is not to be sent so."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a supporter stands after step 1. `seats` is None while they still have to choose.

    `values` hold nothing that was found or chosen for another home than the one in them, nor found by other lines than
    those of now.
    """

    campaign: Campaign
    targets: Targets | None  # None where it is not about letters
    key: str
    values: dict[str, Any]
    supporter: Supporter
    lookup: by_zip.Found
    seats: list[tuple[str, str]] | None

    @property
    def place(self) -> dict[str, Any] | None:
        """What their street told, as it is kept: no street in it."""
        return _place(self.values)

    @cached_property
    def settlements(self) -> dict[str, Settlement]:
        """How each chamber is settled, with what they answered so far."""
        return settlements(self.lookup, self.values.get("seats", {}))


def seats_of(lookup: by_zip.Found, chosen: dict[str, str]) -> list[tuple[str, str]] | None:
    """The supporter's seats: what is certain, and what they chose; None while an answer is missing."""
    seats = []
    for chamber in lookup.seats:
        options = {option_value(option): option for option in lookup.every_option(chamber)}
        if not options or (chosen.get(chamber) == NOT_SURE_ANSWER and not is_certain(lookup, chamber)):
            continue
        value = next(iter(options)) if is_certain(lookup, chamber) else chosen.get(chamber)
        if value not in options:
            return None
        seats += [(candidate.chamber, candidate.district) for candidate in options[value]]
    return seats


def needs_choice(lookup: by_zip.Found) -> bool:
    """Whether the supporter is asked: between districts, or for a street where the ZIP code told of another state."""
    return bool(uncertain(lookup)) or lookup.is_elsewhere


def option_value(option: Iterable[Any]) -> str:
    """What stands for one alternative in the form, the draft and the action: its districts."""
    return "+".join(candidate.district for candidate in option)


def letter_step(db: Session | Connection, slug: str) -> Step:
    """As `step_of`, of a campaign that writes letters. Raises StartOver for another too."""
    key = draft_key(slug)
    return letter_step_of(db, slug, key, visits.visit(db, slug, key))


def letter_step_of(db: Session | Connection, slug: str, key: str, visit: visits.Visit) -> Step:
    """The same, where the draft was read already."""
    step = _step_of(db, slug, key, visit)
    if not kind_of(step.campaign.kind).writes_letters:
        raise StartOver
    return step


def step_of(db: Session | Connection, slug: str) -> Step:
    """Where the supporter stands. Raises StartOver where their draft is gone, or where nobody's legislators are looked
    up, and Shut with their campaign.
    """
    key = draft_key(slug)
    return _step_of(db, slug, key, visits.visit(db, slug, key))


def _step_of(db: Session | Connection, slug: str, key: str, visit: visits.Visit) -> Step:
    snapshot = open_in_force(slug, visit.version)
    return step_in(db, snapshot.campaign, key, visit.values, targets=snapshot.targets)


def step_in(
    db: Session | Connection,
    campaign: Campaign,
    key: str,
    values: dict[str, Any] | None,
    *,
    targets: Targets | None = None,
) -> Step:
    """The same of a campaign and the values of a draft that are at hand. Raises StartOver."""
    # Letters may go to a committee alone: then nobody's legislators are looked up, and there are steps all the same.
    has_steps = kind_of(campaign.kind).writes_letters or reading.looked_up(campaign)
    if values is None or "who" not in values or not has_steps:
        raise StartOver
    typed = values["who"]
    try:
        lookup = found_by_zip(campaign, typed["zip"], typed["street"], typed.get("state", ""))
    except LookupRefused:  # another district table than at step 1
        raise StartOver from None
    values = _of_this_home(values, _home(typed, lookup))
    place = _place(values)
    if place and place["data_version"] != _lines_version(campaign, lookup.state):
        values, place = {**values, "place": None}, None  # an import brought other lines since
    if place:
        lookup = by_address.restore(
            lookup,
            place["told"],
            basis=place["basis"],
            data_version=place["data_version"],
            doubts=[_doubt(doubt) for doubt in place["doubts"]],
        )
    lookup = by_zip.with_every_district(services().districts, lookup)
    lookup = with_doubt_of_age(db, services().districts, lookup)
    supporter = Supporter(
        name=" ".join(typed["name"].split()),
        email=canonical_email(typed["email"]) if typed["email"] else "",
        zip=lookup.zip,
        street=" ".join(typed["street"].split()),
        city=" ".join(typed["city"].split()),
        phone=" ".join(typed["phone"].split()),
    )
    seats = seats_of(lookup, values.get("seats", {}))
    return Step(
        campaign=campaign,
        targets=targets,
        key=key,
        values=values,
        supporter=supporter,
        lookup=lookup,
        seats=seats,
    )


def _place(values: dict[str, Any]) -> dict[str, Any] | None:
    """What the street told. A draft of an older version lacks what it rests on: then the street is asked for again."""
    place: dict[str, Any] | None = values.get("place")
    return place if place and "basis" in place and "doubts" in place else None


def _lines_version(campaign: Campaign, state: str) -> str:
    """Of what streets are looked up in; "" where a map cannot be read."""
    chambers = reading.looked_up(campaign)
    try:
        return by_address.lines_version(services().districts, services().atlas, state=state, chambers=chambers)
    except DatasetError:
        return ""


def _home(typed: dict[str, str], lookup: by_zip.Found) -> list[str]:
    """The address of step 1, to compare with another; capitals and blanks make none."""
    parts = (typed["street"], typed["city"], lookup.state, lookup.zip)
    return [" ".join(part.casefold().split()) for part in parts]


def _of_this_home(values: dict[str, Any], home: list[str]) -> dict[str, Any]:
    """The draft without what was found or chosen for another home, whichever part of the address is another."""
    if values.get("home") == home:
        return values
    of_this_home = {**values, "home": home}
    of_this_home.pop("place", None)
    of_this_home.pop("seats", None)
    return of_this_home


def without_mistakes(values: dict[str, Any]) -> dict[str, Any]:
    """The draft without what was wrong with a page of it (`web.supporter.mistakes`): something else was typed since."""
    return {name: value for name, value in values.items() if name != MISTAKES}


def _doubt(stored: dict[str, Any]) -> Doubt:
    return Doubt(**{**stored, "code": DoubtCode(stored["code"])})


def open_campaign(db: Session, slug: str) -> Campaign:
    """Raises Shut where the campaign takes no letters, and NotFound where there is none."""
    return open_in_force(slug, content.version(db)).campaign


def open_in_force(slug: str, version: int) -> InForce:
    """The same, as of the version of the content that was just read."""
    return still_open(in_force(slug, version))


@bp.app_errorhandler(NoCampaign)
def no_campaign(_error: NoCampaign) -> ResponseReturnValue:
    return render_template("supporter/unknown.html"), 404


def still_open(snapshot: InForce | None) -> InForce:
    """Raises Shut where the campaign takes no letters, and NotFound where there is none."""
    if snapshot is None:
        raise NoCampaign
    if not submitting.is_open(snapshot.campaign, services().clock()):
        raise Shut(snapshot.campaign)
    return snapshot


def public_campaign(db: Session, slug: str) -> Campaign | None:
    """The campaign, open or not; None where there is none."""
    snapshot = in_force(slug, content.version(db))
    return snapshot.campaign if snapshot else None


def in_force(slug: str, version: int) -> InForce | None:
    """The campaign, open or not, as of the version of the content that was just read; None where there is none.

    A scheduled one opens with its first visitor, where no worker has opened it yet.
    """
    snapshot, now = services().campaigns.get(slug, version), services().clock()
    if snapshot is not None and snapshot.campaign.status == "scheduled" and _opens_now(snapshot.campaign, now):
        return services().campaigns.get(slug, _opened(now))
    return snapshot


def open_what_is_due() -> None:
    """The same for a list of campaigns."""
    now = services().clock()
    with services().database.read() as db:
        is_due = opening.is_due(db, now=now)
    if is_due:
        _opened(now)


def _opens_now(campaign: Campaign, now: datetime) -> bool:
    return campaign.not_opened == "" and campaign.opens_at is not None and campaign.opens_at <= now


def _opened(now: datetime) -> int:
    """Open what is due; the version after that."""
    with services().database.write() as db:
        opening.open_due(db, now=now)
    with services().database.read() as db:
        return content.version(db)


def found_by_zip(campaign: Campaign, zip_text: str, street: str, state: str = "") -> by_zip.Found:
    """What the ZIP code tells; no more than a guess, where `street` is a post office box.

    Where the campaign has no state it is the ZIP code's, or of several the one in which they say that they live.
    Raises LookupRefused, among them SeveralStates.
    """
    home = campaign.state or _home_state(zip_text, state)
    lookup = by_zip.find_seats(services().districts, zip_text, state=home, chambers=reading.looked_up(campaign))
    return by_zip.as_guess(lookup) if street and is_box(Address(street=street)) else lookup


def _home_state(zip_text: str, chosen: str) -> str:
    states = by_zip.states_of(services().districts, zip_text)
    if len(states) > 1 and chosen not in states:
        raise SeveralStates(normalise_zip(zip_text), states)
    return chosen if chosen in states else states[0]


def save(step: Step, **changes: Any) -> None:
    """Keep `changes` in the draft of this step, with the home that they are about.

    What another tab put into the draft meanwhile stays; if that is another home, the changes do not hold for it.
    """
    with services().database.write() as db:
        values = drafts.load(db, step.key, campaign_id=step.campaign.id) or step.values
        values = {**without_mistakes(_of_this_home(values, step.values["home"])), **changes}
        drafts.save(db, step.key, campaign_id=step.campaign.id, values=values, now=services().clock())


@bp.app_template_global()
def arrival_source() -> str:
    """By which link this page was come to: the code in its address, or in the form that stood there; "" without one.

    No cookie has it: it goes from the address into the form, and with the form.
    """
    posted = source_of(request.form.get(SOURCE, "")) if request.method == "POST" else ""
    return posted or source_of(request.args.get(SOURCE, ""))


def acted(slug: str, token: str) -> None:
    """Have this browser forget the draft and, for a while, know the receipt that came of it."""
    others = [item for item in session.get("receipts", {}).items() if item[0] != slug]
    now = int(services().clock().timestamp())
    session["receipts"] = dict([*others[1 - _REMEMBERED :], (slug, [token, now])])
    session["drafts"] = {of: key for of, key in session.get("drafts", {}).items() if of != slug}
    follow(token)


@bp.app_template_global()
def receipt_here(slug: str) -> str:
    """The token of the receipt of what this browser did a while ago on this campaign, or ""."""
    token, at = session.get("receipts", {}).get(slug, ("", 0))
    return str(token) if services().clock().timestamp() - at < _RECEIPT_SECONDS else ""


def draft_key(slug: str) -> str:
    """The draft that this request is about: the page's own, else the session's, else ""."""
    posted = request.form.get("draft") if request.method == "POST" else ""  # what was not posted is not to be read
    key = posted or session.get("drafts", {}).get(slug, "")
    return key if re.fullmatch(r"[A-Za-z0-9_-]{20,43}", key) else ""


def remember(slug: str, key: str) -> None:
    """Have this browser come back to the draft."""
    others = [item for item in session.get("drafts", {}).items() if item[0] != slug]
    session["drafts"] = dict([*others[1 - _REMEMBERED :], (slug, key)])

"""Between the steps, where the ZIP code does not tell: which of these legislators are yours?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from msgspec import Struct

from actionmail.flows.campaigns import reading as campaigns
from actionmail.flows.lookup import by_address
from actionmail.flows.lookup.settling import streets_decide, uncertain
from actionmail.flows.roster import reading
from actionmail.rules.campaigns.targets import adds, rules_of
from actionmail.rules.districts.addresses import Address, Geocode
from actionmail.rules.districts.refusals import GeocoderUnavailable, LookupRefused
from actionmail.rules.districts.settlement import NOT_SURE_ANSWER
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.moments import beside, listed
from actionmail.rules.roster import titles
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.speech import gettext, lazy
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import refusal_sentence
from actionmail.web.platform.places import district_label
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import mistakes
from actionmail.web.supporter.forms import AddressForm, choose_form
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.maps import ShownMap, shown_map
from actionmail.web.supporter.settled import settled_lines, settled_sentences
from actionmail.web.supporter.step import Step, bp, option_value, save, seats_of, step_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_HOLDER_UNKNOWN = lazy("A seat whose holder we do not know")


class Question(Struct, frozen=True, kw_only=True):
    """One chamber in which several districts, or a guessed one, are possible. `choices` are (value, label).

    `rest` are the chamber's other seats in the same form, where its districts are newer than our lines.
    """

    chamber: str
    legend: str
    choices: list[tuple[str, str]]
    rest: list[tuple[str, str]]
    notes: dict[str, str]
    map: ShownMap | None


class Holders(Struct, frozen=True, kw_only=True):
    """Who sits in one chamber's district, and a map of it where its boundary is known."""

    chamber: str
    name: str
    people: str
    settled: str
    map: ShownMap | None


@bp.get("/campaigns/<slug>/legislators")
def choose(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        step = step_of(db, slug)
        questions = questions_of(db, step)
        holders = _holders(db, step) if step.place and not questions else []
    if not questions and not step.place:
        return redirect(url_for(kind_of(step.campaign.kind).after_lookup, slug=slug), 303)
    if not questions:
        return render_template(
            "supporter/found.html",
            step=step,
            kind=kind_of(step.campaign.kind),
            reading=languages.reading(step.campaign),
            holders=holders,
            draft=step.key,
        )
    form_mistakes = mistakes.told(step.values)
    form = choose_form_of(step, questions, form_mistakes.typed)
    mistakes.put_at_fields(form, form_mistakes)
    of_street = mistakes.told_by_cookie(slug)
    address_form = None
    if of_street is not mistakes.NONE:
        address_form, form_mistakes = AddressForm(formdata=None, data=dict(of_street.typed)), of_street
        mistakes.put_at_fields(address_form, form_mistakes)
    return choose_page(
        step, questions, form, address_form=address_form, status=form_mistakes.status, sentences=form_mistakes.sentences
    )


@bp.post("/campaigns/<slug>/legislators")
@limiter.limit(POST_LIMIT)
def keep_choice(slug: str) -> ResponseReturnValue:
    go = request.form.get("go", "")
    with services().database.read() as db:
        step = step_of(db, slug)
        questions = questions_of(db, step)
    if go in {"address", "names"}:
        return _by_address(step, questions) if go == "address" else _by_name(step)
    kind, form = kind_of(step.campaign.kind), choose_form_of(step, questions)
    if go != "back" and not form.validate():
        return _told(step, questions, form)
    chosen = {question.chamber: form[question.chamber].data or "" for question in questions}
    if go != "back" and not seats_of(step.lookup, chosen) and not adds(rules_of(step.campaign.targets)):
        contact = services().settings.contact_address
        sentence = gettext(kind.texts.choose_one)
        if contact:
            sentence += " " + gettext("We help you find yours if you write to %(address)s.", address=contact)
        return _told(step, questions, form, [sentence])
    save(step, seats={**step.values.get("seats", {}), **chosen})
    return redirect(url_for(".who" if go == "back" else kind.after_lookup, slug=slug), 303)


def _told(step: Step, questions: list[Question], form: FlaskForm, sentences: Iterable[str] = ()) -> ResponseReturnValue:
    return mistakes.tell(
        step.campaign,
        form,
        endpoint="supporter.choose",
        at_once=lambda: choose_page(step, questions, form, status=400, sentences=sentences),
        sentences=sentences,
    )


def _by_address(step: Step, questions: list[Question]) -> ResponseReturnValue:
    """Look the street up. It is neither kept nor put into the letter; what it told is."""
    form = AddressForm()
    sentences: list[str] = []
    geocode = services().geocode
    if geocode is None:
        sentences = [gettext("Streets cannot be looked up here. Please choose your legislators by name.")]
    elif form.validate():
        try:
            located = _located(step, form, geocode)
        except LookupRefused as refused:
            form.street.errors = [refusal_sentence(refused)]
        except GeocoderUnavailable:
            sentences = [
                gettext("We cannot look streets up at the moment. Please choose your legislators by name, below.")
            ]
        except DatasetError as error:
            current_app.logger.error("Boundaries: %s", error)
            sentences = [
                gettext("Our map cannot be used at the moment. Please choose your legislators by name, below.")
            ]
        else:
            mistakes.mended()
            save(step, place=_kept(located), seats={})
            return redirect(url_for(".choose", slug=step.campaign.slug), 303)
    names = choose_form_of(step, questions)
    return mistakes.tell_by_cookie(
        step.campaign,
        form,
        endpoint="supporter.choose",
        at_once=lambda: choose_page(step, questions, names, address_form=form, status=400, sentences=sentences),
        sentences=sentences,
    )


def _located(step: Step, form: AddressForm, geocode: Geocode) -> by_address.Located:
    """Raises LookupRefused, GeocoderUnavailable and DatasetError."""
    address = Address(
        street=" ".join((form.street.data or "").split()),
        city=" ".join((form.city.data or "").split()),
        state=step.lookup.state,
        zip=step.lookup.zip,
    )
    return by_address.find_address(
        geocode,
        services().atlas,
        services().districts,
        address,
        state=step.lookup.state,
        chambers=campaigns.looked_up(step.campaign),
    )


def _kept(located: by_address.Located) -> dict[str, Any]:
    """What the draft keeps of it; no street. The point is for the map alone: no action gets it."""
    return {
        "told": located.districts,
        "basis": {chamber: asdict(basis) for chamber, basis in located.lookup.basis.items()},
        "doubts": [asdict(doubt) for doubt in located.lookup.doubts],
        "data_version": located.lookup.data_version,
        "trail": located.trail,
        "point": located.point,
    }


def _by_name(step: Step) -> ResponseReturnValue:
    """Forget what the street told: the supporter knows better."""
    save(step, place=None, seats={})
    return redirect(url_for(".choose", slug=step.campaign.slug), 303)


def _holders(db: Session, step: Step) -> list[Holders]:
    state = step.lookup.state
    settled = settled_sentences(step)
    of_chambers = []
    for chamber, districts in step.lookup.seats.items():
        seats = [(chamber, candidate.district) for candidate in districts]
        names = [
            f"{titles.title(state, chamber)} {holder.name}" if holder.status == "sitting" else gettext("a vacant seat")
            for holder in reading.legislators_for(db, state, seats)
        ]
        of_chambers.append(
            Holders(
                chamber=chamber,
                name=titles.chamber_name(state, chamber),
                people=listed(names) or gettext("a seat whose holder we do not know"),
                settled=settled[chamber],
                map=_map(step, chamber, {candidate.district: listed(names) for candidate in districts}),
            )
        )
    return of_chambers


def _map(step: Step, chamber: str, people: dict[str, str]) -> ShownMap | None:
    """The map of the districts that `people` have, None where there is none."""
    point = (step.place or {}).get("point")
    try:
        drawing = services().atlas.drawing(
            step.lookup.state,
            chamber,
            list(people),
            zip5=step.lookup.zip,
            point=(point[0], point[1]) if point else None,
        )
    except DatasetError as error:
        current_app.logger.error("Boundaries: %s", error)
        return None
    return shown_map(drawing, people, step.lookup.state, chamber) if drawing else None


def questions_of(db: Session, step: Step) -> list[Question]:
    return [_question(db, step, chamber) for chamber in uncertain(step.lookup)]


def _question(db: Session, step: Step, chamber: str) -> Question:
    state = step.lookup.state
    name = titles.chamber_name(state, chamber)
    options, others = step.lookup.options(chamber), step.lookup.other_options(chamber)
    sitting: dict[str, list[Any]] = {}
    for holder in reading.legislators_for(db, state, _seats([*options, *others])):
        sitting.setdefault(holder.district, []).append(holder)
    people, notes = {}, {}
    # First, since some browsers (Lynx) send the first of a group of which none is chosen: it has to choose nobody.
    choices = [(NOT_SURE_ANSWER, gettext("I am not sure"))]
    texts = kind_of(step.campaign.kind).texts
    nobody = texts.nobody_as_yours if adds(rules_of(step.campaign.targets)) else texts.nobody
    notes[NOT_SURE_ANSWER] = gettext(nobody, chamber=name)
    is_only = len(options) == 1 and not others
    for option in options:
        value, names = option_value(option), _names(state, option, sitting) or str(_HOLDER_UNKNOWN)
        choices.append((value, gettext("Yes, %(names)s", names=names) if is_only else names))
        parties = _parties(option, sitting) if step.campaign.shows_party else ""
        notes[value] = beside([_labels(option), parties])
        for candidate in option:
            people[candidate.district] = _names(state, [candidate], sitting)
    rest = []
    for option in others:
        label = _labels(option)
        rest.append((option_value(option), f"{label[0].upper()}{label[1:]}: {_names(state, option, sitting)}"))
    return Question(
        chamber=chamber,
        legend=gettext("%(chamber)s: is this your legislator?", chamber=name)
        if is_only
        else gettext("Who represents you in the %(chamber)s?", chamber=name),
        choices=choices,
        rest=rest,
        notes=notes,
        # Lines that the people in office were not elected by would show whom they represent wrongly.
        map=None if chamber in step.lookup.newer else _map(step, chamber, people),
    )


def _names(state: str, option: Iterable[Candidate], sitting: Mapping[str, list[Any]]) -> str:
    """Who holds these seats, "" where nobody is known to."""
    names = []
    for candidate in option:
        for holder in sitting.get(candidate.district, []):
            is_sitting = holder.status == "sitting"
            names.append(
                f"{titles.title(state, candidate.chamber)} {holder.name}" if is_sitting else gettext("a vacant seat")
            )
    return listed(names)


def _labels(option: Iterable[Candidate]) -> str:
    return listed([district_label(candidate.chamber, candidate.district) for candidate in option])


def _parties(option: Iterable[Candidate], sitting: Mapping[str, list[Any]]) -> str:
    parties: dict[str, None] = {}
    for candidate in option:
        parties.update({holder.party: None for holder in sitting.get(candidate.district, []) if holder.party})
    return listed(list(parties))


def _seats(options: Iterable[Iterable[Candidate]]) -> list[tuple[str, str]]:
    """Each once: some belong to every alternative."""
    seats: dict[tuple[str, str], None] = {}
    for option in options:
        seats.update({(candidate.chamber, candidate.district): None for candidate in option})
    return list(seats)


def choose_form_of(step: Step, questions: list[Question], typed: Mapping[str, str] | None = None) -> FlaskForm:
    chosen = {**step.values.get("seats", {}), **(typed or {})}
    return choose_form([(q.chamber, q.legend, [*q.choices, *q.rest]) for q in questions], chosen)


def choose_page(
    step: Step,
    questions: list[Question],
    form: FlaskForm,
    *,
    address_form: AddressForm | None = None,
    status: int = 200,
    sentences: Iterable[str] = (),
) -> ResponseReturnValue:
    asks_street = services().geocode is not None and not step.place and streets_decide(step.lookup)
    if address_form is None and asks_street:
        typed = step.values["who"]
        address_form = AddressForm(data={"street": typed["street"], "city": typed["city"]})
    page = render_template(
        "supporter/choose.html",
        step=step,
        kind=kind_of(step.campaign.kind),
        reading=languages.reading(step.campaign),
        questions=questions,
        form=form,
        address_form=address_form,
        draft=step.key,
        sentences=sentences,
        settled=settled_lines(step),
    )
    return page, status

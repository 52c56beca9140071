"""The sentences about datasets: what is wrong with one, what is odd, what changes. The command line says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from actionmail.flows.roster.corrections import CorrectionRefused
from actionmail.flows.roster.dataset_versions import NothingToUndo, Provenance, VersionMoved
from actionmail.flows.roster.district_files import FilesOutOfStep, ZipsChanged
from actionmail.flows.roster.importing import OlderDataset, SuspiciousDataset
from actionmail.flows.roster.legislators import SeatChange
from actionmail.rules.districts.elections import elections_since
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, STATES
from actionmail.rules.roster.calendar import HouseDay, SpecialElection, Turnover
from actionmail.rules.roster.committees import CommitteeRow
from actionmail.rules.roster.doubts import Doubt
from actionmail.rules.roster.faults import RowFault
from actionmail.rules.roster.seats import CORRECTABLE, STALE_AFTER_DAYS, DatasetError, SeatRow, is_stale
from actionmail.rules.wording import and_join
from actionmail.web.roster.dataset_words import dataset_sentence, fault_words

if TYPE_CHECKING:
    from actionmail.flows.roster.undoing import UndoReport
    from actionmail.rules.districts.map_differences import Redrawn

RosterError = (
    DatasetError | SuspiciousDataset | OlderDataset | NothingToUndo | VersionMoved | FilesOutOfStep | CorrectionRefused
)
ROSTER_ERRORS = (
    DatasetError,
    SuspiciousDataset,
    OlderDataset,
    NothingToUndo,
    VersionMoved,
    FilesOutOfStep,
    CorrectionRefused,
)

Row = TypeVar("Row")
Changed = TypeVar("Changed")

_FEW = 5  # states are named, more are counted
_TRIFLE = 0.001  # of a district's area

_DOUBTS: Mapping[str, str] = {
    "still_to_come": "The dataset is as of {as_of}, which is still to come: until then newer ones would be refused.",
    "few_members": "{file} names {count} members, and Congress has 541; it may be half a file.",
    "two_seats": (
        "{file}: {name} is in {seat} and in {other_seat} too; the role that began last counts, and {other_seat} is "
        "taken as left."
    ),
    "two_holders": "{files}: {names} are all in {seat}, a seat of one; the role that began last counts: {kept}.",
    "none_began_last": (
        "{files}: {names} are all in {seat}, a seat of one; nothing tells which of {kept} began last, so that all of "
        "these are kept, and letters for the seat go to each of them."
    ),
    "second_holder": "{seat} is a seat of one and would have several holders: {names}. Letters for it go to each.",
    "seat_lost": (
        "{seat}: {name} held it and is in {other_seat} now, and nobody is named in {seat}, nor is it said to be "
        "vacant: nobody there would be written to."
    ),
    "odd_name": "{file}: {name!r} is no name to greet by; a letter would say {greeted!r}.",
    "mailbox_of_other_chamber": (
        "{seat}, {name}: the dataset still gives {email}, the address that was used in {other_seat}."
    ),
    "correction_of_other_chamber": (
        "{seat}, {name}: the {field} that staff said is of {other_seat}, and stands in the new chamber too until it is "
        "withdrawn: {value}."
    ),
    "house_not_in_calendar": "{where}: the table in force has this house, and this one has not.",
    "special_election_lost": "{seat}: the special election of {election} is not in it any more.",
    "layer_names_gone": "{where}: {count} of {whole} names would be gone ({percent} %).",
    "legislators_gone": "{where}: {count} of {whole} legislators would be gone ({percent} %).",
    "addresses_changed": "{where}: {count} of {whole} addresses would change ({percent} %).",
    "address_shared": "{seat}, {name}: the address would become one that another legislator has: {email}.",
    "address_personal": "{seat}, {name}: the address would become one at a free-mail service: {email}.",
    "committees_gone": "{where}: {count} of {whole} committees would be gone ({percent} %).",
    "district_not_in_table": "{where} {name}: the ZIP table knows no {where} district {name}.",
    "district_not_in_roster": "{where} {name}: neither a legislator nor a known vacancy is in the roster.",
    "district_without_boundary": "{where} {name}: there is no boundary of it.",
    "another_election": (
        "{where}: these hold from {as_of}, the ZIP table from {zips_as_of}; both must be of the same election."
    ),
    "districts_gone": "{where}: {count} of {whole} districts would be gone ({percent} %).",
    "districts_redrawn": "{where}: {count} of {whole} districts would be redrawn ({percent} %).",
    "zips_gone": "{where}: {count:,} of {whole:,} ZIP codes would be gone ({percent} %).",
    "areas_lost": "{where}: {count:,} of {whole:,} ZIP codes with an area have none in these files.",
}

_CORRECTIONS: Mapping[str, str] = {
    "unknown_field": f"Choose what to correct: one of {', '.join(CORRECTABLE)}.",
    "vacant_seat": "This seat is vacant. A dataset that names its new holder fills it.",
    "unusable_value": "This cannot be the {what}: {reason}.",
    "not_corrected": "No correction of the {what} of {key} is in force.",
    "reason_missing": "Say why, in a few words: colleagues will want to know.",
    "reason_too_long": "Say why in at most {longest} characters; this has {length}.",
    "name_missing": "Say who makes this correction, in at most {longest} characters.",
    "unknown_legislator": "Nobody in office has the key {key!r}; the roster page and legislators.csv show keys.",
}


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    """What happens to some rows ("3 back again"), and which they are."""

    what: str
    rows: Sequence[str]

    @property
    def sentence(self) -> str:
        return f"{len(self.rows):,} {self.what}"


def doubt_sentence(reason: Doubt) -> str:
    """Why somebody should look first."""
    values = dict(reason.values)
    count, whole = values.get("count"), values.get("whole")
    if isinstance(count, int) and isinstance(whole, int) and whole:
        values["percent"] = count * 100 // whole
    if "field" in values:
        values["field"] = str(values["field"]).replace("_", " ")
    return _DOUBTS[reason.code].format(**values)


def roster_sentence(error: RosterError) -> str:
    """What a dataset, an undo or a correction was refused for."""
    if isinstance(error, SuspiciousDataset):
        reasons = " ".join(doubt_sentence(reason) for reason in error.report.doubts)
        return f"This import needs a second look, and nothing was changed: {reasons}"
    if isinstance(error, OlderDataset):
        return _older(error)
    if isinstance(error, NothingToUndo):
        if error.first is None:
            return f"No import of {error.kind} is there to undo."
        return f"Version {error.first} is the first of {error.kind}; there is none before it to go back to."
    if isinstance(error, VersionMoved):
        return "Another version is in force by now. Please look again at what would change."
    if isinstance(error, FilesOutOfStep):
        return f"{error.kind}: {out_of_step_sentence(error.version)}"
    if isinstance(error, CorrectionRefused):
        values = dict(error.values)
        if isinstance(values.get("fault"), RowFault):
            values["reason"] = fault_words(values["fault"])
        return _CORRECTIONS[error.code].format(**values)
    return dataset_sentence(error)


def out_of_step_sentence(version: int) -> str:
    """What to do where the files in the data folder are not those of the version in force."""
    return (
        f"the files in the data folder are not those of version {version}, which is in force: something was cut off, "
        "or they were changed by hand. Import the ones that you want; then they are a version"
    )


def provenance_sentence(origin: Provenance) -> str:
    """Where a dataset comes from: its address or file, the version there, its day or vintage, its licence."""
    version = f", version {origin.source_version}" if origin.source_version else ""
    return f"From {origin.source}{version}; of {origin.as_of.isoformat()}; licence: {origin.licence or 'not said'}."


def undo_changes(report: UndoReport) -> list[ShownChange]:
    """What going back does to which rows."""
    changes: list[ShownChange] = []
    if report.seats:
        changes += _three(report.seats.added, report.seats.changed, report.seats.gone, seat_text, seat_change_text)
    if report.committees:
        difference = report.committees
        changes += _three(difference.added, difference.changed, difference.gone, committee_text, committee_text)
    for chamber in report.redrawn:
        changes += redrawn_changes(chamber)
    if report.zips:
        changes += zip_changes(report.zips)
    return changes


def redrawn_changes(chamber: Redrawn) -> list[ShownChange]:
    """The difference between two maps of a chamber."""
    where = f"{chamber.state} {chamber.chamber}"
    moved = []
    for name, part in chamber.changed:
        moved.append(f"{name}: {part:.1%} of its area" if part >= _TRIFLE else f"{name}: a trifle")
    return [
        ShownChange(what=f"districts of {where} added", rows=chamber.added),
        ShownChange(what=f"districts of {where} gone", rows=chamber.gone),
        ShownChange(what=f"districts of {where} redrawn", rows=moved),
    ]


def zip_changes(zips: ZipsChanged) -> list[ShownChange]:
    """The difference between two tables of ZIP codes."""
    return [
        ShownChange(what="ZIP codes added", rows=zips.added),
        ShownChange(what="ZIP codes gone", rows=zips.gone),
        ShownChange(what="ZIP codes with other districts or shares", rows=zips.changed),
    ]


def seat_text(row: SeatRow) -> str:
    """A seat and who holds it."""
    return f"{row.seat}: {row.name or '(vacant)'}"


def seat_change_text(change: SeatChange) -> str:
    """A seat, who holds it, and each value that changes."""
    values = []
    for column in change.columns:
        before, after = getattr(change.before, column), getattr(change.after, column)
        values.append(f"{column} {_shown(before)} -> {_shown(after)}")
    return f"{seat_text(change.after)}: {'; '.join(values)}"


def _shown(value: object) -> str:
    """A value of a column: texts in quotes, so that blanks are seen, days as they are."""
    if isinstance(value, date):
        return value.isoformat()
    return "none" if value is None else repr(value)


def committee_text(row: CommitteeRow) -> str:
    """A committee, and whose it is."""
    return f"{row.state} {row.chamber}: {row.name}"


@dataclass(frozen=True, kw_only=True)
class CalendarRow:
    """One house's line of the calendar, in words."""

    state: str
    house: str
    first_day: str
    roster: str
    districts: str
    lacks: str
    rule: str


def calendar_row(line: HouseDay, today: date) -> CalendarRow:
    """Who takes office when, of which days the data is, and what it lacks."""
    known = line.first_day
    day = known.first_day if known else None
    return CalendarRow(
        state=line.state,
        house=line.chamber,
        first_day=day.isoformat() if day else "-",
        roster=line.roster_as_of.isoformat() if line.roster_as_of else "none",
        districts=line.districts_as_of.isoformat() if line.districts_as_of else "none",
        lacks=" ".join(_lacking(line, today)),
        rule=known.rule if known else "",
    )


def special_sentence(special: SpecialElection, today: date) -> str:
    """When a seat has a special election, or had one whose winner is not there yet; without a capital letter."""
    is_past = special.election < today
    sentence = f"a special election {'was' if is_past else 'is'} on {special.election.isoformat()}"
    if special.first_day:
        sentence += f"; whoever {'was' if is_past else 'is'} elected takes office on {special.first_day.isoformat()}"
    return f"{sentence}."


def turnover_sentences(turnovers: Sequence[Turnover], today: date) -> list[str]:
    """Which legislatures have changed hands, or are about to, since the day of their roster: each state by its name."""
    past = [turnover for turnover in turnovers if turnover.first_day <= today]
    soon = [turnover for turnover in turnovers if turnover.first_day > today]
    sentences = []
    if past:
        sentences.append(
            f"Those elected took office {_days_and_states(past)}, and the roster there is as of {_oldest(past)}: "
            "import a newer one with `actionmail data import people` or `congress`."
        )
    if soon:
        sentences.append(
            f"Those elected will take office {_days_and_states(soon)}, and the roster there is as of {_oldest(soon)}."
        )
    return sentences


def _days_and_states(turnovers: Sequence[Turnover]) -> str:
    by_day: dict[date, set[str]] = {}
    for turnover in turnovers:
        by_day.setdefault(turnover.first_day, set()).add(_state_name(turnover))
    days = [f"on {day.isoformat()} in {and_join(sorted(states))}" for day, states in sorted(by_day.items())]
    return "; ".join(days)


def _oldest(turnovers: Sequence[Turnover]) -> str:
    return min(turnover.as_of for turnover in turnovers).isoformat()


def roster_age_sentence(as_of: date | None, today: date) -> str:
    """What to say about a roster of this day, or "" if it is fresh."""
    if as_of is None:
        return "There is no legislator in the database; run `actionmail data load`."
    if not is_stale(as_of, today):
        return ""
    return (
        f"The roster is as of {as_of.isoformat()}, {(today - as_of).days} days old. Members leave and addresses "
        "change: import a newer one with `actionmail data import people`."
    )


def elections_sentence(days: Mapping[str, date], today: date) -> str:
    """What to say about districts of these days, by state, or "" where no state has elected its legislature since."""
    since = elections_since(days, today)
    if not since:
        return ""
    places = [f"on {held.isoformat()} in {_states_of(states)}" for held, states in since.items()]
    return (
        f"The ZIP table is of the districts of {min(days.values()).isoformat()}, and elections to the legislature were "
        f"held {and_join(places)}. Where districts are new, import them before their legislators take office: "
        "`actionmail data import zips` and `boundaries`; where none is, import the same with the new day."
    )


def _states_of(states: Sequence[str]) -> str:
    """A few are named, more are counted."""
    if len(states) > _FEW:
        return f"{len(states)} states"
    return and_join(sorted(STATES[state] for state in states))


def congress_age_sentence(as_of: date | None, today: date) -> str:
    """What to say about members of Congress of this day; "" where they are fresh, or not there."""
    if as_of is None or (today - as_of).days <= STALE_AFTER_DAYS:
        return ""
    return f"The members of Congress are as of {as_of.isoformat()}, {(today - as_of).days} days old."


def _state_name(turnover: Turnover) -> str:
    return "Congress" if turnover.chamber in FEDERAL_CHAMBERS else STATES.get(turnover.state, turnover.state)


def _lacking(line: HouseDay, today: date) -> list[str]:
    known, lacking = line.first_day, []
    if known is None:
        lacking.append("When those elected take office is not in the table.")
    elif known.first_day is None:
        lacking.append(f"{known.note[:1].upper()}{known.note[1:]}.")
    elif line.roster_as_of is None:
        lacking.append("The roster has nobody.")
    elif line.needs_roster and known.first_day <= today:
        lacking.append("The roster is of those who sat before.")
    elif line.needs_roster:
        lacking.append("A roster of those elected is needed by then.")
    if line.elected:
        lacking.append(f"{line.elected} elected wait for their day.")
    if line.needs_districts and line.new_map:
        lacking.append(f"The map used since {line.new_map.first_election.isoformat()} is not here.")
    return lacking


def _three(
    added: Iterable[Row],
    changed: Iterable[Changed],
    gone: Iterable[Row],
    row_text: Callable[[Row], str],
    change_text: Callable[[Changed], str],
) -> list[ShownChange]:
    return [
        ShownChange(what="back again", rows=[row_text(row) for row in added]),
        ShownChange(what="changed back", rows=[change_text(change) for change in changed]),
        ShownChange(what="gone again", rows=[row_text(row) for row in gone]),
    ]


def _older(error: OlderDataset) -> str:
    held, offered = error.held.isoformat(), error.offered.isoformat()
    if error.kind == "committees":
        return (
            f"The committees in the database are as of {held}; these, as of {offered}, are older. Nothing was changed."
        )
    return f"The roster in the database is as of {held}; this one, as of {offered}, is older. Nothing was changed."

"""What has to fit together in a campaign's file: opening and deadline, chambers and letters, each letter filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns.fields import CampaignFields, LegislatorFields, SupporterFields, field_values
from actionmail.rules.campaigns.file_places import TOP, Places, Table
from actionmail.rules.campaigns.filled_letter import LetterText, fill_letter
from actionmail.rules.campaigns.letter_check import check_letter as check_text
from actionmail.rules.campaigns.letter_check import faults
from actionmail.rules.campaigns.problems import About, CampaignFileError, LetterError, Problem
from actionmail.rules.districts.states import NO_SENATORS
from actionmail.rules.roster import titles

_Columns = Mapping[str, Any]

NOBODY: Final = "campaign.writes-to-nobody"


def check_opening(places: Places, campaign: _Columns) -> None:
    """Raises CampaignFileError where status, opening and deadline do not fit together."""
    opens, deadline = campaign["opens_at"], campaign["deadline_at"]
    if campaign["status"] == "scheduled" and opens is None:
        raise places.refused(TOP, "status", "file.needs-opening")
    if campaign["status"] != "scheduled" and opens is not None:
        raise places.refused(TOP, "opens", "file.needs-scheduled")
    if opens is not None and deadline is not None and deadline <= opens:
        raise places.refused(TOP, "opens", "file.opens-after-deadline")


def check_picture(places: Places, campaign: _Columns) -> None:
    """Raises CampaignFileError where a picture has no words for who cannot see it, or words have no picture."""
    if campaign["picture"] and not campaign["picture_alt"]:
        raise places.refused(TOP, "picture", "picture.no-alternative")
    if campaign["picture_alt"] and not campaign["picture"]:
        raise places.refused(TOP, "picture_alt", "file.words-without-picture")


def check_chambers(places: Places, campaign: _Columns, letters: Sequence[_Columns]) -> None:
    """Raises CampaignFileError where rules or letters are for whom the campaign cannot write to, or a letter lacks."""
    state, chambers = campaign["state"], campaign["chambers"]
    rules = target_rules.rules_of(campaign["targets"])
    _check_state(places, state, TOP, chambers)
    for number, rule in enumerate(rules):
        _check_state(places, state, ("targets", number), rule.chambers)
    if not chambers and not target_rules.adds(rules):
        key = "chambers" if places.begin(TOP, "chambers") is not None else ""
        raise places.refused(TOP, key, NOBODY, about=About(key="chambers"))
    names: set[str] = set()
    for number, letter in enumerate(letters):
        which = ("letters", number)
        if letter["name"] in names:
            raise places.refused(which, "name", "file.two-letters", name=letter["name"])
        names.add(letter["name"])
        for chamber in letter["chambers"]:
            if not target_rules.reaches(state, chambers, rules, chamber):
                raise places.refused(which, "chambers", "file.not-written-to", chamber=chamber)
        _check_state(places, state, which, letter["chambers"])
    _check_asking(places, campaign, letters)
    _check_thanks(places, rules, letters)


def _check_state(places: Places, state: str, which: Table, chambers: Sequence[str]) -> None:
    """Whether the state has these chambers."""
    name = titles.STATES[state]
    if state not in titles.ONE_CHAMBER and "legislature" in chambers:
        raise places.refused(which, "chambers", "file.two-chambers", state=name)
    if "us_upper" in chambers and state in NO_SENATORS:
        raise places.refused(which, "chambers", "file.no-senators", state=name)


def _check_asking(places: Places, campaign: _Columns, letters: Sequence[_Columns]) -> None:
    """Whether somebody is asked in every chamber."""
    asking = [letter for letter in letters if letter["to"] == "ask" and letter["own"] != "other"]
    for chamber in campaign["chambers"]:
        for letter in asking:
            if not letter["chambers"] or titles.is_for(campaign["state"], chamber, letter["chambers"]):
                break
        else:
            raise places.refused(TOP, "chambers", "file.no-letter-for", chamber=chamber)


def _check_thanks(places: Places, rules: Sequence[target_rules.Rule], letters: Sequence[_Columns]) -> None:
    thanks = [number for number, rule in enumerate(rules) if rule.do == "thank"]
    if thanks and all(letter["to"] != "thank" for letter in letters):
        raise places.refused(("targets", thanks[0]), "do", "file.no-thanks")


def check_letter(places: Places, campaign: _Columns, letter: _Columns, number: int) -> None:
    """Raises CampaignFileError where a letter cannot be read, or is wrong once it is filled."""
    for subject in letter["subjects"]:
        text = LetterText(letter["opening"], letter["body"], letter["closing"], subject)
        try:
            check_text(text, has_committees=bool(letter["committees"]))
        except LetterError as error:
            raise _in_letter(places, number, letter, subject, error) from None
        for problem in _trial_faults(campaign, letter, text):
            about = About(letter=letter["name"])
            raise places.refused_for(("letters", number), "name", problem, about=about)


_QUOTES = re.compile(r'"""\n?|\'\'\'\n?|["\']')


def _in_letter(places: Places, number: int, letter: _Columns, subject: str, error: LetterError) -> CampaignFileError:
    """The error in the file's own lines, where the text stands there as it is; else named by letter and part."""
    which: Table = ("letters", number)
    key, value = ("subjects", subject) if error.part == "subject" else (error.part, letter[error.part])
    about = About(letter=letter["name"], part=error.part)
    begin = places.begin(which, key)
    quoted = _QUOTES.search(places.text, begin) if begin is not None else None
    if begin is None or quoted is None:
        return places.refused_for(which, key, error.problem, about=about)
    start = places.text.find(value, begin) if key == "subjects" else quoted.end()
    if start < 0 or not places.text.startswith(value, start):
        inside = error.line, error.column
        return places.refused_for(which, key, error.problem, about=about, inside=inside)
    line, column = places.line_and_column(start)
    place = line + error.line - 1, error.column + (column - 1 if error.line == 1 else 0)
    return CampaignFileError(places.source, place, error.problem, about=about)


_CITIES = ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "")


def _trial_faults(campaign: _Columns, letter: _Columns, text: LetterText) -> list[Problem]:
    """What is wrong with the letter once it is filled for made-up people, one with a very long city and one without."""
    problems: list[Problem] = []
    anybody = ["legislature"] if campaign["state"] in titles.ONE_CHAMBER else ["upper", "lower"]
    about = CampaignFields.of(campaign)
    for chamber in letter["chambers"] or campaign["chambers"] or anybody:
        legislator = LegislatorFields(
            state=campaign["state"],
            chamber=chamber,
            name="Lara Sample",
            family_name="Sample",
            district="1",
            committee="Committee on Samples",
        )
        for city in _CITIES:
            supporter = SupporterFields(name="Mai Example", city=city, zip_code="12345", state=campaign["state"])
            problems += faults(fill_letter(text, field_values(legislator, supporter, about)))
    return problems

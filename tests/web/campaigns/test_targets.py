"""The targets' page: rules to add, try and take out, and whom they name today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.delivery import pauses
from actionmail.flows.staff import Role
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import CLOCK, PauseCause
from actionmail.settings import Settings
from tests.samples import NOW, sample_campaign, sample_legislator, sample_legislators, sample_letter
from tests.web.campaigns.test_editor import LETTER
from tests.web.staff_pages import StaffBrowser, hire, revision, save, signed_in, staff_app, words

HOME = "/staff/campaigns/ab969"
RULES = f"{HOME}/rules"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    """A paused campaign; on the committee sit Lara, who shares an address, Tomas, on hold, and Ann without one."""
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        _, lara, tomas = sample_legislators(session)
        lara.email_note = "shared"
        lara.party = "Rose Party/Example Party"
        ann = sample_legislator(
            session, district="9", name="Ann Mute", family_name="Mute", email="", email_note="missing"
        )
        sample_legislator(session, district="10", status="vacant", name="", family_name="", email="")
        sample_campaign(session, status="paused")
        board = Committee(key="board/roads", state="WI", chamber="lower", name="Roads", as_of=NOW.date())
        session.add(board)
        session.flush()
        for place, one in enumerate([lara, tomas, ann]):
            key = {"committee_id": board.id, "place": place, "legislator_key": one.key}
            session.add(CommitteeMember(**key, name=one.name, role="member"))
        pauses.pause(session, Scope.TARGET, str(tomas.id), PauseCause(words="x"), actor=CLOCK, now=NOW)
    return staff_app(settings, tmp_path)


def stored(database: Database) -> list[dict[str, object]]:
    with database.read() as session:
        return session.scalars(select(Campaign)).one().targets


def test_own_chambers_are_counted_with_their_vacant_seats(browser: StaffBrowser) -> None:
    text = words(browser.get(RULES))
    assert "Wisconsin State Assembly Seats 4 Sitting 3 Vacant 1 Written to 3" in text
    assert "Wisconsin State Senate Seats 1 Sitting 1 Vacant 0 Written to 1" in text
    assert "There is no rule." in text
    assert "One supporter writes at most 2 letters." in text


def test_before_letters_go_out_those_whom_none_reaches_are_named(browser: StaffBrowser, database: Database) -> None:
    """Not who shares an address, nor members of Congress, to whom nothing is mailed."""
    with database.write() as session:
        sample_legislator(session, chamber="us_lower", district="2", name="Cy Form", email="", email_note="missing")
        session.execute(update(Campaign).values(chambers=["upper", "lower", "us_lower"]))
    before = words(browser.get("/staff/preflight"))
    assert (
        "Legislators: amiss. No letter of ab969 reaches Representative Tomas Mould, district 77; Representative Ann "
        "Mute, district 9. There is no e-mail address that works, or letters to them are on hold." in before
    )
    with database.write() as session:
        session.execute(update(Campaign).values(chambers=["upper"]))
    assert "Legislators: well. Letters reach all to whom ab969 writes." in words(browser.get("/staff/preflight"))


def test_a_rule_is_tried_added_and_taken_out(browser: StaffBrowser, database: Database) -> None:
    tried = save(browser, RULES, do="add", committees="board/roads", go="look")
    assert "with the new rule, not saved yet" in words(tried)
    assert "Representative Tomas Mould, district 77, Example Party: held in the send log" in words(tried)
    assert stored(database) == []
    assert 'value="board/roads" checked' in tried.text
    added = save(browser, RULES, do="add", committees="board/roads", go="add")
    assert added.status_code == 303
    assert stored(database) == [{"do": "add", "committees": ["board/roads"]}]
    text = words(browser.get(RULES))
    assert "Also to members of the Assembly Committee on Roads (3 in office)" in text
    assert "Whoever the supporter is: 3" in text
    assert "Representative Ann Mute, district 9, Example Party: no e-mail address" in text
    assert "Lara Sample, district 76, Rose Party/Example Party: shares an e-mail address with somebody" in text
    assert save(browser, f"{RULES}", do="leave out", parties="Rose Party", go="add").status_code == 303
    assert "Whoever the supporter is: 2" in words(browser.get(RULES))
    page = browser.get(RULES)
    assert browser.post(f"{RULES}/removals", rule="0", revision=revision(page)).status_code == 303
    assert stored(database) == [{"do": "leave out", "parties": ["Rose Party"]}]


def test_people_are_found_by_name_and_ticked(browser: StaffBrowser, database: Database) -> None:
    page = save(browser, RULES, do="thank", search="mould", go="search")
    key = re.search(r'name="people" value="([^"]+)"', page.text)
    assert key is not None
    assert "Representative Tomas Mould, district 77" in words(page)
    assert 'value="thank" checked' in page.text
    assert "Nobody in office has that name." in words(save(browser, RULES, search="100%", go="search"))
    again = save(browser, RULES, do="thank", people=key[1], search="nobody", go="search")
    assert f'value="{key[1]}" checked' in again.text  # what is ticked stays
    assert save(browser, RULES, do="thank", people=key[1], go="add").status_code == 303
    assert stored(database) == [{"do": "thank", "people": [key[1]]}]
    assert "With thanks to Representative Tomas Mould, district 77 (1 in office)" in words(browser.get(RULES))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"do": "add"}, "The new rule: It names nobody"),
        ({"do": "burn", "chambers": "upper"}, "The new rule: It must be one of only, add, leave out, thank."),
        ({"do": "add", "chambers": "attic"}, "The new rule: It must be"),
    ],
)
def test_what_is_no_rule_is_refused(
    browser: StaffBrowser, database: Database, typed: dict[str, str], sentence: str
) -> None:
    for go in ("look", "add"):
        refused = save(browser, RULES, **typed, go=go)
        assert refused.status_code == 422
        assert sentence in words(refused)
    assert stored(database) == []


def test_one_rule_names_several_committees(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        kelda = session.scalars(select(Legislator).where(Legislator.chamber == "upper")).one()
        board = Committee(key="board/ways", state="WI", chamber="upper", name="Ways", as_of=NOW.date())
        session.add(board)
        session.flush()
        session.add(
            CommitteeMember(
                committee_id=board.id, place=0, legislator_key=kelda.key, name=kelda.name, role="member"
            )
        )  # fmt: skip
    keys = ["board/roads", "board/ways"]
    tried = save(browser, RULES, do="add", committees=keys, go="look")
    assert [f'value="{key}" checked' in tried.text for key in keys] == [True, True]
    assert "Committees: 2 ticked" in words(tried)
    assert "Whoever the supporter is: 4" in words(tried)
    assert save(browser, RULES, do="add", committees=keys, go="add").status_code == 303
    assert stored(database) == [{"do": "add", "committees": keys}]
    assert "Also to members of the Assembly Committee on Roads and the" in words(browser.get(RULES))


def test_the_last_that_adds_somebody_stays_where_no_chamber_is_chosen(
    browser: StaffBrowser, database: Database
) -> None:
    with database.write() as session:
        session.scalars(select(Letter)).one().chambers = []
    assert save(browser, RULES, do="add", committees="board/roads", go="add").status_code == 303
    assert save(browser, f"{HOME}/targets").status_code == 303  # no chamber ticked
    text = words(browser.get(RULES))
    assert "None: no district is looked up." in text
    refused = browser.post(f"{RULES}/removals", rule="0", revision=revision(browser.get(RULES)))
    assert (refused.status_code, len(stored(database))) == (422, 1)
    assert "The campaign writes to nobody." in words(refused)


def test_two_people_at_the_rules_are_told(browser: StaffBrowser, database: Database) -> None:
    seen = revision(browser.get(RULES))
    assert save(browser, RULES, do="add", committees="board/roads", go="add").status_code == 303
    late = browser.post(RULES, revision=seen, do="leave out", chambers="upper", go="add")
    assert late.status_code == 409
    assert "changed this while you were writing" in words(late)
    assert 'value="leave out" checked' in late.text
    assert len(stored(database)) == 1


def test_a_live_campaign_takes_no_rule_that_makes_a_fault(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        session.scalars(select(Campaign)).one().status = "live"
    refused = save(browser, RULES, do="add", committees="board/roads", go="add")
    assert refused.status_code == 422
    assert "who are not the supporter's own as well" in words(refused) or "constituent" in words(refused)
    assert stored(database) == []


def test_a_letter_for_a_committee_is_written_and_counted(browser: StaffBrowser, database: Database) -> None:
    assert save(browser, RULES, do="add", committees="board/roads", go="add").status_code == 303
    page = browser.get(f"{HOME}/letter")
    assert "Assembly Committee on Roads (3)" in words(page)
    assert "Rose Party" in words(page)
    letter = {**LETTER, "name": "Roads", "closing": "For the {{ committee }}. {{ supporter_name }}"}
    refused = save(browser, f"{HOME}/letter", **letter)
    assert "can only stand in a letter for the members of committees" in words(refused)
    narrow = {"own": "other", "committees": "board/roads", "parties": "Example Party"}
    assert save(browser, f"{HOME}/letter", **letter, **narrow).status_code == 303
    with database.write() as session:
        made = session.scalars(select(Letter).where(Letter.name == "Roads")).one()
        assert (made.own, made.committees, made.parties, made.chambers) == (
            "other", ["board/roads"], ["Example Party"], [],
        )  # fmt: skip
        made.place = 0
    again = browser.get(f"{HOME}/letter?letter=Roads")
    assert 'value="other" checked' in again.text
    assert 'value="board/roads" checked' in again.text
    home = words(browser.get(f"{HOME}/letters"))
    assert "Add: members of the Assembly Committee on Roads: 3" in home
    assert "Wisconsin State Assembly: others Letter Roads Members 3 No address 1" in home


def test_the_preview_shows_what_others_get_too(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        sample_letter(session, campaign, name="others", place=0, own="other", body="Others: no to AB 969.")
        lara = session.scalars(select(Legislator.id).where(Legislator.name == "Lara Sample")).one()
    assert "This legislator" not in words(browser.get(f"{HOME}/preview"))
    assert save(browser, RULES, do="add", committees="board/roads", go="add").status_code == 303
    path = f"{HOME}/preview?legislator={lara}&supporter=0&subject=0"
    assert "everyone, version" in words(browser.get(path))
    other = words(browser.get(f"{path}&other=1"))
    assert "others, version" in other
    assert "Others: no to AB 969." in other
    assert browser.get(f"{path}&other=7").status_code == 422


def test_a_campaign_with_rules_can_be_copied(browser: StaffBrowser, database: Database) -> None:
    assert save(browser, RULES, do="add", committees="board/roads", go="add").status_code == 303
    assert browser.post(f"{HOME}/copies", slug="again", title="Again").status_code == 303
    with database.read() as session:
        rules = session.scalars(select(Campaign.targets)).all()
    assert rules[0] == rules[1]


def test_reviewers_do_not_see_the_rules(app: Flask, database: Database) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    assert signed_in(app, "rita@example.org").get(RULES).status_code == 403

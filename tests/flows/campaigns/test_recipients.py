"""Targets are looked up in the roster whenever somebody acts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.actions import composing
from actionmail.flows.actions.refusals import AlreadyActed, TargetsChanged
from actionmail.flows.campaigns import reading, saving
from actionmail.flows.campaigns.choices import choices
from actionmail.flows.campaigns.recipients import targets_of
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.settings import Settings
from actionmail.web.campaigns.words import members
from tests.executed import executed
from tests.flows.actions.test_submitting import MAI, SEATS, submission, take
from tests.flows.campaigns.test_saving import MINIMAL, load
from tests.samples import sample_campaign, sample_legislator, sample_legislators, sample_letter
from tests.wording import raises, told

ADD_ROADS = {"do": "add", "committees": ["board/roads"]}
COMMITTEE_LETTER = {
    "name": "committee",
    "place": 2,
    "own": "other",
    "closing": "To a member of the {{ committee }}.\n\n{{ supporter_name }}",
    "committees": ["board/roads"],
}


def seat_on_roads(session: Session, *members: Legislator, name: str = "Roads") -> None:
    board = Committee(key="board/roads", state="WI", chamber="lower", name=name, as_of=date(2026, 3, 1))
    session.add(board)
    session.flush()
    for place, one in enumerate(members, 1):
        session.add(
            CommitteeMember(committee_id=board.id, place=place, legislator_key=one.key, name=one.name, role="member")
        )
    session.flush()


def campaign_with(database: Database, *rules: dict[str, Any], members: int = 3, **columns: Any) -> int:
    """AB 969 with one letter for a supporter's own and one for others; Lara and Tomas sit on the committee."""
    with database.write() as session:
        campaign = sample_campaign(session, targets=list(rules), **columns)
        campaign.letters[0].own = "own"
        sample_letter(session, campaign, **COMMITTEE_LETTER)
        _, lara, tomas = sample_legislators(session)
        more = [
            sample_legislator(session, district=str(n), name=f"Sample {n}", family_name=f"Sample {n}")
            for n in range(members - 2)
        ]
        seat_on_roads(session, lara, tomas, *more)
        return campaign.id


def written_to(database: Database, number: int, seats: list[tuple[str, str]]) -> list[tuple[str, str]]:
    with database.read() as session:
        campaign = session.get_one(Campaign, number)
        found = composing.compose_all(campaign, targets_of(session, campaign), seats, MAI, key="k" * 32)
    return [(copy.short_name, copy.letter.name) for copy in found.copies]


def test_members_of_a_committee_are_written_to_beside_ones_own(any_database: Database) -> None:
    number = campaign_with(any_database, ADD_ROADS)
    assert written_to(any_database, number, SEATS) == [
        ("Sen. Uma Pattern", "everyone"),
        ("Rep. Lara Sample", "everyone"),  # on the committee, and the supporter's own
        ("Rep. Tomas Mould", "committee"),
        ("Rep. Sample 0", "committee"),
    ]


def test_targets_follow_the_roster_without_being_picked_again(database: Database, now: datetime) -> None:
    number = campaign_with(database, ADD_ROADS)
    with database.write() as session:
        session.scalars(select(Legislator).where(Legislator.name == "Tomas Mould")).one().gone_at = now
    assert ("Rep. Tomas Mould", "committee") not in written_to(database, number, SEATS)
    with database.write() as session:
        session.scalars(select(Committee)).one().gone_at = now
    assert [name for name, _ in written_to(database, number, SEATS)] == ["Sen. Uma Pattern", "Rep. Lara Sample"]


def test_only_leave_out_and_thank(database: Database) -> None:
    number = campaign_with(database)

    def with_rules(*rules: dict[str, Any]) -> list[str]:
        with database.write() as session:
            session.get_one(Campaign, number).targets = list(rules)
        return [name for name, _ in written_to(database, number, SEATS)]

    with database.read() as session:
        lara = session.scalars(select(Legislator.key).where(Legislator.name == "Lara Sample")).one()
    assert with_rules({"do": "only", "committees": ["board/roads"]}) == ["Rep. Lara Sample"]
    assert with_rules({"do": "leave out", "people": [lara]}) == ["Sen. Uma Pattern"]
    assert with_rules({"do": "only", "parties": ["None of ours"]}) == []
    assert with_rules({"do": "thank", "people": [lara]}) == ["Sen. Uma Pattern"]  # there is no letter of thanks
    with database.write() as session:
        thanks = {**COMMITTEE_LETTER, "name": "thanks", "own": "any", "to": "thank", "committees": [], "closing": "x"}
        sample_letter(session, session.get_one(Campaign, number), **{**thanks, "closing": "{{ supporter_name }}"})
    assert written_to(database, number, SEATS) == [("Sen. Uma Pattern", "everyone"), ("Rep. Lara Sample", "thanks")]


def test_whom_the_campaign_passes_over_is_told(database: Database) -> None:
    number = campaign_with(database, {"do": "only", "committees": ["board/roads"]})
    with database.read() as session:
        campaign = session.get_one(Campaign, number)
        found = composing.compose_all(campaign, targets_of(session, campaign), SEATS, MAI, key="k" * 32)
    assert [one.name for one in found.passed_over] == ["Uma Pattern"]


def test_an_action_writes_each_target_once_with_its_letter(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    number = campaign_with(any_database, ADD_ROADS)
    made = submission(any_database, number)
    assert take(any_database, made, settings, now).id == take(any_database, made, settings, now).id
    with any_database.read() as session:
        names = session.scalars(select(Message.target_name).order_by(Message.id)).all()
    assert names == [
        "Senator Uma Pattern", "Representative Lara Sample", "Representative Tomas Mould", "Representative Sample 0",
    ]  # fmt: skip
    with pytest.raises(AlreadyActed) as refused:
        take(any_database, submission(any_database, number, key="m" * 32), settings, now)
    assert refused.value.names[2:] == ("Representative Tomas Mould", "Representative Sample 0")


def test_a_new_member_since_the_page_was_shown_stops_the_letters(
    database: Database, settings: Settings, now: datetime
) -> None:
    number = campaign_with(database, ADD_ROADS)
    made = submission(database, number)
    with database.write() as session:
        board = session.scalars(select(Committee)).one()
        new = sample_legislator(session, district="99", name="New Sample", family_name="Sample")
        session.add(CommitteeMember(committee_id=board.id, place=9, legislator_key=new.key, name="x", role="member"))
    with pytest.raises(TargetsChanged):
        take(database, made, settings, now)


def test_without_chambers_nobodys_district_is_asked(database: Database) -> None:
    number = campaign_with(database, ADD_ROADS, chambers=[])
    assert [name for name, _ in written_to(database, number, [])] == [
        "Rep. Tomas Mould", "Rep. Lara Sample", "Rep. Sample 0",
    ]  # fmt: skip


def test_who_sits_in_another_chamber_is_still_in_office(database: Database) -> None:
    number = campaign_with(database, chambers=["upper"])
    with database.write() as session:
        campaign = session.get_one(Campaign, number)
        lara = session.scalars(select(Legislator.key).where(Legislator.name == "Lara Sample")).one()
        campaign.targets = [{"do": "leave out", "people": [lara]}]
        campaign.letters[0].chambers = campaign.letters[1].chambers = []
        found = reading.matrix(session, "ab969")
    assert found.faults == ()
    ((do, whom, count),) = found.rules
    assert (do, members(whom), count) == ("leave out", "Representative Lara Sample, district 76", 1)


def test_the_number_of_queries_does_not_grow_with_the_targets(database: Database) -> None:
    number = campaign_with(database, ADD_ROADS)
    with executed(database.engine) as for_few:
        assert len(written_to(database, number, SEATS)) == 4
    with database.write() as session:
        board = session.scalars(select(Committee)).one()
        for n in range(10, 45):
            one = sample_legislator(session, district=str(n))
            session.add(CommitteeMember(committee_id=board.id, place=n, legislator_key=one.key, name="x", role="x"))
    with executed(database.engine) as for_many:
        assert len(written_to(database, number, SEATS)) == 39
    assert len(for_few) == len(for_many) <= 8


def test_the_committee_of_each_is_named_in_their_letter(database: Database) -> None:
    number = campaign_with(database, ADD_ROADS)
    with database.read() as session:
        campaign = session.get_one(Campaign, number)
        found = composing.compose_all(campaign, targets_of(session, campaign), SEATS, MAI, key="k" * 32)
    assert [copy.why and members(copy.why) for copy in found.others] == [
        "members of the Assembly Committee on Roads"
    ] * 2
    assert "To a member of the Assembly Committee on Roads." in found.others[0].filled.text


def test_what_can_be_chosen_is_what_the_roster_has(database: Database) -> None:
    campaign_with(database, members=4)
    with database.read() as session:
        found = choices(session, "WI")
    assert found.parties == ["Example Party"]
    assert [key for key, _ in found.chambers] == ["upper", "lower", "us_upper", "us_lower"]
    assert [(one.name, one.members) for one in found.committees] == [("Assembly Committee on Roads", 4)]


RULES = """
[[targets]]
do = "add"
committees = ["board/roads"]
parties = ["Democratic"]

[[targets]]
do = "thank"
people = ["p/1"]

[[letters]]
name = "Thanks"
to = "thank"
subjects = ["Thank you for {{ bill }}"]
opening = "{{ salutation }}"
body = "Thank you for {{ bill }}."
closing = "{{ supporter_name }}"

[[letters]]
name = "Committee"
own = "other"
committees = ["board/roads"]
subjects = ["{{ bill }}"]
opening = "{{ salutation }}"
body = "Please support {{ bill }}."
closing = "To the {{ committee }}. {{ supporter_name }}"
"""
WITH_RULES = MINIMAL.replace("\n[[letters]]", RULES + "\n[[letters]]", 1)


def test_a_file_with_rules_comes_back_as_it_was(any_database: Database, now: datetime) -> None:
    load(any_database, WITH_RULES, now)
    with any_database.read() as session:
        text = saving.export(session, "rides")
        campaign = reading.campaign_of(session, "rides")
    assert campaign.targets == [
        {"do": "add", "parties": ["Democratic"], "committees": ["board/roads"]},
        {"do": "thank", "people": ["p/1"]},
    ]
    assert [(one.name, one.own, one.to) for one in campaign.letters] == [
        ("Thanks", "any", "thank"), ("Committee", "other", "ask"), ("All", "any", "ask"),
    ]  # fmt: skip
    assert read_campaign(text, source="x") == read_campaign(WITH_RULES, source="x")
    assert load(any_database, text, now).outcome == "unchanged"


def test_a_file_from_before_there_were_rules_changes_no_letter(database: Database, now: datetime) -> None:
    load(database, MINIMAL, now)
    with database.read() as session:
        assert "[[targets]]" not in saving.export(session, "rides")
        assert "own =" not in saving.export(session, "rides")
        assert reading.campaign_of(session, "rides").letters[0].sha256.startswith("aee1648b6110")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('do = "thank"', 'do = "thanks"', (21, 6), "Did you mean thank?"),
        ("committees = [", "comittees = [", (17, 13), "did you mean committees?"),
        ('do = "thank"\n', "", (20, 1), '"do" is missing in target rule 2'),
        ('people = ["p/1"]', "people = []", (20, 1), "target rule 2: It names nobody"),
        ('people = ["p/1"]', 'people = ["p/1", "p/1"]', (22, 10), "twice"),
        ('people = ["p/1"]', 'chambers = ["legislature"]', (22, 12), 'has "upper" and "lower"'),
        ('to = "thank"', 'to = "ask"', (21, 6), "no letter of thanks"),
        ('own = "other"', 'own = "mine"', (34, 7), "It must be one of any, own, other."),
        ("{{ bill }}.", "{{ committee }}.", (29, 26), "differs from legislator to legislator"),
    ],
)
def test_what_is_wrong_in_rules_is_told_with_its_place(old: str, new: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(CampaignFileError) as refused:
        read_campaign(WITH_RULES.replace(old, new, 1), source="file.toml")
    assert words in told(refused.value)
    assert (refused.value.line, refused.value.column) == place


def test_a_committee_can_be_named_in_letters_to_committees_only() -> None:
    text = WITH_RULES.replace('closing = "Sincerely, ', 'closing = "{{ committee }} ')
    with raises(CampaignFileError, match="only stand in a letter for the members of committees"):
        read_campaign(text, source="file.toml")


def test_a_campaign_that_writes_to_nobody_is_refused() -> None:
    with raises(CampaignFileError, match="writes to nobody"):
        read_campaign(MINIMAL.replace('chambers = ["upper", "lower"]\n', "", 1), source="file.toml")
    without = WITH_RULES.replace('chambers = ["upper", "lower"]\n', "", 1)
    assert read_campaign(without, source="file.toml")[0]["chambers"] == []

"""A supporter sees everybody who will be written to, their own apart from others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from tests.any_state import any_state
from tests.samples import NOW, sample_legislator, sample_letter
from tests.web.supporter_pages import SupporterBrowser, title, words

ADD_ROADS = {"do": "add", "committees": ["board/roads"]}


def target(database: Database, *rules: dict[str, Any], members: int = 6, **columns: Any) -> None:
    """Give the sample campaign rules; the committee has Tomas Mould and others, none of them the supporter's own."""
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.targets = list(rules)
        for key, value in columns.items():
            setattr(campaign, key, value)
        campaign.letters[0].own = "own"
        sample_letter(session, campaign, name="committee", place=2, own="other", body="No to AB 969, in committee.")
        board = Committee(key="board/roads", state="WI", chamber="lower", name="Roads", as_of=NOW.date())
        session.add(board)
        session.flush()
        people = [session.scalars(select(Legislator).where(Legislator.district == "77")).one()]
        people += [sample_legislator(session, district=str(n), name=f"Sample {n}") for n in range(members - 1)]
        for place, one in enumerate(people):
            session.add(
                CommitteeMember(
                    committee_id=board.id, place=place, legislator_key=one.key, name=one.name, role="member"
                )
            )


def test_everybody_is_named_and_the_button_counts_those_who_are_many(
    supporter: SupporterBrowser, database: Database
) -> None:
    target(database, ADD_ROADS)
    page = supporter.to_letter()
    text = words(page)
    assert "Your legislators Senator Uma Pattern" in text
    assert "Also to members of the Assembly Committee on Roads" in text
    assert "They do not represent you, as far as we know, but this campaign writes to them too." in text
    assert "All 6 of them Representative Tomas Mould" in text
    assert all(f"Representative Sample {n}" in text for n in range(5))
    button = "Send to Sen. Uma Pattern, Rep. Lara Sample and 6 members of the Assembly Committee on Roads"
    assert button in text
    sent = supporter.send()
    assert title(sent).startswith("Your 8 letters are queued")
    with database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 8
    assert "Representative Sample 4" in words(sent)


def test_a_letter_to_many_is_edited_and_previewed_once(supporter: SupporterBrowser, database: Database) -> None:
    target(database, ADD_ROADS)
    page = supporter.to_letter()
    text = words(page)
    assert page.text.count("No to AB 969, in committee.") == 2  # the field and one preview
    assert "The letter to 6 members of the Assembly Committee on Roads" in text
    assert "; 5 others get the same, each addressed by name" in text
    supporter.send(body_2="No, says Mai, to AB 969.")
    with database.read() as session:
        letters = session.scalars(select(Message).where(Message.target_name.like("%Sample%"))).all()
    assert len(letters) == 6  # Lara and five of the committee


def test_a_receipt_of_many_tells_what_became_of_each_in_one_card(
    supporter: SupporterBrowser, database: Database
) -> None:
    target(database, ADD_ROADS)
    supporter.to_letter()
    page = supporter.send()
    assert page.text.count('<th scope="row">') == 3  # the two of their own, and the committee
    assert page.text.count("Queued: it waits for its turn") == 3
    text = words(page)
    assert "6 legislators Queued: it waits for its turn to leave. As of" in text
    assert "One letter to 6 legislators Representative Tomas Mould" in text
    shared = page.text.partition("What all of them say")[2].partition("</li>")[0]
    marked = re.findall("<mark>(.*?)</mark>", shared)
    assert marked[0] == "Dear Representative Mould," and marked[-1].startswith("Verify or report: ")
    assert len(marked) == 2
    assert "</mark>\n\nNo to AB 969, in committee.\n\nSincerely,\nMai Example" in shared
    assert "No to AB 969, in committee." in shared and "Mai Example" in shared
    assert page.text.count("No to AB 969, in committee.") == 1 + 6  # and each whole, under its name
    with database.write() as session, any_state(session):
        for one in session.scalars(select(Message).where(Message.target_name.in_(["Representative Sample 1"]))):
            one.state = "bounced"
    text = words(supporter.get(supporter.path))
    assert "5 of them Queued: it waits for its turn to leave. Representative Tomas Mould" in text
    assert "1 of them Came back: the legislator's mail system did not take it. The" in text


def test_a_third_letter_to_write_stands_closed_until_it_was_touched(
    supporter: SupporterBrowser, database: Database
) -> None:
    target(database, ADD_ROADS)
    assert '<details class="edit"' not in supporter.to_letter().text
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.letters[0].chambers = ["upper"]
        sample_letter(session, campaign, name="lower", place=3, chambers=["lower"], own="own", body="No, Assembly.")

    def opened(page: str) -> list[bool]:
        return [" open" in one for one in re.findall(r'<details class="edit"[^>]*>', page)]

    assert opened(supporter.to_letter().text) == [True, False, False]
    assert opened(supporter.submit(go="send", body_3="").text) == [True, False, True]


def test_few_others_are_named_on_the_button(supporter: SupporterBrowser, database: Database) -> None:
    target(database, ADD_ROADS, members=2)
    page = supporter.to_letter()
    assert "Send to Sen. Uma Pattern, Rep. Lara Sample, Rep. Tomas Mould and Rep. Sample 0" in words(page)
    assert "<details>\n  <summary>All" not in page.text


def test_without_chambers_no_legislator_is_asked_for(supporter: SupporterBrowser, database: Database) -> None:
    target(database, ADD_ROADS, chambers=[])
    first = words(supporter.get("/campaigns/ab969"))
    assert "It tells us who represents you" not in first
    assert "Continue to your letter" in first
    text = words(supporter.begin(zip="53703"))  # a ZIP code that would leave a question
    assert "Your letter" in text
    assert "Your legislators" not in text
    assert "It goes to members of the Assembly Committee on Roads" in text
    assert "Send to 6 members of the Assembly Committee on Roads" in text
    assert title(supporter.send()).startswith("Your 6 letters are queued")


def test_who_does_not_know_their_legislators_can_write_to_the_others(
    supporter: SupporterBrowser, database: Database
) -> None:
    target(database, ADD_ROADS, chambers=["lower"])
    page = supporter.begin(zip="53703")
    assert "Nobody in the Wisconsin State Assembly gets a letter from you as their constituent." in words(page)
    assert "goes only to the people who represent you" not in words(page)
    text = words(supporter.submit(lower="unsure"))
    assert "Your legislators" not in text
    assert "Send to 6 members of the Assembly Committee on Roads" in text


@pytest.mark.parametrize(
    ("party", "words_told"),
    [
        ("Nobody's Party", "Senator Uma Pattern and Representative Lara Sample are not among them, so there is nobody"),
        ("Rose Party", "Representative Lara Sample is not among them."),
    ],
)
def test_whom_the_campaign_passes_over_is_said(
    supporter: SupporterBrowser, database: Database, party: str, words_told: str
) -> None:
    target(database, {"do": "only", "parties": [party]})
    with database.write() as session:
        session.scalars(select(Legislator).where(Legislator.name == "Uma Pattern")).one().party = "Rose Party"
    page = supporter.to_letter()
    assert "This campaign writes only to some legislators." in words(page)
    assert words_told in words(page)
    assert bool(re.search(r'value="send"', page.text)) is (party == "Rose Party")


def test_who_is_thanked_is_said(supporter: SupporterBrowser, database: Database) -> None:
    target(database, {"do": "thank", "chambers": ["upper"]})
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        sample_letter(session, campaign, name="thanks", place=3, to="thank", body="Thank you for opposing AB 969.")
    text = words(supporter.to_letter())
    assert text.count("Gets a letter of thanks.") == 1
    assert "The letter to Senator Uma Pattern" in text
    assert "Thank you for opposing AB 969." in text

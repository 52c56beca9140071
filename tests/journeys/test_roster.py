"""Staff look somebody up, correct an address, and go back to the committees before the last import."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from actionmail.rules.roster.committees import CommitteeRow
from tests.datasets import bring_committees
from tests.journeys.conftest import Look, View
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", [View(360, True), View(1280, True)], indirect=True, ids=str)
def test_search_correct_and_go_back(page: Page, house: House, look: Look) -> None:
    name = f"Committee {token_hex(4)}"
    import_committees(house, "Committee on Samples")
    import_committees(house, name)
    sign_in(page, house)

    page.get_by_role("link", name="Roster").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Roster")
    look(page, "staff-roster")
    page.get_by_label("State", exact=True).select_option("CA")
    page.get_by_label("Show").select_option("problems")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("table")).to_contain_text("address shared with another")
    page.get_by_label("Name, district or address").fill("no such person")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("Nobody fits this search.")
    page.get_by_role("link", name="Show everybody").click()
    page.get_by_label("Name, district or address").fill("76")
    page.get_by_label("State", exact=True).select_option("WI")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("table").get_by_role("link").first.click()

    page.get_by_label("What is wrong?").select_option("phone")
    page.get_by_label("What should it be?").fill("608-555-0100")
    page.get_by_role("button", name="Correct").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    look(page, "staff-legislator-error")
    expect(page.get_by_label("What should it be?")).to_have_value("608-555-0100")
    page.get_by_label("Why?").fill("The office moved")
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_role("status")).to_contain_text("608-555-0100")
    look(page, "staff-legislator")
    page.get_by_label("Why withdraw it?").fill("The dataset has it now")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("What the dataset says stands again.")

    page.get_by_role("link", name="Roster").first.click()
    page.get_by_role("link", name=re.compile("going back would change.*committees")).click()
    expect(page.locator("main")).to_contain_text("Nothing has changed yet.")
    expect(page.locator("main")).to_contain_text(name)
    look(page, "staff-going-back")
    page.get_by_role("button", name="Go back to version").click()
    expect(page.get_by_role("status")).to_contain_text("is in force again")
    expect(page.locator("main")).to_contain_text("undone")


def import_committees(house: House, name: str) -> None:
    """Committees are in the database alone: going back writes no file of the data folder, which is the code's own."""
    row = CommitteeRow(key=f"sample/{name}", state="WI", chamber="lower", name=name, as_of=date(2026, 8, 5))
    with house.database.write() as session:
        bring_committees(session, [row], now=datetime.now(UTC), confirmed=True)

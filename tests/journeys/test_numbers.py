"""Staff look at the numbers, take a table away and print a report."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from actionmail.db.roster import Legislator
from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.samples import sample_action, sample_campaign, sample_letter, sample_message

pytestmark = pytest.mark.browser
_STATES = ("settled", "settled", "accepted", "bounced", "failed")


@pytest.fixture
def slug(house: House) -> str:
    """A campaign that is over, with twenty days of letters to Wisconsin's senators."""
    slug, now = f"numbers-{token_hex(4)}", datetime.now(UTC)
    with house.database.write() as session:
        campaign = sample_campaign(session, slug=slug, status="closed", title="Twenty days of letters")
        subjects = ["Vote no on AB 969", "Nurses, not police, in our schools"]
        letter = sample_letter(session, campaign, name="senators", place=2, subjects=subjects)
        of_senate = (Legislator.state == "WI", Legislator.chamber == "upper", Legislator.gone_at.is_(None))
        senators = session.scalars(select(Legislator).where(*of_senate)).all()
        for number in range(60):
            made = now - timedelta(days=number % 20, hours=1)
            told = {"source": ("flyer", "", "")[number % 3], "language": "en" if number % 7 else "vi"}
            action = sample_action(session, campaign, created_at=made, **told)
            columns = {"supporter_key": f"{slug}-{number}", "created_at": made, "state": _STATES[number % 5]}
            senator = senators[number * number % len(senators)]
            sample_message(session, action, senator, letter, subject=subjects[number % 2], **columns)
    return slug


def test_staff_look_at_numbers_and_take_them_away(
    page: Page, house: House, slug: str, look: Look, tmp_path: Path
) -> None:
    sign_in(page, house, f"/staff/numbers?campaign={slug}")
    expect(page.get_by_role("heading", name="Numbers", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Letters a day")).to_be_visible()
    look(page, "staff-numbers")
    page.get_by_text("The days as a table").click()
    expect(page.get_by_role("table", name=re.compile("^Actions that count"))).to_be_visible()
    look(page, "staff-numbers-days")

    page.get_by_role("link", name="A report of this campaign's letters to print").click()
    expect(page.get_by_role("heading", name="Twenty days of letters")).to_be_visible()
    look(page, "staff-report")
    with page.expect_download() as printed:
        page.get_by_role("button", name="Print (PDF)").click()
    printed.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")

    page.goto(f"{house.site}/staff/exports?campaign={slug}&state=bounced")
    expect(page.locator("main")).to_contain_text("Only those that fit what you chose in the send log: 12.")
    look(page, "staff-exports")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Export the letters").click()
    taken.value.save_as(tmp_path / "letters.csv")
    rows = list(csv.DictReader((tmp_path / "letters.csv").read_text("utf-8-sig").splitlines()))
    assert [row["state"] for row in rows] == ["bounced"] * 12

    page.goto(f"{house.site}/staff/")
    expect(page.get_by_role("img", name="Actions a day")).to_be_visible()
    look(page, "staff-home-numbers")

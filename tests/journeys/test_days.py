"""A week of action: from the news to the reminder that really came, and as staff write it, in a real browser."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.samples import action_day, sample_days

pytestmark = pytest.mark.browser


def week_around(house: House) -> str:
    """The slug of a week whose Midwest has its day today, so that whoever asks is reminded at once."""
    slug = f"week-{token_hex(4)}"
    today: date = datetime.now(UTC).astimezone(ZoneInfo("America/Chicago")).date()
    days = (
        action_day("east", today - timedelta(days=3), ["NY", "MA"]),
        action_day("midwest", today, ["WI", "MN", "HI"]),  # over at midnight in Hawaii
        action_day("west", today + timedelta(days=2), ["CA", "OR"]),
    )
    with house.database.write() as session:
        sample_days(
            session, *days, slug=slug, title="A week of action: your region, your day", posted_on=today, then=["hf3434"]
        )
    return slug


def test_from_the_news_to_the_reminder_and_its_end(page: Page, house: House, email: str, look: Look) -> None:
    slug = week_around(house)
    page.goto(f"{house.site}/?kind=days")
    page.locator(f'.posts h2 a[href="/campaigns/{slug}"]').click()
    expect(page).to_have_url(re.compile(rf"/campaigns/{slug}$"))
    look(page, "days-agenda")
    page.get_by_role("button", name="Show my day").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "days-zip-error")
    page.get_by_label("Your ZIP code").fill("94103")
    page.get_by_role("button", name="Show my day").click()
    expect(page.get_by_role("status").first).to_contain_text("Your region's day is")
    expect(page.locator(".own-day")).to_contain_text("West")
    expect(page.locator(".days > li")).to_have_count(3)
    assert "94103" not in page.url
    look(page, "days")
    page.go_back()
    expect(page.get_by_label("Your ZIP code")).to_be_visible()  # and no question whether to send a form again
    page.go_forward()
    expect(page.locator(".own-day")).to_contain_text("West")
    page.get_by_role("button", name="Remind me by mail").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "days-error")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("ZIP code", exact=True).fill("53704")
    page.get_by_role("group", name="Remind me of").get_by_label("Midwest").check()
    page.get_by_label("You may keep my address to remind me by mail").check()
    page.get_by_role("button", name="Remind me by mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We will remind you")
    look(page, "days-receipt")
    link = _end_of_reminders(house, email)
    page.goto(link)
    look(page, "days-end-reminders")
    page.get_by_role("button", name="Send me no more reminders").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You get no more reminders")
    look(page, "days-reminders-ended")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("No reminders come by this link")


def _end_of_reminders(house: House, email: str) -> str:
    """The link in the one reminder that came to `email`."""
    house.children.finish("worker", "--once")  # the one that runs looks for what is due every minute
    until = time.monotonic() + 300
    while not (mails := [mail for mail in house._inbox() if email in str(mail["To"])]):
        assert time.monotonic() < until, f"no reminder came to {email}"
        time.sleep(0.1)
    (mail,) = mails
    assert str(mail["Subject"]).startswith("Reminder: Midwest")
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert link in mail.get_content()
    return link


def test_the_sample_week_is_over_and_says_what_to_do_now(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/week-of-action")
    expect(page.locator("main")).to_contain_text("This is a historical sample")
    expect(page.locator("main")).to_contain_text("All days have passed.")
    expect(page.locator("main")).to_contain_text("Its letters are not")
    expect(page.locator(".days > li")).to_have_count(5)
    expect(page.get_by_label("E-mail address")).to_have_count(0)
    look(page, "days-over")

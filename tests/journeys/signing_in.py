"""Whoever runs the house signs in."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.house import STAFF, House


def sign_in(page: Page, house: House, path: str = "/staff/") -> None:
    """Ask for a page of the staff, be asked who it is, and come to that page."""
    page.goto(f"{house.site}{path}")
    page.get_by_label("E-mail address").fill(STAFF)
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{house.site}{path}")

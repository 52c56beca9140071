"""A supporter confirms by the mail that really came, in a real browser."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.steps import OWN_WORDS, choose_first, go_on, who, write_and_send
from tests.samples import sample_campaign

pytestmark = pytest.mark.browser


def test_a_letter_goes_out_once_its_writer_confirms_by_the_mailed_link(
    page: Page, house: House, email: str, look: Look
) -> None:
    slug = f"asks-{token_hex(4)}"
    with house.database.write() as session:
        sample_campaign(session, slug=slug, title=f"A campaign that {slug}", confirm="always")
    page.goto(f"{house.site}/campaigns/{slug}")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    write_and_send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not sent yet: please confirm")
    look(page, "receipt-unconfirmed")
    link = house.confirmation_mailed_to(email)
    page.goto(link)
    expect(page.locator("main")).to_contain_text(OWN_WORDS)
    look(page, "confirm")
    page.get_by_role("link", name="This wasn't me").click()
    look(page, "deny")
    page.get_by_role("link", name="It was me").click()
    assert house.letters(email) == []
    page.get_by_role("button", name="Yes, send my letters").click()
    expect(page).to_have_url(re.compile(r"/receipts/"))
    letters = house.wait_for_letters(email, 2)
    assert len(letters) == 2
    assert all(OWN_WORDS in letter.get_content() for letter in letters)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("You confirmed this already")

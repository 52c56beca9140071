"""What a supporter does on each page, told as a person would tell it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

OWN_WORDS = "My two children go to school here."  # too short to be noticed as a flood of the same words


def who(page: Page, email: str, zip_code: str, name: str = "Mai Example") -> None:
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("ZIP code").fill(zip_code)


def go_on(page: Page) -> None:
    page.locator("main form[method=post] button.button").first.click()


def choose_first(page: Page, button: str = "Continue to your letter") -> None:
    expect(page).to_have_url(re.compile(r"/legislators(\?|$)"))
    for question in page.locator("fieldset:has(input[type=radio])").all():
        question.get_by_role("radio").nth(1).check()  # the first is "I am not sure"
    page.get_by_role("button", name=button).click()


def write_and_send(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/letter$"))
    page.get_by_label("Why does this matter to you?").fill(OWN_WORDS)
    page.get_by_label("Send this in my name").check()
    page.get_by_role("button", name=re.compile("^Send ")).click()


def choose_language(page: Page, name: str) -> None:
    """By the links at the head of a page, which are folded."""
    languages = page.locator("nav.languages")
    languages.locator("summary").click()
    languages.get_by_role("link", name=name, exact=True).click()

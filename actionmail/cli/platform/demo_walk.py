"""The demo's supporter: the three steps through the real pages, and the letters as they come in."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from pathlib import Path

import click
from msgspec import Struct

from actionmail.cli.platform.form_filling import Browser, Page, WalkError
from actionmail.cli.platform.processes import Children, DemoError
from actionmail.rules.delivery.mail_text import header_text
from actionmail.rules.districts.settlement import NOT_SURE_ANSWER

_ARRIVAL_SECONDS = 60
_CAMPAIGN = "ab969"
_EXPECTED = 2  # letters


class Arrived(Struct, frozen=True, kw_only=True):
    """One letter in the inbox."""

    to: str
    subject: str
    message_id: str


class Walk(Struct, frozen=True, kw_only=True):
    """What the supporter did, and where their receipt is."""

    name: str
    email: str
    receipt_url: str


def supporter(folder: Path) -> tuple[str, str]:
    """A fictional person. One letter per person and campaign: a later run needs another one."""
    count = folder / "letters-sent"
    number = int(count.read_text()) + 1 if count.exists() else 1
    count.write_text(str(number))
    return ("Mai Example", "mai@example.org") if number == 1 else (f"Mai Example {number}", f"mai{number}@example.org")


def act(site: str, name: str, email: str) -> Walk:
    """Go through the three steps. Raises WalkError where a page is another than expected."""
    browser = Browser()
    page = browser.get(f"{site}/campaigns/{_CAMPAIGN}")
    page = browser.submit(
        page, {"name": name, "email": email, "zip": "53703", "street": "2 Sample Street", "city": "Madison"}
    )
    if page.url.endswith("/legislators"):
        page = browser.submit(page, _choose(page))
    if not page.url.endswith("/letter"):
        raise WalkError(f"after the legislators came {page.url}: {page.excerpt()}")
    page = browser.submit(page, {"personal": "My two children go to school in Madison.", "consent": "y", "go": "send"})
    if "/receipts/" not in page.url:
        raise WalkError(f"after the letter came {page.url}: {page.excerpt()}")
    return Walk(name=name, email=email, receipt_url=page.url)


def _choose(page: Page) -> dict[str, str]:
    """53703 lies in several districts; the supporter says which legislator is theirs."""
    answers = {}
    for name, options in page.form().choices("radio").items():
        click.echo("  ZIP 53703 lies in several districts; the supporter is asked who is theirs:")
        for option in options:
            click.echo(f"    ( ) {option.label}")
        known = next(option for option in options if option.value != NOT_SURE_ANSWER)
        click.echo(f"  They choose {known.label}.")
        answers[name] = known.value
    return answers


def _letters(inbox: Path, email: str) -> list[Arrived]:
    letters = []
    for path in sorted(inbox.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if email in header_text(message, "Reply-To"):
            to, subject, message_id = (header_text(message, name) for name in ("To", "Subject", "Message-ID"))
            letters.append(Arrived(to=to, subject=subject, message_id=message_id))
    return letters


def wait_for_letters(inbox: Path, email: str, children: Children) -> list[Arrived]:
    """Both letters: 53703 has one Senator and, once chosen, one Representative."""
    until = time.monotonic() + _ARRIVAL_SECONDS
    letters: list[Arrived] = []
    while time.monotonic() < until:
        children.check()
        letters = _letters(inbox, email)
        if len(letters) >= _EXPECTED:
            return letters
        time.sleep(0.2)
    raise DemoError(
        f"The letters have not arrived within {_ARRIVAL_SECONDS} seconds; {len(letters)} of {_EXPECTED} did.",
        children.log("worker"),
    )

"""A passkey is made and used, in a real browser with a virtual authenticator; without scripts the page says so."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from actionmail.flows import staff
from actionmail.flows.staff import Role
from tests.journeys.conftest import Look, View
from tests.journeys.house import House
from tests.samples import NOW, light_hash

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def test_a_passkey_signs_in(page: Page, house: House, view: View, look: Look) -> None:
    email = f"anna.{token_hex(4)}@example.org"
    with house.database.write() as session:
        staff.add(session, email, Role.AUTHOR, light_hash(PASSWORD), now=NOW)
    give_password(page, house, email)
    page.goto(f"{house.site}/staff/account")
    page.get_by_role("link", name="Passkeys").click()
    page.get_by_label("Its name").fill("Telephone")
    look(page, "staff-passkeys-none")
    holder = Holder(page) if view.scripts else None
    page.get_by_role("button", name="Add a passkey").click()
    if holder is None:
        expect(page.locator("main")).to_contain_text("This needs JavaScript and a browser that knows passkeys")
        expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
        look(page, "staff-passkey-new")
        return
    expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
    look(page, "staff-passkey-new")
    holder.touch()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    look(page, "staff-recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{house.site}/staff/passkeys")
    expect(page.locator("main")).to_contain_text("Telephone")
    look(page, "staff-passkeys")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(re.compile(r"/staff/$"))
    expect(page.locator("main")).to_contain_text(email)

    page.get_by_role("button", name="Sign out").click()
    give_password(page, house, email)
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    look(page, "staff-second-step")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page).to_have_url(re.compile(r"/staff/$"))

    page.get_by_role("button", name="Sign out").click()
    holder.mistake_its_owner()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was given.")
    look(page, "staff-passkey-use")


def give_password(page: Page, house: House, email: str) -> None:
    page.goto(f"{house.site}/staff/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


class Holder:
    """A virtual authenticator that knows its owner and waits to be touched."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
        }
        self._id = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def touch(self) -> None:
        """From now on it is touched whenever it is asked."""
        self._devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self._id, "enabled": True})

    def mistake_its_owner(self) -> None:
        """From now on finger, face or PIN do not fit."""
        self._devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})

"""An admin gives programs a token and an address to be told at, and asks for mail about what needs attention."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.gateways.hook_server import hook_server
from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in

pytestmark = pytest.mark.browser


def test_an_admin_lets_programs_read_and_be_told(page: Page, house: House, look: Look) -> None:
    name = f"newsletter {token_hex(4)}"
    sign_in(page, house, "/staff/accounts")
    page.get_by_role("link", name="API tokens").click()
    page.get_by_role("button", name="Make the token").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "api-tokens-error")
    page.get_by_label("Which program will use it").fill(name)
    page.get_by_label("read:letters").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("main code").first).to_contain_text("amt_")
    page.get_by_role("link", name="API tokens").click()
    look(page, "api-tokens")
    page.get_by_role("button", name=re.compile(f"^Revoke.*{name}")).click()
    expect(page.locator("main")).to_contain_text("The token is revoked")

    with hook_server() as server:
        page.goto(f"{house.site}/staff/webhooks")
        page.get_by_label("Address").fill(server.url)
        page.get_by_label("stop.opened").check()
        page.get_by_role("button", name="Add it").click()
        expect(page.locator("main code").first).to_contain_text("whsec_")
        look(page, "webhook-new")
        page.get_by_role("link", name="Webhooks").click()
        row = page.get_by_role("row").filter(has_text=server.url)
        row.get_by_role("button", name="Send a test").click()
        for _ in range(60):
            if "taken (204)" in row.inner_text():
                break
            page.wait_for_timeout(1000)
            page.reload()
        expect(row).to_contain_text("webhook.test: taken (204)")
        assert [body["type"] for body in server.bodies] == ["webhook.test"]
        look(page, "webhooks")
        row.get_by_role("button", name=re.compile("^End")).click()
        expect(page.locator("main")).to_contain_text("The webhook is ended")

    page.goto(f"{house.site}/staff/account")
    page.get_by_label("A daily digest").check()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_label("A daily digest")).to_be_checked()
    look(page, "account-notices")
    page.get_by_label("A daily digest").uncheck()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_label("A daily digest")).not_to_be_checked()

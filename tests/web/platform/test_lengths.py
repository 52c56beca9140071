"""What a request may bring is never longer than the column that keeps it, which PostgreSQL would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import String, Text

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Message
from actionmail.db.staff import StaffMember, StaffPasskey, StaffSession
from actionmail.db.unsaved_edits import PageDraft
from actionmail.flows.actions import submitting
from actionmail.flows.review import out_of_count
from actionmail.flows.staff import LONGEST_NAME as LONGEST_PASSKEY_NAME
from actionmail.rules.actions import pressure
from actionmail.rules.actions.copy_mail import MailCopy
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.campaign_form import check_campaign
from actionmail.rules.campaigns.kinds import CODES
from actionmail.rules.campaigns.sharing import LONGEST_SOURCE
from actionmail.rules.campaigns.value_checks import LONGEST_TAG
from actionmail.rules.delivery.states import State
from actionmail.rules.roster import titles
from actionmail.rules.staff import devices
from actionmail.web.platform import arguments, client_address
from actionmail.web.supporter import forms

_KEY = 43  # step.draft_key
_ADDRESS = len("2001:db8:1111:2222:3333:4444:5555:6666")
# Every bounded column that a request writes, with the longest that the door lets through.
LONGEST = {
    (Draft, "key"): _KEY,
    (Action, "idempotency_key"): _KEY,
    (Action, "receipt_token"): 43,
    (Action, "name"): forms.MAX_NAME,
    (Action, "email"): forms.MAX_EMAIL,
    (Action, "zip"): 5,
    (Action, "street"): forms.MAX_STREET,
    (Action, "city"): forms.MAX_CITY,
    (Action, "state"): max(map(len, titles.STATES)),
    (Action, "phone"): forms.MAX_PHONE,
    (Action, "language"): LONGEST_TAG,
    (Action, "source"): LONGEST_SOURCE,
    (Action, "consent_address"): _ADDRESS,
    (Action, "mailbox_key"): len(submitting.supporter_key_of("mai@example.org", "secret")),
    (Action, "invalid_reason"): out_of_count.LONGEST_REASON,
    (Action, "review"): max(map(len, Review)),
    (Action, "held_for"): max(map(len, [*pressure.Scope, pressure.TRAP])),
    (Action, "mail_copy"): max(map(len, MailCopy)),
    (Campaign, "kind"): max(map(len, CODES)),
    (Letter, "name"): arguments.LONGEST_NAME,
    (PageDraft, "page"): len("letter:") + arguments.LONGEST_NAME,
    (PageDraft, "seen"): arguments.LONGEST_REVISION,
    (StaffPasskey, "name"): LONGEST_PASSKEY_NAME,
    (StaffMember, "email"): forms.MAX_EMAIL,
}


def length(table: Any, name: str) -> int:
    found: int | None = table.__table__.columns[name].type.length
    assert found is not None
    return found


@pytest.mark.parametrize(("table", "name"), LONGEST)
def test_a_column_holds_the_longest_that_the_door_lets_through(table: Any, name: str) -> None:
    assert LONGEST[table, name] <= length(table, name)


@pytest.mark.parametrize("table", [Action, Draft])
def test_every_bounded_column_that_a_supporter_fills_is_measured_here(table: Any) -> None:
    bounded = {
        column.name
        for column in table.__table__.columns
        if isinstance(column.type, String) and not isinstance(column.type, Text)
    }
    assert bounded == {name for owner, name in LONGEST if owner is table}


@pytest.mark.parametrize(
    "name",
    [
        "slug",
        "title",
        "session",
        "bill",
        "bill_title",
        "stage",
        "organisation",
        "link_text",
        "deadline_label",
        "timezone",
    ],
)
def test_a_campaigns_line_that_its_column_cannot_hold_is_refused(name: str) -> None:
    _, faults = check_campaign({name: "x" * (length(Campaign, name) + 1)})
    assert faults.get(name)


def test_a_machines_name_fits_whatever_the_browser_calls_itself() -> None:
    longest = max(
        len(devices.device_name(f"{browser} {system}"))
        for browser, _ in devices._BROWSERS
        for system, _ in devices._SYSTEMS
    )
    assert longest <= length(StaffSession, "device")
    assert len(devices.device_name("x" * 100_000)) <= length(StaffSession, "device")


def test_no_address_is_longer_than_its_column() -> None:
    longest = "2001:db8:1111:2222:3333:4444:5555:6666"
    for text in (longest, f"[{longest}]:65535", f"{longest}%eth0", "x" * 1_000, f"::ffff:{'255.' * 3}255"):
        assert len(client_address.parse_address(text)) <= length(Action, "consent_address")


def test_every_state_fits() -> None:
    assert max(len(state.value) for state in State) <= length(Message, "state")

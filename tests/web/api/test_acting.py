"""Acting by a partner's own form: the same checks, consent and limits, for pages of listed websites alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import altcha
import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.rules.actions.pressure import TRAP
from actionmail.settings import Settings
from tests.samples import sample_legislator, sample_petition
from tests.web.supporter_pages import BASE, SupporterBrowser, words

PARTNER = "https://partner.example"
MAI = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704"}


class Partner:
    """A page of a partner, as far as it asks us."""

    def __init__(self, app: Flask, slug: str, origin: str = PARTNER) -> None:
        self.client = app.test_client(use_cookies=False)
        self.path, self.origin = f"/api/v1/campaigns/{slug}", origin
        self.answers: list[TestResponse] = []

    def get(self, noun: str) -> TestResponse:
        return self._kept(self.client.get(f"{self.path}/{noun}", base_url=BASE, headers={"Origin": self.origin}))

    def post(self, noun: str, **typed: Any) -> TestResponse:
        headers = {"Origin": self.origin}
        return self._kept(self.client.post(f"{self.path}/{noun}", base_url=BASE, headers=headers, json=typed))

    def token(self) -> str:
        return str(self.get("form").json["token"])  # type: ignore[index]

    def write(self, **typed: Any) -> TestResponse:
        """A letter from its form to its press."""
        token = typed.pop("token", "") or self.token()
        shown = self.post("letters", token=token, **MAI).json
        assert shown is not None
        agreed = {"consent": shown["consent"], "seen": shown["seen"]}
        return self.post("actions", **{"token": token, **MAI, **agreed, **typed})

    def _kept(self, response: TestResponse) -> TestResponse:
        self.answers.append(response)
        return response


@pytest.fixture
def listed(site: Flask, database: Database) -> Flask:
    with database.write() as session:
        sample_petition(session, sites=[PARTNER])
        session.execute(update(Campaign).where(Campaign.slug == "ab969").values(sites=[PARTNER]))
    return site


@pytest.fixture
def letter(listed: Flask) -> Partner:
    return Partner(listed, "ab969")


@pytest.fixture
def petition(listed: Flask) -> Partner:
    return Partner(listed, "clemency")


def actions(database: Database) -> list[Action]:
    with database.read() as session:
        return list(session.scalars(select(Action).order_by(Action.id)))


def test_too_many_are_told_so_where_the_partners_page_can_read_it(petition: Partner, listed: Flask) -> None:
    for _ in range(70):  # what browsers ask before they post, of whom each does so for itself
        asked = petition.client.options(f"{petition.path}/actions", base_url=BASE, headers={"Origin": PARTNER})
        assert asked.status_code == 204
    answers = [petition.post("actions") for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {400}
    refused = answers[60]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert refused.json is not None
    assert refused.json["detail"] == "At most 60 per minute from one address: please wait a minute."
    assert refused.headers["Access-Control-Allow-Origin"] == PARTNER
    assert refused.headers["Access-Control-Expose-Headers"] == "Retry-After"
    elsewhere = Partner(listed, "clemency", "https://elsewhere.example").post("actions")
    assert elsewhere.status_code == 429
    assert "Access-Control-Allow-Origin" not in elsewhere.headers


def test_a_letter_from_a_partners_form(letter: Partner, listed: Flask, database: Database) -> None:
    form = letter.get("form").json
    assert form is not None
    assert [field["name"] for field in form["fields"]] == ["name", "email", "zip", "street", "city", "phone"]
    shown = letter.post("letters", token=form["token"], **MAI).json
    assert shown is not None
    (only,) = shown["letters"]
    assert len(only["to"]) == 2
    assert "I ask you to vote no on AB 969." in only["body"]
    taken = letter.post(
        "actions",
        token=form["token"],
        **MAI,
        personal="My two children go to school here.",
        letters=[{"number": 1, "subject": "Please vote no"}],
        consent=shown["consent"],
        seen=shown["seen"],
        source="partner",
    )
    assert taken.status_code == 201
    assert taken.json is not None
    assert taken.json["waits"] == ""
    (action,) = actions(database)
    assert action.consent_text.startswith("Send this in my name: Send to ")
    assert action.consent_text == shown["consent"]
    assert (action.source, action.email, action.lookup["districts"]) == (
        "partner", "mai@example.org", ["upper/26", "lower/76"],
    )  # fmt: skip
    with database.read() as session:
        assert set(session.scalars(select(Message.subject))) == {"Please vote no"}
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
    receipt = SupporterBrowser(listed).get(taken.json["receipt"].removeprefix(BASE))
    assert "My two children go to school here." in words(receipt)
    assert not any("Set-Cookie" in answer.headers for answer in letter.answers)


def test_a_letter_goes_to_many_from_a_partners_form(letter: Partner, database: Database) -> None:
    with database.write() as session:
        for number in range(60):
            sample_legislator(session, district=f"{number}", party="Other Party")
        rules = [{"do": "add", "parties": ["Other Party"]}]
        session.execute(update(Campaign).where(Campaign.slug == "ab969").values(targets=rules))
    taken = letter.write()
    assert taken.status_code == 201, taken.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 62


def test_what_the_zip_code_does_not_tell_is_asked_and_answered(letter: Partner, database: Database) -> None:
    token, home = letter.token(), {**MAI, "zip": "53703"}
    shown = letter.post("letters", token=token, **home).json
    assert shown is not None
    (question,) = shown["questions"]
    assert question["chamber"] == "lower"
    assert {choice["value"] for choice in question["choices"]} >= {"76", "77"}
    early = letter.post("actions", token=token, **home, consent="x", seen="x")
    assert (early.status_code, list(early.json["fields"])) == (422, ["seats"])  # type: ignore[index]
    seats = {"lower": "76"}
    shown = letter.post("letters", token=token, **home, seats=seats).json
    assert shown is not None
    taken = letter.post("actions", token=token, **home, seats=seats, consent=shown["consent"], seen=shown["seen"])
    assert taken.status_code == 201
    assert actions(database)[0].lookup["chosen"] == {"lower": "76"}


def test_street_and_city_are_asked_for_where_the_campaign_asks_everybody(letter: Partner, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(asks_street=True))
    token = letter.token()
    answer = letter.post("letters", token=token, **MAI)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["street", "city"])  # type: ignore[index]
    told = letter.post("letters", token=token, **MAI, street="2 Sample Street", city="Madison")
    assert told.status_code == 200


def test_a_petition_from_a_partners_form(petition: Partner, database: Database) -> None:
    form = petition.get("form").json
    assert form is not None
    assert {field["name"] for field in form["fields"]} >= {"name", "email", "zip", "comment", "show_name"}
    details = {"comment": "My cousin.", "show_name": True}
    taken = petition.post("actions", token=form["token"], **MAI, details=details, consent=form["consent"], updates=True)
    assert taken.status_code == 201
    (action,) = actions(database)
    assert (action.details, action.wants_updates) == (details, True)
    assert action.consent_text == form["consent"]
    again = petition.post("actions", token=petition.token(), **MAI, consent=form["consent"])
    assert again.status_code == 409
    assert "Somebody signed this petition with this mailbox already" in again.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize("name", ["ab969", "clemency"])
def test_a_second_press_of_one_form_is_one_action(listed: Flask, database: Database, name: str) -> None:
    partner = Partner(listed, name)
    form = partner.get("form").json
    assert form is not None
    if name == "ab969":
        first, second = partner.write(token=form["token"]), partner.write(token=form["token"])
    else:
        typed = {"token": form["token"], **MAI, "consent": form["consent"]}
        first, second = partner.post("actions", **typed), partner.post("actions", **typed)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert len(actions(database)) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "mai@nowhere"}, "email"),
        ({"email": "mai@gmial.com"}, "email"),
        ({"zip": "00000"}, "zip"),
        ({"consent": ""}, "consent"),
        ({"consent": "I agree"}, "consent"),
        ({"letters": [{"number": 1, "body": "\u202edeceit"}]}, "body_1"),
        ({"phone": "call me"}, "phone"),
    ],
)
def test_the_same_is_refused_as_on_our_page_each_at_its_field(
    letter: Partner, database: Database, typed: dict[str, Any], field: str
) -> None:
    answer = letter.write(**typed)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.mimetype == "application/problem+json"
    assert field in answer.json["fields"]
    assert answer.json["fields"][field].endswith((".", "?")) or "button again" in answer.json["fields"][field]
    assert actions(database) == []


def test_letters_that_changed_meanwhile_are_not_sent(letter: Partner, database: Database) -> None:
    answer = letter.write(seen="another")
    assert (answer.status_code, actions(database)) == (409, [])


@pytest.mark.parametrize("origin", ["", "https://evil.example", "null", "https://partner.example.evil.example"])
def test_a_website_that_is_not_listed_gets_nothing(listed: Flask, database: Database, origin: str) -> None:
    partner = Partner(listed, "clemency", origin)
    for answer in (partner.get("form"), partner.post("actions", token="x"), preflight(partner)):
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert actions(database) == []


def preflight(partner: Partner) -> TestResponse:
    headers = {"Origin": partner.origin, "Access-Control-Request-Method": "POST"}
    return partner.client.options(f"{partner.path}/actions", base_url=BASE, headers=headers)


def test_a_browser_may_ask_from_a_listed_one_without_credentials(petition: Partner) -> None:
    answer = preflight(petition)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == PARTNER
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    refused = petition.post("actions", token="x")
    assert refused.headers["Access-Control-Allow-Origin"] == PARTNER  # its sentence can be read


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"token": 1}', b'{"token": "x", "nothing": 1}', b"\xff",
        b"[" * 9_000, b'{"token": "x", "seats": {"lower": 7}}', b'{"token": "x", "details": {"a": [1]}}',
        b'{"token": "' + b"x" * 500 + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_press_gets_a_sentence(petition: Partner, database: Database, body: bytes) -> None:
    path, headers = f"{petition.path}/actions", {"Origin": PARTNER, "Content-Type": "application/json"}
    answer = petition.client.post(path, base_url=BASE, headers=headers, data=body)
    assert answer.status_code in (400, 422)
    assert answer.json is not None
    assert answer.json["detail"]
    assert actions(database) == []


@pytest.mark.parametrize("details", [{"consent": True}, {"email": "x"}, {"nothing": "x"}, {"csrf_token": "x"}])
def test_no_field_comes_in_by_the_back_door(petition: Partner, database: Database, details: dict[str, Any]) -> None:
    answer = petition.post("actions", token=petition.token(), **MAI, details=details, consent="x")
    assert answer.status_code == 422
    assert actions(database) == []


def test_a_form_of_another_campaign_or_of_yesterday_is_none(petition: Partner, letter: Partner) -> None:
    for token in (letter.token(), petition.token()[:-2] + "xx", "x"):
        assert petition.post("actions", token=token, **MAI, consent="x").status_code == 422


def test_a_closed_campaign_says_so(petition: Partner, database: Database) -> None:
    token = petition.token()
    with database.write() as session:
        session.execute(update(Campaign).values(status="closed"))
    for answer in (petition.get("form"), petition.post("actions", token=token, **MAI, consent="x")):
        assert answer.status_code == 409


def test_who_fills_what_nobody_sees_waits_for_staff(petition: Partner, database: Database) -> None:
    form = petition.get("form").json
    assert form is not None
    taken = petition.post(
        "actions", token=form["token"], **MAI, consent=form["consent"], homepage="https://spam.example"
    )
    assert taken.json is not None
    assert (taken.status_code, taken.json["waits"]) == (201, "staff")
    assert actions(database)[0].held_for == TRAP


def test_who_writes_by_anothers_form_writes_a_letter_of_their_own(letter: Partner, database: Database) -> None:
    token = letter.token()
    receipts = []
    for who in (MAI, {**MAI, "name": "Bo Other", "email": "bo@example.org"}, MAI):
        taken = letter.write(token=token, **who).json
        assert taken is not None
        receipts.append(taken["receipt"])
    assert (receipts[0] == receipts[2], receipts[0] == receipts[1]) == (True, False)
    assert sorted(action.name for action in actions(database)) == ["Bo Other", "Mai Example"]


def test_who_presses_anothers_form_is_told_of_their_own_action(petition: Partner, database: Database) -> None:
    """At a device that goes from hand to hand, the first of whom waits for staff."""
    form = petition.get("form").json
    assert form is not None
    agreed = {"token": form["token"], "consent": form["consent"]}
    first = petition.post("actions", **MAI, **agreed, homepage="https://spam.example").json
    second = petition.post("actions", **{**MAI, "email": "bo@example.org"}, **agreed).json
    assert first is not None
    assert second is not None
    assert (first["waits"], second["waits"]) == ("staff", "")
    assert first["receipt"] != second["receipt"]
    assert len(actions(database)) == 2


class TestUnderPressure:
    @pytest.fixture
    def site_settings(self, site_settings: Settings) -> Settings:
        return replace(site_settings, ask_hour=1, hold_hour=0)

    def test_a_browser_works_or_the_supporter_confirms_by_mail(self, petition: Partner, database: Database) -> None:
        form = petition.get("form").json
        assert form is not None
        agreed = {"consent": form["consent"], "zip": "53704", "name": "Mai Example"}
        assert petition.post("actions", token=form["token"], **agreed, email="1@example.org").status_code == 201
        token = petition.token()
        asked = petition.post("actions", token=token, **agreed, email="2@example.org")
        assert asked.status_code == 403
        assert asked.json is not None
        challenge = altcha.Challenge.from_dict(json.loads(asked.json["challenge"]))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        work = altcha.Payload(challenge, solution).to_base64()
        taken = petition.post("actions", token=token, **agreed, email="2@example.org", work=work)
        assert taken.json is not None
        assert (taken.status_code, taken.json["waits"]) == (201, "")
        by_mail = petition.post("actions", token=petition.token(), **agreed, email="3@example.org", by_mail=True)
        assert by_mail.json is not None
        assert (by_mail.status_code, by_mail.json["waits"]) == (201, "confirmation")
        assert [action.unconfirmed for action in actions(database)] == [False, False, True]

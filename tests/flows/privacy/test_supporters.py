"""One supporter: found, looked at, their receipt mailed again, exported, erased."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows import staff
from actionmail.flows.actions import drafts
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import receipt_link, supporter_erasure, supporter_export, supporter_record, supporters
from actionmail.flows.privacy.receipt_link import WAIT, NotMailed, Refusal
from actionmail.flows.privacy.supporter_erasure import Erased, Erasing, SupporterChanged
from actionmail.flows.staff import Role
from actionmail.rules import speech
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, Phase, State
from actionmail.rules.staff.audit_codes import ErasureReason
from actionmail.settings import Settings
from actionmail.web.platform import tongues
from tests.audit import audited
from tests.executed import executed
from tests.samples import (
    light_hash,
    make_searchable,
    sample_action,
    sample_campaign,
    sample_legislators,
    sample_message,
    sample_organisation,
    sample_petition,
    sample_statement,
)
from tests.two_sessions import cross

BY_REQUEST = Erasing(reason=ErasureReason.REQUEST)


@pytest.fixture
def ada(any_database: Database, now: datetime) -> int:
    with any_database.write() as session:
        return staff.add(session, "ada@example.org", Role.ADMIN, light_hash(), now=now).id


def acted(database: Database, **columns: Any) -> list[int]:
    """Two letters and a signature of Mai, under one address in two spellings, and a signature of somebody else's."""
    with database.write() as session:
        campaign, petition = sample_campaign(session), sample_petition(session)
        first, second, _ = sample_legislators(session)
        wrote = sample_action(session, campaign, **columns)
        sample_message(session, wrote, first, campaign.letters[0])
        sample_message(session, wrote, second, campaign.letters[0], state="accepted")
        signed = sample_action(session, petition, email="Mai@example.org", details={"comment": "It is time."})
        other = sample_action(session, petition, name="Mai Other", email="other.mai@example.org")
        return [wrote.id, signed.id, other.id]


def test_a_supporter_is_found_by_their_whole_address_in_any_capitals(any_database: Database) -> None:
    wrote, signed, _ = acted(any_database)
    with any_database.read() as session:
        assert [hit.number for hit in supporters.by_address(session, "MAI@example.org")] == [signed, wrote]
        assert supporters.by_address(session, "ai@example.org") == []
        assert supporters.by_address(session, "%@example.org") == []


def test_an_address_is_looked_for_among_those_that_share_its_number(database: Database) -> None:
    with database.read() as session:
        with executed(database.engine) as seen:
            supporters.by_address(session, "mai@example.org")
        ((statement, parameters),) = [asked for asked in seen if "lower(actions.email)" in asked[0]]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert any("ix_actions_address_bucket_id (address_bucket=?)" in row.detail for row in plan), plan


def test_a_supporter_is_found_by_a_part_of_their_name_page_by_page(any_database: Database) -> None:
    wrote, signed, other = acted(any_database)
    with any_database.write() as session:
        campaign_id = session.get_one(Action, wrote).campaign_id
        session.get_one(Action, other).erased_at = session.get_one(Action, other).created_at
        for number in range(supporters.ON_A_PAGE):
            row = session.get_one(Action, wrote)
            values = {"name": f"Tou 100% Example {number}", "email": f"tou{number}@example.org"}
            session.add(
                Action(
                    campaign_id=campaign_id,
                    idempotency_key=f"k{number}",
                    receipt_token=f"t{number}",
                    zip="53703",
                    state="WI",
                    lookup={},
                    consent_text="",
                    wants_updates=False,
                    created_at=row.created_at,
                    **values,
                )
            )
    for part in (0, 20, 1000):  # what is not searchable yet is found as well, and what is beside it
        with any_database.write() as session:
            make_searchable(session, limit=part or 1)
        with any_database.read() as session:
            assert [hit.number for hit in supporters.by_name(session, " mai ")] == [signed, wrote]
            first = supporters.by_name(session, "example")
            assert len(first) == supporters.ON_A_PAGE + 1
            rest = supporters.by_name(session, "example", before=first[supporters.ON_A_PAGE - 1].number)
            assert [hit.number for hit in rest] == [signed, wrote]
            assert len(supporters.by_name(session, "100%")) == supporters.ON_A_PAGE
            for nothing in ("", "  ", "%", "_____%%", "'", "\\", "a\x00b", "x" * 10_000):
                found = supporters.by_name(session, nothing)
                assert len(found) == (supporters.ON_A_PAGE if nothing == "%" else 0), nothing


def test_a_supporter_is_found_by_the_link_of_a_receipt(any_database: Database) -> None:
    token = "Ab-_" * 10 + "xyz"
    wrote, *_ = acted(any_database, receipt_token=token)
    with any_database.read() as session:
        for link in (token, f"https://act.example.org/receipts/{token}", f"/receipts/{token}/erasure?x=1"):
            assert supporters.by_receipt(session, link) == wrote
        for link in ("", token[:-1], token + "a", f"/receipts/{token}a", "/receipts/" + "x" * 43, "\x00"):
            assert supporters.by_receipt(session, link) is None


def test_whoever_looks_sees_all_of_it_and_stands_in_the_trail_by_a_number(
    any_database: Database, ada: int, now: datetime
) -> None:
    lookup = {
        "method": "zip",
        "data_version": "2024-11-05",
        "districts": ["upper/26", "lower/76"],
        "basis": {"upper": {"method": "zip", "data_version": "2024-11-05", "confidence": "high"}},
    }
    wrote, signed, _ = acted(
        any_database, street="12 Sample Street", phone="608 555 0100", source="bluesky", lookup=lookup
    )
    with any_database.write() as session:
        found = supporter_record.look(session, signed, by=ada, now=now)
    assert found is not None
    assert (found.email, found.count, [action.number for action in found.actions]) == (
        "Mai@example.org",
        2,
        [signed, wrote],
    )
    letter = found.actions[1]
    assert letter.place == "12 Sample Street, Madison, WI 53703"
    assert (letter.phone, letter.source, letter.wants_updates) == ("608 555 0100", "bluesky", False)
    assert [(home.place, home.method) for home in letter.homes] == [
        ("Wisconsin State Senate, District 26", "zip"),
        ("Wisconsin State Assembly, District 76", "zip"),
    ]
    assert [(one.target_name, one.state) for one in letter.letters] == [
        ("Uma Pattern", State.QUEUED),
        ("Lara Sample", State.ACCEPTED),
    ]
    assert found.actions[0].details == {"comment": "It is time."}
    with any_database.read() as session:
        assert audited(session, "supporter_viewed") == [(ada, "supporter_viewed", f"action {signed}", {})]


def test_the_receipt_goes_to_the_address_on_file_once_in_a_while(
    any_database: Database, settings: Settings, ada: int, now: datetime
) -> None:
    wrote, *_ = acted(any_database)

    def ask(at: datetime, number: int = wrote) -> None:
        with any_database.write() as session:
            receipt_link.mail_receipt(session, number, settings=settings, by=ada, now=at)

    def refusal(at: datetime, number: int = wrote) -> Refusal:
        with pytest.raises(NotMailed) as refused:
            ask(at, number)
        return refused.value.refusal

    assert refusal(now, 999) is Refusal.UNKNOWN
    ask(now)
    with any_database.read() as session:
        token = session.get_one(Action, wrote).receipt_token
        mail = session.scalars(select(SupporterMail)).one()
        assert (mail.recipient, mail.kind, mail.action_id) == ("mai@example.org", "receipt", wrote)
        assert f"http://127.0.0.1:8000/receipts/{token}" in mail.raw.decode().replace("=\r\n", "").replace("=3D", "=")
        assert "Mai Example" not in mail.raw.decode()
        assert audited(session, "receipt_mailed") == [(ada, "receipt_mailed", f"action {wrote}", {})]
    assert refusal(now + WAIT - timedelta(seconds=1)) is Refusal.TOO_SOON
    ask(now + WAIT)
    with any_database.write() as session:
        session.get_one(Action, wrote).email = ""
    assert refusal(now + 3 * WAIT) is Refusal.NO_ADDRESS


def test_the_mail_with_the_receipt_speaks_the_supporters_language(
    any_database: Database, settings: Settings, ada: int, now: datetime
) -> None:
    wrote, *_ = acted(any_database)
    speech.learn(tongues.of_installation(settings.data_dir))
    try:
        with any_database.write() as session:
            session.get_one(Action, wrote).language = "es"
            receipt_link.mail_receipt(session, wrote, settings=settings, by=ada, now=now)
            mail = message_from_bytes(session.scalars(select(SupporterMail)).one().raw, policy=default)
    finally:
        speech.learn({})
    assert mail["Subject"].endswith(": el enlace de su comprobante")


class Taking:
    """A mail server that takes everything."""

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        taken = Outcome(state=State.ACCEPTED, phase=Phase.BODY, code=250, text="250 ok")
        return Handover(outcomes={parcel.id: taken for parcel in parcels})


def test_the_receipt_is_mailed_when_the_campaign_is_over_too(
    any_database: Database, settings: Settings, ada: int, now: datetime
) -> None:
    wrote, *_ = acted(any_database)
    with any_database.write() as session:
        session.get_one(Campaign, session.get_one(Action, wrote).campaign_id).status = "closed"
        receipt_link.mail_receipt(session, wrote, settings=settings, by=ada, now=now)
    count, trouble = supporter_mail.send(any_database.write, Taking(), from_address="letters@act.example.org", now=now)
    assert (count, trouble) == (1, None)


def test_two_who_ask_for_the_receipt_at_once_mail_it_once(
    any_database: Database, settings: Settings, ada: int, now: datetime
) -> None:
    wrote, *_ = acted(any_database)
    refused: list[Refusal] = []

    def ask(session: Session) -> None:
        try:
            receipt_link.mail_receipt(session, wrote, settings=settings, by=ada, now=now)
        except NotMailed as error:
            refused.append(error.refusal)

    cross(any_database, ask, ask)
    assert refused == [Refusal.TOO_SOON]
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(SupporterMail)) == 1
        assert len(audited(session, "receipt_mailed")) == 1


def draft_of(session: Session, key: str, campaign_id: int, email: str, now: datetime) -> None:
    drafts.save(session, key, campaign_id=campaign_id, values={"who": {"email": email, "name": "x\x00"}}, now=now)


@pytest.mark.parametrize("state", list(State))
def test_what_erasing_ends_is_what_was_said_before(
    any_database: Database, ada: int, now: datetime, state: State
) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session, slug="hf3434")
        action = sample_action(session, campaign, email="zoe@example.org")
        sample_message(session, action, sample_legislators(session)[0], campaign.letters[0], state=state.value)
        found = supporter_erasure.prospect(session, action.id)
        assert found is not None
        if found.on_the_wire:
            assert state is State.SENDING
            return
        done = supporter_erasure.erase_supporter(session, action.id, seen=found.seen, how=BY_REQUEST, by=ada, now=now)
        was_unclear = state is State.AMBIGUOUS  # it may have left, and is ended all the same
        assert done.letters == found.not_sent + was_unclear


def test_all_of_a_supporter_is_erased_and_nothing_of_another(any_database: Database, ada: int, now: datetime) -> None:
    wrote, signed, other = acted(any_database)
    with any_database.write() as session:
        campaign_id = session.get_one(Action, wrote).campaign_id
        for key, email in (("a", "MAI@example.org"), ("b", "ma.mai@example.org"), ("c", "")):
            draft_of(session, key, campaign_id, email, now)
    with any_database.write() as session:
        found = supporter_erasure.prospect(session, signed)
        assert found is not None
        assert (found.actions, found.not_sent, found.left, found.drafts) == (2, 1, 1, 1)
        done = supporter_erasure.erase_supporter(session, signed, seen=found.seen, how=BY_REQUEST, by=ada, now=now)
    assert done == Erased(actions=2, letters=1, drafts=1)
    with any_database.read() as session:
        assert session.scalars(select(Action.id).where(Action.erased_at.is_not(None)).order_by(Action.id)).all() == [
            wrote,
            signed,
        ]
        assert session.get_one(Action, other).name == "Mai Other"
        assert session.scalars(select(Draft.key).order_by(Draft.key)).all() == ["b", "c"]
        assert session.scalar(select(func.count()).select_from(FrozenLetter)) == 0
        details = {"reason": "request", "numbers": [str(wrote), str(signed)], "letters": 1}
        assert audited(session, "supporter_erased") == [(ada, "supporter_erased", f"action {signed}", details)]
        ended = session.execute(select(Event.actor_kind, Event.actor_id, Event.reason_code)).all()
        assert ended == [("staff", str(ada), "erased_on_request")]
    with any_database.write() as session:
        again = supporter_erasure.prospect(session, signed)
        assert again is not None
        done = supporter_erasure.erase_supporter(session, signed, seen=again.seen, how=BY_REQUEST, by=ada, now=now)
        assert done == Erased(actions=0, letters=0, drafts=0)
    with any_database.read() as session:
        assert len(audited(session, "supporter_erased")) == 1


def test_what_came_since_the_second_look_is_looked_at_first(any_database: Database, ada: int, now: datetime) -> None:
    wrote, *_ = acted(any_database)
    with any_database.write() as session:
        found = supporter_erasure.prospect(session, wrote)
        sample_action(session, sample_petition(session, slug="another"), email="mai@example.org")
    assert found is not None
    with pytest.raises(SupporterChanged), any_database.write() as session:
        supporter_erasure.erase_supporter(session, wrote, seen=found.seen, how=BY_REQUEST, by=ada, now=now)
    with any_database.read() as session:
        assert session.scalar(select(func.count()).where(Action.erased_at.is_not(None))) == 0


@pytest.mark.parametrize("ends", [True, False])
def test_an_organisation_stays_or_goes_as_is_chosen(
    any_database: Database, ada: int, now: datetime, ends: bool
) -> None:
    with any_database.write() as session:
        number = sample_organisation(session, sample_statement(session), "Moon Aid").id
    with any_database.write() as session:
        found = supporter_erasure.prospect(session, number)
        assert found is not None
        assert found.organisations == ["Moon Aid"]
        how = Erasing(reason=ErasureReason.DUTY, is_ended=ends)
        supporter_erasure.erase_supporter(session, number, seen=found.seen, how=how, by=ada, now=now)
    with any_database.read() as session:
        action = session.get_one(Action, number)
        assert (action.cancelled_at is not None) is ends
        assert ("organisation" in action.details) is not ends
        assert "role" not in action.details


def test_two_who_erase_the_same_at_once_erase_it_once(any_database: Database, ada: int, now: datetime) -> None:
    wrote, signed, _ = acted(any_database)
    with any_database.read() as session:
        found = supporter_erasure.prospect(session, wrote)
    assert found is not None
    done: list[object] = []

    def erasing(number: int) -> Callable[[Session], None]:
        def erase(session: Session) -> None:
            try:
                done.append(
                    supporter_erasure.erase_supporter(session, number, seen=found.seen, how=BY_REQUEST, by=ada, now=now)
                )
            except SupporterChanged:
                done.append(None)

        return erase

    cross(any_database, erasing(wrote), erasing(signed), after="FROM actions")
    assert sorted(map(type, done), key=str) == sorted([Erased, type(None)], key=str)
    with any_database.read() as session:
        assert len(audited(session, "supporter_erased")) == 1


def test_the_export_has_all_that_is_kept_and_no_key_to_it(
    any_database: Database, ada: int, now: datetime, settings: Settings
) -> None:
    wrote, signed, _ = acted(
        any_database, street="12 Sample Street", phone="608 555 0100", consent_address="203.0.113.9"
    )
    with any_database.write() as session:
        campaign_id = session.get_one(Action, wrote).campaign_id
        draft_of(session, "a", campaign_id, "mai@example.org", now)
        session.get_one(Action, wrote).quotable = "My two children go to school here."
        receipt_link.mail_receipt(session, wrote, settings=settings, by=ada, now=now)
        tokens = list(session.scalars(select(Action.receipt_token)))
        assert supporter_export.note_export(session, wrote, by=ada, now=now)
        assert not supporter_export.note_export(session, 999, by=ada, now=now)
    with any_database.snapshot() as session:
        raw = b"".join(supporter_export.export(session, wrote, secret=settings.secret_key, now=now))
        assert list(supporter_export.export(session, 999, secret="", now=now)) == []
    assert not any(token.encode() in raw for token in tokens)
    document = json.loads(raw)
    assert (document["format"], document["address"]) == ("actionmail supporter 1", "mai@example.org")
    assert [draft["typed"]["who"]["email"] for draft in document["drafts"]] == ["mai@example.org"]
    first, second = document["actions"]
    assert (first["number"], second["number"]) == (wrote, signed)
    assert first["campaign"] == {
        "slug": "ab969",
        "title": "Keep armed police out of Wisconsin's schools",
        "kind": "letter",
    }
    assert (first["street"], first["phone"]) == ("12 Sample Street", "608 555 0100")
    assert first["consent"]["network_address"] == "203.0.113.9"
    assert [letter["to"] for letter in first["letters"]] == ["Uma Pattern", "Lara Sample"]
    assert "Please vote no." in first["letters"][0]["text"]
    assert [mail["kind"] for mail in first["mails_waiting"]] == ["receipt"]
    assert (first["quotable"], second["quotable"]) == ("My two children go to school here.", "")
    assert second["details"] == {"comment": "It is time."}
    with any_database.read() as session:
        assert audited(session, "supporter_exported") == [
            (ada, "supporter_exported", f"action {wrote}", {"count": 2}),
        ]

"""A new secret key: what was signed before goes on, what is signed from now on is signed by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask import session as session_of_request
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from actionmail.cli import main
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.staff import StaffMember
from actionmail.db.webhooks import Webhook
from actionmail.flows.review import webhooks
from actionmail.flows.staff import Role
from actionmail.rules.delivery import tokens
from actionmail.rules.staff import cursors, passkeys, second_factor
from actionmail.rules.staff.webhooks import CHOOSABLE
from actionmail.settings import KeyRing, Settings
from actionmail.settings_reading import SettingsError
from tests.audit import audited
from tests.samples import sample_campaign, sample_legislators
from tests.web.api.test_acting import MAI, PARTNER, Partner
from tests.web.application import on, open_app
from tests.web.staff_pages import ANNA, hire
from tests.web.supporter_pages import SupporterBrowser, zip_table

NEW = "fedcba9876543210" * 3


@pytest.fixture
def before(settings: Settings, database: Database, tmp_path: Path) -> Settings:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return replace(settings, data_dir=zip_table(tmp_path / "data"), undo_seconds=60)


def rotated(before: Settings) -> Settings:
    return replace(before, secret_key=NEW, old_keys=(before.secret_key,))


def moved(browser: SupporterBrowser, app: Flask) -> SupporterBrowser:
    """The same browser, before an application that has been started anew."""
    other = SupporterBrowser(app)
    cookie = browser.client.get_cookie("actionmail", domain="127.0.0.1")
    assert cookie is not None
    other.client.set_cookie("actionmail", cookie.value, domain="127.0.0.1")
    other.path, other.fields = browser.path, browser.fields
    return other


def test_who_is_in_the_middle_of_a_form_sends_it(before: Settings, database: Database) -> None:
    old = SupporterBrowser(on(database, open_app(before)))
    old.to_letter()
    lost = moved(old, on(database, open_app(replace(before, secret_key=NEW))))
    assert lost.send().status_code == 403, "without the old key"
    browser = moved(old, on(database, open_app(rotated(before))))
    assert browser.send().status_code == 200
    with database.read() as session:
        assert len(session.scalars(select(Message.id)).all()) == 2
    cookie = browser.client.get_cookie("actionmail", domain="127.0.0.1")
    assert cookie is not None
    by_new_alone = on(database, open_app(replace(before, secret_key=NEW)))
    with by_new_alone.test_request_context(base_url=before.base_url, headers={"Cookie": f"actionmail={cookie.value}"}):
        assert "ab969" in session_of_request["receipts"], "signed by the new key"


def test_a_device_that_fills_the_form_in_goes_on_doing_so(before: Settings, database: Database) -> None:
    browser = SupporterBrowser(on(database, open_app(before)))
    browser.to_letter(remember="y")
    cookie = browser.client.get_cookie("actionmail-known", domain="127.0.0.1")
    assert cookie is not None
    for settings, name in ((rotated(before), "Mai Example"), (replace(before, secret_key=NEW), "")):
        other = SupporterBrowser(on(database, open_app(settings)))
        other.client.set_cookie("actionmail-known", cookie.value, domain="127.0.0.1")
        other.get("/campaigns/ab969")
        assert other.fields["name"] == name


def test_a_form_on_a_partners_page_is_taken_still(before: Settings, database: Database) -> None:
    with database.write() as session:
        session.scalars(select(Campaign)).one().sites = [PARTNER]
    token = Partner(on(database, open_app(before)), "ab969").token()
    lost = Partner(on(database, open_app(replace(before, secret_key=NEW))), "ab969")
    assert lost.post("letters", token=token, **MAI).status_code == 422, "without the old key"
    assert Partner(on(database, open_app(rotated(before))), "ab969").write(token=token).status_code == 201


def test_letters_that_went_out_are_verified_and_come_back_to_their_message(
    before: Settings, database: Database
) -> None:
    browser = SupporterBrowser(on(database, open_app(before)))
    browser.to_letter()
    browser.send()
    with database.read() as session:
        message = session.scalars(select(Message).order_by(Message.id)).first()
        assert message is not None
        key = tokens.message_key(message.message_id)
    assert key is not None
    ring = rotated(before).keys
    app = on(database, open_app(rotated(before)))
    letter = tokens.verify_token(key, before.secret_key)
    assert app.test_client().get(f"/v/{letter}", base_url=before.base_url).status_code == 200
    assert tokens.read_token(message.return_path, ring) == key
    assert tokens.read_token(message.return_path, NEW) is None
    assert tokens.read_verify_token(tokens.verify_token(key, NEW), ring) == key


def test_who_wrote_before_has_written_before(before: Settings, database: Database) -> None:
    for settings in (before, rotated(before)):
        browser = SupporterBrowser(on(database, open_app(settings)))
        browser.to_letter()
        answer = browser.send()
    assert "already" in answer.text
    with database.read() as session:
        assert len(set(session.scalars(select(Message.action_id)))) == 1


def test_what_is_sealed_is_opened_and_sealed_anew_by_a_command(
    before: Settings, database: Database, sqlite_url: str
) -> None:
    hire(database, ANNA, Role.ADMIN)
    now = datetime.now(UTC)
    with database.write() as session:
        member = session.scalars(select(StaffMember)).one()
        member.totp_secret = second_factor.seal("JBSWY3DPEHPK3PXP", before.secret_key)
        url = "https://hooks.example.org/a"
        webhooks.add_hook(session, url, CHOOSABLE, secret_key=before.secret_key, by=member.id, now=now)
    environment = {
        "ACTIONMAIL_DATABASE_URL": sqlite_url,
        "ACTIONMAIL_SECRET_KEY": NEW,
        "ACTIONMAIL_SECRET_KEYS_OLD": f"{before.secret_key}\n{'x' * 32}",
    }
    for told in ("under the new key: 2 secrets; 0 were before", "under the new key: 0 secrets; 2 were before"):
        done = CliRunner().invoke(main, ["reseal"], env=environment)
        assert (done.exit_code, told in done.output) == (0, True), done.output
    with database.read() as session:
        sealed = [session.scalars(select(StaffMember.totp_secret)).one(), session.scalars(select(Webhook.secret)).one()]
        assert audited(session, "resealed") == [(None, "resealed", "database sqlite", {"count": 2})]
    assert second_factor.unseal(sealed[0], NEW) == "JBSWY3DPEHPK3PXP"
    assert second_factor.unseal(sealed[1], NEW)
    lost = CliRunner().invoke(main, ["reseal"], env={**environment, "ACTIONMAIL_SECRET_KEY": "y" * 40})
    assert (lost.exit_code, "No key that is set opens 2 secrets" in lost.output) == (1, True)


def test_each_key_of_a_ring_verifies_and_the_first_signs() -> None:
    ring = KeyRing(first=NEW, old=("a" * 32, "b" * 32))
    for key in ring.every:
        assert cursors.number_of(cursors.cursor(7, question="q", key=key), question="q", key=ring) == 7
        assert passkeys.handle(1, key) in passkeys.handles(1, ring)
        assert second_factor.unseal(second_factor.seal("s", key), ring) == "s"
    assert cursors.number_of(cursors.cursor(7, question="q", key="c" * 32), question="q", key=ring) is None
    assert ring.oldest == "b" * 32
    assert NEW not in repr(ring)
    assert "a" * 32 not in repr(Settings(secret_key=NEW, old_keys=("a" * 32,)))


def test_a_form_s_token_is_signed_by_the_first_key(before: Settings, database: Database) -> None:
    app = on(database, open_app(rotated(before)))
    keys = app.config["WTF_CSRF_SECRET_KEY"]
    signed = URLSafeTimedSerializer(keys, salt="x").dumps("a")
    assert URLSafeTimedSerializer(NEW, salt="x").loads(signed) == "a"


def test_old_keys_come_from_a_file_and_short_ones_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.write_text(f"{'a' * 32}\n{'b' * 32}\n")
    settings = Settings.from_env({"ACTIONMAIL_SECRET_KEYS_OLD_FILE": str(file), "ACTIONMAIL_SECRET_KEY": NEW})
    assert settings.keys.every == (NEW, "a" * 32, "b" * 32)
    with pytest.raises(SettingsError, match="ACTIONMAIL_SECRET_KEYS_OLD has keys of at least 32") as caught:
        Settings.from_env({"ACTIONMAIL_SECRET_KEYS_OLD": "hidden"})
    assert "hidden" not in str(caught.value)

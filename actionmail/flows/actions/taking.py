"""One simple action: name, address, consent, and what the campaign's kind asks besides; taken once, in one transaction.

Letters, which are composed and frozen first, go through `submitting`.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.flows.actions import confirmation_mail, copy_mail, kinds, pressure
from actionmail.flows.actions.refusals import ActedBefore, CampaignClosed, PageTooOld, TooManyAsks
from actionmail.flows.actions.submitting import done, is_open, supporter_key_of
from actionmail.rules.actions.confirmation import mailbox_of, waits_until
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns import kinds as kind_rules
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press of the button. `key` is the draft's, and makes a second press the same action.

    `state` and `districts` ("upper/26") are those that the ZIP code settles, and "" and empty where it does not;
    `details` is what the campaign's kind keeps.
    """

    campaign_id: int
    key: str
    name: str
    email: str
    zip: str
    state: str
    consent_text: str
    city: str = ""
    districts: tuple[str, ...] = ()
    data_version: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    consent_address: str = ""
    wants_updates: bool = False
    wants_copy: bool = False  # by mail
    source: str = ""  # by which link they came
    language: str = "en"  # in which they read the page
    pressed: pressure.Pressed = pressure.PLAIN
    signed: str = ""  # `signed_words` of the page; "" where it did not say


def take(session: Session, press: Press, *, settings: Settings, now: datetime) -> Action:
    """Keep the action, once per `press.key` and address, and end the draft.

    Where the campaign has the address confirmed, it waits as `unconfirmed`, with the mail that asks kept beside it, and
    is nobody's until then: whoever types a stranger's address does not keep the stranger from acting. So it is, too,
    where many come from there and no browser worked for it; where very many do, it waits for staff (`pressure`). Raises
    ActRefused, and then nothing is kept.
    """
    key, before = done_by(session, press.campaign_id, press.key, press.email)
    if before is not None:
        return before
    press = replace(press, key=key)
    campaign = session.get(Campaign, press.campaign_id, with_for_update={"read": True}, populate_existing=True)
    if campaign is None or not is_open(campaign, now):
        raise CampaignClosed
    if press.signed and press.signed != signed_words(campaign):
        raise PageTooOld
    kind = kinds.kind_of(campaign.kind)
    kind.check(campaign, press)
    kind.ask(session, campaign, press)
    try:
        with session.begin_nested():
            action = _kept(session, campaign, press, settings=settings, now=now)
            session.execute(delete(Draft).where(Draft.key == press.key))
    except confirmation_mail.AskedTooOften:
        raise TooManyAsks from None
    except IntegrityError:  # the same button, or the same mailbox, before or at this moment
        if done(session, press.campaign_id, press.key) is None:
            raise ActedBefore from None
        return take(session, press, settings=settings, now=now)
    return action


def done_by(session: Session, campaign_id: int, key: str, email: str) -> tuple[str, Action | None]:
    """The key of what the owner of the address does under `key`, and what they did under it, if they did.

    It is a key of their own where somebody else acted under that one: whoever comes after them at one device and goes
    back finds the page that it still shows.
    """
    before = done(session, campaign_id, key)
    if before is None or before.erased_at is not None or before.email == email:
        return key, before
    digest = hashlib.sha256(f"{key}\0{email}".encode()).digest()
    own = urlsafe_b64encode(digest).decode().rstrip("=")
    return own, done(session, campaign_id, own)


def signed_words(campaign: Campaign) -> str:
    """What people put their names to there, in short; "" where there is nothing of the kind."""
    keys = kind_rules.kind_of(campaign.kind).signed
    return revision({key: campaign.details.get(key) for key in keys}) if keys else ""


def _kept(session: Session, campaign: Campaign, press: Press, *, settings: Settings, now: datetime) -> Action:
    """Raises IntegrityError where the mailbox has one already, AskedTooOften where it gets no more mail today,
    and MustProve.
    """
    keys = confirmation_mail.AddressKeys(
        supporter=supporter_key_of(press.email, settings.keys.oldest),
        mailbox=supporter_key_of(mailbox_of(press.email), settings.keys.oldest),
    )
    come = _coming(campaign, press, settings)
    admission = pressure.admit(session, come, settings=settings, now=now)
    must_confirm = admission.must_confirm or confirmation_mail.must_confirm(session, campaign, keys.supporter)
    kind = kinds.kind_of(campaign.kind)
    action = Action(
        campaign_id=campaign.id,
        idempotency_key=press.key,
        receipt_token=secrets.token_urlsafe(32),
        name=press.name,
        email=press.email,
        zip=press.zip,
        city=press.city,
        state=press.state,
        language=press.language,
        lookup={"method": "zip", "data_version": press.data_version, "districts": list(press.districts)},
        consent_text=press.consent_text,
        consent_address=press.consent_address,
        wants_updates=press.wants_updates,
        source=press.source,
        unconfirmed=must_confirm,
        details=dict(press.details),
        review=Review.WAITING if admission.held_for or kind.is_reviewed else Review.NONE,
        held_for=admission.held_for,
        mailbox_key=keys.mailbox if kind.is_once and not must_confirm else None,
        created_at=now,
    )
    session.add(action)
    session.flush()
    kinds.kind_of(campaign.kind).begin(session, action)
    until = waits_until(now, campaign.closes_at) if must_confirm else None
    if until is not None:
        request = confirmation_mail.Request(campaign=campaign, action=action, messages=[], settings=settings)
        confirmation_mail.begin(session, request, keys=keys, until=until, now=now)
    if press.wants_copy:
        to = copy_mail.Addressee(supporter_key=keys.supporter, mailbox_key=keys.mailbox, until=until)
        copy_mail.put(session, campaign, action, to, settings=settings, due=now, now=now)
    pressure.add(session, come, now=now)
    return action


def _coming(campaign: Campaign, press: Press, settings: Settings) -> pressure.Coming:
    return pressure.coming(
        address=pressure.address_of(press.consent_address, settings),
        email=press.email,
        campaign_id=campaign.id,
        paragraph_bucket=None,
        pressed=press.pressed,
        secret=settings.keys.oldest,
    )


def take_back(session: Session, action: Action, *, now: datetime) -> bool:
    """Undo a simple action; whether there was something to undo. Its mailbox may act again."""
    if action.cancelled_at is not None or action.erased_at is not None:
        return False
    action.cancelled_at = now
    action.mailbox_key = None
    confirmation_mail.end(session, action)
    copy_mail.drop(session, action)
    kinds.kind_of(session.get_one(Campaign, action.campaign_id).kind).end(session, action)
    session.flush()
    return True


def own(session: Session, action: Action, mailbox_key: str) -> bool:
    """Make a confirmed action its mailbox's; False where that has another one on the campaign by now."""
    try:
        with session.begin_nested():
            action.mailbox_key = mailbox_key
            action.unconfirmed = False
    except IntegrityError:
        return False
    return True

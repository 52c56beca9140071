"""The mail of `actionmail doctor --probe`: it goes out the way letters do, and is to come back to its return path."""

from __future__ import annotations

import os
from datetime import datetime

import click

from actionmail.cli import TABLES_ARE_OLD
from actionmail.cli.delivery.signing import signing_of
from actionmail.db.engine import TROUBLE, Database
from actionmail.flows.delivery import heartbeats, probes
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.review.installation import Check, Finding
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.rules.delivery.mail_headers import EnvelopeError, split_address
from actionmail.rules.delivery.states import Parcel
from actionmail.rules.delivery.tokens import verp_address
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError

_SUBJECT = "Does mail come back?"
_TEXT = """This is a probe: it was sent to see whether what comes back to letters reaches those who sent them.

If you read this, please answer it; the answer is what is waited for. The headers of this mail say under
Authentication-Results whether SPF, DKIM and DMARC passed."""


def probe_finding(settings: Settings, database: Database | None, to: str, *, now: datetime) -> Finding:
    """Send a probe to `to`, "" for its own return path, and say whether the mail server took it."""
    try:
        if database is None or not database.is_current():
            raise click.ClickException(TABLES_ARE_OLD)
        error = _send(settings, database, to, now)
    except (SettingsError, click.ClickException) as refused:
        error = refused.message if isinstance(refused, click.ClickException) else str(refused)
    except TROUBLE as trouble:
        error = f"The database cannot be used: {getattr(trouble, 'orig', trouble)}."
    values = {"to": to or "its own return path", "error": error}
    return Finding(check=Check.PROBE, is_well=not error, values=values)


def _send(settings: Settings, database: Database, to: str, now: datetime) -> str:
    """ "" or the sentence why it did not go. Raises SettingsError, ClickException."""
    from actionmail.app import hand_over_one  # here, since it brings every page along

    settings.for_letters().for_worker()
    if not settings.secret_key:
        raise SettingsError("ACTIONMAIL_SECRET_KEY must be set: return paths are signed with it.")
    if settings.loopback_only:
        forbid_other_hosts()
    sign = signing_of(settings, os.environ.get("ACTIONMAIL_DKIM", "").split()).sign
    recipient = _checked(to) if to else ""
    with database.write() as session:
        went = probes.send_off(session, now=now)
    path = verp_address(probes.key_of(went), settings.secret_key, settings.mail_domain)
    raw = automatic_mail(settings, recipient=recipient or path, subject=_SUBJECT, text=_TEXT, date=now, reply_to=path)
    parcel = Parcel(id=1, return_path=path, recipient=recipient or path, raw=sign(raw) if sign else raw)
    error = hand_over_one(settings, database)(parcel)
    if error:
        with database.write() as session:
            heartbeats.take_back(session, heartbeats.PROBE, noted_at=went)
    return error


def _checked(address: str) -> str:
    try:
        return "@".join(split_address("recipient", address))
    except EnvelopeError:
        raise click.ClickException(f"{address!r} is no e-mail address that a mail server takes.") from None

"""With which DKIM keys mail is signed here, if any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from msgspec import Struct

from actionmail.cli.delivery.words import folder_error, key_refused
from actionmail.gateways.mail.dkim_folder import FolderError, KeyFolder
from actionmail.rules.delivery.dkim import KeyRefused, Signer, read_signer, signing_with
from actionmail.settings import Settings


class Signing(Struct, frozen=True, kw_only=True):
    """`signers` are those of the start; `sign` goes by what the folder says at each letter, None: nothing is signed."""

    signers: Sequence[Signer]
    sign: Callable[[bytes], bytes] | None


def signing_of(settings: Settings, dkim_keys: Sequence[str]) -> Signing:
    """By `dkim_keys`, each SELECTOR:FILE, or else by the folder of keys. Raises ClickException for an unusable key."""
    if settings.dkim_folder is None or dkim_keys:
        signers = [_signer(key, settings.for_letters().mail_domain) for key in dkim_keys]
        return Signing(signers=signers, sign=signing_with(signers) if signers else None)
    folder = KeyFolder(settings.dkim_folder, settings.for_letters().mail_domain)
    try:
        return Signing(signers=folder.signers(), sign=folder.sign)
    except KeyRefused as error:
        raise click.ClickException(key_refused(error)) from None
    except FolderError as error:
        raise click.ClickException(folder_error(error)) from None


def _signer(given: str, domain: str) -> Signer:
    selector, _colon, name = given.partition(":")
    try:
        return read_signer(selector, domain, Path(name).read_bytes())
    except KeyRefused as error:
        raise click.ClickException(key_refused(error)) from None
    except OSError as error:
        raise click.ClickException(f"The DKIM key {name or given} cannot be read: {error.strerror}.") from None

"""The commands by which DKIM keys come and go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from actionmail.cli.delivery.words import folder_error, key_hindered, key_refused
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.dkim_folder import FolderError, KeyFolder
from actionmail.gateways.mail.dns import Dns
from actionmail.rules.campaigns.preflight import NoAnswer
from actionmail.rules.delivery.dkim import KeyRefused
from actionmail.rules.delivery.dkim_keys import (
    KeyHindered,
    KeyKind,
    KeyState,
    KnownKey,
    in_use,
    is_published,
    with_new,
    without,
)
from actionmail.settings import Settings

_STATES = {
    KeyState.NEW: "new, nothing is signed with it yet",
    KeyState.SIGNING: "letters are signed with it",
    KeyState.LEAVING: "nothing is signed with it any more",
}


_KINDS = [*(kind.value for kind in KeyKind), "both"]


@click.group()
def dkim() -> None:
    """Keys that sign letters (DKIM), changed without a letter going unsigned.

    `new` makes a pair of keys, `dns` prints what the DNS has to say, `use` signs with them once it does, `retire`
    deletes the ones from before, a week later. They lie in ACTIONMAIL_DKIM_FOLDER; workers see a change by themselves.
    """


@dkim.command()
@click.option("--kind", type=click.Choice(_KINDS), default="both", show_default=True)
@click.argument("selector", default="")
@click.pass_obj
def new(settings: Settings, kind: str, selector: str) -> None:
    """Make new keys, RSA of 2048 bits and Ed25519, and print what the DNS has to say.

    They are named by SELECTOR and their kind, or else by the month: am202611-rsa, am202611-ed25519.
    """
    folder, now = _folder(settings), _now()
    stem = selector or f"am{now:%Y%m}"
    kinds = list(KeyKind) if kind == "both" else [KeyKind(kind)]
    with _sentences(), folder.locked():
        keys = folder.keys()
        made = []
        for key_kind in kinds:
            name = f"{stem}-{key_kind.value}"
            # The name is looked for before a key is written under it.
            with_new(keys, KnownKey(selector=name, kind=key_kind, record="", made=now))
            signer = folder.write_key(name, key_kind)
            made.append(KnownKey(selector=name, kind=key_kind, record=signer.record, made=now))
            keys = with_new(keys, made[-1])
            folder.write(keys)
    _print_records(settings, made)
    names = " ".join(key.selector for key in made)
    click.echo(f"Publish these, then `actionmail dkim dns` until it finds them, then `actionmail dkim use {names}`.")


@dkim.command()
@click.pass_obj
def dns(settings: Settings) -> None:
    """Print what the DNS has to say for each key, where each stands, and whether the DNS says so.

    Status 1 where a key that signs is not published.
    """
    with _sentences():
        keys = _folder(settings).keys()
    if not keys:
        click.echo("There are no keys yet; `actionmail dkim new` makes some.")
        return
    is_lacking = False
    for key in keys:
        is_in_dns = _published(settings, key)
        click.echo(f"{key.selector}: {_STATES[key.state]}{_until(key)}; {_PUBLISHED[is_in_dns]}")
        is_lacking |= is_in_dns is False and key.state is KeyState.SIGNING
    _print_records(settings, keys)
    if is_lacking:
        raise click.ClickException("Letters are signed with a key that the DNS does not know: they fail DKIM.")


@dkim.command()
@click.argument("selectors", nargs=-1, required=True)
@click.option("--unseen", is_flag=True, help="Also where the DNS cannot be asked, or does not know the key yet.")
@click.pass_obj
def use(settings: Settings, selectors: tuple[str, ...], unseen: bool) -> None:
    """Sign with these keys from now on, and with no other of their kinds. The DNS has to know them."""
    folder, now = _folder(settings), _now()
    with _sentences(), folder.locked():
        before = keys = folder.keys()
        for selector in selectors:
            keys = in_use(keys, selector, now)
        for key in keys:
            if key.selector in selectors and not unseen and _published(settings, key) is not True:
                raise click.ClickException(
                    f"The DNS does not say the key of {key.selector} at {_name(settings, key)}, or could not be asked, "
                    "so letters signed with it would fail. Publish it and try again in an hour, or add --unseen."
                )
        folder.signers(keys)  # all of them can be read, or nothing is changed
        folder.write(keys)
    for key in keys:
        if key.selector in selectors:
            click.echo(f"{key.selector}: {_STATES[key.state]}")
        elif key not in before:
            click.echo(f"{key.selector}: {_STATES[key.state]}{_until(key)}; leave it in the DNS until then")


@dkim.command()
@click.argument("selector")
@click.pass_obj
def retire(settings: Settings, selector: str) -> None:
    """Delete a key that signs no more. For a week after its last letter it is refused."""
    folder = _folder(settings)
    with _sentences(), folder.locked():
        keys = folder.keys()
        left = without(keys, selector, _now())
        gone = next(key for key in keys if key.selector == selector)
        folder.write(left)
        folder.remove(selector)
    click.echo(f"{selector} is deleted. Now let the DNS say, for good, that it is withdrawn:")
    click.echo(f'{_name(settings, gone)}. IN TXT "v=DKIM1; k={gone.kind.value}; p="')


_PUBLISHED = {True: "the DNS knows it", False: "the DNS does not know it", None: "the DNS was not asked"}


def _published(settings: Settings, key: KnownKey) -> bool | None:
    if settings.loopback_only:
        return None
    try:
        return is_published(key.record, Dns().txt(_name(settings, key)))
    except NoAnswer:
        return None


def _until(key: KnownKey) -> str:
    return f", and it may go from {key.may_go:%Y-%m-%d %H:%M} UTC on" if key.may_go else ""


def _name(settings: Settings, key: KnownKey) -> str:
    return f"{key.selector}._domainkey.{settings.mail_domain}"


def _print_records(settings: Settings, keys: Sequence[KnownKey]) -> None:
    for key in keys:
        pieces = [key.record[start : start + 250] for start in range(0, len(key.record), 250)]
        click.echo(f"{_name(settings, key)}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces))


def _folder(settings: Settings) -> KeyFolder:
    settings.for_letters()
    if settings.dkim_folder is None:
        raise click.ClickException(
            "ACTIONMAIL_DKIM_FOLDER must be set to a folder that only the worker's user can read, such as "
            "/var/lib/actionmail/dkim."
        )
    if settings.loopback_only:
        forbid_other_hosts()
    return KeyFolder(settings.dkim_folder, settings.mail_domain)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except KeyHindered as error:
        raise click.ClickException(key_hindered(error)) from None
    except KeyRefused as error:
        raise click.ClickException(key_refused(error)) from None
    except FolderError as error:
        raise click.ClickException(folder_error(error)) from None


def _now() -> datetime:
    return datetime.now(UTC)

"""From an empty machine to one that runs: settings, tables, data, the first account, and what the system needs."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from pwd import struct_passwd
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from actionmail.cli.platform.database import open_database, shown_url
from actionmail.cli.platform.first_account import first_account, is_address
from actionmail.cli.platform.service_files import Place, Proxy, proxy_lines, units
from actionmail.cli.platform.service_user import SERVICE_USER, become, service_user, write_for
from actionmail.cli.platform.setup_questions import DATABASE, FLAGS, answers
from actionmail.cli.roster.load import load
from actionmail.db.engine import Database
from actionmail.flows.roster.reading import roster_as_of
from actionmail.settings import Settings, is_loopback
from actionmail.settings_names import sentence_of_unknown, unknown_names
from actionmail.settings_reading import CONFIG, DEFAULT_CONFIG, SettingsError, pairs_of, refuse, with_pairs

_PROXIES = {proxy.name.lower(): proxy for proxy in Proxy}
_FOLDER_OF_UNITS = Path("/etc/systemd/system")


@click.command()
@click.option("--database-url", metavar="URL", help=f"Where the database is; without it {DATABASE}")
@click.option("--base-url", metavar="URL", help="The address that people open, such as https://act.example.org")
@click.option("--organisation", metavar="NAME", help="Shown at the top of every page.")
@click.option("--contact-address", metavar="ADDRESS", help="Where offices and supporters can write to you.")
@click.option("--from-address", metavar="ADDRESS", help="The sender of every letter, on your own domain.")
@click.option("--smtp-url", metavar="URL", help="The mail server: smtp+starttls://mail.example.org:587")
@click.option("--smtp-user", metavar="NAME", help="The user name there, as it is.")
@click.option("--smtp-password-file", metavar="FILE", help="The file that the password lies in.")
@click.option("--proxies", metavar="N", help="How many reverse proxies stand before it; 1 where the address is https.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Any other setting; several times.")
@click.option("--admin", metavar="ADDRESS", help="Make an account with every right; by a link, or a password.")
@click.option("--password-stdin", is_flag=True, help="The account's password is the first line of standard input.")
@click.option("--user", metavar="NAME", help=f"Whom the services run as; for root, without it, {SERVICE_USER}.")
@click.option("--proxy", type=click.Choice(sorted(_PROXIES)), default="nginx", show_default=True, help="Whose lines.")
@click.option(
    "--units", "folder", type=click.Path(path_type=Path), help="Write the units there instead of showing them."
)
@click.option("--input/--no-input", "asks", default=None, help="Ask for what is missing; as it is, on a terminal.")
@click.pass_context
def setup(ctx: click.Context, /, **given: Any) -> None:
    """Make an installation: the file of settings, tables, data, the first account; show units and proxy's lines.

    The file is /etc/actionmail.env, or `actionmail --config FILE setup`. What stands in it stays as it is, and is asked
    for no more, unless an option says otherwise; so running it again changes nothing by itself. All that is wrong is
    told at once, before anything is written. No secret is shown.
    """
    file = _file(ctx)
    text = _text(file)
    existing = pairs_of(text, file)
    values, mistakes = _given(given)
    asks = sys.stdin.isatty() if given["asks"] is None else given["asks"]
    if asks and not mistakes:
        values |= answers({**existing, **values})
    wanted = _completed({**existing, **values}, is_new=not text)
    user, faults = service_user(given["user"])
    refuse([*mistakes, *faults, *_mistakes(wanted, user, given)])
    write_for(user, file, with_pairs(text, _changed(existing, wanted)), is_same=wanted == existing)
    place = Place(user=user.pw_name, config=file, settings=Settings.from_env(wanted))
    if given["folder"] is not None:
        _write_units(place, given["folder"])
    become(user)
    ctx.obj = place.settings
    _prepare(ctx, ctx.obj)
    first_account(ctx.obj, given["admin"], is_from_stdin=given["password_stdin"], asks=asks)
    if given["folder"] is None:
        _show_units(place)
    _show_proxy(ctx.obj, _PROXIES[given["proxy"]])
    _show_rest(wanted, given["folder"] or _FOLDER_OF_UNITS)


def _file(ctx: click.Context) -> Path:
    named = ctx.find_root().params.get("config") or os.environ.get(CONFIG)
    return Path(named or DEFAULT_CONFIG).absolute()


def _text(file: Path) -> str:
    """What stands in the file, "" where there is none. Raises SettingsError."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"The settings in {file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings in {file} are not UTF-8.") from None


def _given(given: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The settings that options name, and what is wrong with how they are named."""
    values = {name: given[option] for option, name in FLAGS.items() if given[option] is not None}
    mistakes = []
    for pair in given["others"]:
        name, is_pair, value = pair.partition("=")
        unknown = unknown_names([name])
        if unknown:
            mistakes.append(sentence_of_unknown(unknown[0]))
        elif not is_pair or not name.startswith("ACTIONMAIL_"):
            mistakes.append("--set wants ACTIONMAIL_NAME=value.")
        else:
            values[name] = value
    return values, mistakes


def _completed(values: dict[str, str], *, is_new: bool) -> dict[str, str]:
    """With what need not be asked for."""
    completed = dict(values)
    for name, otherwise in (("DATABASE_URL", DATABASE), ("SECRET_KEY", secrets.token_urlsafe(48))):
        if not (completed.get(f"ACTIONMAIL_{name}") or completed.get(f"ACTIONMAIL_{name}_FILE")):
            completed[f"ACTIONMAIL_{name}"] = otherwise
    if is_new and completed.get("ACTIONMAIL_BASE_URL", "").startswith("https://"):
        completed.setdefault("ACTIONMAIL_PROXIES", "1")
    return completed


def _changed(existing: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if existing.get(name) != value}


def _mistakes(wanted: Mapping[str, str], user: struct_passwd, given: Mapping[str, Any]) -> list[str]:
    """All that is wrong with these settings, a sentence each."""
    mistakes = [f"{name} must be one line of text." for name, value in wanted.items() if not value.isprintable()]
    settings, errors = Settings.read(wanted)
    mistakes += errors
    faulty_names = {error.split()[0] for error in mistakes}
    lacks = [*settings.lacks_for_web(), *_refusals(settings.for_worker)]
    mistakes += [lack for lack in lacks if lack.split()[0] not in faulty_names]
    if settings.database_url:
        mistakes += _database_mistakes(settings, user)
    if given["admin"] is not None and not is_address(given["admin"]):
        mistakes.append("--admin must be an e-mail address.")
    if given["admin"] is None and given["password_stdin"]:
        mistakes.append("--password-stdin goes with --admin.")
    return mistakes


def _refusals(look: Callable[[], object]) -> list[str]:
    try:
        look()
    except SettingsError as error:
        return str(error).splitlines()
    return []


def _database_mistakes(settings: Settings, user: struct_passwd) -> list[str]:
    try:
        url = make_url(settings.database_url)
        database = Database(settings.database_url)
    except ArgumentError:
        return ["ACTIONMAIL_DATABASE_URL must look like sqlite:///path or postgresql://user:password@host/name."]
    try:
        if url.get_backend_name() == "sqlite":
            folder = Path(url.database or "").parent
            make = f"install -d -m 700 -o {user.pw_name} {folder}"
            return [] if folder.is_dir() else [f"There is no folder {folder} for the database: {make}"]
        if os.geteuid() != user.pw_uid:  # PostgreSQL may know the services' user only
            return []
        with database.engine.connect():
            return []
    except DBAPIError as error:
        return [f"The database {shown_url(database)} cannot be used: {error.orig}"]
    finally:
        database.engine.dispose()


def _prepare(ctx: click.Context, settings: Settings) -> None:
    database = open_database(settings)
    if database.is_current():
        click.echo(f"Database    {shown_url(database)} is up to date.")
    else:
        database.upgrade()
        click.echo(f"Database    {shown_url(database)}: tables made, or brought up to date.")
    with database.read() as session:
        as_of = roster_as_of(session)
    if as_of is not None:
        click.echo(f"Data        is there, as of {as_of}.")
    else:
        ctx.invoke(load)
    database.engine.dispose()


def _show_units(place: Place) -> None:
    for name, text in units(place):
        click.echo(f"\n# --- {_FOLDER_OF_UNITS / name}\n{text}", nl=False)


def _write_units(place: Place, folder: Path) -> None:
    for name, text in units(place):
        _write_unit(folder / name, text)


def _write_unit(file: Path, text: str) -> None:
    try:
        if file.exists():
            is_same = file.read_text(encoding="utf-8") == text
            click.echo(f"Unit        {file} " + ("is there." if is_same else "is there, and another one; it stays."))
            return
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
    except OSError as error:
        raise click.ClickException(f"The unit {file} cannot be written: {error.strerror}.") from None
    click.echo(f"Unit        {file} written.")


def _show_proxy(settings: Settings, proxy: Proxy) -> None:
    if not is_loopback(settings.base_url.partition("://")[2].partition(":")[0]):
        click.echo(f"\n# --- for the proxy ({proxy.value})\n{proxy_lines(proxy, settings)}", nl=False)


def _show_rest(wanted: Mapping[str, str], folder: Path) -> None:
    copying = f"cp {folder}/actionmail-* {_FOLDER_OF_UNITS}/ && " if folder != _FOLDER_OF_UNITS else ""
    click.echo(f"\nThen, as root: {copying}systemctl daemon-reload")
    click.echo("    systemctl enable --now actionmail-web actionmail-worker actionmail-backup.timer")
    click.echo("    actionmail doctor")
    others = [name for name in sorted(wanted) if name in os.environ and os.environ[name] != wanted[name]]
    if others:
        click.echo(
            f"In the environment of this shell other values go before the file's: {', '.join(others)}.", err=True
        )

"""The whole house on one machine: inbox, worker and web, and one letter sent through the real pages.

Everything the demo makes lies in one folder. Its letters go to its own inbox; every process it starts refuses to
connect to any other host.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import requests
from msgspec import Struct

from actionmail.cli.platform.demo_walk import Arrived, Walk, act, supporter, wait_for_letters
from actionmail.cli.platform.form_filling import WalkError
from actionmail.cli.platform.processes import Children, DemoError
from actionmail.settings_reading import CONFIG

_UNDO_SECONDS = 2
_STAFF = "staff@act.example.org"


class Ports(Struct, frozen=True, kw_only=True):
    web: int
    inbox: int
    smtp: int

    @property
    def site(self) -> str:
        return f"http://localhost:{self.web}"  # by name, since passkeys know no numbers


@click.command()
@click.option("--once", is_flag=True, help="End with status 0 when the letter has arrived, instead of staying up.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its database, inbox and logs.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Where the pages answer, and nowhere else; without it 8000, or any that is free.",
)
def demo(once: bool, folder: Path, port: int | None) -> None:
    """Try everything on this machine; no letter leaves it."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        with _only_demo(folder):
            _run(folder.resolve(), port, once=once)
    except DemoError as error:
        if tail := error.tail():
            click.echo(f"--- the end of {error.log}\n{tail}\n---", err=True)
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\nThe demo has ended.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _only_demo(folder: Path) -> Iterator[None]:
    """Two demos in one folder would deliver each other's letters."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise DemoError(f"The demo cannot write its folder {folder}: {error.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError(f"A demo is already running in {folder}; end it first, or name another --folder.") from None
        yield


def _run(folder: Path, port: int | None, *, once: bool) -> None:
    web = _port("web", 8000) if port is None else _named_port(port)
    ports = Ports(web=web, inbox=_port("inbox's pages", 8025), smtp=_port("inbox", 1025))
    children = Children(folder, _environment(folder, ports))
    again = (folder / "actionmail.sqlite3").exists()
    click.echo(f"Preparing {'again ' if again else ''}{folder} …")
    children.finish("migrate")
    children.finish("data", "load")
    children.finish("campaigns", "load", "--samples", "--live")
    password = _staff_password(folder, children)
    with children.stopped_at_the_end():
        children.start(
            "inbox", "--smtp-port", str(ports.smtp), "--http-port", str(ports.inbox), "--folder", folder / "inbox"
        )
        children.start("worker")
        children.start("serve", "--bind", f"127.0.0.1:{ports.web}", "--workers", "1")
        children.wait_until_ready("inbox", f"http://127.0.0.1:{ports.inbox}/")
        children.wait_until_ready("serve", f"{ports.site}/readyz")
        click.echo("Inbox, worker and web are up. A fictional supporter writes to their legislators …")
        try:
            walk = act(ports.site, *supporter(folder))
        except (WalkError, requests.RequestException) as error:
            raise DemoError(f"The letter could not be sent through the pages: {error}", children.log("serve")) from None
        arrived = wait_for_letters(folder / "inbox", walk.email, children)
        _tell(folder, ports, walk, arrived, password)
        if once:
            return
        click.echo("\nStaying up; Ctrl-C ends it.")
        children.watch()


def _port(what: str, wanted: int) -> int:
    for port in (wanted, 0):
        chosen = _free(port)
        if chosen is None:
            continue
        if chosen != wanted:
            click.echo(f"Port {wanted} is in use here; the {what} will use {chosen} instead.")
        return chosen
    raise DemoError("There is no free port on 127.0.0.1.")


def _named_port(port: int) -> int:
    if _free(port) is None:
        raise DemoError(f"Port {port} is in use here; name another one, or none.")
    return port


def _free(port: int) -> int | None:
    """That port, or any for 0; None where it cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        chosen: int = probe.getsockname()[1]
        return chosen


def _environment(folder: Path, ports: Ports) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")},
        "PYTHONUNBUFFERED": "1",
        CONFIG: "",
        "ACTIONMAIL_DATABASE_URL": f"sqlite:///{folder / 'actionmail.sqlite3'}",
        "ACTIONMAIL_SECRET_KEY": _kept_secret(folder / "secret"),
        "ACTIONMAIL_BASE_URL": ports.site,
        "ACTIONMAIL_ORGANISATION": "Example Community Group",
        "ACTIONMAIL_CONTACT_ADDRESS": "hello@act.example.org",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        "ACTIONMAIL_UNDO_SECONDS": str(_UNDO_SECONDS),
        "ACTIONMAIL_TARGET_HOUR": "0",  # whoever tries it out may write to the same legislator all day
    }


def _kept_secret(path: Path) -> str:
    """The secret of this folder, made at the first run and readable by its owner only."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _staff_password(folder: Path, children: Children) -> str | None:
    """A new account's password at the first run, None at a later one: it is kept nowhere."""
    mark = folder / "staff-account"
    if mark.exists():
        return None
    password = secrets.token_urlsafe(12)
    children.finish("staff", "add", _STAFF, "--role", "admin", "--password-stdin", given=password)
    mark.write_text(_STAFF)
    return password


def _tell(folder: Path, ports: Ports, walk: Walk, arrived: list[Arrived], password: str | None) -> None:
    click.echo(f"\n{walk.name} <{walk.email}> wrote to {len(arrived)} legislators, and the inbox has both letters:")
    for letter in arrived:
        click.echo(f"  {letter.to}\n    {letter.subject}\n    {letter.message_id}")
    click.echo(f"\nNews     {ports.site}/ (historical posts of 2022; feed: {ports.site}/news.atom)")
    click.echo(f"Receipt  {walk.receipt_url}")
    click.echo(f"Inbox    http://127.0.0.1:{ports.inbox}/")
    click.echo(f"Staff    {ports.site}/staff/sign-in")
    if password:
        click.echo(f"         as {_STAFF} with the password {password} (shown this once)")
    else:
        click.echo(f"         as {_STAFF} with the password shown at the first run; `rm -r {folder}` begins anew")
    click.echo(
        f"Before   {ports.site}/staff/preflight (what a spam filter says of the letters, and what else should be right)"
    )
    click.echo(f"Files    {folder}")

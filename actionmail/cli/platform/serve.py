"""Start the web process, make a secret."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click

from actionmail.cli.platform.database import ready_database
from actionmail.settings import NO_PROXY, Settings

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # gunicorn's heartbeat, which must not wait for a disk


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Pages that each makes at once."
)
@click.pass_obj
def serve(settings: Settings, bind: str, workers: int, threads: int) -> None:
    """Serve the pages with gunicorn, behind your own TLS proxy."""
    settings.for_web()
    ready_database(settings)
    if settings.lacks_proxy:
        click.echo(f"Warning: {NO_PROXY}", err=True)
    command = [
        *(sys.executable, "-m", "gunicorn", "wsgi:application"),
        *("--bind", bind),
        *("--worker-class", "actionmail.cli.platform.patient_worker.PatientWorker"),
        *("--workers", str(workers), "--threads", str(threads), "--preload"),
        *("--timeout", "60", "--graceful-timeout", "30", "--log-level", "warning", "--no-control-socket"),
        # No client says where the site is mounted (SCRIPT_NAME): a proxy on this machine passes on what it is sent.
        *("--forwarder-headers", ""),
        # No --access-logfile: addresses, receipts' tokens and mail clients are personal data.
    ]
    if _SHARED_MEMORY.is_dir():
        command += ["--worker-tmp-dir", str(_SHARED_MEMORY)]
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # glibc keeps a heap for each of many threads, half of it empty
    click.echo(f"Listening on http://{bind}, to be opened as {settings.base_url}. Stop with Ctrl-C.")
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606  # so that signals reach gunicorn itself


@click.command()
def secret() -> None:
    """Print a new ACTIONMAIL_SECRET_KEY."""
    click.echo(secrets.token_urlsafe(48))

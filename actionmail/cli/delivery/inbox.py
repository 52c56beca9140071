"""The command that keeps letters on this machine, for trying things out."""

from __future__ import annotations

from pathlib import Path

import click

from actionmail.cli.delivery.waiting import now, stopped_by_signals
from actionmail.cli.delivery.words import inbox_error
from actionmail.gateways.http.network_lockdown import forbid_other_hosts


@click.command()
@click.option("--smtp-port", default=1025, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--http-port", default=8025, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option(
    "--folder",
    default=Path("inbox"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the letters are kept, one .eml file each; made if it is not there.",
)
def inbox(smtp_port: int, http_port: int, folder: Path) -> None:
    """A mail server for trying things out: it keeps every letter, sends none on, and shows them in the browser.

    It listens on 127.0.0.1 only. Point the worker at it with ACTIONMAIL_SMTP_URL=smtp://127.0.0.1:1025 and open
    http://127.0.0.1:8025 to read. Ctrl-C ends it; the letters stay in the folder.
    """
    from actionmail.gateways.mail.maildir_server import InboxError, open_inbox  # here: other commands need no web
    from actionmail.web.review.inbox import create_inbox, serve_inbox

    forbid_other_hosts()
    try:
        with (
            stopped_by_signals() as stop,
            open_inbox(folder, port=smtp_port, clock=now) as opened,
            serve_inbox(create_inbox(opened.letters, opened.letter), port=http_port) as url,
        ):
            click.echo(f"letters for smtp://127.0.0.1:{opened.port} are shown at {url}")
            stop.wait()
    except InboxError as error:
        raise click.ClickException(inbox_error(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"Port {http_port} on 127.0.0.1 cannot be used ({error.strerror}); choose another with --http-port."
        ) from None

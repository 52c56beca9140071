"""Numbers for Prometheus, on an address of their own."""

from __future__ import annotations

import os
from ipaddress import ip_address

import click

from actionmail.cli.delivery.waiting import now, stopped_by_signals
from actionmail.cli.platform.database import open_database
from actionmail.db.engine import TROUBLE, Database
from actionmail.flows.review.measures import Measures, measures
from actionmail.rules.replacing import replace
from actionmail.settings import Settings, is_loopback
from actionmail.web.platform.metrics import HouseCollector, count_into


@click.command()
@click.option("--bind", default="127.0.0.1:9109", show_default=True, metavar="ADDRESS:PORT", help="Where to answer.")
@click.option("--once", is_flag=True, help="Print the numbers, and end.")
@click.pass_obj
def metrics(settings: Settings, bind: str, once: bool) -> None:
    """Tell Prometheus how things stand: the queue, what became of letters, pages, worker, backups.

    What web processes and workers count comes from the files in ACTIONMAIL_METRICS_DIR, so run one on each machine; how
    things stand in the database is read at each question. There is no password: let only your Prometheus reach it.
    """
    database = open_database(settings)
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.exposition import generate_latest

    registry = CollectorRegistry()
    registry.register(HouseCollector(lambda: _measured(database, has_broker=settings.broker is not None), now))
    if settings.metrics_dir is not None:
        count_into(settings.metrics_dir)
        from prometheus_client.multiprocess import MultiProcessCollector

        MultiProcessCollector(registry, str(settings.metrics_dir))  # type: ignore[no-untyped-call]
    if once:
        click.echo(generate_latest(registry), nl=False)
        return
    host, port = _address(bind)
    if not is_loopback(host):
        click.echo(f"Everybody who reaches {bind} reads these numbers; there is no password.", err=True)
    with stopped_by_signals() as stop:
        try:
            server, thread = start_http_server(port, addr=host, registry=registry)
        except OSError as error:
            raise click.ClickException(f"{bind} cannot be listened on: {os.strerror(error.errno or 0)}.") from None
        click.echo(f"Numbers at http://{bind}/metrics")
        stop.wait()
        server.shutdown()
        thread.join()


def _address(bind: str) -> tuple[str, int]:
    host, _colon, port = bind.rpartition(":")
    host = host.strip("[]")
    try:
        ip_address(host)
    except ValueError:
        host = ""
    if not host or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError("--bind is an address and a port, such as 127.0.0.1:9109.")
    return host, int(port)


def _measured(database: Database, *, has_broker: bool) -> Measures | None:
    try:
        with database.read() as session:
            measured = measures(session, now=now())
    except TROUBLE:
        return None
    # Where the broker was given up, the last wake-up only gets older: an alarm that nothing would end.
    return measured if has_broker else replace(measured, waker_at=None)

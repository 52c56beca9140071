"""The command that wakes Celery workers."""

from __future__ import annotations

import click

from actionmail.cli.delivery.celery_work import broker_away, celery_is_there, wakes_to
from actionmail.cli.delivery.log import let_go, say, say_in_json
from actionmail.cli.delivery.waiting import database_in_time, now, stopped_by_signals
from actionmail.flows.delivery.waking import Waker, run_waker
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.settings import Settings


@click.command()
@click.pass_obj
def wake(settings: Settings) -> None:
    """Wake `actionmail worker --celery` through the broker named by ACTIONMAIL_BROKER_URL.

    Looks into the database every second. Where a letter is due, and every five seconds for what workers do beside, it
    puts a wake-up at the broker, unless one waits there. Which letters go, and whose they are, the database decides; a
    wake-up holds nothing. One of these is enough; several do no harm.

    A broker or a database that is away makes it wait and never end.
    """
    broker = celery_is_there(settings)
    say_in_json(wanted=settings.json_log)
    if settings.loopback_only:
        forbid_other_hosts()
    wakes = wakes_to(broker)
    try:
        with stopped_by_signals() as stop:
            database = database_in_time(settings, stop.wait)
            if database is None:
                return
            say(f"wakes workers through {broker}")
            try:
                run_waker(
                    Waker(
                        read=database.read,
                        write=database.write,
                        wake=wakes.wake,
                        clock=now,
                        wait=stop.wait,
                        say=say,
                        word=lambda away: broker_away(broker, away),
                    )
                )
            finally:
                database.engine.dispose()
    finally:
        wakes.close()
        let_go()

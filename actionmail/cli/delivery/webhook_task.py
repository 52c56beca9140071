"""What a worker does for webhooks: it makes deliveries of what happened, and sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.flows.delivery import PeriodicTask
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.flows.review import webhook_sending
from actionmail.gateways.http.webhooks import post
from actionmail.settings import Settings

_EVERY = timedelta(seconds=10)


def webhooks(
    settings: Settings, write: WriteSessions, *, clock: Callable[[], datetime], say: Callable[[str], None]
) -> PeriodicTask:
    """The task. An address costs ten seconds at most, however slow; one that fails is left alone for a minute then."""

    def do() -> bool:
        with write() as session:
            count = webhook_sending.fan_out(session, now=clock())
        taken = webhook_sending.send(write, post, secret_key=settings.keys, clock=clock)
        if taken:
            say(f"{taken} webhooks were taken")
        return count == webhook_sending.AT_ONCE

    return PeriodicTask(name="webhooks", every=_EVERY, do=do)

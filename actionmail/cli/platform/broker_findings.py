"""What `actionmail doctor` finds where workers are woken through a broker."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from actionmail.cli.delivery.celery_work import wakes_to
from actionmail.flows.review.installation import Check, Finding
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.settings import Settings, is_loopback


def broker_findings(settings: Settings) -> Iterator[Finding]:
    """Asks the broker how many wake-ups wait there; none where no broker is set."""
    broker = settings.broker
    if broker is None:
        return
    if find_spec("celery") is None:
        yield Finding(check=Check.CELERY, is_well=False)
        return
    if settings.loopback_only and not is_loopback(broker.host):
        away = BrokerAway("ACTIONMAIL_LOOPBACK_ONLY is on, and it is not this machine")
        yield Finding(check=Check.BROKER, is_well=False, values={"broker": broker, "away": away})
        return
    wakes = wakes_to(broker)
    try:
        count = wakes.waiting()
    except BrokerAway as away:
        yield Finding(check=Check.BROKER, is_well=False, values={"broker": broker, "away": away})
    else:
        yield Finding(check=Check.BROKER, is_well=True, values={"broker": broker, "count": count})
    finally:
        wakes.close()

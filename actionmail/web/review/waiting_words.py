"""The sentences that tell staff why a letter waits, and what is wrong with what should send it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from actionmail.flows.delivery.outlook import Line
from actionmail.flows.delivery.waiting import MOST_BEFORE, Machinery
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.waiting import Reason, Why
from actionmail.web.platform.mail_words import trouble_sentence

_SIMPLE: Mapping[Why, str] = {
    Why.CAMPAIGN_HOLDS: "Its campaign holds its letters back.",
    Why.NO_SEAT: "The legislator does not hold the seat, not any more or not yet.",
    Why.ITS_TURN: "Nothing keeps it: a worker takes it within moments.",
}


def waiting_words(reason: Reason, limits: Limits) -> str:
    """One reason; `limits` are those that workers keep."""
    if reason.why in _SIMPLE:
        return _SIMPLE[reason.why]
    match reason.why:
        case Why.STOPPED:
            return f"Stopped: nothing is sent {_whither(reason)}."
        case Why.SLOWED:
            return f"Slowed: {_rate(reason, limits)}"
        case Why.OUTSIDE_HOURS:
            first, end = reason.hours or (0, 0)
            return f"Letters are sent from {first}:00 to {end}:00 only, by the clocks of the campaign's place."
        case Why.IN_LINE:
            many = f"{MOST_BEFORE:,} or more" if reason.before >= MOST_BEFORE else f"{reason.before:,}"
            return f"{many} {'letter' if reason.before == 1 else 'letters'} to the same legislator go first."
        case _:
            return _by_time(reason)


def _by_time(reason: Reason) -> str:
    match reason.why:
        case Why.NO_WORKER:
            return f"No worker is at work: {_seen(reason.at)}."
        case Why.RELAY_AWAY:
            since = f" since {_utc(reason.at)}" if reason.at else ""
            return f"The mail server is out of order{since}."
        case Why.UNDO:
            return f"The supporter can still undo, until {_utc(reason.at)}."
        case _:
            return f"It is tried again at {_utc(reason.at)}, not before."


def machinery_words(machinery: Machinery, now: datetime) -> list[str]:
    """What is wrong with the worker or the mail server; [] where nothing is."""
    pulse = machinery.pulse
    if machinery.lacks_worker(now):
        return [f"Letters are due, and no worker is at work: {_seen(pulse.seen_at)}."]
    if machinery.lacks_relay(now) and pulse.trouble is not None:
        since = f" Since {_utc(pulse.trouble_since)}." if pulse.trouble_since else ""
        return [f"{trouble_sentence(pulse.trouble)}{since}"]
    return []


def line_words(line: Line) -> str:
    """How long the letters to a legislator take, after their name."""
    forecast = line.forecast
    pace = f"at {line.an_hour:g} an hour the last goes at about {_utc(forecast.ends_at)}"
    letters = f"{line.waiting:,} letters wait, and {pace}"
    if not forecast.lost:
        return f"{letters}."
    return (
        f"{letters}; {forecast.lost:,} run out of time before their turn, the first at {_utc(forecast.lost_from)}. "
        "Whoever runs the site can raise the pace (ACTIONMAIL_TARGET_HOUR), if the office takes more; or ask for no "
        "more."
    )


def _whither(reason: Reason) -> str:
    match reason.scope:
        case Scope.TARGET:
            return f"to {reason.name}"
        case Scope.DOMAIN:
            return f"to addresses at {reason.name}"
        case Scope.CAMPAIGN:
            return f"for {reason.name}"
        case _:
            return "at all"


def _rate(reason: Reason, limits: Limits) -> str:
    match reason.scope:
        case Scope.TARGET:
            most = f"at most {limits.target_hour} letters an hour" if limits.target_hour else "few letters an hour"
            return f"{reason.name} gets {most}, and has had as many."
        case Scope.DOMAIN:
            return f"addresses at {reason.name} get only so many letters a minute."
        case Scope.CAMPAIGN:
            return f"{reason.name} sends at most {limits.campaign_hour} letters an hour, and has sent as many."
        case _:
            return "the mail server asked us to send fewer letters."


def _seen(at: datetime | None) -> str:
    return f"the last was seen at {_utc(at)}" if at else "none was ever seen"


def _utc(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""

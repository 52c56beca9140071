"""How long the letters to one legislator take at the pace that is kept, and how many of them run out of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from actionmail.rules.delivery.rates import Bucket


class Forecast(Struct, frozen=True, kw_only=True):
    """`sent` of the letters go, the last of them at `ends_at`; the others run out of time, the first at `lost_from`."""

    sent: int
    ends_at: datetime
    lost: int
    lost_from: datetime | None


def forecast(
    expiries: Sequence[datetime], bucket: Bucket, *, now: datetime, hours: tuple[int, int] | None = None
) -> Forecast:
    """What becomes of letters to one legislator, of which each has its time until it is over, in the order of the line.

    Only the legislator's own pace is reckoned with: at the best it is like this. Sending `hours` stretch it evenly.
    """
    stretch = _stretch(hours)
    sent, lost, ends_at, lost_from = 0, 0, now, None
    for expires_at in expiries:
        goes_at = now + bucket.time_for(sent + 1, now) * stretch
        if goes_at < expires_at:
            sent, ends_at = sent + 1, goes_at
        else:
            lost += 1
            lost_from = min(lost_from or expires_at, expires_at)
    return Forecast(sent=sent, ends_at=ends_at, lost=lost, lost_from=lost_from)


def room_until(bucket: Bucket, end: timedelta, hours: tuple[int, int] | None = None) -> int:
    """How many letters one legislator can get in so long a time, from an unused bucket on."""
    return int(bucket.burst + bucket.refill * (max(timedelta(0), end) / _stretch(hours) / bucket.period))


def _stretch(hours: tuple[int, int] | None) -> float:
    """How many times as long it takes where letters are sent at some hours of the day only."""
    if hours is None or hours[0] == hours[1]:
        return 1.0
    return 24 / ((hours[1] - hours[0]) % 24 or 24)

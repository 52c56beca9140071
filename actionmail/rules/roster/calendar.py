"""Which day it is where a legislature sits, who takes office when, and what that makes of a dataset's age."""

from __future__ import annotations

from datetime import date, datetime, timedelta

# Hours behind UTC in winter, when terms begin; of a state in two zones the later one (49 CFR 71).
_BEHIND = """
    AK10 AL6 AR6 AS11 AZ7 CA8 CO7 CT5 DC5 DE5 FL6 GA5 HI10 IA6 ID8 IL6 IN6 KS7 KY6 LA6 MA5 MD5 ME5 MI6 MN6 MO6 MS6 MT7
    NC5 ND7 NE7 NH5 NJ5 NM7 NV8 NY5 OH5 OK6 OR8 PA5 PR4 RI5 SC5 SD7 TN6 TX7 UT7 VA5 VI4 VT5 WA8 WI6 WV5 WY7
"""
_HOURS = {zone[:2]: int(zone[2:]) for zone in _BEHIND.split()} | {"GU": -10, "MP": -10}


def local_day(state: str, now: datetime) -> date:
    """The day in all of the state at a moment in UTC."""
    return (now - timedelta(hours=_HOURS.get(state, 11))).date()

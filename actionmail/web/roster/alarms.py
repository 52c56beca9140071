"""What of the data is old: one list for every page that raises the alarm."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from actionmail.flows.roster.calendar_files import load_calendar, oldest, roster_days
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.rules.roster.calendar import WARNING, turnovers
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.platform.context import services
from actionmail.web.roster.words import congress_age_sentence, roster_age_sentence, roster_sentence, turnover_sentences

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def roster_alarms(session: Session, *, now: datetime) -> list[str]:
    """Sentences about a roster that is old, or of a day before those elected took office; none about one that is well.

    The week before a legislature changes hands counts too.
    """
    today = now.date()
    days = roster_days(session)
    alarms = [
        roster_age_sentence(oldest(days, PEOPLE), today),
        congress_age_sentence(oldest(days, CONGRESS), today),
    ]
    try:
        due = turnovers(load_calendar(services().settings.data_dir), days, today, ahead=WARNING)
    except DatasetError as error:
        alarms.append(roster_sentence(error))
    else:
        alarms += turnover_sentences(due, today)
    return [alarm for alarm in alarms if alarm]

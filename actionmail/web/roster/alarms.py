"""What of the data is old: one list for every page that raises the alarm."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from actionmail.flows.roster import reading
from actionmail.flows.roster.calendar_files import turnovers_due
from actionmail.rules.roster.calendar import WARNING
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
    alarms = [
        roster_age_sentence(reading.roster_as_of(session), today),
        congress_age_sentence(reading.roster_as_of(session, reading.CONGRESS), today),
    ]
    try:
        due = turnovers_due(session, services().settings.data_dir, now=now, ahead=WARNING)
    except DatasetError as error:
        alarms.append(roster_sentence(error))
    else:
        alarms += turnover_sentences(due, today)
    return [alarm for alarm in alarms if alarm]

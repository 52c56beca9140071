"""What every view may reach: the settings, the database, districts and geocoder, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from actionmail.settings import Settings

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from actionmail.db.engine import Database
    from actionmail.db.replica import LargeReads
    from actionmail.flows.campaigns.in_force import CampaignsInForce
    from actionmail.flows.campaigns.pictures import Uses
    from actionmail.flows.lookup.atlas import Atlas
    from actionmail.flows.lookup.tables_in_force import TablesInForce
    from actionmail.flows.privacy.retention import DraftSweep
    from actionmail.rules.actions.papers import PrintReport, PrintStatement
    from actionmail.rules.campaigns.cards import DrawCard
    from actionmail.rules.campaigns.filtering import Filter
    from actionmail.rules.campaigns.kinds.days.listed_events import WriteCalendar
    from actionmail.rules.campaigns.pictures import Reencode
    from actionmail.rules.campaigns.preflight import AskNames, AskTxt
    from actionmail.rules.delivery.states import Parcel
    from actionmail.rules.districts.addresses import Geocode
    from actionmail.rules.districts.zip_table import DistrictTable


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts that `create_app` put together. `clock` gives the aware present instant."""

    settings: Settings
    database: Database
    large_reads: LargeReads
    campaigns: CampaignsInForce
    draft_sweep: DraftSweep
    zip_tables: TablesInForce
    atlas: Atlas
    geocode: Geocode | None  # None: no geocoder, so a street decides nothing
    clock: Callable[[], datetime]
    hasher: PasswordHasher
    ask_txt: AskTxt | None  # None: the DNS is not to be asked
    ask_names: AskNames | None  # the same
    signing_records: Callable[[], Mapping[str, str]]  # what the DNS has to say of the keys that sign, by selector
    spam_filter: Filter | None  # None: none is set or installed
    hand_over: Callable[[Parcel | None], str] | None  # one test letter, or none; why the mail server did not take it
    later: Callable[[Callable[[], None]], None]  # do this when no page waits for it
    reencode: Reencode
    draw_card: DrawCard
    picture_uses: Uses
    write_calendar: WriteCalendar
    print_statement: PrintStatement
    print_report: PrintReport

    @property
    def districts(self) -> DistrictTable:
        """The ZIP table in force when this request first asked: files are looked at once."""
        if "districts" not in g:
            g.districts = self.zip_tables.get()
        return cast("DistrictTable", g.districts)


def services() -> Services:
    """The services of the application at work."""
    return cast(Services, current_app.extensions["actionmail"])

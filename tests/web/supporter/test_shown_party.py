"""A campaign shows of which party legislators are, or does not."""

from __future__ import annotations

from sqlalchemy import update

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from tests.web.supporter_pages import SupporterBrowser, words


def test_parties_stand_beside_legislators_where_the_campaign_shows_them(
    supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        session.execute(update(Legislator).values(party="Sample Party"))
    with_party = [words(supporter.begin()), words(supporter.submit(lower="77"))]
    assert ["Sample Party" in said for said in with_party] == [True, True]
    with database.write() as session:
        session.execute(update(Campaign).values(shows_party=False))
    without = [words(supporter.begin()), words(supporter.submit(lower="77"))]
    assert ["Sample Party" in said for said in without] == [False, False]

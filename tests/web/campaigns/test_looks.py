"""Staff give an organisation its look, and a campaign its thanks and its own colours."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from actionmail.db.brands import BrandRow
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from tests.pictures import keep_picture
from tests.web.staff_pages import StaffBrowser, revision, save, words

LOOK = "/staff/campaigns/ab969/look"


@pytest.fixture
def page(browser: StaffBrowser, database: Database, now: datetime) -> str:
    """The address of the look of who runs the sample campaign."""
    with database.write() as session:
        keep_picture(session, now)
    return "/staff/looks/of?organisation=Example+Org"


def brand(database: Database) -> tuple[list[str], str, int | None]:
    with database.read() as session:
        row = session.scalars(select(BrandRow)).one()
        return row.colours, row.font, row.logo_id


def test_an_organisation_gets_colours_letters_and_a_logo(page: str, browser: StaffBrowser, database: Database) -> None:
    assert page in browser.get("/staff/looks").text
    assert save(browser, page, colours="0d5160, #f5b63e", font="serif", logo="1").status_code == 303
    assert brand(database) == (["#0d5160", "#f5b63e"], "serif", 1)
    shown = browser.get(page)
    assert 'value="#0d5160 #f5b63e"' in shown.text
    assert 'id="logo-1" name="logo" value="1" checked' in shown.text
    save(browser, page, colours="", font="", logo="0")
    assert brand(database) == ([], "", None)


def test_colours_that_cannot_be_read_are_told_in_plain_words_and_stay_in_the_field(
    page: str, browser: StaffBrowser, database: Database
) -> None:
    refused = save(browser, page, colours="#ffcc00 #ffffff", font="serif", logo="1")
    assert refused.status_code == 422
    assert "White letters stand on #ffcc00, and cannot be read well there: their contrast is 1.5 to 1" in words(refused)
    assert "The nearest shade that would do is #" in words(refused)
    assert 'value="#ffcc00 #ffffff"' in refused.text
    assert 'id="logo-1" name="logo" value="1" checked' in refused.text
    for wrong in ("red", "#123456", "#000 #fff #000", "<b> x"):
        assert save(browser, page, colours=wrong, font="", logo="0").status_code == 422
    assert save(browser, page, colours="", font="comic", logo="0").status_code == 422


def test_who_saves_an_old_page_is_asked_once_more(page: str, browser: StaffBrowser, database: Database) -> None:
    before = revision(browser.get(page))
    browser.post(page, revision=before, colours="#0d5160 #f5b63e", font="", logo="0")
    late = browser.post(page, revision=before, colours="#7a1030 #ffd98a", font="", logo="0")
    assert late.status_code == 409
    assert browser.post(page, revision=revision(late), colours="#7a1030 #ffd98a", font="", logo="0").status_code == 303
    assert brand(database)[0] == ["#7a1030", "#ffd98a"]


def test_an_organisation_that_runs_nothing_has_no_page(page: str, browser: StaffBrowser) -> None:
    for name in ("Nobody", "%00", "x" * 500, ""):
        assert browser.get(f"/staff/looks/of?organisation={name}").status_code == 404


def test_a_campaign_gets_thanks_and_colours_of_its_own(page: str, browser: StaffBrowser, database: Database) -> None:
    typed = {"thanks": "You make us many.\r\n\r\nAna", "colours": "#7a1030 #ffd98a", "font": "rounded"}
    assert save(browser, LOOK, **typed).status_code == 303
    with database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.thanks, campaign.colours, campaign.font) == (
            "You make us many.\n\nAna",
            ["#7a1030", "#ffd98a"],
            "rounded",
        )
    assert 'value="#7a1030 #ffd98a"' in browser.get(LOOK).text


@pytest.mark.parametrize("thanks", ["Thank you, [name]!", "TODO: thank them", "Thanks, {first_name}", "x" * 601])
def test_thanks_in_which_something_is_left_to_do_are_not_saved(page: str, browser: StaffBrowser, thanks: str) -> None:
    refused = save(browser, LOOK, thanks=thanks, colours="", font="")
    assert refused.status_code == 422
    assert thanks in words(refused)

"""The news: what stands there, in which order, and narrowed to what."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import news
from tests.samples import sample_petition
from tests.web.supporter_pages import SupporterBrowser, title, words


@pytest.fixture
def posts(site: Flask, database: Database) -> None:
    """The letter of 2026, and four others, one of them not listed."""
    with database.write() as session:
        sample_petition(session, posted_on=date(2022, 2, 14), categories=["Justice"], goal=100)
        columns = {"kind": "news", "details": {}, "state": "", "organisation": "Example Riders Alliance"}
        sample_petition(session, slug="law", title="It is law", posted_on=date(2022, 9, 14), **columns)
        sample_petition(session, slug="old", title="An old appeal", status="closed", posted_on=date(2022, 2, 14))
        sample_petition(session, slug="hidden", title="Only by its link", listed=False)
        sample_petition(session, slug="draft", title="Not yet", status="draft")


def titles(supporter: SupporterBrowser, address: str) -> list[str]:
    return re.findall(r'<h2><a href="[^"]+">([^<]+)</a></h2>', supporter.get(address).text)


def test_the_newest_stand_first_and_of_one_day_the_one_added_last(posts: None, supporter: SupporterBrowser) -> None:
    assert [title[:12] for title in titles(supporter, "/")] == [
        "Keep armed p",
        "It is law",
        "An old appea",
        "A second cha",
    ]


def test_a_post_says_what_can_be_done_where_and_who_runs_it(posts: None, supporter: SupporterBrowser) -> None:
    page = supporter.get("/")
    assert '<time datetime="2022-02-14">Feb 14, 2022</time>' in page.text
    said = words(page)
    assert "Petition A second chance after long sentences New York Example Justice Network Justice Sign the" in said
    assert "Letter Oppose AB 969 Keep armed police" in said
    assert "Petition Closed An old appeal" in said
    assert "All states" in said


def test_a_link_to_the_organisation_leads_to_its_page(
    posts: None, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        campaign.organisation_url = "https://justice.example.org"
    for address in ("/", "/campaigns/clemency"):
        assert 'href="https://justice.example.org"' in supporter.get(address).text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=Justice", ["A second chance after long sentences"]),
        ("category=justice", ["A second chance after long sentences"]),
        ("category=Just", []),
        ("state=WI", ["Keep armed police out of Wisconsin&#39;s schools"]),
        ("month=2022-09", ["It is law"]),
        ("month=2022-02&kind=petition", ["An old appeal", "A second chance after long sentences"]),
        ("organisation=Example+Riders+Alliance", ["It is law"]),
        ("kind=news&state=WI", []),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    posts: None, supporter: SupporterBrowser, query: str, expected: list[str]
) -> None:
    assert titles(supporter, f"/?{query}") == expected


@pytest.mark.parametrize("query", ["state=XX", "month=2022-13", "month=x", "kind=nonsense", "page=0", "category=%00"])
def test_what_cannot_be_meant_narrows_nothing(posts: None, supporter: SupporterBrowser, query: str) -> None:
    assert len(titles(supporter, f"/?{query}")) == 4


def test_where_nothing_fits_it_says_so_and_leads_back(posts: None, supporter: SupporterBrowser) -> None:
    page = supporter.get("/?kind=news&state=WI")
    assert "Nothing fits all of this. See everything ." in words(page)
    assert title(page).startswith("Actions and news, News, Wisconsin")
    assert 'href="/?state=WI"' in page.text  # takes the kind away


def test_what_is_not_listed_is_open_to_who_has_the_link(posts: None, supporter: SupporterBrowser) -> None:
    assert "Only by its link" not in words(supporter.get("/"))
    assert supporter.get("/campaigns/hidden").status_code == 200
    assert supporter.get("/campaigns/draft").status_code == 404


def test_a_post_is_read_without_anything_to_do(posts: None, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/law")
    assert "<form" not in page.text
    assert "The bill would let people ask for clemency" in words(page)
    assert supporter.client.post("/campaigns/law", base_url="http://127.0.0.1:8000").status_code in (400, 403, 405)


def test_what_is_past_its_deadline_is_marked(
    posts: None, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        campaign.deadline_at = now - timedelta(days=1)
    assert "Petition Closed A second chance" in words(supporter.get("/"))


def test_many_posts_stand_on_several_pages(site: Flask, supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        for number in range(news.ON_A_PAGE + 5):
            sample_petition(session, slug=f"p{number}", title=f"Post {number}", posted_on=date(2022, 1, 1))
    first, second = titles(supporter, "/"), titles(supporter, "/?page=2&kind=")
    assert (len(first), len(second)) == (news.ON_A_PAGE, 6)
    assert second[-1] == "Post 0"
    assert not set(first) & set(second)
    assert titles(supporter, "/?page=99") == second
    page = supporter.get("/?kind=petition")
    assert 'href="/?kind=petition&amp;page=2" rel="next"' in page.text

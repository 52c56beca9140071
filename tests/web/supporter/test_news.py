"""The news: what stands there, in which order, and narrowed to what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import news
from tests.executed import executed
from tests.pictures import keep_picture
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
    assert "Petition A second chance after long sentences The bill would let people ask for clemency" in said
    assert "New York Example Justice Network Justice Sign the petition" in said
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


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("clemency", ["It is law", "A second chance after long sentences"]),
        ("CLEMENCY second", ["A second chance after long sentences"]),
        ("second clemencies", []),
        ("riders", ["It is law"]),  # the organisation
        ("ab969", ["Keep armed police out of Wisconsin&#39;s schools"]),
        ("escuela pública", ["Keep armed police out of Wisconsin&#39;s schools"]),
        ("escuela publica", ["Keep armed police out of Wisconsin&#39;s schools"]),
        ("安全", ["Keep armed police out of Wisconsin&#39;s schools"]),
        ("%", []),
        ("_____", []),
        ('"', []),
        ("\\", []),
        ("'; DROP TABLE campaigns; --", []),
    ],
)
def test_the_news_are_searched_in_every_language(
    posts: None, supporter: SupporterBrowser, database: Database, typed: str, expected: list[str]
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "ab969")).one()
        campaign.translations = {"es": {"title": "La escuela pública"}, "zh-Hans": {"title": "让我们的学校安全"}}
    address = f"/?{urlencode({'search': typed})}"
    listed = [title for title in titles(supporter, address) if title != "An old appeal"]
    assert listed == expected
    page = supporter.get(address)
    assert f'value="{escape(typed)}"' in page.text
    assert f"Take away: “{typed}”" in words(page)
    if not expected and "second" not in typed:
        assert "Nothing fits all of this." in words(page)


def test_marks_that_nobody_sees_are_not_looked_for(posts: None, supporter: SupporterBrowser) -> None:
    page = supporter.get("/?search=%E2%80%8EWisconsin%E2%80%8F")
    assert "Take away: “Wisconsin”" in words(page)
    assert "Nothing fits all of this." not in words(page)


@pytest.mark.parametrize("typed", ["a" * 10_000, "a\0b", "a\nb"])
def test_what_cannot_be_searched_is_told_and_nothing_is_left_out(
    posts: None, supporter: SupporterBrowser, typed: str
) -> None:
    page = supporter.get(f"/?{urlencode({'search': typed})}")
    assert page.status_code == 200
    assert "Nothing was searched: " in words(page)
    assert title(page).startswith("Error: ")
    assert len(titles(supporter, page.request.full_path)) == 4


def test_what_is_set_stays_when_something_else_is_set_or_the_page_is_turned(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        for number in range(news.ON_A_PAGE + 1):
            sample_petition(session, slug=f"p{number}", title=f"Find {number}", state="CA")
    page = supporter.get("/?search=find&state=CA&page=2")
    assert 'href="/?search=find&amp;state=CA" rel="prev"' in page.text
    assert 'href="/?search=find&amp;kind=letter&amp;state=CA"' in page.text
    assert 'href="/?state=CA"' in page.text  # takes the search away
    assert 'href="/news.atom?search=find&amp;state=CA"' in page.text
    assert "21 posts, of those that fit this:" in words(page)
    page = supporter.get("/?kind=petition")
    assert '<input type="hidden" name="kind" value="petition">' in page.text  # a search keeps it


def test_many_posts_ask_no_more_of_the_database_than_a_few(
    site: Flask, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        keep_picture(session, now)
        sample_petition(session, slug="one", picture_id=1, picture="a.png", picture_alt="A door")

    def statements(address: str) -> int:
        with executed(site.extensions["actionmail"].database.engine) as seen:
            supporter.get(address)
        return len(seen)

    addresses = ("/", "/?search=chance", "/news.atom", "/news.json", "/sitemap.xml")
    few = [statements(address) for address in addresses]
    with database.write() as session:
        for number in range(news.ON_A_PAGE):
            sample_petition(session, slug=f"p{number}", picture_id=1, picture="a.png", picture_alt="A door")
    assert [statements(address) for address in addresses] == few


def test_languages_without_a_word_are_none_of_the_news(any_database: Database) -> None:
    """Which there are is asked of the database; the translations themselves stay there."""
    with any_database.write() as session:
        sample_petition(session, slug="one").translations = {"es": {"title": "Otra"}, "vi": {}}
        sample_petition(session, slug="two").translations = {"es": {"summary": "Más"}, "lo": {"title": "Mid"}}
        sample_petition(session, slug="three", status="draft").translations = {"vi": {"title": "Nháp"}}
    with executed(any_database.engine) as said, any_database.read() as session:
        assert news.languages(session) == ["en", "es", "lo"]
    assert not [statement for statement, _ in said if statement.startswith("SELECT campaigns.translations")]


def test_the_picture_stands_in_two_sizes_with_its_words_in_the_readers_language(
    posts: None, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        keep_picture(session, now, large=1000, es="Una puerta.")
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        campaign.picture_id, campaign.picture, campaign.picture_alt = 1, "a.png", "A door."
        campaign.translations = {"es": {"title": "Otra oportunidad"}, "vi": {"picture_alt": "Một cánh cửa."}}
    for address in ("/", "/campaigns/clemency"):
        page = supporter.get(address).text
        assert re.search(r'srcset="/pictures/\w+\.png 480w, /pictures/\w+\.png 1000w" sizes="[^"]+" width="1000"', page)
        assert ' alt="A door."' in page
    supporter.get("/campaigns/clemency?lang=es")
    assert ' alt="Una puerta." lang="es"' in supporter.get("/").text  # the picture's own translation
    assert ' alt="Một cánh cửa." lang="vi"' in supporter.get("/campaigns/clemency?lang=vi").text
    with database.write() as session:
        session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one().picture_alt = "Said otherwise."
    page = supporter.get("/campaigns/clemency?lang=es").text
    assert ' alt="Said otherwise." loading' not in page
    assert re.search(r'<img class="picture"[^>]* alt="Said otherwise." lang="en">', page)
    assert re.search(r'property="og:image" content="http://127.0.0.1:8000/pictures/\w+\.png"', page)
    assert '<meta property="og:image:alt" content="Said otherwise.">' in page


def test_of_what_is_open_the_one_that_ends_soonest_stands_over_the_list(
    posts: None, site: Flask, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    site.extensions["actionmail"] = replace(site.extensions["actionmail"], clock=lambda: now)
    assert 'id="soonest"' not in supporter.get("/").text
    with database.write() as session:
        sample_petition(session, slug="later", title="Later", deadline_at=now + timedelta(days=9))
        sample_petition(session, slug="soon", title="Soon", deadline_at=now + timedelta(days=2))
        sample_petition(session, slug="past", title="Past", deadline_at=now - timedelta(days=2))
        sample_petition(session, slug="off", title="Off", deadline_at=now + timedelta(days=1), status="paused")
    page = supporter.get("/")
    card = re.search(r'<section class="card soonest".*?</section>', page.text, re.DOTALL)
    assert card and '<h2><a href="/campaigns/soon">Soon</a></h2>' in card[0]
    assert "Until March 6, 2026" in card[0]
    assert 'id="soonest"' not in supporter.get("/?state=NY").text


def test_a_closed_post_says_since_when_and_what_came_of_it(
    posts: None, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        columns = {"deadline_at": datetime(2026, 1, 28, 4, tzinfo=UTC), "outcome": "The Governor signed it."}
        sample_petition(session, slug="done", title="Done", **columns)
    page = supporter.get("/")
    assert "Petition Closed Done Closed on January 27, 2026. The Governor signed it." in words(page)
    assert "What came of it : Done" in words(page)
    assert "What came of it The Governor signed it." in words(supporter.get("/campaigns/done"))


def test_what_leads_elsewhere_says_where_to(posts: None, supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "law")).one()
        campaign.link_url, campaign.link_text = "https://appeal.example.org/sign?a=1&b=2", "Sign their appeal"
    for address in ("/", "/campaigns/law"):
        page = supporter.get(address)
        link = '<a class="elsewhere" href="https://appeal.example.org/sign?a=1&amp;b=2" rel="noopener noreferrer">'
        assert link in page.text
        assert "Sign their appeal (leads to appeal.example.org)" in words(page)


def test_feed_readers_find_the_feeds_by_the_pages(posts: None, supporter: SupporterBrowser) -> None:
    for address in ("/", "/campaigns/clemency", "/campaigns/ab969", "/campaigns/old"):
        page = supporter.get(address).text
        assert re.search(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="/news.atom">', page)
        assert re.search(r'<link rel="alternate" type="application/feed\+json" title="[^"]+" href="/news.json">', page)


def test_pages_of_all_kinds_tell_networks_what_they_are(posts: None, supporter: SupporterBrowser) -> None:
    for slug in ("clemency", "law", "ab969", "old"):
        page = supporter.get(f"/campaigns/{slug}").text
        assert f'<meta property="og:url" content="http://127.0.0.1:8000/campaigns/{slug}">' in page
        assert page.count('property="og:image"') == 1

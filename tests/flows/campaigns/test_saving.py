from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from actionmail.db.campaigns import Campaign, Letter, letter_for
from actionmail.db.engine import Database
from actionmail.flows.campaigns import reading, saving
from actionmail.flows.campaigns.saving import LoadReport, load_campaign
from actionmail.rules.campaigns import campaign_file, columns
from actionmail.rules.campaigns.fields import CampaignFields, LegislatorFields, SupporterFields, field_values
from actionmail.rules.campaigns.filled_letter import fill_letter
from actionmail.rules.campaigns.letter_check import faults
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.rules.campaigns.targets import Person
from actionmail.rules.campaigns.translations import WORDS, languages
from actionmail.settings import bundled
from tests.pictures import keep_picture
from tests.wording import raises, told

SAMPLES = sorted((bundled("data") / "campaigns").glob("*.toml"))
# As files that put a campaign on its page at once; as they ship, both are drafts.
AB969, SB1161 = (
    (SAMPLES[0].parent / name).read_text(encoding="utf-8").replace('"draft"', '"live"')
    for name in ("ab969.toml", "sb1161.toml")
)
MINIMAL = '''slug = "rides"
status = "live"
title = "Safe rides"
state = "CA"
session = "2021-2022"
bill = "SB 1161"
bill_title = "Safe rides"
position = "support"
chambers = ["upper", "lower"]
summary = "Why."
organisation = "Example Community Group"
privacy_line = "To your legislators and nobody else."
timezone = "America/Los_Angeles"

[[letters]]
name = "All"
chambers = ["upper", "lower"]
subjects = ["Please support {{ bill }}"]
opening = """
{{ salutation }}

I live in {{ place }}."""
body = """
First paragraph.

Please vote yes on {{ bill }}."""
closing = "Sincerely, {{ supporter_name }}"
'''


def own_letter(campaign: Campaign, chamber: str, language: str = "en") -> Letter | None:
    """The letter that a supporter's own legislator in this chamber gets."""
    somebody = Person(key="sample/1", chamber=chamber)
    return letter_for(campaign, somebody, is_own=True, is_thanked=False, language=language)


def load(database: Database, text: str, now: datetime) -> LoadReport:
    with database.write() as session:
        return load_campaign(session, text, source="file.toml", now=now)


def test_the_samples_are_these() -> None:
    names = ["ab969", "clemency", "comment-line", "freedom-toolkit", "hf3434", "ride-safe-toolkit", "sb1161-law"]
    assert [path.stem for path in SAMPLES] == [*names, "sb1161", "solidarity", "together", "week-of-action"]


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_a_sample_is_a_post_of_2022_that_says_so_and_comes_back_as_it_was(
    database: Database, now: datetime, path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    with database.write() as session:
        number = keep_picture(session, now)
        load_campaign(session, text, source="file.toml", now=now, picture_id=number)
    with database.read() as session:
        campaign = reading.campaign_of(session, path.stem)
        first = saving.export(session, path.stem)
        assert campaign.posted_on is not None
        assert campaign.posted_on.year == 2022
        assert campaign.notice.startswith("This is a historical sample")
        assert campaign.organisation.startswith("Example ")
    assert load(database, first, now).outcome == "unchanged"
    with database.read() as session:
        assert saving.export(session, path.stem) == first


@pytest.mark.parametrize(("text", "slug", "position"), [(AB969, "ab969", "oppose"), (SB1161, "sb1161", "support")])
def test_a_sample_says_that_it_is_one_and_fills_without_fault(
    database: Database, now: datetime, text: str, slug: str, position: str
) -> None:
    load(database, text, now)
    with database.read() as session:
        campaign = reading.campaign_page(session, slug)
        assert campaign is not None
        assert campaign.position == position
        assert campaign.notice.startswith("This is a historical sample.")
        assert "Example" in campaign.organisation
        for chamber in campaign.chambers:
            letter = own_letter(campaign, chamber)
            assert letter is not None
            for variant in range(len(letter.subjects)):
                filled = fill_letter(reading.letter_text(letter, variant), _values(campaign, chamber))
                assert faults(filled) == []
                assert campaign.bill in filled.subject
                assert campaign.bill in filled.body
                assert {"support": "support", "oppose": "vote no"}[position] in filled.text or "vote yes" in filled.text


def _values(campaign: Campaign, chamber: str) -> dict[str, str]:
    legislator = LegislatorFields(
        state=campaign.state, chamber=chamber, name="Lara Sample", family_name="Sample", district="1"
    )
    supporter = SupporterFields(
        name="Mai Example", city="Rancho Santa Margarita", zip_code="92688", state=campaign.state
    )
    about = CampaignFields(
        bill=campaign.bill,
        bill_title=campaign.bill_title,
        session=campaign.session,
        position=campaign.position,
        title=campaign.title,
        organisation=campaign.organisation,
    )
    return field_values(legislator, supporter, about)


def test_loading_twice_is_loading_once(any_database: Database, now: datetime) -> None:
    later = now + timedelta(hours=1)
    assert load(any_database, SB1161, now) == LoadReport(
        slug="sb1161", outcome="added", letters_added=("Senate (version 1)", "Assembly (version 1)")
    )
    assert load(any_database, SB1161, later) == LoadReport(slug="sb1161", outcome="unchanged")
    assert load(any_database, SB1161.replace("\n", "\r\n"), later).outcome == "unchanged"
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 2
        assert session.scalars(select(Campaign.updated_at)).one() == now


def test_a_changed_letter_is_a_new_version_and_retires_the_last(any_database: Database, now: datetime) -> None:
    later = now + timedelta(hours=1)
    load(any_database, MINIMAL, now)
    report = load(any_database, MINIMAL.replace("First paragraph", "Another paragraph"), later)
    assert report == LoadReport(
        slug="rides",
        outcome="changed",
        letters_added=("All (version 2)",),
        letters_retired=("All (version 1)",),
    )
    with any_database.read() as session:
        first, second = session.scalars(select(Letter).order_by(Letter.version))
        assert (first.retired_at, second.retired_at) == (later, None)
        assert first.body.startswith("First")
        campaign = reading.campaign_page(session, "rides")
        assert campaign is not None
        assert campaign.letters == [second]
        assert campaign.updated_at == later


def test_going_back_to_an_old_text_is_a_third_version(database: Database, now: datetime) -> None:
    for text in (MINIMAL, MINIMAL.replace("First", "Other"), MINIMAL):
        report = load(database, text, now)
    assert report.letters_added == ("All (version 3)",)


def test_only_the_place_of_a_letter_changing_makes_no_version(database: Database, now: datetime) -> None:
    second = MINIMAL[MINIMAL.index("[[letters]]") :].replace('"All"', '"Second"')
    first = MINIMAL[MINIMAL.index("[[letters]]") :]
    head = MINIMAL[: MINIMAL.index("[[letters]]")]
    load(database, head + first + second, now)
    report = load(database, head + second + first, now)
    assert (report.outcome, report.letters_added, report.letters_retired) == ("changed", (), ())
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
        assert campaign is not None
        assert [letter.name for letter in campaign.letters] == ["Second", "All"]
    assert load(database, head + second, now).letters_retired == ("All (version 1)",)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ('slug = "rides"', 'slug = "Rides!"', 1, 8, "slug: It must be small letters"),
        ('status = "live"', 'status = "open"', 2, 10, "one of draft, scheduled, live, paused, closed"),
        ('title = "Safe rides"', "title = 7", 3, 9, "title: It must be text in quotes"),
        ('title = "Safe rides"', 'title = " "', 3, 9, "title: It is empty"),
        ('title = "Safe rides"', f'title = "{"x" * 201}"', 3, 9, "at most 200 fit"),
        ('title = "Safe rides"', r'title = "Safe\nrides"', 3, 9, "one line"),
        ('title = "Safe rides"', r'title = "Safe\u202erides"', 3, 9, "reading direction"),
        ('state = "CA"', 'state = "ca"', 4, 9, "two capital letters"),
        ('position = "support"', 'position = "suport"', 8, 12, "Did you mean support?"),
        ('["upper", "lower"]\nsummary', '["house"]\nsummary', 9, 12, "chambers:"),
        ('["upper", "lower"]\nsummary', "[]\nsummary", 9, 12, "chambers:"),
        ('["upper", "lower"]\nsummary', '["upper", "upper"]\nsummary', 9, 12, "twice"),
        ('["upper", "lower"]\nsummary', '["legislature"]\nsummary', 9, 12, "California has"),
        ('"America/Los_Angeles"', '"Mars"', 13, 12, "time zone"),
        ('"America/Los_Angeles"', '"../../etc/passwd"', 13, 12, "time zone"),
        ("timezone", "goal = true\ntimezone", 13, 8, "whole number"),
        ("timezone", "goal = -1\ntimezone", 13, 8, "more than 0"),
        ("timezone", "erase_after_days = 0\ntimezone", 13, 20, "more than 0 days"),
        ("timezone", 'deadline = "soon"\ntimezone', 13, 12, "date with a time"),
        ("timezone", "deadline = 2027-02-11\ntimezone", 13, 12, "date with a time"),
        ("timezone", "deadline = 2027-03-14T02:30:00\ntimezone", 13, 12, "There is no 02:30 on that day in America/"),
        ("timezone", "colour = 1\ntimezone", 13, 10, 'no "colour"'),
        ("summary", "sumary", 10, 10, "did you mean summary?"),
        ('bill = "SB 1161"\n', "", 0, 0, '"bill" is missing'),
        ('name = "All"', 'name = "All"\nchamber = 1', 17, 11, "did you mean chambers?"),
        ('subjects = ["Please support {{ bill }}"]\n', "", 15, 1, '"subjects" is missing in letter 1'),
        ('["Please support {{ bill }}"]', "[]", 18, 12, "1 to 20 subjects"),
        ('["Please support {{ bill }}"]', "[1]", 18, 12, "text in quotes"),
        ("Please support {{ bill }}", "Please support {{ bil }}", 18, 32, "did you mean bill?"),
        ("{{ place }}", "{{ plaice }}", 22, 14, "did you mean place?"),
        ("Please vote yes on {{ bill }}", "Vote {% for x in y %}", 26, 6, "Nothing else can be used"),
        ("Sincerely, {{ supporter_name }}", "Sincerely, {{ suporter_name }}", 27, 26, "did you mean supporter_name?"),
        ("First paragraph.", "{{ legislator_name }}", 24, 4, "differs from legislator to legislator"),
        ("First paragraph.", "[add your story here]", 16, 8, "still says"),
        ("First paragraph.", r"a \\ {{ bil }}", 23, 8, "did you mean bill? It stands in line 1, column 8 of the text"),
        ("Sincerely, {{ supporter_name }}", "Bye", 27, 12, "must sign"),
        ('chambers = ["upper", "lower"]\nsubjects', 'chambers = ["upper"]\nsubjects', 9, 12, 'no letter for "lower"'),
        ("Please support {{ bill }}", "Please support {{ campaign_title }} " + "x" * 60, 16, 8, "at most 78"),
        ('position = "support"', "position = support", 8, 12, "not TOML"),
        ('session = "2021-2022"', 'session = "2021', 5, 16, "not TOML"),
        ("Why.", "Why\x00.", 10, 15, "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_place(
    old: str, new: str, line: int, column: int, words: str
) -> None:
    assert old in MINIMAL
    with pytest.raises(CampaignFileError) as refused:
        campaign_file.read_campaign(MINIMAL.replace(old, new, 1), source="file.toml")
    assert words in told(refused.value)
    assert (refused.value.file, refused.value.line, refused.value.column) == ("file.toml", line, column)


def test_two_letters_of_one_name_are_refused() -> None:
    text = MINIMAL + MINIMAL[MINIMAL.index("[[letters]]") :]
    with raises(CampaignFileError, match="two letters") as refused:
        campaign_file.read_campaign(text, source="file.toml")
    assert refused.value.line == 29


@pytest.mark.parametrize(
    "text", ["", "x" * 600_000, "a = " + "[" * 100_000, "letters = 1", "letters = []", "[[letters]]"]
)
def test_a_file_that_is_no_campaign_is_refused(text: str) -> None:
    with pytest.raises(CampaignFileError):
        campaign_file.read_campaign(text, source="file.toml")


def test_a_file_without_letters_says_so() -> None:
    with raises(CampaignFileError, match="There is no letter"):
        campaign_file.read_campaign(MINIMAL[: MINIMAL.index("[[letters]]")], source="file.toml")


def test_a_file_that_is_not_utf_8_is_refused_with_its_place() -> None:
    with raises(CampaignFileError, match="line 2, column 3: This is not UTF-8"):
        campaign_file.decode(b"a\nbc\xff", source="file.toml")


@given(st.integers(min_value=0, max_value=len(MINIMAL)), st.text(max_size=5), st.integers(min_value=0, max_value=30))
def test_a_damaged_file_is_read_or_refused(place: int, put: str, cut: int) -> None:
    try:
        campaign_file.read_campaign(MINIMAL[:place] + put + MINIMAL[place + cut :], source="file.toml")
    except CampaignFileError as error:
        assert str(error)


def test_a_refused_file_changes_nothing(any_database: Database, now: datetime) -> None:
    load(any_database, MINIMAL, now)
    broken = MINIMAL.replace("Safe rides", "Safer rides").replace("{{ place }}", "{{ plaice }}")
    with pytest.raises(CampaignFileError):
        load(any_database, broken, now + timedelta(hours=1))
    assert load(any_database, MINIMAL, now).outcome == "unchanged"


def test_a_deadline_in_an_hour_that_comes_twice_is_in_the_first(database: Database, now: datetime) -> None:
    load(database, MINIMAL.replace("timezone", "deadline = 2027-11-07T01:30:00\ntimezone"), now)
    with database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.deadline_at == datetime(2027, 11, 7, 8, 30, tzinfo=UTC)


def test_a_deadline_without_an_offset_is_in_the_campaigns_time_zone(database: Database, now: datetime) -> None:
    load(
        database,
        MINIMAL.replace("timezone", "deadline = 2027-02-11T09:00:00\ngoal = 500\nerase_after_days = 90\ntimezone"),
        now,
    )
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
        assert campaign is not None
        assert campaign.deadline_at == datetime(2027, 2, 11, 17, 0, tzinfo=UTC)
        assert (campaign.goal, campaign.erase_after_days) == (500, 90)


def test_what_is_asked_and_shown_of_people_stands_in_its_file(database: Database, now: datetime) -> None:
    load(database, MINIMAL.replace("timezone", "asks_street = true\nshows_party = false\ntimezone"), now)
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
        assert campaign is not None
        assert (campaign.asks_street, campaign.shows_party) == (True, False)
        assert "\nshows_party = false\nasks_street = true\n" in saving.export(session, "rides")
    load(database, MINIMAL, now)
    with database.read() as session:
        exported = saving.export(session, "rides")
        assert ("asks_street" in exported, "shows_party" in exported) == (False, False)


def test_the_websites_that_may_show_it_stand_in_its_file(database: Database, now: datetime) -> None:
    sites = ["https://partner.example", "http://127.0.0.1:8001", "https://a.b.example:8443"]
    load(database, MINIMAL.replace("timezone", f"sites = {json.dumps([sites[0] + '/', *sites[1:]])}\ntimezone"), now)
    with database.read() as session:
        campaign = reading.campaign_of(session, "rides")
        assert campaign.sites == sites
        assert "partner.example" in saving.export(session, "rides")


@pytest.mark.parametrize(
    "site",
    [
        "partner.example", "https://partner.example/path", "http://partner.example", "https://*.example", "*", "https:",
        "https://a.example; script-src *", "https://a.example 'none'", "https://user@a.example", "data:", "https://-a.x",
        "https://a.example:99999999",
    ],
)  # fmt: skip
def test_what_is_no_website_is_refused(database: Database, now: datetime, site: str) -> None:
    with pytest.raises(CampaignFileError):
        load(database, MINIMAL.replace("timezone", f'sites = ["{site}"]\ntimezone'), now)


def test_whom_a_campaign_asks_to_confirm_stands_in_its_file_where_it_asks_at_all(
    database: Database, now: datetime
) -> None:
    load(database, MINIMAL, now)
    for words in ("", 'confirm = "new"\n', 'confirm = "always"\n'):
        load(database, MINIMAL.replace("timezone", f"{words}timezone"), now)
        with database.read() as session:
            text = saving.export(session, "rides")
        assert text.count("confirm") == bool(words)
        assert words in text
        assert load(database, text, now).outcome == "unchanged"
    with raises(CampaignFileError, match="It must be one of off, new, always"):
        load(database, MINIMAL.replace("timezone", 'confirm = "sometimes"\ntimezone'), now)


def test_the_public_sees_no_draft_and_may_act_only_on_what_is_live(database: Database, now: datetime) -> None:
    for status in columns.STATUSES:
        opens = "\nopens = 2027-02-11T09:00:00" if status == "scheduled" else ""
        text = MINIMAL.replace('"rides"', f'"{status}"').replace('status = "live"', f'status = "{status}"{opens}')
        load(database, text, now)
    with database.read() as session:
        assert [campaign.slug for campaign in reading.live_campaigns(session)] == ["live"]
        seen = [slug for slug in columns.STATUSES if reading.campaign_page(session, slug)]
        assert seen == ["scheduled", "live", "paused", "closed"]
        assert reading.campaign_page(session, "unknown") is None
        assert len(reading.all_campaigns(session)) == len(columns.STATUSES)


def test_what_was_read_can_be_used_after_the_session_has_ended(database: Database, now: datetime) -> None:
    load(database, MINIMAL, now)
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
    assert campaign is not None
    assert own_letter(campaign, "lower") is not None


def test_the_first_letter_that_fits_is_used(database: Database, now: datetime) -> None:
    head, letter = MINIMAL[: MINIMAL.index("[[letters]]")], MINIMAL[MINIMAL.index("[[letters]]") :]
    spanish = letter.replace('"All"', '"Spanish"').replace("subjects", 'language = "es"\nsubjects')
    lower = letter.replace('"All"', '"Assembly"').replace('["upper", "lower"]', '["lower"]')
    load(database, head + lower + spanish + letter, now)
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
    assert campaign is not None

    def used(chamber: str, language: str) -> str | None:
        found = own_letter(campaign, chamber, language)
        return found and found.name

    assert used("lower", "en") == "Assembly"
    assert used("upper", "en") == "All"
    assert used("lower", "es") == "Spanish"
    assert used("lower", "hmn") == "Assembly"  # none in Hmong: the first one that the office can read
    assert used("legislature", "en") is None


def test_in_a_state_with_one_chamber_every_letter_is_for_it(database: Database, now: datetime) -> None:
    load(database, MINIMAL.replace('"CA"', '"NE"'), now)
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
    assert campaign is not None
    assert own_letter(campaign, "legislature") is not None


def test_subjects_are_used_round_and_round(database: Database, now: datetime) -> None:
    load(database, MINIMAL.replace('["Please support {{ bill }}"]', '["One {{ bill }}", "Two {{ bill }}"]'), now)
    with database.read() as session:
        campaign = reading.campaign_page(session, "rides")
    assert campaign is not None
    letter = campaign.letters[0]
    assert [reading.letter_text(letter, variant).subject[:3] for variant in range(3)] == ["One", "Two", "One"]


def test_the_guide_for_staff_lists_every_line_of_a_file() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "letters.md").read_text(encoding="utf-8")
    keys = (columns.CAMPAIGN_KEYS, columns.RULE_KEYS, columns.LETTER_KEYS, WORDS, languages())
    for key in chain.from_iterable(keys):
        assert f"`{key}`" in guide or f"[[{key}]]" in guide

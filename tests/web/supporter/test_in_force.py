"""What the process keeps of campaigns costs few statements, and a change made anywhere holds at the next request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.orm import Session

from actionmail.db.actions import Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns import content, reading
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.settings import Settings
from tests.executed import executed
from tests.samples import sample_campaign, sample_legislators, sample_petition
from tests.two_sessions import cross
from tests.web.application import on, open_app
from tests.web.supporter_pages import WHO, SupporterBrowser, problems, title, words

PAGE = "/campaigns/ab969"
_CONNECTIONS = 15  # that SQLAlchemy opens at most
OUR_OWN = ("BEGIN", "SAVEPOINT", "RELEASE")
# Statements and transactions of each request, and the statements more that PostgreSQL needs: the lock of the campaign.
COSTS = {"page": (1, 0, 0), "who": (2, 1, 0), "letter": (1, 0, 0), "send": (9, 1, 1), "receipt": (2, 0, 0)}


@pytest.fixture
def busy(any_database: Database, site_settings: Settings) -> Flask:
    with any_database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return on(any_database, open_app(site_settings))


@pytest.fixture
def supporter(busy: Flask) -> SupporterBrowser:
    return SupporterBrowser(busy)


@pytest.fixture
def elsewhere(any_database: Database) -> Iterator[Callable[[str], None]]:
    """Another process with connections of its own, of which this one hears nothing."""
    other = Database(any_database.engine.url.render_as_string(hide_password=False))

    def run(statement: str) -> None:
        with other.write() as session:
            session.execute(text(statement))

    yield run
    other.engine.dispose()


def test_a_change_is_read_though_every_connection_is_with_somebody_who_waits_for_it(
    busy: Flask, any_database: Database
) -> None:
    """More requests at once than the pool has connections, each with one, wait for whoever reads what changed."""
    with ExitStack() as waiting:
        for _ in range(_CONNECTIONS):
            waiting.enter_context(any_database.ask())
        in_force = CampaignsInForce(any_database).get("ab969", 0)
    assert in_force is not None
    assert in_force.campaign.slug == "ab969"


@pytest.mark.parametrize("slug", ["ab969", "clemency"])
def test_no_request_waits_for_a_second_connection_with_one_in_its_hand(
    busy: Flask, any_database: Database, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else as many requests as the pool has connections would wait for one another."""
    with any_database.write() as session:
        sample_petition(session)
    supporter = SupporterBrowser(busy)
    with ExitStack() as others:
        for _ in range(_CONNECTIONS - 1):
            others.enter_context(any_database.ask())
        monkeypatch.setattr(any_database.engine.pool, "_timeout", 0.1)
        for path in ("/receipts/of-nobody", "/campaigns/of-nobody", "/campaigns/of-nobody/letter"):
            assert supporter.get(path).status_code == 404
        supporter.get(f"/campaigns/{slug}")
        assert supporter.post(f"/campaigns/{slug}", **WHO, csrf_token="").status_code == 403
        receipt = supporter.submit(**{**WHO, "zip": "53704", "consent": "y"})
        if slug == "ab969":
            assert supporter.post(supporter.path, csrf_token="").status_code == 403
            receipt = supporter.send()
        assert "Thank you" in words(receipt)
        assert supporter.post(f"{supporter.path}/cancellation", csrf_token="").status_code == 403


@contextmanager
def transactions(database: Database) -> Iterator[list[object]]:
    begun: list[object] = []

    def note(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        is_sqlite = database.engine.dialect.name == "sqlite"
        if driver.in_transaction if is_sqlite else not driver.autocommit:  # else each statement stands by itself
            begun.append(connection)

    event.listen(database.engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(database.engine, "begin", note)


def test_a_whole_action_costs_so_many_statements_and_transactions(busy: Flask, any_database: Database) -> None:
    with any_database.write() as session:  # how many wrote is shown on the receipt too, and costs no statement
        session.execute(text("UPDATE campaigns SET goal = 10000"))
    SupporterBrowser(busy).to_letter()  # the process has been asked before
    supporter, sent = SupporterBrowser(busy), list[str]()
    steps: dict[str, Callable[[], object]] = {
        "page": lambda: supporter.get(PAGE),
        "who": lambda: supporter.post(PAGE, **{**WHO, "zip": "53704"}),
        "letter": lambda: supporter.get(f"{PAGE}/letter"),
        "send": lambda: sent.append(supporter.post(f"{PAGE}/letter", go="send", consent="y").location),
        "receipt": lambda: supporter.get(sent[0]),
    }
    is_postgres = any_database.engine.dialect.name == "postgresql"
    for name, step in steps.items():
        with executed(any_database.engine) as seen, transactions(any_database) as begun:
            step()
        asked = [statement for statement, _ in seen if not statement.startswith(OUR_OWN)]
        statements, in_transactions, more = COSTS[name]
        assert len(asked) == statements + (more if is_postgres else 0), (name, asked)
        assert len(begun) == in_transactions, name
    assert _count(any_database, Message) == 2


def _count(database: Database, table: type[object]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_pause_elsewhere_holds_from_the_next_request_on(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None], any_database: Database
) -> None:
    assert supporter.get(PAGE).status_code == 200
    elsewhere("UPDATE campaigns SET status = 'paused'")
    typed = supporter.submit(**WHO)
    assert typed.status_code == 409
    assert _count(any_database, Draft) == 0
    assert "no letters at the moment" in words(supporter.get(PAGE))
    elsewhere("UPDATE campaigns SET status = 'live'")
    supporter.to_letter()
    elsewhere("UPDATE campaigns SET status = 'paused'")
    assert supporter.send().status_code == 409
    assert _count(any_database, Message) == 0


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("UPDATE campaigns SET title = 'Another title'", "Another title"),
        ("UPDATE campaigns SET summary = 'Another summary.'", "Another summary."),
    ],
)
def test_new_words_elsewhere_are_read_at_the_next_request(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None], change: str, shown: str
) -> None:
    assert shown not in words(supporter.get(PAGE))
    elsewhere(change)
    assert shown in words(supporter.get(PAGE))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE legislators SET status = 'vacant' WHERE district = '76'",
        "UPDATE letters SET retired_at = created_at",
        "UPDATE campaigns SET position = 'support'",
        "UPDATE campaigns SET bill = 'AB 970'",
    ],
)
def test_a_letter_that_was_shown_is_not_sent_once_it_would_be_another(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None], any_database: Database, change: str
) -> None:
    supporter.to_letter()
    elsewhere(change)
    answer = supporter.send()
    assert answer.status_code == 409
    assert "so nothing was sent" in problems(answer)
    assert _count(any_database, Message) == 0


def test_a_letter_goes_to_the_address_that_was_corrected_elsewhere(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None], any_database: Database
) -> None:
    supporter.to_letter()
    elsewhere("UPDATE legislators SET email = 'new@legis.example' WHERE district = '76'")
    supporter.send()
    with any_database.read() as session:
        assert "new@legis.example" in session.scalars(select(Message.recipient)).all()


def test_a_correction_elsewhere_is_on_the_letters_page(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None]
) -> None:
    assert "Lara Sample" in words(supporter.to_letter())
    elsewhere("UPDATE legislators SET name = 'Lara Renamed' WHERE district = '76'")
    assert "Lara Renamed" in words(supporter.get(f"{PAGE}/letter"))


def test_a_campaign_that_was_taken_away_elsewhere_is_gone(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None]
) -> None:
    assert supporter.get(PAGE).status_code == 200
    elsewhere("UPDATE campaigns SET status = 'archived'")
    assert supporter.get(PAGE).status_code == 404


def test_the_kept_page_gives_each_visitor_their_own_token_and_counts_on(busy: Flask) -> None:
    first, second = SupporterBrowser(busy), SupporterBrowser(busy)
    assert "have written" not in words(first.get(PAGE))
    second.get(PAGE)
    assert first.fields["csrf_token"] != second.fields["csrf_token"]
    for browser in (first, second):
        browser.submit(**{**WHO, "zip": "53704", "email": f"{id(browser)}@example.org"})
        assert title(browser.send()).startswith("Your 2 letters are queued")
    assert "2 people have written" in words(SupporterBrowser(busy).get(PAGE))


def test_a_change_while_it_is_read_is_seen_by_the_next_request(
    any_database: Database, elsewhere: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, busy: Flask
) -> None:
    campaigns = CampaignsInForce(any_database)
    read, changed = reading.campaign_page, []

    def reading_slowly(session: Session, slug: str) -> Campaign | None:
        """Somebody commits after the version was read, and before the campaign is."""
        if not changed:
            changed.append(elsewhere("UPDATE campaigns SET title = 'Changed meanwhile'"))
        return read(session, slug)

    monkeypatch.setattr(reading, "campaign_page", reading_slowly)
    for _ in range(2):
        with any_database.read() as session:
            found = campaigns.get("ab969", content.version(session))
    assert found is not None and found.campaign.title == "Changed meanwhile"


@pytest.mark.parametrize(
    "change", ["UPDATE campaigns SET status = 'paused'", "UPDATE letters SET retired_at = created_at"]
)
def test_no_letter_goes_by_what_changed_while_it_was_read(
    supporter: SupporterBrowser,
    elsewhere: Callable[[str], None],
    any_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    """Somebody commits after the campaign was read, and before its legislators are."""
    supporter.to_letter()
    elsewhere("UPDATE campaigns SET summary = 'So it is read anew.'")
    read, changed = reading.campaign_page, []

    def then_changed(session: Session, slug: str) -> Campaign | None:
        campaign = read(session, slug)
        if not changed:
            changed.append(elsewhere(change))
        return campaign

    monkeypatch.setattr(reading, "campaign_page", then_changed)
    supporter.send()
    assert changed
    assert _count(any_database, Message) == 0


def shown_now(database: Database, campaigns: CampaignsInForce) -> tuple[str, str]:
    """The title, and who sits in the Assembly's district 76, as a request of now gets them."""
    with database.read() as session:
        found = campaigns.get("ab969", content.version(session))
    assert found is not None
    return found.campaign.title, found.targets.seats["lower", "76"][0].name


def test_whoever_began_first_and_commits_last_is_seen(any_database: Database, busy: Flask) -> None:
    campaigns, meanwhile = CampaignsInForce(any_database), []

    def older(session: Session) -> None:
        session.execute(text("UPDATE legislators SET name = 'Changed first' WHERE district = '76'"))
        meanwhile.append(shown_now(any_database, campaigns))

    def newer(session: Session) -> None:
        session.execute(text("UPDATE campaigns SET title = 'Changed then'"))

    cross(any_database, older, newer, after="Changed first")
    assert meanwhile[0][1] == "Lara Sample"  # with either title: SQLite has the newer one wait
    assert shown_now(any_database, campaigns) == ("Changed then", "Changed first")


def test_of_many_changes_at_once_none_is_missed_and_none_seen_in_part(any_database: Database, busy: Flask) -> None:
    """Each writes one number in two places; what a request gets is at least as new as what it read before."""
    campaigns = CampaignsInForce(any_database)

    def change(_: object) -> None:
        with any_database.write() as session:
            session.execute(text("UPDATE campaigns SET goal = coalesce(goal, 0) + 1"))
            session.execute(text("UPDATE legislators SET phone = (SELECT goal FROM campaigns)"))

    def look(_: object) -> None:
        with any_database.read() as session:
            before = session.execute(text(f"SELECT {content.VERSION} AS version, goal FROM campaigns")).one()
        found = campaigns.get("ab969", before.version)
        assert found is not None
        goal, phones = found.campaign.goal or 0, {one.phone for one in found.targets.seats["lower", "76"]}
        assert goal >= (before.goal or 0)
        assert not goal or phones == {str(goal)}

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(look if number % 3 else change, number) for number in range(300)]
    for each in done:
        each.result()


def test_what_a_database_says_that_took_the_place_of_another_is_shown(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None], any_database: Database
) -> None:
    """A standby, or a backup, that lacks the last change: the one that is made on it instead is another one."""
    with any_database.read() as session:
        before = content.version(session)
    elsewhere("UPDATE campaigns SET title = 'Lost with the old server'")
    assert "Lost with the old server" in words(supporter.get(PAGE))
    elsewhere("DELETE FROM content_changes")
    elsewhere(f"INSERT INTO content_changes (slot, changes) VALUES (0, {before})")
    elsewhere("UPDATE campaigns SET title = 'Written on the new one'")
    assert "Written on the new one" in words(supporter.get(PAGE))


def test_of_many_who_ask_at_once_one_reads(any_database: Database, busy: Flask) -> None:
    campaigns = CampaignsInForce(any_database)
    with any_database.read() as session:
        version = content.version(session)
    with executed(any_database.engine) as seen, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: campaigns.get("ab969", version), range(40)))
    assert len({id(one) for one in found}) == 1
    assert sum("FROM legislators" in statement for statement, _ in seen) == 1


def test_what_was_kept_is_dropped_with_its_version(any_database: Database, busy: Flask) -> None:
    campaigns = CampaignsInForce(any_database)
    with any_database.write() as session:
        sample_campaign(session, slug="second")
    with any_database.read() as session:
        version = content.version(session)
    assert campaigns.get("ab969", version) and campaigns.get("second", version)
    assert campaigns.get("nobody", version) is None
    with any_database.write() as session:
        session.scalars(select(Legislator).where(Legislator.district == "77")).one().phone = "1"
    with any_database.read() as session:
        campaigns.get("second", content.version(session))
    assert campaigns.last("ab969") is None


def test_what_a_receipt_passes_on_is_kept_in_each_language_and_goes_with_the_campaign(
    supporter: SupporterBrowser, elsewhere: Callable[[str], None]
) -> None:
    supporter.to_letter()
    receipt = supporter.post(f"{PAGE}/letter", go="send", consent="y").location
    before = supporter.get(receipt).text
    assert "Now ask three friends" in before
    assert "Now ask three friends" not in supporter.get(f"{receipt}?lang=es").text
    elsewhere("UPDATE campaigns SET title = 'Renamed elsewhere'")
    after = supporter.get(f"{receipt}?lang=en").text
    assert "Now ask three friends" in after
    assert "Renamed%20elsewhere" in after
    assert "Renamed%20elsewhere" not in before

"""The last step: what one press costs, and what stands in the way of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes
from email.policy import default
from types import FrameType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import READ_ONLY, Database
from actionmail.db.messages import FrozenLetter
from actionmail.db.roster import Committee, CommitteeMember
from actionmail.flows.actions import submitting
from actionmail.rules.campaigns import filled_letter, leftovers, plain_text
from actionmail.rules.delivery import envelope, tokens
from tests.samples import NOW, sample_legislator
from tests.web.supporter_pages import SupporterBrowser, problems


def test_a_mark_that_makes_a_text_read_otherwise_is_refused_at_its_field(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    for name in ("subject_1", "body_1", "personal"):
        page = supporter.send(**{name: "Please\u202e vote no."})
        assert page.status_code == 400, name
        assert problems(page), name
    for name in ("name", "street", "city"):
        page = supporter.to_letter(**{name: "Mai\u202e Example"})
        assert page.status_code == 400, name
        assert problems(page), name


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u202c", "\u2067", "\u2069"])
def test_a_mark_that_carries_nothing_is_left_out_in_silence(
    supporter: SupporterBrowser, database: Database, mark: str
) -> None:
    supporter.to_letter(name=f"{mark}Mai Example", street=f"2 Sample{mark} Street", city=f"Madison{mark}")
    page = supporter.send(subject_1=f"Please{mark} vote no", body_1=f"Hello{mark}.", personal=f"{mark}My children.")
    assert (page.status_code, problems(page)) == (200, "")
    with database.read() as session:
        action = session.scalars(select(Action)).one()
        raws = list(session.scalars(select(FrozenLetter.raw)))
    assert (action.name, action.street, action.city) == ("Mai Example", "2 Sample Street", "Madison")
    for raw in raws:
        mail = message_from_bytes(raw, policy=default)
        assert mark not in mail["Subject"] + mail.get_content()
        assert "My children." in mail.get_content()


def counted(database: Database, *functions: Callable[..., Any]) -> AbstractContextManager[dict[str, list[bool]]]:
    """For each function, one entry for every call made meanwhile: whether a write transaction was open then."""
    names = {function.__code__: function.__name__ for function in functions}
    calls: dict[str, list[bool]] = {function.__name__: [] for function in functions}
    writing = [False]

    def begin(connection: Connection) -> None:
        writing[0] = not connection.get_execution_options().get(READ_ONLY, False)

    def end(connection: Connection) -> None:
        writing[0] = False

    def called(frame: FrameType, what: str, argument: object) -> None:
        if what == "call" and frame.f_code in names:
            calls[names[frame.f_code]].append(writing[0])

    @contextmanager
    def watch() -> Iterator[dict[str, list[bool]]]:
        engine = database.engine
        event.listen(engine, "begin", begin)
        event.listen(engine, "commit", end)
        event.listen(engine, "rollback", end)
        before = sys.getprofile()
        sys.setprofile(called)
        try:
            yield calls
        finally:
            sys.setprofile(before)

    return watch()


LOOKED_AT = (
    filled_letter.fill_letter,
    leftovers.prompts,
    plain_text.plain,
    envelope.freeze,
    tokens.verp_address,
    submitting.supporter_key_of,
)


@pytest.mark.parametrize("others", [0, 38])
def test_a_press_fills_each_letter_once_and_only_writes_in_its_transaction(
    site: Flask, database: Database, others: int
) -> None:
    if others:
        write_to_a_committee(database, others)
    copies = 2 + others
    browser = SupporterBrowser(site)
    browser.to_letter()
    answers = {"go": "send", "consent": "y", "personal": "My own words.", "body_1": "Please vote no."}
    with counted(site.extensions["actionmail"].database, *LOOKED_AT) as calls:
        page = browser.post(browser.path, **answers)
    assert page.status_code == 303
    assert page.location.startswith("/receipts/")
    assert len(calls["fill_letter"]) == copies
    assert len(calls["freeze"]) == copies
    # Subject, the supporter's paragraph, body and closing are the same for all: only openings differ.
    assert len(calls["prompts"]) <= copies + 4
    for name, during in calls.items():
        assert not any(during), name


def write_to_a_committee(database: Database, members: int) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.targets = [{"do": "add", "committees": ["board/roads"]}]
        board = Committee(key="board/roads", state="WI", chamber="lower", name="Roads", as_of=NOW.date())
        session.add(board)
        session.flush()
        for place in range(members):
            member = sample_legislator(session, district=str(place), name=f"Sample {place}", family_name=f"S {place}")
            session.add(
                CommitteeMember(committee_id=board.id, place=place, legislator_key=member.key, name="x", role="member")
            )

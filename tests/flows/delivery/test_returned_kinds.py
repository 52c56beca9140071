"""What returned mails of named servers do to their letters, and that no more is stopped or kept than is right."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery.received import AlertCode, Kind, Received
from tests.flows.delivery.test_inbound import Post
from tests.returned_corpus import builders
from tests.returned_corpus.builders import BEHIND, RETURN_PATH, TO


@pytest.fixture
def post(any_database: Database) -> Post:
    return Post(any_database)


def back(post: Post, text: str, index: int = 0) -> Received:
    return post.back(text.replace(RETURN_PATH, post.paths[index]).replace("\n", "\r\n").encode())


def test_a_full_mailbox_under_another_number_is_tried_again_and_stops_nothing(post: Post) -> None:
    post.send(2)
    for index in range(2):
        done = back(post, builders.postfix("5.1.1", "552 5.2.2 the mailbox is over its quota"), index)
        assert (done.kind, done.after) == (Kind.FULL, "deferred")
    assert post.stops() == []


@pytest.mark.parametrize(
    "text",
    [
        builders.exim("451 4.3.0 Lookup failed", diagnostic="451 4.3.0 Lookup failed: retry timeout exceeded"),
        builders.courier("451 4.3.0 Temporary lookup failure"),
        builders.haraka("5.0.0", "451 4.4.2 Connection lost"),
        builders.opensmtpd("5.4.7 Envelope expired"),
        builders.postfix("4.4.1", "connect to mx.legis.example[192.0.2.10]:25: Connection timed out"),
        builders.sendmail("4.4.7", "Deferred: connection timed out with mx.legis.example."),
    ],
    ids=["Exim", "Courier", "Haraka", "OpenSMTPD", "Postfix", "Sendmail"],
)
def test_who_gave_up_after_days_gets_one_more_try(post: Post, text: str) -> None:
    post.send()
    assert back(post, text).kind is Kind.GAVE_UP
    assert post.history() == ["deferred"]


@pytest.mark.parametrize(
    "text",
    [
        builders.postfix("5.2.2", "552 5.2.2 Mailbox full", BEHIND),
        builders.sendmail("5.2.2", "552 5.2.2 over quota", actual=BEHIND),
        builders.exim("mailbox is full", address=BEHIND, parent=TO),
        builders.postfix("4.4.1", "connection timed out", BEHIND),
    ],
    ids=["Postfix", "Sendmail", "Exim", "late"],
)
def test_an_alias_with_one_full_mailbox_behind_it_gets_its_letter_once(post: Post, text: str) -> None:
    post.send()
    done = back(post, text)
    assert (done.kind, done.after) == (Kind.BEHIND, "accepted")
    assert done.alert
    assert done.alert.code is AlertCode.BEHIND
    assert post.events()[0].reason_code == "back_from_behind"
    assert post.message().next_attempt_at is None


@pytest.mark.parametrize(
    "text",
    [
        builders.postfix("5.1.1", "550 5.1.1 User unknown", BEHIND),
        builders.sendmail("5.1.1", "550 5.1.1 User unknown", actual=BEHIND),
        builders.exim("Unrouteable address", address=BEHIND, parent=TO),
        builders.postfix_notice(f'<{BEHIND}> (expanded from\n    <{TO}>): unknown user: "former.aide"'),
        builders.postfix("5.7.1", "550 5.7.1 Refused by policy", BEHIND),
    ],
    ids=["Postfix", "Sendmail", "Exim", "Postfix, as prose", "policy"],
)
def test_somebody_who_left_puts_no_living_legislator_on_hold(post: Post, text: str) -> None:
    post.send(3)
    for index in range(3):
        assert back(post, text, index).after == "bounced"
    assert post.stops() == []
    assert post.events()[0].reason_code == "back_from_behind"


@pytest.mark.parametrize("kind", ["auth-failure", "dmarc", "not-spam", "virus", "other", "opt-out", "brand-new"])
def test_a_report_that_is_no_complaint_is_told_and_stops_nothing(post: Post, kind: str) -> None:
    post.send()
    done = back(post, builders.feedback(kind))
    assert (done.kind, done.after) == (Kind.FEEDBACK, "accepted")
    assert done.alert
    assert (done.alert.code, done.alert.detail) == (AlertCode.FEEDBACK, kind)
    assert (post.events()[0].reason_code, post.events()[0].text) == ("feedback", kind)
    assert post.stops() == []


def test_an_offices_thanks_with_a_null_sender_goes_on_to_the_supporter(post: Post) -> None:
    post.send()
    done = back(post, builders.answer("Thank you for writing", "Your letter will be read. Room 550.", path="<>"))
    assert (done.kind, done.after, done.forwarded) == (Kind.AUTO_REPLY, "accepted", True)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            builders.plain(
                "postmaster@mail.legis.example",
                "Your message was not stored",
                f"Your message to {TO} was thrown away, since the mailbox is full.\n\nIts first lines:\nFrom: Mai\n",
                "Auto-Submitted: auto-replied",
            ),
            "deferred",
        ),
        (
            builders.bare_report("Mail System <postoffice@mx.example>", "It answered: 553 5.3.0 nobody of that name"),
            "bounced",
        ),
        (
            builders.plain(
                "ndr@filter.example",
                "Mail delivery failed: returning message to sender",
                f"Your message could not be delivered to\n  {TO}\nThat is no valid user of this system.\n",
                path="<ndr@filter.example>",
            ),
            "bounced",
        ),
        (builders.plain("MAILER-DAEMON@mx.example", "Notice", "Something happened.\n"), "held"),
    ],
)
def test_a_mail_systems_notice_is_never_passed_on(post: Post, text: str, after: str) -> None:
    post.send()
    done = back(post, text)
    assert (done.after, done.forwarded) == (after, False)
    assert post.forwards() == []


def test_no_street_of_a_supporter_stays_in_the_events(post: Post) -> None:
    post.send()
    back(post, builders.exim_of_old("this person is not known at this address"))
    assert post.history() == ["bounced"]
    assert [(event.text, event.smtp_code, event.enhanced) for event in post.events()] == [("", None, "5.0.0")]


def test_what_a_report_quotes_of_a_supporter_is_blotted_out(post: Post) -> None:
    post.send()
    with post.database.write() as session:
        action = session.scalars(select(Action)).one()
        action.name, action.street = "Mai Example", "432 Oak Street"
    words = "554 5.7.1 refused: 'Mai Example, 432 Oak Street' <mai0@example.org>"
    back(post, builders.postfix("5.7.1", words))
    assert post.events()[0].text == "554 5.7.1 refused: '(left out), (left out)' <(left out)>"


def test_nothing_of_a_report_is_kept_once_the_supporter_was_erased(post: Post) -> None:
    post.send()
    with post.database.write() as session:
        message = session.get_one(Message, post.ids[0])
        action = session.get_one(Action, message.action_id)
        action.name = action.email = action.street = ""
        action.erased_at = message.created_at
    back(post, builders.postfix("5.7.1", "554 5.7.1 refused: 'Mai Example, 432 Oak Street'"))
    assert (post.events()[0].text, post.events()[0].enhanced) == ("", "5.7.1")

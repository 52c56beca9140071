"""Mails of machines that are hard to tell from each other, and from a person's."""

from __future__ import annotations

import pytest

from actionmail.rules.delivery.answer_codes import code_of, enhanced_of
from actionmail.rules.delivery.blotting import Private, blotted
from actionmail.rules.delivery.bounces import classify
from actionmail.rules.delivery.notice_text import before_copy, beside, is_behind
from actionmail.rules.delivery.returned import AutoReply, Bounce, Delayed, PersonalReply
from actionmail.rules.delivery.states import Signal
from tests.returned_corpus.builders import TO, answer, exim, opensmtpd, plain, postfix


def read(text: str) -> object:
    return classify(text.replace("\n", "\r\n").encode(), recipient=TO)


def test_a_street_of_the_returned_copy_is_no_code() -> None:
    content = read(
        plain(
            "Mail Delivery System <Mailer-Daemon@relay.example>",
            "Mail delivery failed: returning message to sender",
            f"Your message could not be delivered to\n\n  {TO}\n    this person is not known at this address\n\n"
            "------ This is a copy of your message. ------\n\n"
            "From: Mai Example via Example Org <letters@act.example.org>\n\nMai Example\n432 Oak Street\n",
            f"X-Failed-Recipients: {TO}",
        )
    )
    assert isinstance(content, Bounce)
    assert (content.status, content.code, content.text, content.is_temporary) == ("5.0.0", None, "", False)
    assert content.signal is Signal.SUSPECT_ADDRESS


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        ("432 Oak Street", None, ""),
        ("Suite 550 of the Capitol", None, ""),
        ("550 User unknown", 550, ""),
        ("host mx[192.0.2.10] said: 552 mailbox full", 552, ""),
        ("SMTP error: 550-5.1.1 no such user", 550, "5.1.1"),
        ("5.1.0 - Unknown address error 550-'5.1.1 unknown'", 550, "5.1.1"),
        ("mx.example (Exim 4.98.2)", None, ""),
        ("(reason: 550 5.7.1 refused)", 550, "5.7.1"),
        ("Remote host said: 450 later", 450, ""),
        ("<<< 451 4.3.0 later", 451, "4.3.0"),
        ("failed (#5.1.1)", None, "5.1.1"),
    ],
)
def test_a_bare_number_is_no_code(words: str, code: int | None, status: str) -> None:
    assert (code_of(words), enhanced_of(words)) == (code, status)


@pytest.mark.parametrize(
    "marker",
    [
        "------ This is a copy of the message, including all the headers. ------",
        "--- Below this line is a copy of the message.",
        "----- Original message -----",
        "   ----- Original message follows -----",
        "Its first lines were:",
        "Below is a copy of the original message:",
        "Original message headers:",
        "Message headers follow:",
        "Received: from act.example.org by mx.example",
        "> From: Mai Example",
        "From: Mai Example",
        "--- The header of the original message is following. ---",
        "Content-Type: message/rfc822",
    ],
)
def test_nothing_is_read_from_the_start_of_the_copy_on(marker: str) -> None:
    assert before_copy(f"It failed.\n{marker}\n432 Oak Street\n") == "It failed."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<{TO}>:\nSorry, no mailbox.\n\nMore.", "Sorry, no mailbox."),
        (f"{TO}: 552 5.2.2 Mailbox full\n\nMore", "552 5.2.2 Mailbox full"),
        (
            f"Your message to {TO} was thrown away, since it is full.",
            "Your message to was thrown away, since it is full",
        ),
        (f"{TO}: 550 Invalid recipient: <{TO}>\n\nMore", f"550 Invalid recipient: <{TO}>"),
        (f"  {TO}\n\n  Reason: gone\n\n  More", "Reason: gone"),
        (f"{TO}\nother@legis.example\n  not this", ""),
        (f"Unknown user: {TO}\n\nMore", "Unknown user More"),
        (f"undeliverable to {TO}", "undeliverable to"),
        (f"We write to {TO}.\n\n{TO}:\n  gone", "gone"),
        ("Nobody", ""),
    ],
)
def test_what_stands_beside_an_address(text: str, words: str) -> None:
    assert beside(text, TO) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"  aide@legis.example\n    (generated from {TO})\n    full", True),
        (f"<aide@legis.example> (expanded from\n    <{TO}>): host mx said: 550 no", True),
        (f"aide@legis.example\n    (reason: 550 <{TO}> is full)\n    (expanded from: <{TO}>)", True),
        (f"  an undisclosed address\n    (generated from {TO})", True),
        (f"  {TO}\n    (generated from {TO})\n    full", False),
        (f"  aide@legis.example\n    (generated from office@legis.example)\n  {TO}\n    full", False),
        (f"  {TO}\n    full", False),
    ],
)
def test_who_stands_behind_an_alias(text: str, expected: bool) -> None:
    assert is_behind(text, TO) is expected


def test_a_number_that_begins_a_line_of_a_notice_may_be_a_house() -> None:
    text = f"Your message to {TO} came back.\n\nPlease vote no.\n\nMai Example\n"
    for line in ("552 Oak Street", "> 421 Elm Street"):
        content = read(plain("MAILER-DAEMON@mx.example", "Undeliverable", f"{text}{line}\n"))
        assert isinstance(content, Bounce)
        assert (content.status, content.code) == ("5.0.0", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (opensmtpd("552 5.2.2 Mailbox full"), "552 5.2.2 Mailbox full"),
        (exim("Unrouteable address"), "Unrouteable address"),
        (
            exim("Message was rejected by a filter: no campaign mail"),
            "Message was rejected by a filter: no campaign mail",
        ),
        (postfix("5.1.1", "550 5.1.1 User unknown"), "550 5.1.1 User unknown"),
    ],
)
def test_a_reports_reason_is_kept_wherever_it_stands(text: str, words: str) -> None:
    content = read(text)
    assert isinstance(content, Bounce)
    assert content.text == words


def test_a_machines_answer_with_a_null_sender_is_an_answer() -> None:
    content = read(answer("Thank you for writing", "Your letter has arrived. Room 550, Capitol.", path="<>"))
    assert isinstance(content, AutoReply)


@pytest.mark.parametrize("subject", ["Re: your mail was not delivered", "Your message was not delivered"])
def test_a_person_who_writes_of_failures_is_no_notice(subject: str) -> None:
    """Where nothing tells the envelope's sender, a notice has to name the address that failed."""
    text = answer(subject, "Dear Mai,\n\nthe bill could not be delivered to the floor.\n")
    assert isinstance(read(text), PersonalReply)
    assert isinstance(read(text.partition("\n")[2]), PersonalReply)


def test_a_notice_without_a_return_path_is_one() -> None:
    text = plain(
        "System Administrator <admin@mx.example>", "Undeliverable: Oppose AB 969", f"  {TO}\n    User unknown\n"
    )
    assert isinstance(read(text.partition("\n")[2]), Bounce)


def test_a_subject_in_plain_utf8_is_read() -> None:
    content = read(answer("Réponse automatique : សួស្តី", "Je suis absente."))
    assert isinstance(content, AutoReply)
    assert content.subject == "Réponse automatique : សួស្តី"


def test_a_notice_that_breaks_off_is_left_to_a_person() -> None:
    whole = postfix("5.1.1", "550 5.1.1 User unknown")
    assert not isinstance(read(whole[: whole.index("--cut\nContent-Type: message/delivery-status")]), Bounce | Delayed)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("554 spam: Mai Example wrote", "554 spam: (left out) wrote"),
        ("554 from MAI  EXAMPLE", "554 from (left out)"),
        ("554 signed Mai", "554 signed (left out)"),
        ("550 main mailbox of mail", "550 main mailbox of mail"),
        ("554 reply to mai@example.org refused", "554 reply to (left out) refused"),
        ("554 2 Sample Street is blocked", "554 (left out) is blocked"),
        ("554 2 Sample\nStreet", "554 (left out)"),
    ],
)
def test_what_a_server_repeats_of_a_supporter_is_blotted_out(words: str, left: str) -> None:
    assert blotted(words, Private(name="Mai Example", others=("mai@example.org", "2 Sample Street", ""))) == left

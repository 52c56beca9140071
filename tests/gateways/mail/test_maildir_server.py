"""The local inbox: a real SMTP server that keeps what it gets, and its pages."""

from __future__ import annotations

import smtplib
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from actionmail.cli.delivery.words import inbox_error
from actionmail.gateways.mail.maildir_server import Inbox, InboxError, open_inbox
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import Parcel, State
from actionmail.settings import RelayAddress
from actionmail.web.review.inbox import create_inbox, serve_inbox

KHMER = (
    b"Date: Wed, 04 Mar 2026 09:12:05 -0600\r\n"
    b"From: =?utf-8?b?4Z6f4Z674Z6Y?= via Example Org <letters@act.example.org>\r\n"
    b"Reply-To: mai@example.org\r\nTo: Rep. Pat <pat@legislature.example>\r\n"
    b"Subject: Oppose AB 969 <script>alert(1)</script>\r\nMessage-ID: <am.1@act.example.org>\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Dear Rep. Pat,\r\n\r\n=E1=9E=9F=E1=9E=BB=E1=9E=98 <b>no</b>\r\n.dot\r\n"
)


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with open_inbox(tmp_path / "letters", port=0, clock=Ticking()) as opened:
        yield opened


@pytest.fixture
def page(inbox: Inbox) -> FlaskClient:
    return create_inbox(inbox.letters, inbox.letter).test_client()


def send(inbox: Inbox, *raws: bytes) -> None:
    relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=inbox.port, tls="none"), hello="client.example")
    parcels = [
        Parcel(id=n, return_path=f"b+{n}@act.example.org", recipient="pat@legislature.example", raw=raw)
        for n, raw in enumerate(raws)
    ]
    done = relay.deliver(parcels)
    relay.close()
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}


def test_a_letter_is_kept_byte_for_byte_with_its_envelope(inbox: Inbox) -> None:
    send(inbox, KHMER)
    (kept,) = inbox.letters()
    whole = inbox.letter(kept.name)
    assert whole is not None
    assert whole.raw == KHMER
    assert (whole.envelope_from, whole.envelope_to) == ("b+0@act.example.org", ("pat@legislature.example",))
    assert "សុម" in whole.text
    assert sorted(path.suffix for path in inbox.folder.iterdir()) == [".eml", ".json"]


def test_the_newest_letter_comes_first(inbox: Inbox) -> None:
    send(inbox, *(f"Subject: letter {n}\r\n\r\nx\r\n".encode() for n in range(3)))
    assert [kept.subject for kept in inbox.letters()] == ["letter 2", "letter 1", "letter 0"]


def test_it_listens_on_this_machine_only(inbox: Inbox) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        own = "127.0.0.2"
    with pytest.raises(OSError), closing(socket.create_connection((own, inbox.port), 1)):
        pass


def test_a_port_in_use_is_a_sentence(inbox: Inbox, tmp_path: Path) -> None:
    with (
        pytest.raises(InboxError, check=lambda error: "--smtp-port" in inbox_error(error)),
        open_inbox(tmp_path, port=inbox.port, clock=Ticking()),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(InboxError, check=lambda error: "cannot be made" in inbox_error(error)),
        open_inbox(tmp_path / "file", port=0, clock=Ticking()),
    ):
        pass


def test_any_smtp_client_may_use_it(inbox: Inbox) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.sendmail("a@example.org", ["b@example.org", "c@example.org"], "Subject: hello\r\n\r\nhello\r\n")
    (kept,) = inbox.letters()
    assert kept.envelope_to == ("b@example.org", "c@example.org")


def test_an_empty_inbox_says_what_to_do(page: FlaskClient) -> None:
    answer = page.get("/", base_url="http://127.0.0.1")
    assert answer.status_code == 200
    assert "No letter has arrived yet" in answer.text


def test_pages_show_the_letter_as_text(inbox: Inbox, page: FlaskClient) -> None:
    send(inbox, KHMER)
    listing = page.get("/", base_url="http://127.0.0.1")
    assert "Oppose AB 969 &lt;script&gt;" in listing.text
    name = inbox.letters()[0].name
    shown = page.get(f"/letters/{name}", base_url="http://127.0.0.1")
    assert "សុម &lt;b&gt;no&lt;/b&gt;" in shown.text
    assert "b+0@act.example.org" in shown.text
    assert "<script" not in shown.text
    raw = page.get(f"/letters/{name}/raw", base_url="http://127.0.0.1")
    assert raw.data == KHMER
    assert raw.content_type == "text/plain; charset=utf-8"
    for answer in (listing, shown, raw):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "x", "20260304T151206000000-00000000"])
def test_an_unknown_letter_is_a_page(page: FlaskClient, name: str) -> None:
    answer = page.get(f"/letters/{name}", base_url="http://127.0.0.1")
    assert answer.status_code == 404
    assert "no such letter" in answer.text or "Not here" in answer.text


def test_another_host_name_is_refused(page: FlaskClient) -> None:
    assert page.get("/", base_url="http://attacker.example").status_code == 400


def test_it_is_served_on_this_machine(inbox: Inbox) -> None:
    with serve_inbox(create_inbox(inbox.letters, inbox.letter), port=0) as url:
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert b"Local inbox" in answer.read()
        with urllib.request.urlopen(f"{url}static/inbox.css", timeout=60) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")


def test_a_letter_that_is_no_letter_is_shown_all_the_same(inbox: Inbox, page: FlaskClient) -> None:
    send(inbox, b'Content-Type: text/plain; charset="no-such"\r\nSubject: \r\n\r\n\xff\xfe?\r\n', b"\r\n")
    for kept in inbox.letters():
        assert page.get(f"/letters/{kept.name}", base_url="http://127.0.0.1").status_code == 200
    assert page.get("/", base_url="http://127.0.0.1").status_code == 200

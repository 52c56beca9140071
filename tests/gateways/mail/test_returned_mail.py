"""Where returned mail lies: a Maildir, standard input, IMAP."""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from actionmail.cli.delivery.words import returns_error
from actionmail.gateways.mail.returned_mail import (
    LARGEST,
    ImapAddress,
    ReturnsError,
    ReturnsFault,
    open_imap,
    open_maildir,
    parse_imap,
    read_one,
)
from tests.gateways.certificates import Authority
from tests.gateways.imap_server import imap_server


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "returns" / name).mkdir(parents=True)
    return tmp_path / "returns"


def test_new_mail_is_read_and_moves_once_it_is_done(maildir: Path) -> None:
    for name in ("2.b.host", "1.a.host"):
        (maildir / "new" / name).write_bytes(name.encode())
    (maildir / "cur" / "0.old:2,S").write_bytes(b"seen")
    (maildir / "new" / ".hidden").write_bytes(b"no mail")
    with open_maildir(maildir) as place:
        found = list(place.new())
        assert [(mail.key, mail.raw) for mail in found] == [("1.a.host", b"1.a.host"), ("2.b.host", b"2.b.host")]
        place.done("1.a.host")
        place.done("1.a.host")
        assert [mail.key for mail in place.new()] == ["2.b.host"]
    assert (maildir / "cur" / "1.a.host:2,S").read_bytes() == b"1.a.host"


def test_links_and_folders_are_no_mail_and_a_huge_one_is_cut(maildir: Path, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("private")
    (maildir / "new" / "link").symlink_to(tmp_path / "private")
    (maildir / "new" / "folder").mkdir()
    (maildir / "new" / "huge").write_bytes(b"x" * (LARGEST + 10))
    with open_maildir(maildir) as place:
        assert [(mail.key, len(mail.raw)) for mail in place.new()] == [("huge", LARGEST)]


def is_for(fault: ReturnsFault) -> Callable[[ReturnsError], bool]:
    """Whether that is what an error says; and there are words for it."""
    return lambda error: error.fault is fault and "{" not in returns_error(error)


def test_a_folder_that_is_no_maildir_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ReturnsError, check=is_for(ReturnsFault.NO_MAILDIR)), open_maildir(tmp_path):
        pass


def test_standard_input_is_read_to_its_end() -> None:
    stream = io.BytesIO(b"x" * (LARGEST + 100_000))
    assert len(read_one(stream)) == LARGEST
    assert stream.read() == b""


def test_unseen_mail_on_imap_is_read_and_marked_once_it_is_done() -> None:
    with imap_server({7: b"seven\r\n", 9: b"nine\r\n"}) as server:
        address = ImapAddress(host="127.0.0.1", port=server.port, tls="none", username="returns", mailbox="INBOX")
        with open_imap(address, "secret") as place:
            assert [(mail.key, mail.raw) for mail in place.new()] == [("7", b"seven\r\n"), ("9", b"nine\r\n")]
            place.done("7")
            assert [mail.key for mail in place.new()] == ["9"]
        assert server.seen == {7}
        assert any("BODY.PEEK" in line for line in server.said)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_imap_certificates_are_verified(tmp_path: Path, tls: str) -> None:
    authority = Authority(tmp_path)
    address = {"host": "localhost", "tls": tls, "username": "returns", "mailbox": "INBOX"}
    with imap_server({1: b"one"}, trust=authority.server("localhost"), starttls=tls == "starttls") as server:
        with open_imap(ImapAddress(**address, port=server.port), "secret", trust=authority.client()) as place:
            assert [mail.raw for mail in place.new()] == [b"one"]
        server.said.clear()
        with (
            pytest.raises(ReturnsError, check=is_for(ReturnsFault.UNTRUSTED)),
            open_imap(ImapAddress(**address, port=server.port), "secret", trust=ssl.create_default_context()),
        ):
            pass
        assert not any("secret" in line for line in server.said)


def test_imap_troubles_have_their_codes() -> None:
    with imap_server({1: b"one"}) as server:
        address = {"host": "127.0.0.1", "port": server.port, "tls": "none", "username": "returns"}
        with (
            pytest.raises(ReturnsError, check=is_for(ReturnsFault.REFUSED)),
            open_imap(ImapAddress(**address, mailbox="INBOX"), "wrong"),
        ):
            pass
        with (
            pytest.raises(ReturnsError, check=is_for(ReturnsFault.NO_MAILBOX)),
            open_imap(ImapAddress(**address, mailbox="none"), "secret"),
        ):
            pass
    with imap_server({1: b"one"}, hang_up_at="UID FETCH") as server:
        address["port"] = server.port
        with (
            pytest.raises(ReturnsError, check=is_for(ReturnsFault.ENDED)),
            open_imap(ImapAddress(**address, mailbox="INBOX"), "secret") as place,
        ):
            list(place.new())
    with (
        pytest.raises(ReturnsError, check=is_for(ReturnsFault.UNREACHABLE)),
        open_imap(ImapAddress(**{**address, "port": 1}, mailbox="INBOX"), "secret"),
    ):
        pass


def test_an_imap_address() -> None:
    assert parse_imap("imaps://returns%40act.example.org@mail.example.org/Returns") == ImapAddress(
        host="mail.example.org", port=993, tls="implicit", username="returns@act.example.org", mailbox="Returns"
    )
    assert parse_imap("imap://r@mail.example.org").tls == "starttls"
    assert parse_imap("imap://r@127.0.0.1:1143").tls == "none"


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "https://r@mail.example.org",
        "imaps://mail.example.org",
        "imaps://r:password@mail.example.org",
        'imaps://r@mail.example.org/"x',
        "imaps://r@mail.example.org:port/",
        "imaps://r@mail.example.org/a%0Ab",
    ],
)
def test_what_is_no_imap_address(url: str) -> None:
    with pytest.raises(ReturnsError):
        parse_imap(url)

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.delivery import envelope, mail_headers, tokens
from actionmail.rules.delivery.mail_headers import EnvelopeError, NonAsciiLocalPart, ascii_domain, has_control

SECRET = "0123456789abcdef" * 4
KEY = "01jnk3v9q6t8x2abcdefghjkmn"
DOMAIN = "act.example.org"
PARTS: dict[str, Any] = {
    "organisation": "Example Org",
    "from_address": "letters@act.example.org",
    "supporter_name": "Jane Doe",
    "supporter_email": "jane.doe@example.net",
    "recipient_name": "Rep. Pat Smith",
    "recipient": "rep.smith@legis.example",
    "subject": "Oppose AB969 - constituent in Madison 53703",
    "text": "Dear Representative Smith,\n\nPlease vote no.\n\nSincerely,\nJane Doe",
    "message_id": tokens.new_message_id(KEY, DOMAIN),
    "date": datetime(2026, 3, 4, 9, 12, 5, tzinfo=timezone(timedelta(hours=-6))),
    "verify_url": "https://act.example.org/v/abc",
}


def freeze(**parts: Any) -> bytes:
    return envelope.freeze(envelope.Parts(**parts))


NAMES = [
    "Jane Doe",
    "O'Brien, Jr.",
    'Ana "Pili" Muñoz (Díaz) <x@y>',
    "Nguyễn Thị Minh Khai",
    "Ntxhais Xyooj",
    "សុខ ចាន់ធូ",
    "ວຽງ ສະຫວັນ",
    "陳大文",
    "မောင်မောင်",
    "=?utf-8?q?x?= y",
    "back\\slash",
    "Dr. Mañana " * 15 + "x",
    "x" * 200,
]


def headers(raw: bytes) -> dict[str, str]:
    """Unfolded and decoded as RFC 2047 has it (the standard library's newer parser puts spaces into long names)."""
    message = message_from_bytes(raw)
    return {name: str(value).replace("\r\n", "").replace("\n", "") for name, value in message.items()}


def mailbox(value: str) -> tuple[str, str]:
    name, address = parseaddr(value)
    return str(make_header(decode_header(name))), address


def body(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=policy.default).get_content()).replace("\r\n", "\n")


def test_a_letter_is_the_bytes_that_the_specification_shows() -> None:
    assert freeze(**PARTS).decode("ascii") == (
        "Date: Wed, 04 Mar 2026 09:12:05 -0600\r\n"
        "From: Jane Doe via Example Org <letters@act.example.org>\r\n"
        "Reply-To: Jane Doe <jane.doe@example.net>\r\n"
        'To: "Rep. Pat Smith" <rep.smith@legis.example>\r\n'
        "Subject: Oppose AB969 - constituent in Madison 53703\r\n"
        f"Message-ID: <am.{KEY}@act.example.org>\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "MIME-Version: 1.0\r\n"
        "\r\n"
        "Dear Representative Smith,\r\n"
        "\r\n"
        "Please vote no.\r\n"
        "\r\n"
        "Sincerely,\r\n"
        "Jane Doe\r\n"
        "\r\n"
        "-- \r\n"
        "Sent by Jane Doe using Example Org's action page.\r\n"
        "A reply reaches Jane Doe directly.\r\n"
        "Verify or report: https://act.example.org/v/abc\r\n"
    )


def test_the_same_letter_is_the_same_bytes() -> None:
    assert freeze(**PARTS) == freeze(**PARTS)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_arrives_as_it_is(name: str) -> None:
    raw = freeze(**{**PARTS, "supporter_name": name, "recipient_name": name, "subject": name[:78].strip()})
    found = headers(raw)
    assert mailbox(found["Reply-To"]) == (name, "jane.doe@example.net")
    assert mailbox(found["From"]) == (f"{name} via Example Org", "letters@act.example.org")
    assert mailbox(found["To"]) == (name, "rep.smith@legis.example")
    assert str(make_header(decode_header(found["Subject"]))) == name[:78].strip()
    assert f"Sent by {name} using" in body(raw)
    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_a_long_or_foreign_text_is_quoted_printable_in_short_lines() -> None:
    text = "Dear Senator,\n\n" + "Lời nói chẳng mất tiền mua. " * 400 + "\n.\nFrom here on"
    raw = freeze(**{**PARTS, "text": text})
    assert headers(raw)["Content-Transfer-Encoding"] == "quoted-printable"
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert body(raw).startswith(text + "\n\n-- \nSent by")


def test_line_ends_are_crlf_whatever_was_typed() -> None:
    raw = freeze(**{**PARTS, "text": "one\r\ntwo\rthree\nfour"})
    assert b"one\r\ntwo\r\nthree\r\nfour\r\n" in raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


HEADER_PARTS = [
    "organisation",
    "supporter_name",
    "supporter_email",
    "recipient_name",
    "recipient",
    "subject",
    "from_address",
    "message_id",
    "verify_url",
]


@pytest.mark.parametrize("part", HEADER_PARTS)
@pytest.mark.parametrize("evil", ["\r\nBcc: x@example.org", "\nX: y", "\r", "\0", "\x0b", "\x85", "\u2028", "\x7f"])
def test_a_line_break_or_control_character_is_refused(part: str, evil: str) -> None:
    with pytest.raises(EnvelopeError):
        freeze(**{**PARTS, part: PARTS[part] + evil + "z"})


@pytest.mark.parametrize("part", HEADER_PARTS)
@pytest.mark.parametrize("value", ["", "   "])
def test_nothing_is_left_empty(part: str, value: str) -> None:
    with pytest.raises(EnvelopeError):
        freeze(**{**PARTS, part: value})


@given(st.dictionaries(st.sampled_from([*HEADER_PARTS, "text", "footer"]), st.text(max_size=100), max_size=4))
def test_no_input_adds_a_header(changed: dict[str, str]) -> None:
    try:
        raw = freeze(**{**PARTS, **changed})
    except EnvelopeError:
        return
    assert sorted(message_from_bytes(raw).keys()) == sorted(envelope.HEADERS)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_any_printable_name_arrives(name: str) -> None:
    want = " ".join(name.split())
    if not want:
        return
    found = headers(freeze(**{**PARTS, "supporter_name": name}))
    assert mailbox(found["Reply-To"])[0] == want


def test_a_subject_has_at_most_78_characters_and_a_name_200() -> None:
    freeze(**{**PARTS, "subject": "ü" * 78})
    with pytest.raises(EnvelopeError, match="long-subject 79"):
        freeze(**{**PARTS, "subject": "ü" * 79})
    with pytest.raises(EnvelopeError, match="long-name 201"):
        freeze(**{**PARTS, "supporter_name": "x" * 201})


def test_a_domain_in_another_script_becomes_a_labels() -> None:
    raw = freeze(**{**PARTS, "supporter_email": "jane@bücher.example"})
    assert headers(raw)["Reply-To"] == "Jane Doe <jane@xn--bcher-kva.example>"
    assert ascii_domain("x", "straße.example") == "xn--strae-oqa.example"


def test_a_local_part_in_another_script_is_refused_by_name() -> None:
    with pytest.raises(NonAsciiLocalPart, match="not-ascii"):
        freeze(**{**PARTS, "supporter_email": "jürgen@example.net"})


@pytest.mark.parametrize(
    "address",
    [
        "jane",
        "@example.net",
        "jane@",
        "a b@example.net",
        "jane@-x.example",
        "a@b@c.example",
        "jane@exa_mple.net",
        "<a>@b.c",
        "x" * 65 + "@example.net",
        "jane@" + ".".join(["x" * 60] * 5),
        "jane@\u0378.example",
        "a..b@example.net",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(EnvelopeError):
        freeze(**{**PARTS, "supporter_email": address})


def test_a_date_without_zone_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="naive"):
        freeze(**{**PARTS, "date": datetime(2026, 3, 4, tzinfo=UTC).replace(tzinfo=None)})


def test_a_message_id_gives_its_key_back() -> None:
    assert tokens.message_key(tokens.new_message_id(KEY, DOMAIN)) == KEY
    assert tokens.message_key("<other@act.example.org>") is None
    with pytest.raises(ValueError, match="28 letters"):
        tokens.new_message_id("a>b", DOMAIN)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,28}", fullmatch=True))
def test_a_return_path_leads_to_its_message_even_in_capitals(key: str) -> None:
    address = tokens.verp_address(key, SECRET, DOMAIN)
    local = address.partition("@")[0]
    assert address == address.lower()
    assert len(local) <= 64
    assert tokens.read_token(address, SECRET) == key
    assert tokens.read_token(address.upper(), SECRET) == key
    assert tokens.read_token(local.removeprefix("b+"), SECRET) == key
    assert tokens.read_verify_token(tokens.verify_token(key, SECRET), SECRET) == key


@given(st.integers(min_value=0, max_value=300), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_one_character_changed_leads_nowhere(place: int, character: str) -> None:
    token = tokens.verify_token(KEY, SECRET)
    place %= len(token)
    forged = token[:place] + character + token[place + 1 :]
    assert tokens.read_verify_token(forged, SECRET) == (KEY if forged == token else None)


def test_a_token_of_one_kind_or_secret_is_none_of_another() -> None:
    returning = tokens.verp_address(KEY, SECRET, DOMAIN).partition("@")[0].removeprefix("b+")
    assert tokens.read_verify_token(returning, SECRET) is None
    assert tokens.read_token(tokens.verify_token(KEY, SECRET), SECRET) is None
    assert tokens.read_token(returning, "another secret") is None


@given(st.text(max_size=80))
def test_any_other_token_leads_nowhere(token: str) -> None:
    assert tokens.read_token(token, SECRET) is None
    assert tokens.read_verify_token(token, SECRET) is None


MOVED = {"recipient": "rep.smith@new.example", "message_id": tokens.new_message_id("k" * 26, "act.example.org")}
LATER = datetime(2026, 3, 9, 9, 0, tzinfo=timezone(timedelta(hours=-5)))


@pytest.mark.parametrize(
    "name", ["Rep. Pat Smith", 'Pat "P" Smith, Jr.', "Søren Ågård", "Маша Пример " * 15, "မြန်မာ စာ " * 12]
)
def test_another_mailbox_gets_the_same_words_and_name(name: str) -> None:
    raw = freeze(**{**PARTS, "recipient_name": name})
    moved = envelope.readdressed(raw, **MOVED, date=LATER)
    before, after = headers(raw), headers(moved)
    assert mailbox(after["To"]) == (" ".join(name.split()), "rep.smith@new.example")
    assert mailbox(after["To"])[0] == mailbox(before["To"])[0]
    assert (after["Message-ID"], after["Date"]) == (MOVED["message_id"], "Mon, 09 Mar 2026 09:00:00 -0500")
    kept = set(before) - {"To", "Message-ID", "Date"}
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert list(after) == list(before)
    assert moved.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]
    assert envelope.redated(moved, LATER) == moved


@pytest.mark.parametrize(
    "recipient",
    ["", "nobody", "a@b\r\nBcc: x@example.org", "a@b\x00.example", "ü@example.org", "x" * 65 + "@example.org"],
)
def test_a_mailbox_that_is_none_is_refused(recipient: str) -> None:
    with pytest.raises(EnvelopeError):
        envelope.readdressed(freeze(**PARTS), **{**MOVED, "recipient": recipient}, date=LATER)


def test_a_date_without_a_zone_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="naive"):
        envelope.readdressed(freeze(**PARTS), **MOVED, date=LATER.replace(tzinfo=None))


_STRANGE = (
    b"Bcc: x@example.org",
    b"To: x",
    b"From ",
    b"\r\n",
    b"\r",
    b"\n",
    b" ",
    b"\t",
    b"\0",
    b":",
    b"\xc3\xa9",
    b"\x0c",
)


@given(
    st.lists(st.sampled_from(_STRANGE), max_size=6).map(b"".join),
    st.sampled_from(sorted(envelope.HEADERS)),
    st.booleans(),
)
def test_what_goes_on_to_another_mailbox_has_just_the_headers_that_any_parser_finds(
    strange: bytes, name: str, is_before: bool
) -> None:
    begin = f"{name}:".encode()
    raw = freeze(**PARTS).replace(begin, strange + begin if is_before else begin + strange, 1)
    try:
        moved = envelope.readdressed(raw, **MOVED, date=LATER)
    except ValueError:  # EnvelopeError is one
        return
    assert sorted(BytesHeaderParser().parsebytes(moved).keys()) == sorted(envelope.HEADERS)


@given(st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\n =.-é")), max_size=300))
def test_the_text_is_encoded_as_the_standard_library_does_and_read_back(text: str) -> None:
    try:
        raw = envelope.keep_text(subject="A subject", text=text)
    except EnvelopeError:
        return
    subject, _, content = raw.partition(b"\r\n")
    written = envelope._body("letter", text) + "\n"
    part = EmailMessage(policy=policy.SMTP)
    is_plain = written.isascii() and all(len(line) <= 78 for line in written.split("\n"))
    part.set_content(written, charset="utf-8", cte="7bit" if is_plain else "quoted-printable")
    assert (subject, content) == (b"Subject: A subject", part.as_bytes())
    read = message_from_bytes(raw, policy=policy.SMTP).get_content().replace("\r\n", "\n").rstrip()
    assert envelope.letter_text(raw) == read


def test_every_control_character_is_seen_and_no_other() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        assert has_control(f"a{character}b") is (unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}), hex(code)
    assert not has_control("a\nb\t", allowed="\n\t")


@given(st.text(alphabet="abZ9!#$%&'*+/=?^_`{|}~-.\"() ", min_size=1, max_size=20))
def test_an_address_is_written_as_the_standard_library_writes_it(local: str) -> None:
    try:
        expected = Address(addr_spec=f"{local.strip()}@example.org").addr_spec
    except (HeaderParseError, ValueError, IndexError):
        return
    if local.strip():
        assert mail_headers.mailbox("recipient", "Pat Smith", f"{local}@example.org")[-1] == f"<{expected}>"

"""What a returned mail is taken for: samples of honest mail systems, and of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.rules.delivery.bounces import arrived_at, classify
from actionmail.rules.delivery.forwarding import without_token
from actionmail.rules.delivery.returned import (
    AbuseReport,
    AutoReply,
    Bounce,
    Delayed,
    Delivered,
    PersonalReply,
    Unknown,
)
from actionmail.rules.delivery.states import Signal
from tests import returned
from tests.growth import LINEAR, growth
from tests.returned import TO, mail, report


@pytest.mark.parametrize(
    "sample", [returned.POSTFIX, returned.EXCHANGE, returned.GMAIL, returned.GLOBAL, returned.EXIM, returned.QMAIL]
)
def test_mail_systems_of_all_kinds_say_that_there_is_no_such_mailbox(sample: str) -> None:
    found = classify(mail(sample), recipient=TO)
    assert isinstance(found, Bounce)
    assert (found.status, found.names_recipient, found.signal) == ("5.1.1", True, Signal.SUSPECT_ADDRESS)


@pytest.mark.parametrize(
    ("status", "diagnostic", "read", "signal"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "5.1.1", Signal.SUSPECT_ADDRESS),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10", Signal.SUSPECT_ADDRESS),
        ("5.0.0", "550 5.1.1 User unknown", "5.1.1", Signal.SUSPECT_ADDRESS),
        ("5.0.0", "550 no such user here", "5.0.0", Signal.SUSPECT_ADDRESS),
        ("5.2.2", "552 5.2.2 mailbox full", "5.2.2", Signal.NONE),
        ("5.0.0", "552 5.2.2 mailbox full", "5.2.2", Signal.NONE),
        ("5.7.1", "550 5.7.1 user unknown to our policy", "5.7.1", Signal.SUSPECT_DOMAIN),
        ("5.7.26", "550-5.7.26 unauthenticated", "5.7.26", Signal.SUSPECT_DOMAIN),
        ("5.4.4", "Host not found", "5.4.4", Signal.NONE),
        ("5.0.0", "554 blocked by our policy", "5.0.0", Signal.SUSPECT_DOMAIN),
        ("4.4.7", "451 4.4.7 message expired", "4.4.7", Signal.NONE),
        ("4.0.0", "451 user unknown, try later", "4.0.0", Signal.NONE),
        ("", "550 5.1.1 User unknown", "5.1.1", Signal.SUSPECT_ADDRESS),
        ("nonsense", "550 whatever", "5.0.0", Signal.NONE),
    ],
)
def test_the_status_field_comes_first_and_the_words_help_where_it_is_vague(
    status: str, diagnostic: str, read: str, signal: Signal
) -> None:
    found = classify(report("failed", status, diagnostic), recipient=TO)
    assert isinstance(found, Bounce)
    assert (found.status, found.signal) == (read, signal)


def test_a_full_mailbox_is_not_for_ever_whatever_its_number_says() -> None:
    found = classify(mail(returned.EXCHANGE, status="5.2.2", diagnostic="554 5.2.2 mailbox full"), recipient=TO)
    assert isinstance(found, Bounce)
    assert found.is_full
    assert found.signal is Signal.NONE


def test_other_actions() -> None:
    assert classify(report("delayed", "4.4.1", "timed out"), recipient=TO) == Delayed(status="4.4.1", text="timed out")
    for action in ("delivered", "relayed", "expanded"):
        found = classify(report(action, "2.0.0", "250 ok"), recipient=TO)
        assert isinstance(found, Delivered)
        assert found.action == action
    assert isinstance(classify(report("failed", "2.0.0", "250 ok"), recipient=TO), Unknown)


def test_a_report_about_another_address_says_nothing_of_the_letters_own() -> None:
    found = classify(mail(returned.POSTFIX, recipient="staff@office.example"), recipient=TO)
    assert isinstance(found, Bounce)
    assert not found.names_recipient
    assert found.signal is Signal.NONE


def test_of_several_recipients_the_letters_own_one_counts() -> None:
    both = report("delivered", "2.0.0", "250 ok").replace(
        b"Final-Recipient:",
        b"Final-Recipient: rfc822; other@legis.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nFinal-Recipient:",
    )
    assert isinstance(classify(both, recipient=TO), Delivered)


def test_the_library_is_believed_only_where_it_names_the_letters_address() -> None:
    assert isinstance(classify(mail(returned.QMAIL), recipient="somebody.else@legis.example"), Unknown)


@pytest.mark.parametrize("sample", [returned.OUT_OF_OFFICE, returned.VACATION])
def test_an_absence_is_no_bounce(sample: str) -> None:
    assert isinstance(classify(mail(sample), recipient=TO), AutoReply)


def test_a_person_writes_back() -> None:
    found = classify(mail(returned.REPLY), recipient=TO)
    assert isinstance(found, PersonalReply)
    assert (found.sender, found.attachments) == ("aide@legis.example", 1)
    assert found.subject == "Re: Oppose AB 969 - a constituent in 53703"
    assert "the representative will vote no. សួស្តី" in found.text


def test_a_page_becomes_words() -> None:
    found = classify(mail(returned.HTML_REPLY), recipient=TO)
    assert isinstance(found, PersonalReply)
    assert found.text == "Thank you, Mai.\n\nWe’ll be in touch."
    assert found.subject == "Re: your letter"


def test_a_complaint() -> None:
    assert classify(mail(returned.ABUSE), recipient=TO) == AbuseReport(feedback="abuse")


def test_the_envelope_tells_a_mail_system_from_a_person() -> None:
    assert isinstance(classify(mail(returned.SPEECHLESS), recipient=TO), Unknown)
    for null in ("", "<>", "MAILER-DAEMON"):
        assert isinstance(classify(mail(returned.REPLY), recipient=TO, sender=null), AutoReply)
    assert isinstance(classify(mail(returned.REPLY), recipient=TO, sender="aide@legis.example"), PersonalReply)


def test_words_of_strangers_are_bounded_and_cannot_move_a_cursor() -> None:
    hostile = "550 5.1.1 \x1b[2J\u202e" + "x" * 5000
    found = classify(report("failed", "5.1.1", hostile), recipient=TO)
    assert isinstance(found, Bounce)
    assert len(found.text) <= 500
    assert not {"\x1b", "\u202e"} & set(found.text)
    reply = classify(mail(returned.REPLY).replace(b"Dear Mai", b"Dear \x1b[2J" + b"Mai" * 20_000), recipient=TO)
    assert isinstance(reply, PersonalReply)
    assert "\x1b" not in reply.text
    assert len(reply.text) < 21_000


def _nested(levels: int, lines: int) -> bytes:
    head = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
    for level in range(levels):
        head += b"Content-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n" % (level, level)
    return head + b"\r\n" + b"x\r\n" * lines


def _in_reply(what: bytes, instead: bytes) -> bytes:
    return mail(returned.REPLY).replace(what, instead)


HOSTILE = {
    "nothing": b"",
    "broken base64": _in_reply(b"quoted-printable", b"base64"),
    "unknown charset": _in_reply(b"utf-8", b"x-none"),
    "trap charset": _in_reply(b"utf-8", b"idna"),
    "codec that is none": _in_reply(b"utf-8", b"zlib_codec"),
    "broken words": _in_reply(b"Subject: ", b"Subject: =?utf-8?b?====?= =?x?q?\xff?= "),
    "eight bit headers": _in_reply(b"Subject: ", b"Subject: \xff\xfe\x80"),
    "deep enough to pass": _nested(25, 100_000),
    "no end": mail(returned.POSTFIX)[:900],
}
# The same at any length, with how often it says its piece at most.
GROWING: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "blank": (1000, lambda times: b"\r\n" * times),
    "zeros": (100_000, lambda times: b"\0" * times),
    "noise": (4000, lambda times: bytes(range(256)) * times),
    "deep": (2000, lambda times: _nested(times, 50 * times)),
    "deep rfc822": (5000, lambda times: b"Content-Type: message/rfc822\r\n\r\n" * times),
    "one endless line": (5_000_000, lambda times: b"From: a@b.example\r\n\r\n" + b"x" * times),
    "one endless header": (5_000_000, lambda times: b"Subject: " + b"x" * times),
    "endless addresses": (100_000, lambda times: b"From: " + b"a@b.example, " * times + b"\r\n\r\nhi"),
    "endless comments": (100_000, lambda times: b"From: " + b"(" * times + b"\r\n\r\nhi"),
    "endless parameters": (
        100_000,
        lambda times: b"Content-Type: text/plain" + b";\r\n a*0=b" * times + b"\r\n\r\nhi",
    ),
    "quoted parameters": (100_000, lambda times: b'Content-Type: text/plain; a="' + b';"' * times + b"\r\n\r\nhi"),
    "many headers": (200_000, lambda times: b"X-A: b\r\n" * times + b"\r\nhi"),
    "many parts": (
        50_000,
        lambda times: b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * times,
    ),
    "many recipients": (
        20_000,
        lambda times: mail(returned.POSTFIX).replace(
            b"Action: failed\r\n", b"Action: failed\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n" * times
        ),
    ),
    "html of brackets": (30_000, lambda times: mail(returned.HTML_REPLY).replace(b"<p>", b"<!-" * times)),
    "html of open comments": (30_000, lambda times: mail(returned.HTML_REPLY).replace(b"<p>", b"<!--" * times)),
    "null sender with a screenful of addresses": (
        50_000,
        lambda times: mail(returned.SPEECHLESS) + b"<a@b.example>: no\r\n" * times,
    ),
}


def read(raw: bytes) -> object:
    arrived_at(raw)
    return classify(raw, recipient=TO)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_never_taken_for_a_bounce(name: str) -> None:
    assert not isinstance(read(HOSTILE[name]), Bounce)


@pytest.mark.parametrize("name", GROWING)
def test_mail_takes_no_longer_than_it_is_and_is_never_taken_for_a_bounce(name: str) -> None:
    times, long = GROWING[name]
    found = read(long(times))
    if name != "many recipients":
        assert not isinstance(found, Bounce)
    assert growth(read, long(times // 10), long(times // 5)) <= LINEAR


SAMPLES = [
    mail(text)
    for text in (
        returned.POSTFIX,
        returned.EXCHANGE,
        returned.GMAIL,
        returned.GLOBAL,
        returned.EXIM,
        returned.OUT_OF_OFFICE,
        returned.REPLY,
        returned.HTML_REPLY,
        returned.ABUSE,
    )
]
KINDS = (Bounce, Delayed, Delivered, AutoReply, AbuseReport, PersonalReply, Unknown)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
def test_noise_is_never_a_bounce(raw: bytes) -> None:
    assert not isinstance(classify(raw, recipient=TO), Bounce | Delayed | Delivered)
    arrived_at(raw)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.integers(0, 3000), st.integers(0, 60), st.binary(max_size=40) | st.sampled_from([b"\r\n", b"--"])),
        max_size=6,
    ),
)
def test_damaged_mail_raises_nothing(sample: bytes, damage: list[tuple[int, int, bytes]]) -> None:
    raw = sample
    for place, length, put in damage:
        raw = raw[:place] + put + raw[place + length :]
    assert isinstance(classify(raw, recipient=TO), KINDS)
    arrived_at(raw)


TOKEN = "mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiytembtgq2tmnzyhe"


@pytest.mark.parametrize(
    "spelled",
    [
        f"b+{TOKEN}@act.example.org",
        f"B+{TOKEN.upper()}@act.example.org",
        f"mailto:b%2B{TOKEN}%40act.example.org",
        f"b+{TOKEN[:30]}\n> {TOKEN[30:]}@act.example.org",
        f"b+{TOKEN[:30]}=\n{TOKEN[30:]}@act.example.org",
        TOKEN,
    ],
)
def test_the_return_path_is_blotted_out_however_it_is_spelled(spelled: str) -> None:
    shown = without_token(f"You wrote from {spelled} today", TOKEN)
    assert TOKEN[:20] not in shown.lower()
    assert TOKEN[-20:] not in shown.lower()
    assert shown.startswith("You wrote from ")


def test_the_most_trustworthy_headers_come_first() -> None:
    raw = b"To: c@x.example\r\nDelivered-To: b@x.example\r\nX-Original-To: <a@x.example>\r\n\r\nTo: d@x.example\r\n"
    assert [group for group in arrived_at(raw) if group] == [["a@x.example"], ["b@x.example"], ["c@x.example"]]

"""Mail that strangers write costs time in proportion to its length, whatever stands in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest

from actionmail.rules.delivery.bounces import classify
from actionmail.rules.delivery.mail_text import headers_of
from actionmail.rules.delivery.returned import PersonalReply
from tests.rules.delivery.test_envelope import PARTS, freeze

OCTETS = 2_000


def html_mail(page: str) -> bytes:
    return b"From: a@example.org\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()


def text_of(page: str) -> str:
    read = classify(html_mail(page), recipient="b@example.org")
    assert isinstance(read, PersonalReply)
    return read.text


def best_of(times: int, work: Callable[[], object]) -> float:
    measured = []
    for _ in range(times):
        before = time.process_time()
        work()
        measured.append(time.process_time() - before)
    return min(measured)


@pytest.mark.parametrize(
    "piece", ["<a ", "<a/", "<a b='", '<a b="', "<!--", "<!", "</", "<?", "<![CDATA[", "<p>", "&a"]
)
def test_a_page_twice_as_long_takes_twice_the_time(piece: str) -> None:
    line = piece * 20 + "\n"  # long lines are cut
    short, long = (html_mail(line * (octets // len(line))) for octets in (OCTETS, 4 * OCTETS))
    once = best_of(3, lambda: classify(short, recipient="b@example.org"))
    four_times = best_of(3, lambda: classify(long, recipient="b@example.org"))
    assert four_times <= 2.5**2 * once + 0.002


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\n\nTwo & three."),
        ("<head><title>No</title></head>Yes<br>and<br/>no", "Yes\nand\nno"),
        ("<script>if (a < b) c()</script>Words", "Words"),
        ("<!-- hidden <p> -->Words<!-- no end", "Words"),
        ('<a href="x>y">link</a> and 3 < 4', "link and 3 < 4"),
        ("<STYLE>p{}</STYLE><DIV>Big</DIV>", "Big"),
        ("<script/>Words", "Words"),
    ],
)
def test_the_words_of_a_page(page: str, text: str) -> None:
    assert text_of(page) == text


@pytest.mark.parametrize(
    "name",
    [
        "សុខ ចាន់ធូ ស្រីពៅ សុភាព រតនា ច័ន្ទបូរមី វិចិត្រ សម្បត្តិ",
        "ព្រះរាជាណាចក្រកម្ពុជាជាតិសាសនាព្រះមហាក្សត្រព្រះរាជាណាចក្រកម្ពុជា",
        "Nguyễn Thị Minh Khai Nguyễn Thị Minh Khai Nguyễn Thị Minh Khai",
        "Jane Doe",
    ],
)
def test_a_long_name_has_no_spaces_within_its_words(name: str) -> None:
    """As staff see a frozen letter; `policy.default` shows "ច័ ន្ទ" up to Python 3.13.0."""
    shown = dict(
        headers_of(message_from_bytes(freeze(**PARTS | {"supporter_name": name, "subject": name[:78]}), policy=default))
    )
    assert shown["Reply-To"] == f"{name} <jane.doe@example.net>"
    assert shown["Subject"] == name[:78].strip()
    assert shown["From"] == f"{name} via Example Org <letters@act.example.org>"


def test_a_folded_header_is_one_line() -> None:
    mail = message_from_bytes(b"Subject: one\r\n two\r\nX: \xc3\xa9\r\n\r\n", policy=default)
    assert headers_of(mail) == [("Subject", "one two"), ("X", "é")]

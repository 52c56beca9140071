"""The corpus of returned mails: each built after a named server or service, and read as what it is."""

from __future__ import annotations

import pytest

from actionmail.rules.delivery.bounces import classify
from actionmail.rules.delivery.returned import AbuseReport, Bounce, Return
from tests.returned_corpus.builders import TO
from tests.returned_corpus.cases import CASES, Case

NAMES = {
    "AutoReply": "auto reply",
    "PersonalReply": "reply",
    "Delayed": "delayed",
    "Delivered": "delivered",
    "Unknown": "unknown",
}


def read(case: Case) -> Return:
    return classify(case.text.replace("\n", "\r\n").encode(), recipient=TO)


def kind_of(content: Return) -> str:
    if isinstance(content, AbuseReport):
        return "complaint" if content.is_complaint else "feedback"
    if not isinstance(content, Bounce):
        return NAMES[type(content).__name__]
    if not content.names_recipient:
        return "behind"
    return "full" if content.is_full else "gave up" if content.is_temporary else "bounce"


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case.after}" for number, case in enumerate(CASES)])
def test_a_returned_mail_is_read_as_what_it_is(case: Case) -> None:
    content = read(case)
    blame, signal = (content.blame, content.signal) if isinstance(content, Bounce) else ("", "")
    assert (kind_of(content), blame, signal) == (case.kind, case.blame, case.signal)


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case.after}" for number, case in enumerate(CASES)])
def test_nothing_of_the_letter_that_it_gives_back_is_kept(case: Case) -> None:
    content = read(case)
    if kind_of(content) not in {"auto reply", "reply"}:
        shown = repr(content)
        assert not [word for word in ("Mai Example", "Oak", "Elm", "53703", "vacation") if word in shown]


def test_the_corpus_is_large_and_knows_many_servers() -> None:
    assert len(CASES) >= 120
    assert len({case.after.partition(",")[0] for case in CASES}) >= 40

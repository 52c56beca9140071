"""Letters scored by a real SpamAssassin and a real rspamd, and by servers that are none."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from actionmail.gateways.mail.spam_filters import filter_at, program_filter
from actionmail.rules.campaigns.filtering import Advice, Filter, FilterFault, Score, Unscored
from actionmail.settings_reading import FilterAddress, FilterKind
from tests.conftest import lent, unavailable
from tests.name_server import name_server
from tests.servers.room import NoServer
from tests.servers.rspamd import private_rspamd
from tests.servers.spamassassin import private_spamd, program
from tests.trial_letters import KHMER, trial_letter

LETTERS = [
    trial_letter(),
    trial_letter(subject="OPPOSE AB 969 NOW"),
    trial_letter(subject="សូមប្រឆាំងច្បាប់ AB 969", text=KHMER),
    trial_letter(subject="Oppose AB 969", supporter_email="mai@example.org"),
]
PATIENCE = 300.0


@pytest.fixture
def spamassassin() -> Iterator[int]:
    yield from lent(private_spamd(), "NO LETTER WAS SCORED BY A REAL SPAMASSASSIN")


@pytest.fixture
def rspamd() -> Iterator[int]:
    with name_server({}) as names:
        yield from lent(private_rspamd(names.port), "NO LETTER WAS SCORED BY A REAL RSPAMD")


def spamd_at(port: int, seconds: float = PATIENCE) -> Filter:
    found = filter_at(FilterAddress(kind=FilterKind.SPAMD, host="127.0.0.1", port=port), seconds=seconds)
    assert found is not None
    return found


def rspamd_at(port: int, seconds: float = PATIENCE) -> Filter:
    address = FilterAddress(kind=FilterKind.RSPAMD, host="127.0.0.1", port=port, url=f"http://127.0.0.1:{port}")
    found = filter_at(address, seconds=seconds)
    assert found is not None
    return found


def scores(answers: object) -> list[Score]:
    assert isinstance(answers, list)
    assert all(isinstance(answer, Score) for answer in answers), answers
    return answers


def by_spamassassin(answers: list[Score]) -> None:
    plain, shouted, khmer, own_domain = answers
    assert {score.limit for score in answers} == {5.0}
    assert [hit.advice for hit in plain.costly] == [Advice.FREE_MAIL]
    assert plain.costly[0].words.startswith("Freemail in Reply-To")
    assert [hit.advice for hit in shouted.costly] == [Advice.FREE_MAIL, Advice.SHOUTED_SUBJECT]
    assert [hit.advice for hit in khmer.costly] == [Advice.FREE_MAIL, Advice.SHOUTED_SUBJECT]
    assert own_domain.costly == ()


def test_spamassassins_daemon_names_what_costs(spamassassin: int) -> None:
    by_spamassassin(scores(spamd_at(spamassassin).score(LETTERS)))


def test_spamassassins_program_scores_all_letters_at_once() -> None:
    try:
        command = program()
    except NoServer as error:
        unavailable(f"NO LETTER WAS SCORED BY A REAL SPAMASSASSIN: {error}")
    by_spamassassin(scores(program_filter(command, seconds=PATIENCE).score(LETTERS)))


def test_rspamd_names_what_costs(rspamd: int) -> None:
    plain, shouted, khmer, own_domain = scores(rspamd_at(rspamd).score(LETTERS))
    assert plain.costly == own_domain.costly == ()
    assert [hit.advice for hit in shouted.costly] == [Advice.SHOUTED_SUBJECT]
    # Whether it calls two scripts in one letter a trick (R_MIXED_CHARSET) differs from run to run.
    assert Advice.SHOUTED_SUBJECT in {hit.advice for hit in khmer.costly}
    assert {hit.advice for hit in khmer.costly} <= {Advice.SHOUTED_SUBJECT, Advice.MIXED_SCRIPTS}
    assert khmer.limit == 6.0


@contextmanager
def server_that_says(answer: bytes, *, hangs: bool = False) -> Iterator[int]:
    """A server for one answer to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    if hangs:
                        done.wait(30)
                        return
                    connection.settimeout(60)
                    connection.recv(1_000_000)
                    with suppress(OSError):
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(1_000_000):  # else what it did not read cuts its answer off
                            pass

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        done.set()


def http(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize(
    "answer",
    [
        http(b"{}"),
        http(b"[]"),
        http(b'{"symbols": {"A": 1}, "required_score": 15}'),
        http(b'{"symbols": {}, "required_score": null}'),
        http(b"[" * 200_000),
        http(b"x" * 300_000),
        http(b'{"symbols": {}, "required_score": 15}', "500 Internal Server Error"),
        http(b"", "302 Found"),
    ],
)
def test_what_is_no_score_of_rspamd_is_none(answer: bytes) -> None:
    with server_that_says(answer) as port:
        (said,) = rspamd_at(port).score([LETTERS[0]])
    assert isinstance(said, Unscored)
    assert said.fault is FilterFault.NO_SCORE


@pytest.mark.parametrize(
    "answer", [b"", b"220 mail.example.org ESMTP\r\n", b"SPAMD/1.1 76 Bad header line\r\n\r\n", b"S" * 300_000]
)
def test_what_is_no_score_of_spamassassin_is_none(answer: bytes) -> None:
    with server_that_says(answer) as port:
        (said,) = spamd_at(port).score([LETTERS[0]])
    assert isinstance(said, Unscored)
    assert said.fault in {FilterFault.NO_SCORE, FilterFault.UNREACHABLE}


@pytest.mark.parametrize("at", [spamd_at, rspamd_at])
def test_a_filter_that_is_not_there_or_does_not_answer_is_told(at: object) -> None:
    make = spamd_at if at is spamd_at else rspamd_at
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert [one.fault for one in make(port).score(LETTERS[:2]) if isinstance(one, Unscored)] == [
        FilterFault.UNREACHABLE,
        FilterFault.UNREACHABLE,
    ]
    with server_that_says(b"", hangs=True) as port:
        said = make(port, 0.5).score(LETTERS)
    assert [one.fault for one in said if isinstance(one, Unscored)] == [FilterFault.TOO_SLOW] * 4


def test_a_program_that_fails_hangs_or_is_gone_is_told() -> None:
    quick = program_filter([sys.executable, "-c", "print('no mail')"], seconds=PATIENCE)
    hanging = program_filter([sys.executable, "-c", "import time; time.sleep(60)"], seconds=0.5)
    gone = program_filter(["/nowhere/spamassassin"], seconds=PATIENCE)
    told = [one.score(LETTERS[:1])[0] for one in (quick, hanging, gone)]
    faults = [one.fault for one in told if isinstance(one, Unscored)]
    assert faults == [FilterFault.NO_SCORE, FilterFault.TOO_SLOW, FilterFault.UNREACHABLE]


def test_a_filter_that_is_off_is_none() -> None:
    assert filter_at(FilterAddress(kind=FilterKind.NONE)) is None

"""MTA-STS policies from a real web server, and how long they are kept to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from actionmail.gateways.mail.direct.lookups import LookupFailed
from actionmail.gateways.mail.direct.policies import NotFetched, Policies, PolicyHosts
from actionmail.rules.delivery.mta_sts import MOST_OCTETS, Mode, Policy
from tests.gateways.certificates import Authority

FILE = "version: STSv1\nmode: enforce\nmx: mx1.legislature.example\nmax_age: 604800\n"
DOMAIN = "legislature.example"


@dataclass
class Web:
    """What the policy's host answers, and what it was asked."""

    status: int = 200
    kind: str = "text/plain; charset=utf-8"
    body: str = FILE
    asked: list[str] = field(default_factory=list)


@contextmanager
def policy_host(web: Web, context: ssl.SSLContext) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
            self.send_response(web.status)
            self.send_header("Content-Type", web.kind)
            if web.status == 302:
                self.send_header("Location", f"https://mta-sts.{DOMAIN}/elsewhere")
            self.end_headers()
            self.wfile.write(web.body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hosts(authority: Authority, port: int, folder: Path) -> PolicyHosts:
    path = folder / "authorities.pem"
    path.write_text(authority.pem)
    return PolicyHosts(find=lambda host, port: ["127.0.0.1"], port=port, authorities=str(path), seconds=60)


def test_a_policy_is_fetched_over_a_verified_connection(tmp_path: Path) -> None:
    authority, web = Authority(tmp_path), Web()
    with policy_host(web, authority.server(f"mta-sts.{DOMAIN}")) as port:
        assert hosts(authority, port, tmp_path).fetch(DOMAIN) == FILE
    assert web.asked == [f"mta-sts.{DOMAIN}/.well-known/mta-sts.txt"]


@pytest.mark.parametrize(
    "web",
    [
        Web(status=404),
        Web(status=302),
        Web(kind="text/html"),
        Web(body="x" * (MOST_OCTETS + 1)),
    ],
)
def test_what_is_no_policy_file_is_not_taken(tmp_path: Path, web: Web) -> None:
    authority = Authority(tmp_path)
    with policy_host(web, authority.server(f"mta-sts.{DOMAIN}")) as port, pytest.raises(NotFetched):
        hosts(authority, port, tmp_path).fetch(DOMAIN)
    assert len(web.asked) == 1


@pytest.mark.parametrize("fault", ["wrong name", "expired", "unknown authority"])
def test_a_host_that_does_not_prove_its_name_has_no_policy(tmp_path: Path, fault: str) -> None:
    authority, web = Authority(tmp_path), Web()
    issuer = Authority(tmp_path) if fault == "unknown authority" else authority
    days = timedelta(days=-1 if fault == "expired" else 1)
    context = issuer.server(DOMAIN if fault == "wrong name" else f"mta-sts.{DOMAIN}", valid_for=days)
    with policy_host(web, context) as port, pytest.raises(NotFetched):
        hosts(authority, port, tmp_path).fetch(DOMAIN)
    assert web.asked == []


def test_a_host_without_an_address_has_no_policy() -> None:
    def failing(host: str, port: int) -> list[str]:
        raise LookupFailed("LifetimeTimeout")

    for find in (failing, lambda host, port: []):
        with pytest.raises(NotFetched):
            PolicyHosts(find=find, seconds=60).fetch(DOMAIN)


class Kept(dict[str, Policy]):
    def put(self, domain: str, policy: Policy) -> None:
        self[domain] = policy


class Given:
    """A domain whose record, file and clock a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.texts: list[str] | None = ["v=STSv1; id=1"]
        self.file: str | None = FILE
        self.fetched = 0
        self.kept = Kept()
        self.policies = Policies(ask_txt=self._txt, fetch=self._fetch, store=self.kept, clock=lambda: self.now)

    def _txt(self, name: str) -> list[str]:
        assert name == f"_mta-sts.{DOMAIN}"
        if self.texts is None:
            raise LookupFailed("LifetimeTimeout")
        return self.texts

    def _fetch(self, domain: str) -> str:
        self.fetched += 1
        if self.file is None:
            raise NotFetched
        return self.file

    def of(self) -> Policy | None:
        return self.policies.of(DOMAIN)


def test_a_domain_without_a_record_is_asked_for_no_policy() -> None:
    given = Given()
    given.texts = []
    assert given.of() is None
    assert given.fetched == 0


def test_a_policy_is_fetched_once_a_day_and_when_its_id_changes() -> None:
    given = Given()
    for hours, id_, fetched in [(0, "1", 1), (1, "1", 1), (1, "2", 2), (2, "2", 2), (27, "2", 3)]:
        given.now = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hours)
        given.texts = [f"v=STSv1; id={id_}"]
        policy = given.of()
        assert policy is not None and policy.mode is Mode.ENFORCE
        assert given.fetched == fetched


@pytest.mark.parametrize("loss", ["record", "dns", "file", "bad file"])
def test_what_was_seen_is_kept_to_whatever_becomes_of_record_and_file(loss: str) -> None:
    given = Given()
    assert given.of() is not None
    given.now += timedelta(days=3)
    if loss == "record":
        given.texts = []
    elif loss == "dns":
        given.texts = None
    else:
        given.texts, given.file = ["v=STSv1; id=2"], None if loss == "file" else "nothing"
    assert given.of() is not None
    given.now += timedelta(days=5)
    assert given.of() is None


def test_a_file_that_cannot_be_had_is_not_asked_for_at_each_letter() -> None:
    given = Given()
    given.file = None
    assert [given.of(), given.of(), given.fetched] == [None, None, 1]
    given.now += timedelta(minutes=6)
    given.file = FILE
    assert given.of() is not None


def test_a_policy_that_was_taken_back_is_none() -> None:
    given = Given()
    assert given.of() is not None
    given.texts, given.file = ["v=STSv1; id=2"], "version: STSv1\nmode: none\nmax_age: 86400\n"
    assert given.of() is None
    assert given.kept[DOMAIN].mode is Mode.NONE

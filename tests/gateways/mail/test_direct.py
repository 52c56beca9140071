"""Letters straight to receiving domains, with a name server and mail servers on this machine."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from actionmail.gateways.mail.direct import MailDns, MxRelay, Routes
from actionmail.gateways.mail.smtp import Timeouts
from actionmail.rules.delivery.mta_sts import Mode, Policy
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import Blame, Parcel, Phase, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode
from actionmail.web.platform.mail_words import sentence_of
from tests.conftest import unavailable
from tests.gateways.certificates import Authority
from tests.gateways.mail.test_smtp import SHORT, parcel
from tests.gateways.scripted_smtp import HANG_UP, PATIENT, Script, ScriptedServer, scripted_server
from tests.name_server import NameServer, name_server

BLOCKED = b"554 5.7.1 Client host [192.0.2.1] blocked using zen.example.org"
LATER = b"450 4.2.0 try again later"


@dataclass
class World:
    """Mail servers by address, all on one port, and what the DNS says of them."""

    servers: Mapping[str, ScriptedServer]
    names: NameServer
    port: int
    relay: MxRelay
    policies: dict[str, Policy] = field(default_factory=dict)

    def taken(self) -> dict[str, int]:
        return {address: len(server.taken) for address, server in self.servers.items()}


Given = Mapping[str, Script]  # by address


@contextmanager
def world(
    servers: Given,
    records: Mapping[tuple[str, str], Sequence[str]],
    *,
    policies: Mapping[str, Policy] | None = None,
    only_here: bool = True,
    trust: ssl.SSLContext | None = None,
    own: str = "mail.act.example.org",
    timeouts: Timeouts = PATIENT,
    **dns: Any,
) -> Iterator[World]:
    with ExitStack() as stack:
        running: dict[str, ScriptedServer] = {}
        port = 0
        for address, script in servers.items():
            running[address] = stack.enter_context(scripted_server(script, address, port))
            port = running[address].port
        names = stack.enter_context(name_server(_on(port, records), **dns))
        kept = dict(policies or {})
        routes = Routes(
            lookups=MailDns(["127.0.0.1"], port=names.port, seconds=30),
            policy_of=kept.get,
            own=own,
            port=port or 9,
            only_here=only_here,
        )
        relay = MxRelay(routes, timeouts=timeouts, trust=trust)
        stack.callback(relay.close)
        yield World(running, names, port, relay, kept)


def _on(port: int, records: Mapping[tuple[str, str], Sequence[str]]) -> dict[tuple[str, str], Sequence[str]]:
    return {(name.replace("_PORT", f"_{port}"), kind): found for (name, kind), found in records.items()}


def one_server(address: str = "127.0.0.2") -> dict[tuple[str, str], Sequence[str]]:
    return {
        ("legislature.example", "MX"): ["10 mx1.legislature.example."],
        ("mx1.legislature.example", "A"): [address],
    }


TWO_SERVERS = {
    ("legislature.example", "MX"): ["20 mx2.legislature.example.", "10 mx1.legislature.example."],
    ("mx1.legislature.example", "A"): ["127.0.0.2"],
    ("mx2.legislature.example", "A"): ["127.0.0.3"],
}


def to(domain: str, number: int = 1) -> Parcel:
    return parcel(number, recipient=f"senator{number}@{domain}")


def test_letters_go_to_the_server_that_comes_first() -> None:
    with world({"127.0.0.2": Script(), "127.0.0.3": Script()}, TWO_SERVERS) as here:
        done = here.relay.deliver([parcel(1), parcel(2)])
        assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
        assert here.taken() == {"127.0.0.2": 2, "127.0.0.3": 0}
        assert here.servers["127.0.0.2"].taken[0].raw == parcel(1).raw
        assert "ehlo mail.act.example.org" in here.servers["127.0.0.2"].commands
        assert done.trouble is None and done.is_direct
        assert ("mx2.legislature.example", "A") not in here.names.asked


def test_a_domain_without_mx_is_its_own_server() -> None:
    records = {("legislature.example", "A"): ["127.0.0.2"]}
    with world({"127.0.0.2": Script()}, records) as here:
        done = here.relay.deliver([parcel(1)])
    assert done.outcomes[1].state is State.ACCEPTED


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_a_server_with_an_address_of_ipv6_alone_is_reached() -> None:
    records = {
        ("legislature.example", "MX"): ["10 mx1.legislature.example."],
        ("mx1.legislature.example", "AAAA"): ["::1"],
    }
    if not has_ipv6():
        unavailable("this machine has no IPv6")
    with world({"::1": Script()}, records) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({("legislature.example", "MX"): ["0 ."]}, Reason.TAKES_NO_MAIL),
        ({("other.example", "A"): ["127.0.0.2"]}, Reason.NO_SUCH_DOMAIN),
        ({("legislature.example", "TXT"): ['"no mail here"']}, Reason.NO_SUCH_DOMAIN),
    ],
)
def test_a_domain_that_takes_no_mail_holds_its_letters(
    records: Mapping[tuple[str, str], Sequence[str]], reason: Reason
) -> None:
    with world({"127.0.0.2": Script()}, records) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason, outcome.blame) == (State.HELD, reason, Blame.DOMAIN)
        assert (outcome.signal, outcome.phase, outcome.code) == (Signal.SUSPECT_DOMAIN, Phase.CONNECT, None)
        assert here.servers["127.0.0.2"].connections == 0


def test_a_dns_that_does_not_answer_is_tried_again() -> None:
    with world({"127.0.0.2": Script()}, one_server(), broken=[("legislature.example", "MX")]) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
    assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.LOOKUP_FAILED)


@pytest.mark.parametrize("address", ["127.0.0.2", "10.1.2.3", "192.168.0.1", "169.254.1.1", "0.0.0.0", "224.0.0.5"])
def test_no_letter_goes_to_a_private_address(address: str) -> None:
    with world({"127.0.0.2": Script()}, one_server(address), only_here=False) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.SERVER_WITHOUT_ADDRESS)
        assert here.servers["127.0.0.2"].connections == 0


def test_no_letter_goes_round_by_this_machine_itself() -> None:
    with world({"127.0.0.2": Script(), "127.0.0.3": Script()}, TWO_SERVERS, own="mx1.legislature.example") as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert outcome.state is State.HELD
        assert here.taken() == {"127.0.0.2": 0, "127.0.0.3": 0}


FAULTS = {
    "is not there": None,
    "greets with later": Script(answers={"CONNECT": [b"421 4.3.2 not now"] * 9}),
    "greets with no": Script(answers={"CONNECT": [BLOCKED] * 9}),
    "hangs up at once": Script(answers={"CONNECT": [HANG_UP] * 9}),
    "hangs up at MAIL": Script(answers={"MAIL": [HANG_UP] * 9}),
    "later at MAIL": Script(answers={"MAIL": [LATER] * 9}),
    "later at RCPT": Script(answers={"RCPT": [LATER] * 9}),
    "closes at RCPT": Script(answers={"RCPT": [b"421 4.3.0 closing!"] * 9}),
    "later at DATA": Script(answers={"DATA": [LATER] * 9}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pipelining", [True, False])
def test_the_next_server_is_asked_where_the_first_cannot_take_a_letter(fault: str, pipelining: bool) -> None:
    script = FAULTS[fault]
    words = Script().words if pipelining else ("SIZE 10240000", "8BITMIME")
    servers = {"127.0.0.3": Script(words=words)}
    if script is not None:
        servers["127.0.0.2"] = replace(script, words=words)
    with world(servers, TWO_SERVERS) as here:
        done = here.relay.deliver([parcel(1), parcel(2)])
        assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
        assert here.taken()["127.0.0.3"] == 2
        assert here.taken().get("127.0.0.2", 0) == 0


@pytest.mark.parametrize("answer", [b"550 5.1.1 unknown user", b"552 5.2.2 mailbox full", b"452 4.2.2 mailbox full"])
def test_what_is_said_of_a_mailbox_is_not_asked_twice(answer: bytes) -> None:
    servers = {"127.0.0.2": Script(answers={"RCPT": [answer]}), "127.0.0.3": Script()}
    with world(servers, TWO_SERVERS) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert outcome.code == int(answer[:3])
        assert here.servers["127.0.0.3"].connections == 0


@pytest.mark.parametrize("end", [HANG_UP, b"421 4.3.0 something broke", b"451 4.3.0 later"])
def test_once_the_letter_was_given_nobody_else_gets_it(end: bytes) -> None:
    servers = {"127.0.0.2": Script(answers={"BODY": [end]}), "127.0.0.3": Script()}
    with world(servers, TWO_SERVERS) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert outcome.state is (State.AMBIGUOUS if end == HANG_UP else State.DEFERRED)
        assert outcome.phase is Phase.BODY
        assert here.servers["127.0.0.3"].connections == 0
        assert len(here.servers["127.0.0.2"].bodies) == 1


def test_letters_that_follow_a_lost_one_go_to_the_same_server() -> None:
    servers = {"127.0.0.2": Script(answers={"BODY": [HANG_UP]}), "127.0.0.3": Script()}
    with world(servers, TWO_SERVERS) as here:
        done = here.relay.deliver([parcel(n) for n in range(1, 5)])
        assert [done.outcomes[n].state for n in range(1, 5)] == [State.AMBIGUOUS, *[State.ACCEPTED] * 3]
        assert here.taken() == {"127.0.0.2": 3, "127.0.0.3": 0}


def test_where_both_put_off_the_letter_waits_with_a_servers_word() -> None:
    servers = {host: Script(answers={"RCPT": [LATER] * 9}) for host in ("127.0.0.2", "127.0.0.3")}
    with world(servers, TWO_SERVERS) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.code, outcome.enhanced) == (State.DEFERRED, 450, "4.2.0")
        assert [server.connections for server in here.servers.values()] == [1, 1]


@pytest.mark.parametrize(
    ("answers", "state", "signal"),
    [
        ({"CONNECT": [BLOCKED] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
        ({"MAIL": [b"550 5.7.25 no PTR record for your address"] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
        ({"MAIL": [b"501 5.1.8 domain of sender does not resolve"] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
        ({"RCPT": [b"554 5.7.1 relay access denied"] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
        ({"EHLO": [b"550 5.7.1 helo name refused"] * 9, "HELO": [BLOCKED] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
        ({"RCPT": [b"550 5.4.5 daily sending quota exceeded"] * 9}, State.DEFERRED, Signal.SLOW_DOMAIN),
        (
            {"RCPT": [b"421 4.7.0 too many messages from your address, slow down"] * 9},
            State.DEFERRED,
            Signal.SLOW_DOMAIN,
        ),
        ({"RCPT": [b"500 5.5.1 what?"] * 9}, State.HELD, Signal.SUSPECT_DOMAIN),
    ],
)
def test_what_one_domain_says_of_us_stops_no_other(
    answers: dict[str, Sequence[bytes]], state: State, signal: Signal
) -> None:
    records = one_server() | {("city.example", "A"): ["127.0.0.3"]}
    with world({"127.0.0.2": Script(answers=answers), "127.0.0.3": Script()}, records) as here:
        done = here.relay.deliver([to("legislature.example", 1), to("city.example", 2)])
        assert done.trouble is None
        assert (done.outcomes[1].state, done.outcomes[1].signal) == (state, signal)
        assert done.outcomes[2].state is State.ACCEPTED


def test_a_domain_gets_two_connections_at_most() -> None:
    records = one_server() | {("city.example", "A"): ["127.0.0.3"]}
    letters = [to("legislature.example", n) for n in range(1, 41)] + [to("city.example", n) for n in range(41, 44)]
    with world({"127.0.0.2": Script(), "127.0.0.3": Script()}, records) as here:
        done = here.relay.deliver(letters)
        assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
        assert here.servers["127.0.0.2"].connections == 2
        assert here.servers["127.0.0.3"].connections == 1
        assert len({taken.sender for server in here.servers.values() for taken in server.taken}) == 43


def test_a_domain_that_lets_nobody_in_rests() -> None:
    records = one_server() | {("city.example", "A"): ["127.0.0.3"]}
    servers = {"127.0.0.2": Script(answers={"CONNECT": [b"421 4.3.2 not now"] * 9}), "127.0.0.3": Script()}
    with world(servers, records) as here:
        first = here.relay.deliver([to("legislature.example", 1), to("city.example", 2)])
        again = here.relay.deliver([to("legislature.example", 3), to("city.example", 4)])
        assert first.outcomes[1] == again.outcomes[3]
        assert first.outcomes[1].state is State.DEFERRED
        assert again.outcomes[4].state is State.ACCEPTED
        assert here.servers["127.0.0.2"].connections == 1


def test_where_no_domain_answers_it_is_us_and_no_try_is_used_up() -> None:
    records = {("legislature.example", "A"): ["127.0.0.8"], ("city.example", "A"): ["127.0.0.9"]}
    with world({"127.0.0.2": Script()}, records) as here:
        done = here.relay.deliver([to("legislature.example", 1), to("city.example", 2)])
        assert done.trouble is not None and done.trouble.code is TroubleCode.NO_WAY_OUT
        assert done.outcomes == {}
        trouble = here.relay.check()
        assert trouble is not None and trouble.code is TroubleCode.NO_WAY_OUT
        here.names.records = {**here.names.records, ("city.example", "A"): ["127.0.0.2"]}
        assert here.relay.check() is None
        assert here.relay.deliver([to("city.example", 2)]).outcomes[2].state is State.ACCEPTED


def test_one_domain_that_does_not_answer_is_that_domains_matter() -> None:
    records = {("legislature.example", "A"): ["127.0.0.8"], ("city.example", "A"): ["127.0.0.2"]}
    with world({"127.0.0.2": Script()}, records) as here:
        done = here.relay.deliver([to("legislature.example", 1), to("city.example", 2)])
        assert done.trouble is None
        assert (done.outcomes[1].state, done.outcomes[1].reason) == (State.DEFERRED, Reason.NOBODY_ANSWERS)
        assert done.outcomes[2].state is State.ACCEPTED


def test_a_server_that_lies_about_pipelining_gets_one_command_at_a_time() -> None:
    hasty = replace(PATIENT, rcpt=SHORT, data=SHORT)
    with world({"127.0.0.2": Script(flush_after_mail=True)}, one_server(), timeouts=hasty) as here:
        done = here.relay.deliver([parcel(1), parcel(2)])
        assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
        assert len(here.servers["127.0.0.2"].taken) == 2


def test_a_domain_beyond_ascii_is_asked_for_as_the_dns_has_it() -> None:
    records = {("xn--bcher-kva.example", "A"): ["127.0.0.2"]}
    script = Script(words=(*Script().words, "SMTPUTF8"))
    with world({"127.0.0.2": script}, records) as here:
        assert here.relay.deliver([to("bücher.example")]).outcomes[1].state is State.ACCEPTED


def policy(mode: Mode = Mode.ENFORCE, hosts: tuple[str, ...] = ("mx1.legislature.example",)) -> Policy:
    return Policy(id="1", mode=mode, hosts=hosts, fetched_at=datetime.now(UTC), max_age=timedelta(days=7))


TLS_WORDS = (*Script().words, "STARTTLS")
OTHERS = {"unknown authority", "wrong name", "expired", "no STARTTLS", "STARTTLS fails", "handshake fails"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def secured(authority: Authority, fault: str = "", name: str = "mx1.legislature.example", **shown: Any) -> Script:
    """A server with STARTTLS, and what is wrong with it."""
    if fault == "no STARTTLS":
        return Script()
    issuer = Authority(authority.folder) if fault == "unknown authority" else authority
    days = timedelta(days=-1 if fault == "expired" else 1)
    context = issuer.server("other.example" if fault == "wrong name" else name, valid_for=days, **shown)
    authority.last_der = issuer.last_der
    if fault == "STARTTLS fails":
        return Script(words=TLS_WORDS, tls=context, answers={"STARTTLS": [b"454 4.7.0 TLS not available"] * 9})
    if fault == "handshake fails":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # without any certificate
    return Script(words=TLS_WORDS, tls=context)


def is_encrypted(server: ScriptedServer) -> bool:
    """Whether each letter came over a connection that was encrypted first."""
    at = [number for number, command in enumerate(server.commands) if command == "STARTTLS"]
    mails = [number for number, command in enumerate(server.commands) if command.startswith("MAIL")]
    return bool(at) and min(mails) > max(at)


@pytest.mark.parametrize("fault", ["", "unknown authority", "wrong name", "expired"])
def test_a_connection_is_encrypted_wherever_it_can_be(authority: Authority, fault: str) -> None:
    with world({"127.0.0.2": secured(authority, fault)}, one_server()) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert is_encrypted(here.servers["127.0.0.2"])
        assert here.servers["127.0.0.2"].connections == 1


@pytest.mark.parametrize("fault", ["no STARTTLS", "STARTTLS fails", "handshake fails"])
def test_where_nothing_demands_encryption_a_letter_goes_without(authority: Authority, fault: str) -> None:
    with world({"127.0.0.2": secured(authority, fault)}, one_server()) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED


def test_a_policy_is_kept_to_by_a_server_that_proves_its_name(authority: Authority) -> None:
    given = {"policies": {"legislature.example": policy()}, "trust": authority.client()}
    with world({"127.0.0.2": secured(authority)}, one_server(), **given) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert is_encrypted(here.servers["127.0.0.2"])


@pytest.mark.parametrize("fault", sorted(OTHERS))
def test_where_a_policy_is_not_kept_to_a_letter_waits(authority: Authority, fault: str) -> None:
    given = {"policies": {"legislature.example": policy()}, "trust": authority.client()}
    with world({"127.0.0.2": secured(authority, fault)}, one_server(), **given) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason, outcome.blame) == (State.DEFERRED, Reason.NO_SAFE_WAY, Blame.DOMAIN)
        assert sentence_of(outcome.text).endswith(("mx1.legislature.example failed.", "encryption.", "it should be."))
        assert not any(command.startswith("MAIL") for command in here.servers["127.0.0.2"].commands)


def test_a_server_that_keeps_to_the_policy_gets_what_another_may_not(authority: Authority) -> None:
    hosts = ("*.legislature.example",)
    given = {"policies": {"legislature.example": policy(hosts=hosts)}, "trust": authority.client()}
    servers = {
        "127.0.0.2": secured(authority, "unknown authority"),
        "127.0.0.3": secured(authority, name="mx2.legislature.example"),
    }
    with world(servers, TWO_SERVERS, **given) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert here.taken() == {"127.0.0.2": 0, "127.0.0.3": 1}


def test_a_server_that_the_policy_does_not_name_gets_no_letter(authority: Authority) -> None:
    given = {"policies": {"legislature.example": policy(hosts=("mail.legislature.example",))}}
    with world({"127.0.0.2": secured(authority)}, one_server(), trust=authority.client(), **given) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.NOT_IN_POLICY)
        assert here.servers["127.0.0.2"].connections == 0


@pytest.mark.parametrize("fault", sorted(OTHERS))
def test_a_policy_that_is_being_tested_stops_nothing(authority: Authority, fault: str) -> None:
    given = {"policies": {"legislature.example": policy(Mode.TESTING, ("mail.legislature.example",))}}
    with world({"127.0.0.2": secured(authority, fault)}, one_server(), trust=authority.client(), **given) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED


SECURE = {"secure": ["example"]}


def tlsa(record: str) -> dict[tuple[str, str], Sequence[str]]:
    return one_server() | {("_PORT._tcp.mx1.legislature.example", "TLSA"): [record]}


def digest(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def key_digest(der: bytes) -> str:
    key = load_der_x509_certificate(der).public_key()
    return digest(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("fault", ["", "unknown authority", "wrong name", "expired"])
@pytest.mark.parametrize("by_key", [True, False])
def test_a_server_that_the_dns_names_needs_no_authority_name_or_date(
    authority: Authority, fault: str, by_key: bool
) -> None:
    script = secured(authority, fault)
    named = f"3 1 1 {key_digest(authority.last_der)}" if by_key else f"3 0 1 {digest(authority.last_der)}"
    with world({"127.0.0.2": script}, tlsa(named), **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert is_encrypted(here.servers["127.0.0.2"])


@pytest.mark.parametrize("fault", ["", "no STARTTLS", "STARTTLS fails", "handshake fails"])
def test_a_server_that_is_not_whom_the_dns_names_gets_no_letter(authority: Authority, fault: str) -> None:
    records = tlsa(f"3 1 1 {digest(b'somebody else')}")
    kept = {"policies": {"legislature.example": policy()}, "trust": authority.client()}  # which would be content
    with world({"127.0.0.2": secured(authority, fault)}, records, **SECURE, **kept) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.NO_SAFE_WAY)
        assert not any(command.startswith("MAIL") for command in here.servers["127.0.0.2"].commands)


@pytest.mark.parametrize("name", ["mx1.legislature.example", "legislature.example"])
@pytest.mark.parametrize("selector", [0, 1])
def test_an_authority_that_the_dns_names_is_believed(authority: Authority, name: str, selector: int) -> None:
    own = digest(authority.der) if selector == 0 else key_digest(authority.der)
    script = secured(authority, name=name, shows_authority=True)
    with world({"127.0.0.2": script}, tlsa(f"2 {selector} 1 {own}"), **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert is_encrypted(here.servers["127.0.0.2"])


def test_an_authority_whose_whole_certificate_is_in_the_dns_need_not_be_shown(authority: Authority) -> None:
    script = secured(authority)
    with world({"127.0.0.2": script}, tlsa(f"2 0 0 {authority.der.hex()}"), **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED


@pytest.mark.parametrize("fault", ["wrong name", "expired", "unknown authority"])
def test_an_authority_that_the_dns_names_vouches_for_names_and_dates(authority: Authority, fault: str) -> None:
    script = secured(authority, fault, shows_authority=True)
    records = tlsa(f"2 0 0 {authority.der.hex()}")
    with world({"127.0.0.2": script}, records, **SECURE) as here:
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.NO_SAFE_WAY)
        assert outcome.text == "not_proven (mx1.legislature.example)"


def test_what_stands_in_the_dns_and_is_no_certificate_stops_that_server_alone(authority: Authority) -> None:
    with world({"127.0.0.2": secured(authority)}, tlsa("2 0 0 00ff00ff"), **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].reason is Reason.NO_SAFE_WAY


@pytest.mark.parametrize(("fault", "state"), [("wrong name", State.ACCEPTED), ("no STARTTLS", State.DEFERRED)])
def test_records_that_cannot_be_used_still_demand_encryption(authority: Authority, fault: str, state: State) -> None:
    records = tlsa(f"1 1 1 {digest(b'by a public authority')}")
    with world({"127.0.0.2": secured(authority, fault)}, records, **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is state


@pytest.mark.parametrize(
    "secure",
    [
        [],
        ["_tcp.mx1.legislature.example"],
        ["=legislature.example", "_tcp.mx1.legislature.example"],
        ["mx1.legislature.example"],
        ["=legislature.example", "=mx1.legislature.example"],
    ],
)
def test_records_that_nobody_signed_count_for_nothing(authority: Authority, secure: list[str]) -> None:
    records = tlsa(f"3 1 1 {digest(b'somebody else')}")
    with world({"127.0.0.2": secured(authority)}, records, secure=secure) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED


def test_where_the_dns_keeps_its_records_back_a_server_gets_no_letter(authority: Authority) -> None:
    """Who is between us and the DNS could otherwise take the demand away (RFC 7672 2.1.2)."""
    with world({"127.0.0.2": secured(authority)}, one_server(), **SECURE) as here:
        here.names.broken = [(f"_{here.port}._tcp.mx1.legislature.example", "TLSA")]
        outcome = here.relay.deliver([parcel(1)]).outcomes[1]
        assert (outcome.state, outcome.reason) == (State.DEFERRED, Reason.LOOKUP_FAILED)
        assert here.servers["127.0.0.2"].connections == 0


def test_a_database_that_cannot_tell_a_policy_makes_letters_wait() -> None:
    def broken(domain: str) -> None:
        raise RuntimeError(domain)

    with world({"127.0.0.2": Script()}, one_server()) as here:
        routes = Routes(lookups=MailDns(["127.0.0.1"], port=here.names.port), policy_of=broken, own="x", only_here=True)
        relay = MxRelay(routes, timeouts=PATIENT)
        outcome = relay.deliver([parcel(1)]).outcomes[1]
        relay.close()
        assert (outcome.state, outcome.reason, outcome.text) == (State.DEFERRED, Reason.LOOKUP_FAILED, "RuntimeError")
        assert here.servers["127.0.0.2"].connections == 0


def test_a_server_is_known_by_the_name_to_which_its_own_leads(authority: Authority) -> None:
    records = {
        ("legislature.example", "MX"): ["10 mx1.legislature.example."],
        ("mx1.legislature.example", "CNAME"): ["mail.host.example."],
        ("mail.host.example", "A"): ["127.0.0.2"],
        ("_PORT._tcp.mail.host.example", "TLSA"): [f"2 1 1 {key_digest(authority.der)}"],
    }
    script = secured(authority, name="mail.host.example", shows_authority=True)
    with world({"127.0.0.2": script}, records, **SECURE) as here:
        assert here.relay.deliver([parcel(1)]).outcomes[1].state is State.ACCEPTED
        assert is_encrypted(here.servers["127.0.0.2"])


def test_a_fault_of_ours_holds_that_domains_letters_and_nothing_else() -> None:
    records = one_server() | {("city.example", "A"): ["127.0.0.3"]}
    with world({"127.0.0.2": Script(), "127.0.0.3": Script()}, records) as here:
        servers = here.relay._way.servers

        def failing(domain: str) -> Iterator[Any]:
            yield from servers(domain)
            if domain == "legislature.example":
                raise ZeroDivisionError

        here.relay._way = replace(here.relay._way, servers=failing)
        here.servers["127.0.0.2"].script.answers = {"RCPT": [b"250 2.1.5 ok", LATER]}
        done = here.relay.deliver([to("legislature.example", 1), to("legislature.example", 2), to("city.example", 3)])
        assert done.outcomes[1].state is State.ACCEPTED  # what was answered before it stays
        assert done.outcomes[2].state is State.DEFERRED
        assert done.outcomes[3].state is State.ACCEPTED

"""One letter of ours before three verifiers that know nothing of each other: DKIM, SPF, DMARC's alignment, and ARC.

dkimpy with authheaders (Python), Mail::DKIM with Mail::SPF (Perl), and rspamd (C). The DNS is a name server of ours.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import authheaders
import dkim
import dns.message
import dns.query
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from actionmail.rules.delivery.dkim import Signer, signing_with
from tests.conftest import unavailable
from tests.name_server import name_server, txt
from tests.servers.room import NoServer
from tests.servers.rspamd import private_rspamd
from tests.servers.spamassassin import perl
from tests.trial_letters import trial_letter

DOMAIN: Final = "act.example.org"
CLIENT: Final = "192.0.2.10"
SENDER: Final = f"b+mfrggzdfmztwq2lk@{DOMAIN}"  # a return path
RSA: Final = Signer(selector="a-rsa", domain=DOMAIN, key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
ED25519: Final = Signer(selector="a-ed25519", domain=DOMAIN, key=ed25519.Ed25519PrivateKey.generate())
FORWARDER: Final = Signer(
    selector="arc", domain="lists.example.net", key=rsa.generate_private_key(public_exponent=65537, key_size=2048)
)
RECORDS: Final = {
    **{(f"{one.selector}._domainkey.{one.domain}", "TXT"): [txt(one.record)] for one in (RSA, ED25519, FORWARDER)},
    (DOMAIN, "TXT"): [f'"v=spf1 ip4:{CLIENT} -all"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; adkim=s; aspf=s"'],
    (DOMAIN, "MX"): [f"10 mail.{DOMAIN}."],
    (f"mail.{DOMAIN}", "A"): [CLIENT],
    ("10.2.0.192.in-addr.arpa", "PTR"): [f"mail.{DOMAIN}."],
}
LETTER: Final = signing_with([RSA, ED25519])(trial_letter(subject="សូមប្រឆាំងច្បាប់ bill AB 969"))


@pytest.fixture(scope="module")
def dns_port() -> Iterator[int]:
    with name_server(RECORDS) as names:
        yield names.port


@pytest.fixture(scope="module")
def rspamd(dns_port: int) -> Iterator[int]:
    with sentences(), private_rspamd(dns_port) as port:
        yield port


@contextmanager
def sentences() -> Iterator[None]:
    try:
        yield
    except NoServer as error:
        unavailable(f"NO LETTER WAS VERIFIED BY ANOTHER: {error}")


def lookup(port: int) -> Any:
    def txt_of(name: bytes | str, timeout: int = 5) -> bytes | str | None:
        text = name.decode() if isinstance(name, bytes) else name
        query = dns.message.make_query(text.rstrip(".") + ".", "TXT")
        answer = dns.query.udp(query, "127.0.0.1", port=port, timeout=60)
        found = next((b"".join(record.strings) for rrset in answer.answer for record in rrset), None)
        return found.decode() if found and text.startswith("_dmarc.") else found  # as each of the two wants it

    return txt_of


def by_authheaders(letter: bytes, port: int) -> dict[str, str]:
    header = authheaders.authenticate_message(letter, "mx.legis.example", dmarc=True, dnsfunc=lookup(port))
    parts = [part.strip().split(" ")[0] for part in header.partition(":")[2].split(";")]
    return dict(part.split("=", 1) for part in parts if "=" in part)


def by_perl(letter: bytes, port: int, *, client: str = CLIENT) -> list[str]:
    with sentences():
        script = perl(str(Path(__file__).parents[2] / "servers" / "verify.pl"), taint=False)
    done = subprocess.run(
        [*script, str(port), client, SENDER, f"mail.{DOMAIN}"],
        input=letter,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def by_rspamd(letter: bytes, port: int, *, client: str = CLIENT) -> set[str]:
    given = {"IP": client, "Helo": f"mail.{DOMAIN}", "Hostname": f"mail.{DOMAIN}", "From": SENDER}
    answer = requests.post(f"http://127.0.0.1:{port}/checkv2", data=letter, headers=given, timeout=300)
    return set(answer.json()["symbols"])


def test_both_signatures_hold_and_dmarc_passes_with_authheaders(dns_port: int) -> None:
    assert dkim.verify(LETTER, dnsfunc=lookup(dns_port))
    assert dkim.DKIM(LETTER).verify(idx=1, dnsfunc=lookup(dns_port))
    said = by_authheaders(LETTER, dns_port)
    assert (said["dkim"], said["dmarc"]) == ("pass", "pass")


def test_the_signature_holds_and_spf_passes_with_mail_dkim(dns_port: int) -> None:
    said = by_perl(LETTER, dns_port)
    assert f"dkim rsa-sha256 {DOMAIN} pass" in said
    assert "spf pass" in said
    assert "arc none" in said


def test_dkim_spf_and_dmarc_pass_with_rspamd(rspamd: int) -> None:
    said = by_rspamd(LETTER, rspamd)
    assert {"R_DKIM_ALLOW", "R_SPF_ALLOW", "DMARC_POLICY_ALLOW"} <= said


def test_all_three_hear_a_change_on_the_way(dns_port: int, rspamd: int) -> None:
    changed = LETTER.replace(b"vote no", b"vote yes", 1)
    assert changed != LETTER
    assert by_authheaders(changed, dns_port)["dmarc"] == "fail"
    assert f"dkim rsa-sha256 {DOMAIN} fail" in by_perl(changed, dns_port)
    assert "R_DKIM_REJECT" in by_rspamd(changed, rspamd, client="198.51.100.7")


def test_from_elsewhere_the_signature_alone_carries_it(dns_port: int, rspamd: int) -> None:
    """As a forwarder that changes nothing gives it on: SPF fails, and DMARC passes by DKIM."""
    said = by_perl(LETTER, dns_port, client="198.51.100.7")
    assert "spf fail" in said
    assert f"dkim rsa-sha256 {DOMAIN} pass" in said
    assert {"R_SPF_FAIL", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"} <= by_rspamd(LETTER, rspamd, client="198.51.100.7")


def sealed() -> bytes:
    """As a mailing list gives it on: it found our signature to hold, adds its name and a footer, and seals that."""
    found = b"Authentication-Results: lists.example.net; dkim=pass header.d=act.example.org; dmarc=pass\r\n"
    head, _, body = LETTER.partition(b"\r\n\r\n")
    changed = found + head.replace(b"\r\nSubject: ", b"\r\nSubject: [list] ") + b"\r\n\r\n" + body + b"-- \r\nlist\r\n"
    pem = FORWARDER.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    headers = dkim.arc_sign(changed, b"arc", b"lists.example.net", pem, b"lists.example.net", include_headers=[b"from"])
    return b"".join(headers) + changed


def test_behind_a_forwarder_that_changes_it_the_seal_tells_that_it_passed(dns_port: int, rspamd: int) -> None:
    letter = sealed()
    chain, results, _ = dkim.arc_verify(letter, dnsfunc=lookup(dns_port))
    assert (chain, len(results)) == (b"pass", 1)
    said = by_perl(letter, dns_port, client="198.51.100.7")
    assert "arc pass" in said
    assert f"dkim rsa-sha256 {DOMAIN} fail" in said
    heard = by_rspamd(letter, rspamd, client="198.51.100.7")
    assert "ARC_ALLOW" in heard
    assert "R_DKIM_REJECT" in heard


def test_a_broken_seal_is_heard_by_all_three(dns_port: int, rspamd: int) -> None:
    letter = sealed().replace(b"vote no", b"vote yes", 1)
    assert dkim.arc_verify(letter, dnsfunc=lookup(dns_port))[0] == b"fail"
    assert "arc fail" in by_perl(letter, dns_port)
    assert "ARC_REJECT" in by_rspamd(letter, rspamd)

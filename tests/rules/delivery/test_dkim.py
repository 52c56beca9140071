"""Signatures, checked by an independent verifier."""

from __future__ import annotations

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.cli.delivery.words import key_refused
from actionmail.rules.delivery.dkim import KeyFault, KeyRefused, Signer, read_signer, signing_with

RSA = Signer(
    selector="s1", domain="act.example.org", key=rsa.generate_private_key(public_exponent=65537, key_size=2048)
)
ED25519 = Signer(selector="s2.ed", domain="act.example.org", key=ed25519.Ed25519PrivateKey.generate())
LETTER = (
    b"Date: Wed, 04 Mar 2026 09:12:05 -0600\r\nFrom: Jane Doe via Example Org <letters@act.example.org>\r\n"
    b'Reply-To: Jane Doe <jane@example.org>\r\nTo: "Rep. Pat Smith"\r\n\t <pat@legislature.example>\r\n'
    b"Subject: Oppose  AB969\r\nMessage-ID: <am.1@act.example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    b"Dear  Rep. Smith, \r\n\r\nNo.\r\n\r\n\r\n"
)


def holds(letter: bytes, *, index: int = 0) -> bool:
    records = {f"{one.selector}._domainkey.{one.domain}.": one.record.encode() for one in (RSA, ED25519)}
    checker = dkim.DKIM(letter)
    try:
        return bool(checker.verify(idx=index, dnsfunc=lambda name, timeout=5: records[name.decode()]))
    except dkim.ValidationError:
        return False


@pytest.mark.parametrize("signer", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_an_independent_verifier_agrees(signer: Signer) -> None:
    signed = signing_with([signer])(LETTER)
    assert signed.endswith(LETTER)
    assert holds(signed)
    assert all(len(line) <= 80 for line in signed.split(b"\r\n")[:12])
    assert b"l=" not in signed.partition(b"\r\nDate:")[0].replace(b"ml=", b"")


def test_two_keys_sign_independently() -> None:
    signed = signing_with([RSA, ED25519])(LETTER)
    assert holds(signed, index=0)
    assert holds(signed, index=1)


@pytest.mark.parametrize("signer", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_the_same_letter_gives_the_same_bytes(signer: Signer) -> None:
    assert signer.header(LETTER) == signer.header(LETTER)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"No.", b"Yes."),
        (b"Oppose", b"Support"),
        (b"<jane@", b"<mallory@"),
        (b"\r\nSubject:", b"\r\nSubject: Another\r\nSubject:"),
        (b"\r\nFrom:", b"\r\nFrom: x@example.org\r\nFrom:"),
        (b"No.\r\n", b"No.\r\nAnd more.\r\n"),
    ],
)
def test_what_was_changed_or_added_on_the_way_shows(before: bytes, after: bytes) -> None:
    signed = signing_with([RSA])(LETTER)
    assert before in signed
    assert not holds(signed.replace(before, after, 1))


text = st.text(st.characters(codec="ascii", exclude_characters="\r\n\x00"), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(text, max_size=8), st.text(st.sampled_from("ab \t=?"), max_size=30))
def test_any_letter_verifies(lines: list[str], subject: str) -> None:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    head = f"From: letters@act.example.org\r\nSubject: x{subject}y\r\nMessage-ID: <1@act.example.org>\r\n\r\n".encode()
    assert holds(signing_with([ED25519])(head + body))


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_key_is_read_from_its_file() -> None:
    assert read_signer("s1", "act.example.org", pem(RSA.key)).record == RSA.record
    assert read_signer("s2", "act.example.org", pem(ED25519.key)).algorithm == "ed25519-sha256"


@pytest.mark.parametrize(
    ("selector", "content", "fault", "words"),
    [
        ("s1", b"nonsense", KeyFault.NOT_PEM, "PEM"),
        ("s1", pem(ec.generate_private_key(ec.SECP256R1())), KeyFault.TOO_WEAK, "RSA"),
        ("s1", pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), KeyFault.TOO_WEAK, "2048"),
        ("s 1", pem(ED25519.key), KeyFault.SELECTOR, "selector"),
    ],
    ids=["no PEM", "elliptic curve", "RSA of 1024", "selector"],  # the keys are others in each process
)
def test_a_key_that_will_not_do_is_refused_with_a_sentence(
    selector: str, content: bytes, fault: KeyFault, words: str
) -> None:
    with pytest.raises(KeyRefused) as refused:
        read_signer(selector, "act.example.org", content)
    assert refused.value.fault is fault
    assert words in key_refused(refused.value)

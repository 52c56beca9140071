"""What passkeys are bound to, and which answers are true."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.rules.staff import passkeys
from actionmail.rules.staff.passkeys import Site
from tests.authenticator import SoftPasskey

SITE = Site(host="act.example.org", origin="https://act.example.org")
CHALLENGE = "a-challenge-of-some-length"


@pytest.fixture
def key() -> SoftPasskey:
    return SoftPasskey(SITE.origin)


def to_make(site: Site = SITE, challenge: str = CHALLENGE) -> str:
    account = passkeys.handle(1, "secret")
    return passkeys.options_to_make(
        site, challenge, organisation="Example Org", email="anna@example.org", account=account, known=["AAAA"]
    )


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://act.example.org", "act.example.org"),
        ("https://Act.example.org:8443", "act.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
        ("http://act.example.org", None),
        ("", None),
    ],
)
def test_passkeys_need_a_host_with_a_name_and_https(base_url: str, host: str | None) -> None:
    site = passkeys.site_of(base_url)
    assert (site.host if site else None) == host
    assert site is None or site.origin == base_url.lower()


def test_what_the_browser_is_asked_for(key: SoftPasskey) -> None:
    wish = json.loads(to_make())
    assert wish["rp"] == {"name": "Example Org", "id": "act.example.org"}
    assert wish["authenticatorSelection"]["residentKey"] == "required"
    assert wish["authenticatorSelection"]["userVerification"] == "required"
    assert wish["attestation"] == "none"
    assert [one["id"] for one in wish["excludeCredentials"]] == ["AAAA"]
    wish = json.loads(passkeys.options_to_use(SITE, CHALLENGE))
    assert (wish["rpId"], wish["userVerification"], wish["allowCredentials"]) == ("act.example.org", "required", [])


def test_a_handle_is_always_the_same_and_tells_nothing() -> None:
    assert passkeys.handle(1, "secret") == passkeys.handle(1, "secret")
    assert len({passkeys.handle(1, "secret"), passkeys.handle(2, "secret"), passkeys.handle(1, "other")}) == 3


def test_a_true_answer_is_taken_and_its_count_kept(key: SoftPasskey) -> None:
    new = passkeys.made(SITE, CHALLENGE, key.make(to_make()))
    assert new and new.sign_count == 1
    answer = key.use(passkeys.options_to_use(SITE, CHALLENGE))
    assert passkeys.who_answers(answer) == (new.credential_id, passkeys.handle(1, "secret"))
    assert passkeys.used(SITE, CHALLENGE, answer, public_key=new.public_key, sign_count=1) == 2


def test_an_answer_for_another_challenge_place_or_without_a_pin_is_false(key: SoftPasskey) -> None:
    elsewhere = Site(host="evil.example", origin="https://evil.example")
    assert passkeys.made(SITE, "another challenge", key.make(to_make())) is None
    assert passkeys.made(SITE, CHALLENGE, key.make(to_make(elsewhere))) is None
    new = passkeys.made(SITE, CHALLENGE, key.make(to_make()))
    assert new

    def is_taken(answer: str, *, count: int = 0) -> bool:
        return passkeys.used(SITE, CHALLENGE, answer, public_key=new.public_key, sign_count=count) is not None

    wish = passkeys.options_to_use(SITE, CHALLENGE)
    assert is_taken(key.use(wish))
    assert not is_taken(key.use(passkeys.options_to_use(SITE, "another challenge")))
    assert not is_taken(key.use(passkeys.options_to_use(elsewhere, CHALLENGE)))
    assert not is_taken(key.use(wish), count=1000)
    assert not is_taken(SoftPasskey(SITE.origin).use(wish))
    key.origin = "https://evil.example"
    assert not is_taken(key.use(wish))
    key.origin, key.verified = SITE.origin, False
    assert not is_taken(key.use(wish))
    assert passkeys.made(SITE, CHALLENGE, key.make(to_make())) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_broken_answer_is_false_and_no_crash(data: st.DataObject) -> None:
    key = SoftPasskey(SITE.origin)
    new = passkeys.made(SITE, CHALLENGE, key.make(to_make()))
    assert new
    for whole in (key.make(to_make()), key.use(passkeys.options_to_use(SITE, CHALLENGE))):
        answer = json.loads(whole)
        part = data.draw(st.sampled_from(sorted(answer["response"])))
        if part == "userHandle":  # names the account and is checked against it elsewhere
            continue
        answer["response"][part] = data.draw(_JSON)
        broken = json.dumps(answer)
        assert passkeys.made(SITE, CHALLENGE, broken) is None
        assert passkeys.used(SITE, CHALLENGE, broken, public_key=new.public_key, sign_count=0) is None
        passkeys.who_answers(broken)


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", "{}", "{", "1" * 30_000, "[" * 19_000, '{"id": "' + "x" * 30_000 + '"}', "\0"]
)
def test_what_is_no_answer_at_all(answer: str) -> None:
    assert passkeys.made(SITE, CHALLENGE, answer) is None
    assert passkeys.used(SITE, CHALLENGE, answer, public_key=b"", sign_count=0) is None
    assert passkeys.who_answers(answer) == ("", "")

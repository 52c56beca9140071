"""What the DNS says about the sender's domain, judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from actionmail.rules.campaigns.preflight import (
    AskTxt,
    Finding,
    NoAnswer,
    Verdict,
    look_at_confirmation,
    look_at_domain,
    look_at_relay,
    look_at_roster,
)
from actionmail.web.campaigns.words import sentence
from actionmail.web.campaigns.words.preflight import WHAT, to_do

DOMAIN = "act.example.org"
GOOD = {
    DOMAIN: ["v=spf1 include:mail.example.org -all", "something else"],
    f"s1._domainkey.{DOMAIN}": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.example.org": ["v=DMARC1; p=quarantine"],
}


def asking(records: Mapping[str, list[str]]) -> AskTxt:
    return lambda name: records.get(name, [])


def look(records: Mapping[str, list[str]], selectors: tuple[str, ...] = ("s1",)) -> dict[str, Finding]:
    return {WHAT[found.what]: found for found in look_at_domain(DOMAIN, selectors, asking(records))}


def test_a_domain_in_order_is_well_with_the_policy_of_the_one_above() -> None:
    found = look(GOOD)
    assert [one.verdict for one in found.values()] == [Verdict.WELL] * 3
    assert sentence(found["DMARC"].problem) == "example.org has the policy quarantine."


@pytest.mark.parametrize(
    ("changed", "what", "words"),
    [
        ({DOMAIN: []}, "SPF", "has no SPF record"),
        ({DOMAIN: ["v=spf1 -all", "v=spf1 mx -all"]}, "SPF", "2 SPF records"),
        ({DOMAIN: ["v=spf1 mx +all"]}, "SPF", "everybody"),
        ({DOMAIN: ["v=spf10 -all"]}, "SPF", "no SPF record"),
        ({f"s1._domainkey.{DOMAIN}": []}, "DKIM", "There is no key"),
        ({f"s1._domainkey.{DOMAIN}": ["v=DKIM1; p="]}, "DKIM", "withdrawn"),
        ({"_dmarc.example.org": []}, "DMARC", "no DMARC record"),
        ({f"_dmarc.{DOMAIN}": ["v=DMARC1; p=perhaps"]}, "DMARC", "cannot be used"),
    ],
)
def test_what_is_amiss_says_what_to_do(changed: dict[str, list[str]], what: str, words: str) -> None:
    found = look({**GOOD, **changed})[what]
    assert found.verdict is Verdict.AMISS
    assert words in sentence(found.problem)
    assert to_do(found)


def test_a_silent_dns_is_not_taken_for_a_missing_record() -> None:
    def silent(name: str) -> list[str]:
        raise NoAnswer("it took too long.")

    found = list(look_at_domain(DOMAIN, ("s1",), silent))
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}
    assert "it took too long." in sentence(found[0].problem)


def test_where_nothing_may_be_asked_it_says_so() -> None:
    found = list(look_at_domain(DOMAIN, (), None))
    assert [WHAT[one.what] for one in found] == ["SPF", "DKIM", "DMARC"]
    assert all(one.verdict is Verdict.UNKNOWN and "was not asked" in sentence(one.problem) for one in found)


def test_without_a_key_of_its_own_the_mail_server_has_to_sign() -> None:
    assert "dkim=pass" in to_do(look(GOOD, ())["DKIM"])


def test_mail_server_and_roster() -> None:
    assert look_at_relay("", None).verdict is Verdict.AMISS
    assert sentence(look_at_relay("mail.example.org:587", "It refused.").problem) == "mail.example.org:587: It refused."
    assert look_at_relay("mail.example.org:587", "").verdict is Verdict.WELL
    assert look_at_roster(date(2026, 3, 1), []).verdict is Verdict.WELL
    assert look_at_roster(None, ["There is no legislator."]).verdict is Verdict.AMISS


def test_whom_campaigns_ask_to_confirm() -> None:
    none = look_at_confirmation({})
    assert (none.verdict, bool(to_do(none))) == (Verdict.UNKNOWN, True)
    off = look_at_confirmation({"ab969": "always", "sb1161": "off", "hr1": "off"})
    assert off.verdict is Verdict.AMISS
    assert sentence(off.problem).startswith("hr1 and sb1161 ask nobody to confirm by mail.")
    assert "addresses that never confirmed before" in to_do(off)
    well = look_at_confirmation({"ab969": "new", "sb1161": "always"})
    assert (well.verdict, to_do(well)) == (Verdict.WELL, "")
    assert "ab969 asks whoever never confirmed before and sb1161 asks everybody each time to confirm" in sentence(
        well.problem
    )

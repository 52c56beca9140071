"""What a spam filter's answer means for staff, and the few signs that are looked for without one."""

from __future__ import annotations

import pytest

from actionmail.rules.campaigns.filtering import (
    FREE_MAIL_SUPPORTER,
    Advice,
    FilterFault,
    Hit,
    Score,
    Trial,
    Unscored,
    is_shouted,
    signs,
)
from actionmail.rules.campaigns.preflight import (
    Finding,
    NoAnswer,
    Verdict,
    look_at_pointer,
    look_at_scores,
    look_at_signs,
)
from actionmail.web.campaigns.words import sentence
from actionmail.web.campaigns.words.preflight import to_do
from tests.trial_letters import LONG, trial_letter


def trial(**changes: str) -> Trial:
    return Trial(slug="ab969", letter="own", variant=1, raw=trial_letter(**changes))


@pytest.mark.parametrize(
    ("subject", "shouted"),
    [
        ("Oppose AB 969", False),
        ("OPPOSE AB 969", True),
        ("AB 969", False),  # nobody shouts by a bill's name alone
        ("សូមប្រឆាំងច្បាប់ AB 969", True),  # as filters count, though Khmer has no capitals
        ("ຂໍໃຫ້ສະໜັບສະໜູນ SB 12", True),
        ("សូមប្រឆាំងច្បាប់ bill AB 969", False),
        ("សូមប្រឆាំងច្បាប់", False),
        ("Thov txhawb nqa AB 969", False),  # Hmong
        ("", False),
    ],
)
def test_shouting_is_counted_as_filters_count_it(subject: str, shouted: bool) -> None:
    assert is_shouted(subject) is shouted


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {Advice.FREE_MAIL}),
        ({"supporter_email": "mai@example.org"}, set()),
        (
            {"supporter_email": "mai@example.org", "subject": "OPPOSE AB 969!!!"},
            {Advice.SHOUTED_SUBJECT, Advice.EXCLAMATIONS},
        ),
        ({"supporter_email": "mai@example.org", "text": LONG.upper()}, {Advice.SHOUTED_BODY}),
        (
            {"supporter_email": "mai@example.org", "text": "See https://bit.ly/abc"},
            {Advice.FEW_WORDS, Advice.SHORTENER},
        ),
        ({"supporter_email": "mai@example.org", "text": f"{LONG}\nhttps://example.org/bill"}, set()),
    ],
)
def test_few_signs_are_found_without_a_filter(changes: dict[str, str], found: set[Advice]) -> None:
    assert set(signs(trial_letter(**changes))) == found


def test_rules_about_the_way_of_a_mail_do_not_count_for_a_trial() -> None:
    hits = [
        Hit(rule="HFILTER_HOSTNAME_UNKNOWN", points=2.5),
        Hit(rule="R_DKIM_NA", points=1.0),
        Hit(rule="NO_RELAYS", points=-0.0),
        Hit(rule="MIME_GOOD", points=-0.1),
        Hit(rule="SUBJ_ALL_CAPS", points=0.5),
        Hit(rule="FREEMAIL_FORGED_REPLYTO", points=1.2, words="Freemail in Reply-To, but not From"),
    ]
    score = Score.of(hits, 5.0)
    assert [hit.rule for hit in score.costly] == ["FREEMAIL_FORGED_REPLYTO", "SUBJ_ALL_CAPS"]
    assert score.points == 1.7
    assert not score.is_high
    assert [hit.advice for hit in score.costly] == [Advice.FREE_MAIL, Advice.SHOUTED_SUBJECT]


def test_a_score_is_told_with_its_rules_and_what_to_change() -> None:
    score = Score.of([Hit(rule="SUBJ_ALL_CAPS", points=3.00001, words="Subject is all capitals")], 5.0)
    (found,) = look_at_scores("SpamAssassin", [(trial(), score)])
    assert found.verdict is Verdict.AMISS
    assert sentence(found.problem) == (
        "ab969, letter own, subject 1: 3 of the 5 points at which SpamAssassin calls a mail spam: 3 for SUBJ_ALL_CAPS "
        "(Subject is all capitals)."
    )
    assert "Khmer" in to_do(found)
    (found,) = look_at_scores("rspamd", [(trial(), Score.of([], 6.0))])
    assert (found.verdict, to_do(found)) == (Verdict.WELL, "")


def test_letters_without_a_score_are_told_once() -> None:
    slow = Unscored(fault=FilterFault.TOO_SLOW)
    (found,) = look_at_scores("rspamd", [(trial(), slow), (trial(), slow)])
    assert found.verdict is Verdict.UNKNOWN
    assert sentence(found.problem) == "rspamd took too long. Letters without a score: 2."
    (found,) = look_at_scores("rspamd", [(trial(), Unscored(fault=FilterFault.UNREACHABLE, detail="ConnectionError"))])
    assert sentence(found.problem) == "rspamd cannot be reached (ConnectionError). Letters without a score: 1."


def test_without_a_filter_the_page_says_so() -> None:
    well, amiss, said = look_at_signs([trial(), trial(subject="OPPOSE AB 969")])
    assert (well.verdict, amiss.verdict, said.verdict) == (Verdict.WELL, Verdict.AMISS, Verdict.UNKNOWN)
    assert "the subject is all capitals" in sentence(amiss.problem)
    assert "small letters" in to_do(amiss)
    assert "Install SpamAssassin" in to_do(said)
    assert list(look_at_signs([])) == []


def pointer(*addresses: tuple[str, list[str]]) -> Finding:
    return look_at_pointer("mail.example.org", lambda host: addresses, is_here=False)


def test_the_mail_servers_address_needs_a_name() -> None:
    assert pointer(("8.8.8.1", ["mail.example.org"])).verdict is Verdict.WELL
    found = pointer(("8.8.8.1", ["mail.example.org"]), ("8.8.8.2", []))
    assert found.verdict is Verdict.AMISS
    assert sentence(found.problem).startswith("8.8.8.2, an address of mail.example.org, has no name")
    assert pointer().verdict is Verdict.AMISS


def test_of_a_server_within_a_network_nothing_is_known() -> None:
    assert pointer(("10.0.0.5", [])).verdict is Verdict.UNKNOWN
    assert look_at_pointer("127.0.0.1", None, is_here=True).verdict is Verdict.UNKNOWN

    def silent(host: str) -> list[tuple[str, list[str]]]:
        raise NoAnswer("it took too long.")

    assert look_at_pointer("mail.example.org", silent, is_here=False).verdict is Verdict.UNKNOWN


def test_the_trials_supporter_is_nobody() -> None:
    local, _, domain = FREE_MAIL_SUPPORTER.partition("@")
    assert domain == "gmail.com"
    assert len(local) < 6  # which Gmail gives nobody
